"""Which engine answers, and what it has. Asked once, when the connection is opened."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from elastic_transport import SerializationError, TransportApiResponse

from monitor.errors import AccessRefused, StoreError
from monitor.store.elastic.refusals import busy, cut, no_engine, sign_in_refused
from monitor.store.elastic.transport import LATER, EngineTransport

EngineName = Literal["elasticsearch", "opensearch"]

# The oldest major version of each that is spoken to.
OLDEST: dict[EngineName, int] = {"elasticsearch": 8, "opensearch": 2}

# The oldest minor version of each major one that the tests run on.
TESTED: dict[EngineName, dict[int, int]] = {"elasticsearch": {8: 19}, "opensearch": {2: 19, 3: 8}}

SHOWN_NAMES: dict[EngineName, str] = {"elasticsearch": "Elasticsearch", "opensearch": "OpenSearch"}

# Of GET /: a distribution without the module that answers there; a proxy that lets through what is below only.
_NOT_THERE = (404, 405)
_NAME_IT = 'set engine = "elasticsearch" or engine = "opensearch" in [store]'

_NODES = "/_nodes/_local?filter_path=nodes.*.version"
_MODULES = "/_nodes/_local/plugins?filter_path=nodes.*.modules.name,nodes.*.plugins.name"


@dataclass(frozen=True)
class Dialect:
    """What the engine is and has. `version` is empty where everything that tells it is forbidden (403)."""

    name: EngineName
    version: str
    language_analyzers: bool = True  # stemmers and the other token filters of the module analysis-common
    percolator: bool = True  # the module that holds stored queries against documents

    @property
    def major(self) -> int:
        """0 when the version is not known."""
        return _major(self.version)

    @property
    def tested(self) -> bool:
        """Whether the tests run on this version or an older one of the same major version; True when none is known."""
        least = TESTED[self.name].get(self.major)
        return not self.version or (least is not None and _minor(self.version) >= least)

    @property
    def shown(self) -> str:
        return f"{SHOWN_NAMES[self.name]} {self.version}".rstrip()

    @property
    def described(self) -> str:
        """For `monitor status`."""
        return self.shown if self.tested else f"{self.shown}, not tested with this version"


def recognise(transport: EngineTransport, named: EngineName | None, where: str) -> Dialect:
    """The engine behind the transport. `named`: what the settings say, which counts only where it does not tell.

    Raises AccessRefused, StoreUnreachable or StoreError: no engine, one that is too old, or not the one that is named.
    """
    name, version = _told(transport, named, where)
    if named and name != named:
        raise StoreError(
            f"{where} is {SHOWN_NAMES[name]} {version}, and the setting store.engine says {named}",
            hint="leave store.engine empty, or correct store.url",
        )
    if version and _major(version) < OLDEST[name]:
        raise StoreError(
            f"{where} is {SHOWN_NAMES[name]} {version}, which is too old",
            hint=f"{SHOWN_NAMES[name]} {OLDEST[name]} or later is needed",
        )
    modules = _modules(transport)
    return Dialect(
        name,
        version,
        language_analyzers=not modules or any(_ANALYSIS.search(module) for module in modules),
        percolator=not modules or any("percolator" in module for module in modules),
    )


# The module's name in a distribution, and its class where an engine is put together on a class path.
_ANALYSIS = re.compile(r"analysis-common|commonanalysis")


def _told(transport: EngineTransport, named: EngineName | None, where: str) -> tuple[EngineName, str]:
    meta, body = _get(transport, "/", where)
    if meta.status == 200 and isinstance(body, dict):
        found, version = _name(body), _version(body)
        if found == "opensearch" and "distribution" not in body["version"]:
            version = _node(transport, where).version or version  # it poses as Elasticsearch 7.10
        if found and version:
            return found, version
    if meta.status in _NOT_THERE:
        node = _node(transport, where)
        if node.version and (node.elasticsearch or named):
            return named or "elasticsearch", node.version
        if node.version:
            raise StoreError(f"{where} does not tell which engine it is: it answers {meta.status} to /", hint=_NAME_IT)
        meta, body = node.answer
    if meta.status == 401:
        raise sign_in_refused(where, signed=transport.signed)
    if meta.status == 403:
        return _kept_secret(transport, named, where)
    if meta.status in LATER:
        raise busy(where, meta.status, body)
    raise no_engine(where, meta.status, body)


def _kept_secret(transport: EngineTransport, named: EngineName | None, where: str) -> tuple[EngineName, str]:
    node = _node(transport, where)
    name = named or ("elasticsearch" if node.elasticsearch else None)
    if name is None:
        raise AccessRefused(
            f"{where} does not tell which engine it is: the user lacks the privilege for GET / (cluster:monitor/main)",
            hint=f"grant it, or {_NAME_IT}",
        )
    return name, node.version


def _get(transport: EngineTransport, target: str, where: str) -> TransportApiResponse:
    try:
        return transport.perform_request("GET", target, headers={"accept": "application/json"})
    except SerializationError as error:
        raise StoreError(
            f"{where} is no Elasticsearch and no OpenSearch: its answer is not JSON ({cut(error.message)})",
            hint="correct store.url: it names the engine itself, neither Kibana nor a web site",
        ) from error


@dataclass(frozen=True)
class _Node:
    """What the node that answers says of itself; `version` may be empty."""

    version: str
    elasticsearch: bool
    answer: TransportApiResponse


def _node(transport: EngineTransport, where: str) -> _Node:
    answer = _get(transport, _NODES, where)
    product = answer.meta.headers.get("x-elastic-product") == "Elasticsearch"
    if answer.meta.status != 200 or not isinstance(answer.body, dict):
        return _Node("", product, answer)
    versions = [str(node.get("version", "")) for node in _nodes(answer.body)]
    return _Node(versions[0] if versions else "", product, answer)


def _modules(transport: EngineTransport) -> frozenset[str]:
    """Names of what the node has loaded, in lower case; empty where that is kept secret: then it counts as complete."""
    try:
        meta, body = transport.perform_request("GET", _MODULES, headers={"accept": "application/json"})
    except SerializationError:
        return frozenset()
    if meta.status != 200 or not isinstance(body, dict):
        return frozenset()
    parts = [part for node in _nodes(body) for part in (*node.get("modules", ()), *node.get("plugins", ()))]
    return frozenset(str(part.get("name", "")).lower() for part in parts)


def _nodes(body: dict[str, Any]) -> list[dict[str, Any]]:
    nodes = body.get("nodes")
    return [node for node in nodes.values() if isinstance(node, dict)] if isinstance(nodes, dict) else []


def _name(body: dict[str, Any]) -> EngineName | None:
    version = body.get("version")
    if not isinstance(version, dict):
        return None
    if version.get("distribution") == "opensearch" or "OpenSearch" in str(body.get("tagline")):
        return "opensearch"
    return "elasticsearch" if "lucene_version" in version or "build_flavor" in version else None


def _version(body: dict[str, Any]) -> str:
    """Empty in an answer that is no engine's."""
    version = body.get("version")
    return str(version.get("number", "")) if isinstance(version, dict) else ""


def _major(version: str) -> int:
    found = re.match(r"\d+", version)
    return int(found[0]) if found else 0


def _minor(version: str) -> int:
    found = re.match(r"\d+\.(\d+)", version)
    return int(found[1]) if found else 0
