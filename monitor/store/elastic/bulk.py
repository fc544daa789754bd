"""Writing many documents: in chunks, again where that helps, and what the engine refuses comes back as values."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal

import orjson
from elastic_transport import ApiError, ConnectionError
from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from monitor.store.elastic.refusals import busy, cut, missing, of_block, passes, privilege_missing, told

CHUNK_ACTIONS = 500
CHUNK_BYTES = 8_000_000  # managed engines take 10 MB per request

# Seconds before a chunk, or what the engine put off of it, is driven again.
PAUSES = (0.5, 1.0, 2.0, 4.0)

Action = Mapping[str, Any]
Refresh = bool | Literal["wait_for"]


@dataclass(frozen=True)
class Refused:
    """An action that the engine will never take as it is."""

    action: str  # index, create, update, delete
    index: str
    id: str
    status: int
    kind: str
    reason: str
    document: Any = None

    @property
    def conflict(self) -> bool:
        """`create` of what is there, or a write that named another `if_seq_no`.

        Both also follow when an earlier attempt came through and its answer was lost.
        """
        return self.status == 409


class _NotJson(Exception):
    """A document that can't be written as JSON."""


def write(client: Elasticsearch, actions: Iterable[Action], *, where: str, refresh: Refresh = False) -> list[Refused]:
    """Write them in order; each action is `{"_op_type", "_index", "_id", ...}` as of the client's bulk helpers.

    When it returns, every action is done or refused; deleting what is not there counts as done. Raises what has to do
    with the engine rather than with a document (StoreBusy, StoreFull, StoreReadOnly, AccessRefused, no such index):
    then an unknown part is done, and all may be written again. The client's own errors pass.
    """
    refused: list[Refused] = []
    remaining = iter(actions)
    while chunk := list(islice(remaining, CHUNK_ACTIONS)):
        refused += _driven(client, chunk, where, refresh)
    return refused


def _driven(client: Elasticsearch, chunk: list[Action], where: str, refresh: Refresh) -> list[Refused]:
    refused: list[Refused] = []
    sent: list[tuple[Action, tuple[dict[str, Any], bytes | None]]] = []
    for action in chunk:
        try:
            sent.append((action, _expanded(action)))
        except _NotJson as error:
            refused.append(_refused(action, 400, "not_json", str(error)))
    for wait in (*PAUSES, None):
        again, problem = _sent(client, sent, where, refresh, refused)
        if problem is None:
            return refused
        if wait is None:
            raise problem
        time.sleep(wait)
        sent = again
    raise AssertionError("not reached: the last attempt returns or raises")


def _sent(
    client: Elasticsearch,
    waiting: list[tuple[Action, tuple[dict[str, Any], bytes | None]]],
    where: str,
    refresh: Refresh,
    refused: list[Refused],
) -> tuple[list[tuple[Action, tuple[dict[str, Any], bytes | None]]], Exception | None]:
    """One attempt: what is to be driven again and why, which is None when nothing is."""
    later = []
    problem: Exception | None = None
    done = 0
    try:
        for (action, body), (ok, item) in zip(waiting, _results(client, waiting, refresh), strict=False):
            done += 1
            if ok:
                continue
            answer = next(iter(item.values()))
            if passes(answer["status"]) and not _blocked(answer):
                later.append((action, body))
                problem = busy(where, answer["status"], answer)
            elif (final := _judged(action, answer, where)) is not None:
                refused.append(final)
    except ConnectionError as error:
        return later + waiting[done:], error
    except ApiError as error:
        left = waiting[done:]  # what the requests before this one brought is done
        if error.meta.status == 413 and len(left) > 1:
            half = len(left) // 2
            for part in (left[:half], left[half:]):
                again, why = _sent(client, part, where, refresh, refused)
                later += again
                problem = why or problem
        elif error.meta.status == 413:
            refused.append(_refused(left[0][0], 413, "too_large", "larger than one request to the engine may be"))
        elif passes(error.meta.status):
            return later + left, busy(where, error.meta.status, error.body)
        else:
            raise
    return later, problem


def _results(client: Elasticsearch, waiting: list[Any], refresh: Refresh) -> Iterator[tuple[bool, dict[str, Any]]]:
    """In the order of the actions, which they are only without retries inside the client's helper."""
    yield from streaming_bulk(
        client,
        [body for _, body in waiting],
        expand_action_callback=_as_is,
        chunk_size=CHUNK_ACTIONS,
        max_chunk_bytes=CHUNK_BYTES,
        raise_on_error=False,
        max_retries=0,
        refresh=refresh,
    )  # fmt: skip


def _as_is(pair: Any) -> Any:
    return pair


def _expanded(action: Action) -> tuple[dict[str, Any], bytes | None]:
    """Header and body of the bulk format."""
    kind = str(action.get("_op_type", "index"))
    header = {key: value for key, value in action.items() if key in _HEADER}
    if kind == "delete":
        return {kind: header}, None
    body = action.get("_source")
    if body is None:
        body = {key: value for key, value in action.items() if key not in _HEADER and key != "_op_type"}
    try:
        return {kind: header}, orjson.dumps(body)
    except TypeError as error:
        raise _NotJson(str(error)) from error


_HEADER = frozenset(
    {
        "_index", "_id", "_routing", "routing", "if_seq_no", "if_primary_term", "version", "version_type",
        "retry_on_conflict", "require_alias",
    }
)  # fmt: skip


def _blocked(answer: Mapping[str, Any]) -> bool:
    return "block_exception" in told(answer)[0]


def _judged(action: Action, answer: Mapping[str, Any], where: str) -> Refused | None:
    """What the engine said of one action: the document's fault is a value, the engine's an error, a delete done."""
    status = int(answer["status"])
    kind, reason = told(answer)
    if "block_exception" in kind:
        raise of_block(where, reason)
    if status in (401, 403):
        raise privilege_missing(where, reason)
    if status == 404 and action.get("_op_type") == "delete" and kind != "index_not_found_exception":
        return None
    if kind == "index_not_found_exception" or "no write index is defined" in reason:
        raise missing(where, "index_not_found_exception", reason)
    return _refused(action, status, kind, reason)


def _refused(action: Action, status: int, kind: str, reason: str) -> Refused:
    return Refused(
        str(action.get("_op_type", "index")),
        str(action.get("_index", "")),
        str(action.get("_id", "")),
        status,
        kind,
        cut(reason),
        action.get("_source", action),
    )
