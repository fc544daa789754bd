"""Which engines are up: each is started when a test asks for it, and two at most are kept."""

from __future__ import annotations

import atexit
import os
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import pytest

from tests.engines.containers import IMAGES, ContainerEngine, runtime
from tests.engines.engine import Engine, engine_at
from tests.engines.packaged import Elasticsearch8, OpenSearch2, OpenSearch3, PackagedEngine, SecuredElasticsearch8
from tests.engines.packages import NotUp, Unavailable

GIVEN_URL = os.environ.get("MONITOR_TEST_ENGINE_URL", "")
KEPT = 2  # 1 GB each; two processes of tests keep two each

PACKAGED: Mapping[str, type[PackagedEngine]] = {
    "elasticsearch-8.19": Elasticsearch8,
    "opensearch-2.19": OpenSearch2,
    "opensearch-3": OpenSearch3,
}
SECURED = "elasticsearch-8.19-secured"
SECURED_HOW = "it is taken from packages alone, never from a container: its users and its authority are the tests' own"

# What tests of any engine run over.
KINDS = ("given",) if GIVEN_URL else tuple(PACKAGED)
# One of each name, the newest, for what differs by no version of it.
OF_EACH_NAME = tuple(kind for kind in KINDS if kind != "opensearch-2.19")

_Key = tuple[str, tuple[tuple[str, Any], ...]]
_up: OrderedDict[_Key, Engine] = OrderedDict()
_missing: dict[_Key, str] = {}
_broken: dict[_Key, str] = {}


def running(kind: str, extra: Mapping[str, Any] | None = None) -> Engine:
    """The engine of this kind, up and answering, with these settings beside the usual ones; skips where there is none,
    fails where there is one that does not come up.

    In this order: the one at MONITOR_TEST_ENGINE_URL, a container, packages of Maven Central. SECURED is of packages
    alone.
    """
    key = (kind, tuple(sorted((extra or {}).items())))
    if key in _missing:
        pytest.skip(_missing[key])
    if key in _broken:
        pytest.fail(_broken[key])
    try:
        if key not in _up:
            while len(_up) >= KEPT:
                _up.popitem(last=False)[1].stop()
            _up[key] = _made(kind, extra or {})
        _up.move_to_end(key)
        _up[key].ensure_up()
    except Unavailable as reason:
        _up.pop(key, None)
        _missing[key] = f"{kind}: {reason}" + (f"; {SECURED_HOW}" if kind == SECURED else "")
        pytest.skip(_missing[key])
    except NotUp as reason:
        if (broken := _up.pop(key, None)) is not None:
            broken.stop()
        _broken[key] = str(reason)
        raise
    return _up[key]


def _made(kind: str, extra: Mapping[str, Any]) -> Engine:
    if kind == "given":
        if extra:
            raise Unavailable("the engine at MONITOR_TEST_ENGINE_URL has its own settings")
        return engine_at(GIVEN_URL)
    if kind == SECURED:
        return SecuredElasticsearch8(kind, extra)
    program = runtime()
    if program and kind in IMAGES:
        engine = ContainerEngine(kind, program, extra)
        try:
            engine.start()
        except NotUp:
            engine.stop()  # no image, no network: perhaps there are packages
        else:
            return engine
    return PACKAGED[kind](kind, extra)


def stop_all() -> None:
    while _up:
        _up.popitem()[1].stop()


_owner = os.getpid()


@atexit.register
def _stop_own() -> None:
    if os.getpid() == _owner:
        stop_all()
