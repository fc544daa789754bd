"""Every way in which an engine, or the way to it, says no -> one of our errors, with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from elastic_transport import ApiError, ConnectionTimeout, SerializationError, TlsError, TransportError

from monitor.errors import (
    AccessRefused,
    Conflict,
    MappingConflict,
    NotFound,
    SchemaTooNew,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)
from monitor.store.elastic.fields import Difference
from monitor.store.elastic.transport import Interposed

SHOWN = 300  # characters of an answer that are shown

_ACTION = re.compile(r"(?:action|no permissions for) \[((?:[^\[\]]|\[\w*\])+)\]")
_USER = re.compile(r"for (?:user|API key id|service account) \[([^\]]+)\]|User \[name=([^,\]]+)")
_INDICES = re.compile(r"on (?:restricted )?indices \[([^\]]+)\]")
_PRIVILEGES = re.compile(r"granted by the (cluster|index) privileges \[([^\]]+)\]")
_BLOCK = re.compile(r"\[(\w+)/(\d+)/([^\]]*)\]")

# Numbers of blocks that mean a full disk: flood stage of an index (12), no new index (OpenSearch, 10 and 13).
_FULL_BLOCKS = frozenset({"10", "12", "13"})


class RequestTooLarge(StoreError):
    """413. What holds several questions may be asked in parts."""


def translated(error: Exception, where: str, *, timeout: float, signed: bool) -> StoreError | NotFound:
    """Our error for one of the client's.

    `where`: the addresses of the settings, `timeout` in seconds, `signed`: whether credentials were sent.
    """
    if isinstance(error, ApiError):
        node = error.meta.node
        return of_answer(f"{node.scheme}://{node.host}:{node.port}", error, signed=signed)
    if isinstance(error, ConnectionTimeout):
        return StoreBusy(
            f"{where}: no answer within {timeout:g} seconds",
            hint="the engine has too much to do or stands still; store.request_timeout is how long to wait",
        )
    if isinstance(error, TlsError):
        return _of_tls(where, str(error.message))
    if isinstance(error, Interposed):
        return StoreUnreachable(
            f"{where}: something that is no engine answers in its place: {cut(error.message)}",
            hint="a proxy before the engine; it is tried again later",
        )
    if isinstance(error, SerializationError):
        return StoreError(f"{where}: what was sent or answered is not JSON: {cut(error.message)}")
    why = error.message if isinstance(error, TransportError) else error
    return unreachable(where, _short(str(why)))


def of_answer(where: str, error: ApiError, *, signed: bool) -> StoreError | NotFound:
    """Our error for an answer that is a refusal."""
    status, body = error.meta.status, error.body
    kind, reason = told(body)
    if status == 401:
        return sign_in_refused(where, signed=signed)
    if kind == "cluster_block_exception" or "_block_exception" in kind:
        return of_block(where, reason)
    if status == 403:
        return privilege_missing(where, reason)
    if passes(status):
        return busy(where, status, body)
    if status == 409:
        return Conflict(f"{where}: {cut(reason)}")
    if status == 404:
        return missing(where, kind, reason)
    if status == 413:
        return RequestTooLarge(
            f"{where} lets no request of that size through (413)",
            hint="raise the limit of the proxy before the engine (nginx: client_max_body_size 10m), or "
            "http.max_content_length of the engine",
        )
    return of_request(where, kind, reason or cut(body), status)


def told(body: Any) -> tuple[str, str]:
    """Type and reason of an engine's error, the reason with its innermost cause; empty where it gives none."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        return "", str(error or "")
    root = error.get("root_cause") or [{}]
    kind = str(error.get("type") or root[0].get("type") or "")
    reason = str(error.get("reason") or root[0].get("reason") or "")
    inner: Mapping[str, Any] = error
    while isinstance(cause := inner.get("caused_by"), Mapping):
        inner = cause
    why = str(inner.get("reason") or "")
    if why and why not in reason:  # the outer one may quote the whole text
        reason = f"{cut(reason, SHOWN // 2)}: {why}"
    return kind, reason


def sign_in_refused(where: str, *, signed: bool) -> AccessRefused:
    """401. What the engine says of it differs, and is nothing at all with some."""
    if not signed:
        return AccessRefused(
            f"{where} asks for credentials (401): none are set",
            hint="set user and password, or api_key, in [store]; password_file and api_key_file read them from a file",
        )
    return AccessRefused(
        f"{where} refuses the credentials (401): wrong user, password or API key",
        hint="correct user and password, or api_key, in [store] or MONITOR_STORE__PASSWORD",
    )


def privilege_missing(where: str, reason: str) -> AccessRefused:
    """403: which action of whom on what, and which privilege would allow it."""
    action, user, indices, granted = (pattern.search(reason) for pattern in (_ACTION, _USER, _INDICES, _PRIVILEGES))
    if action is None:
        return AccessRefused(f"{where} forbids it (403): {cut(reason)}", hint="ask whoever runs the engine")
    who = f"user {(user[1] or user[2])!r}" if user else "the user"
    what = action[1]
    on = f" on {indices[1]}" if indices else ""
    if granted:
        names = granted[2].split(",")
        needed = f"the {granted[1]} privilege {names[0]}" + (f" (or {', '.join(names[1:])})" if names[1:] else "")
    else:
        needed = f"a role that permits {what}"
    return AccessRefused(
        f"{where}: {who} may not do {what}{on} (403)",
        hint=f"give the user {needed}; docs/operator.md has the least role",
    )


def of_block(where: str, reason: str) -> StoreError:
    """An index or the cluster is blocked: a full disk, or somebody set it read-only."""
    numbers = {number for _, number, _ in _BLOCK.findall(reason)}
    if numbers & _FULL_BLOCKS or "flood" in reason or "disk usage" in reason:
        return StoreFull(
            f"{where}: the disk of the engine is nearly full, so it takes nothing more: {cut(reason)}",
            hint="make room or add disk; the block (index.blocks.read_only_allow_delete) goes when there is room again",
        )
    if "SERVICE_UNAVAILABLE" in reason or "state not recovered" in reason:
        return StoreUnreachable(f"{where} is still starting, or has no master node: {cut(reason)}", hint="wait")
    return StoreReadOnly(
        f"{where}: the index can't be written: {cut(reason)}",
        hint="somebody blocked it; take index.blocks.read_only and index.blocks.write back",
    )


def passes(status: int) -> bool:
    """Says nothing about what was asked: too many requests, or the engine failed. It may be taken another time."""
    return status == 429 or status >= 500


def busy(where: str, status: int, body: Any) -> StoreBusy:
    """429 or 5xx after all attempts."""
    kind, reason = told(body)
    if kind == "cluster_block_exception":
        problem = of_block(where, reason)
        return problem if isinstance(problem, StoreBusy) else StoreBusy(problem.message, hint=problem.hint)
    if status == 429:
        return StoreBusy(
            f"{where} has too much to do (429): {cut(reason)}",
            hint="it is tried again later; fewer crawls at once help",
        )
    if status == 500:
        return StoreBusy(
            f"{where}: the engine failed ({f'{status} {kind}'.rstrip()}): {cut(reason)}",
            hint="it is tried again later; the engine's own log says more",
        )
    return StoreUnreachable(
        f"{where} can't answer now ({status}): {cut(reason)}", hint="a node or a proxy before it is starting or down"
    )


def missing(where: str, kind: str, reason: str) -> StoreError | NotFound:
    """404."""
    if kind == "index_not_found_exception":
        return StoreError(f"{where}: {cut(reason)}", hint="`monitor store init` makes the indices")
    return NotFound(f"{where}: {cut(reason) or 'not found'}")


def of_document(where: str, answer: Mapping[str, Any]) -> StoreError | NotFound:
    """What the engine says of one document among several that were asked for by id, where it can't give it."""
    kind, reason = told(answer)
    if kind == "security_exception":
        return privilege_missing(where, reason)
    if kind == "index_not_found_exception":
        return missing(where, kind, reason)
    return busy(where, 503, answer)


_OTHER_MAPPING = re.compile(
    r"cannot be changed from type|different \[|Cannot update parameter|can't merge|cannot change object mapping|"
    r"mapper_parsing|strict_dynamic_mapping|mapping set to strict|failed to parse field|failed to parse mapping"
)


_REMAKE = (
    "`monitor store reindex` makes it anew of what is in it, `monitor store retry-dead` writes what was put aside; "
    "if that does not help, another index template of higher priority or an ingest pipeline is for its name: change "
    "that, or store.index_prefix"
)

_TO_DO = (
    (
        re.compile(r"have the same priority"),
        "another index template is for the same names with the same priority: give it another one, or change "
        "store.index_prefix",
    ),
    (
        re.compile(r"would add \[\d+\] .*shards"),
        "the cluster has as many shards as it may have: delete indices that nobody needs, add a node, or raise "
        "cluster.max_shards_per_node",
    ),
)


def of_request(where: str, kind: str, reason: str, status: int) -> StoreError:
    """400 and the like: the engine has another mapping than the program, or the request is wrong."""
    if _OTHER_MAPPING.search(f"{kind} {reason}"):
        return MappingConflict(f"{where}: the mapping of an index is not the program's: {cut(reason)}", hint=_REMAKE)
    if "media_type" in kind or (not kind and status in (301, 302, 307, 308)):
        return no_engine(where, status, reason)
    hint = next((hint for pattern, hint in _TO_DO if pattern.search(reason)), "")
    return StoreError(f"{where} refuses the request ({status} {kind}): {cut(reason)}", hint=hint)


def no_engine(where: str, status: int, body: Any) -> StoreError:
    """Something answers, and it is no search engine."""
    return StoreError(
        f"{where} is no Elasticsearch and no OpenSearch: it answers {status} {cut(body)}".rstrip(),
        hint="correct store.url: it names the engine itself (port 9200 as a rule), neither Kibana nor a web site",
    )


def newer_schema(index: str, found: int, known: int) -> SchemaTooNew:
    """An index whose `_meta.schema_version` is higher than this program's."""
    return SchemaTooNew(
        f"index {index} has schema {found}, this version knows up to {known}",
        hint="use the version of the program that made it, or a later one",
    )


def other_fields(index: str, told: Difference) -> MappingConflict:
    """An index that does not fit what is to be written."""
    found = f"is of type {told.found}" if told.found else "is not there"
    needed = f"the field {told.field} {found}, it has to be {told.needed}"
    return MappingConflict(f"the index {index} is not as this program makes it: {needed}", hint=_REMAKE)


def unreachable(where: str, why: str) -> StoreUnreachable:
    return StoreUnreachable(
        f"{where} does not answer: {why}", hint="is the engine running, and is store.url right (port 9200 as a rule)?"
    )


def speaks_tls(where: str) -> StoreError:
    """Plain HTTP was spoken to a port that wants TLS."""
    return StoreError(f"{where} speaks TLS only", hint="write https:// instead of http:// in store.url")


def _of_tls(where: str, why: str) -> StoreError:
    if re.search(r"wrong.version.number|record.layer.failure|http.request|unknown.protocol", why, re.IGNORECASE):
        return StoreError(f"{where} does not speak TLS", hint="write http:// instead of https:// in store.url")
    if re.search(r"hostname mismatch|IP address mismatch|doesn't match|not valid for", why, re.IGNORECASE):
        return StoreError(
            f"{where}: the certificate is another host's: {_short(why)}",
            hint="write the name that stands in the certificate in store.url",
        )
    if "certificate has expired" in why:
        return StoreError(f"{where}: the engine's certificate has expired", hint="whoever runs the engine renews it")
    if "CERTIFICATE_VERIFY_FAILED" in why:
        return StoreError(
            f"{where}: the engine's certificate is signed by an authority that is not known here: {_short(why)}",
            hint="set ca_certs in [store] to the PEM file of that authority (http_ca.crt of the engine)",
        )
    return StoreError(f"{where}: no TLS connection: {_short(why)}")


def cut(text: Any, limit: int = SHOWN) -> str:
    """On one line, and not longer than a message may be."""
    line = " ".join(str(text if text is not None else "").split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _short(why: str) -> str:
    """Without the wrapping of the HTTP library around what happened."""
    found = re.search(r"\[Errno -?\d+\] ([^'\")]+)|\[SSL: \w+\] ([^('\"]+)|\w+Error\(\d+, '([^']+)'\)", why)
    if found is None and re.search(r"RemoteDisconnected|IncompleteRead|BadStatusLine|Connection (aborted|broken)", why):
        return "the connection was closed without a whole answer"
    return cut((found[1] or found[2] or found[3]).strip() if found else why)
