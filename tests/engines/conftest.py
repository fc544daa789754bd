"""Real engines for tests; see `running`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.elastic.connection import Connection
from tests.engines.engine import Engine
from tests.engines.packaged import SecuredElasticsearch8
from tests.engines.proxy import Proxy
from tests.engines.running import KINDS, SECURED, running


@pytest.fixture(scope="session", params=KINDS)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Of the session, so that pytest runs the tests of one kind after one another."""
    kind: str = request.param
    return kind


@pytest.fixture
def engine(engine_kind: str) -> Engine:
    return running(engine_kind)


@pytest.fixture
def beside(engine: Engine) -> Iterator[Connection]:
    """A connection to the engine itself, where a test has another through the proxy."""
    with engine.connected() as opened:
        yield opened


@pytest.fixture
def proxy(engine: Engine) -> Iterator[Proxy]:
    """Before the engine, for what is not as engines would have it."""
    with Proxy(engine).up() as up:
        yield up


@pytest.fixture
def secured() -> SecuredElasticsearch8:
    """Elasticsearch with TLS, users and roles."""
    engine = running(SECURED)
    assert isinstance(engine, SecuredElasticsearch8)
    return engine


@pytest.fixture
def fresh_prefix(engine: Engine) -> Iterator[str]:
    """For index names that no other test has; what was made is removed."""
    prefix = f"t{uuid.uuid4().hex[:12]}"
    yield prefix
    engine.ensure_up()
    engine.remove(prefix)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a search engine is told apart from what is slow by itself."""
    for item in items:
        if item.get_closest_marker("slow") and Path(__file__).parent in item.path.parents:
            item.add_marker("engines")
