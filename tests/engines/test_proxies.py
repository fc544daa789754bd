"""What stands between the program and a real engine: proxies that hide it, change it or answer in its place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest

from monitor.errors import AccessRefused, StoreBusy, StoreError, StoreUnreachable
from monitor.store.elastic import transport
from monitor.store.elastic.connection import Connection
from tests.engines.engine import Engine
from tests.engines.proxy import Answer, Ask, Asked, Proxy, said, without_header
from tests.engines.running import OF_EACH_NAME

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PRODUCT = "x-elastic-product"  # the header by which the client knows Elasticsearch


# How an engine is recognised is a matter of its name.
@pytest.fixture(scope="module", params=OF_EACH_NAME)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_BASE", 0.001)


@pytest.fixture
def connection(engine: Engine, proxy: Proxy) -> Iterator[Connection]:
    with engine.connected(url=proxy.url) as opened:
        yield opened


def answers(connection: Connection) -> bool:
    return connection.call(lambda client: client.cluster.health())["status"] in ("green", "yellow")


@pytest.mark.parametrize("status", [200, 302, 404, 500, 502, 503])
def test_a_page_of_a_proxy_is_no_answer(proxy: Proxy, connection: Connection, status: int) -> None:
    proxy.disturb("/_cluster/health", repeat(said(status)))
    with pytest.raises(StoreBusy, match="The service is not available"):
        connection.call(lambda client: client.cluster.health())
    proxy.disturb("/_cluster/health", [])
    assert answers(connection)


def test_it_is_said_that_something_else_answers(proxy: Proxy, connection: Connection) -> None:
    proxy.disturb("/_cluster/health", [said(200)])
    with pytest.raises(StoreUnreachable, match="something that is no engine answers in its place") as problem:
        connection.call(lambda client: client.cluster.health())
    assert "proxy" in problem.value.hint


@pytest.mark.parametrize("status", [404, 405])
def test_an_engine_behind_a_proxy_that_hides_its_root_is_the_named_one(
    engine: Engine, proxy: Proxy, beside: Connection, status: int
) -> None:
    proxy.disturb("/", repeat(said(status)))
    proxy.disturb("/_nodes/_local", repeat(without_header(PRODUCT)))
    with (
        pytest.raises(StoreError, match=f"does not tell which engine it is: it answers {status} to /$") as told,
        engine.connected(url=proxy.url),
    ):
        pass
    assert 'engine = "elasticsearch"' in told.value.hint
    with engine.connected(url=proxy.url, engine=beside.dialect.name) as connection:
        assert connection.dialect == beside.dialect
        assert answers(connection)


def test_an_engine_that_tells_nothing_is_the_named_one(engine: Engine, proxy: Proxy, beside: Connection) -> None:
    name = beside.dialect.name
    forbidden = {"error": {"type": "security_exception", "reason": "no"}, "status": 403}
    for path in ("/", "/_nodes/_local", "/_nodes/_local/plugins"):
        proxy.disturb(path, repeat(said(403, forbidden)))
    with pytest.raises(AccessRefused, match="GET /") as told, engine.connected(url=proxy.url):
        pass
    assert 'engine = "opensearch"' in told.value.hint
    with engine.connected(url=proxy.url, engine=name) as connection:
        assert (connection.dialect.name, connection.dialect.version) == (name, "")
        assert answers(connection)


@pytest.mark.parametrize("named", [True, False])
def test_a_proxy_may_take_away_the_header_by_which_the_client_knows_elasticsearch(
    engine: Engine, proxy: Proxy, beside: Connection, named: bool
) -> None:
    name = beside.dialect.name
    for path in ("/_nodes/_local", "/_nodes/_local/plugins", "/_cluster/health"):
        proxy.disturb(path, repeat(without_header(PRODUCT)))
    proxy.disturb("/", [without_header(PRODUCT) if has_root(beside) else said(200, root(beside))])
    with engine.connected(url=proxy.url, engine=name if named else "") as connection:
        assert connection.dialect == beside.dialect
        assert answers(connection)


def has_root(connection: Connection) -> bool:
    """An Elasticsearch put together from packages has not the module that answers there."""
    return connection.client.transport.perform_request("GET", "/", headers={}).meta.status == 200


def root(connection: Connection) -> dict[str, Any]:
    """As a distribution of that Elasticsearch answers."""
    return {"version": {"number": connection.dialect.version, "build_flavor": "default", "lucene_version": "9.12.2"}}


def test_an_engine_that_is_starting_is_asked_again(engine: Engine, proxy: Proxy) -> None:
    starting = {"type": "cluster_block_exception", "reason": "state not recovered / initialized"}
    proxy.disturb("/", [said(503, {"error": starting, "status": 503})] * 2)
    with engine.connected(url=proxy.url) as connection:
        assert answers(connection)
    assert proxy.asked("/") == 3


@pytest.mark.parametrize("version", ["older", "later"])
def test_a_version_that_is_not_tested_is_spoken_to(
    engine: Engine, proxy: Proxy, beside: Connection, version: str
) -> None:
    number = {"older": f"{beside.dialect.major}.0.0", "later": "10.2.0"}[version]

    def another(asked: Asked, ask: Ask) -> Answer:
        answer = ask(asked)
        return Answer(
            answer.status, answer.headers, answer.body.replace(beside.dialect.version.encode(), number.encode())
        )

    for path in ("/", "/_nodes/_local"):
        proxy.disturb(path, repeat(another))
    with engine.connected(url=proxy.url) as connection:
        assert connection.dialect.version == number
        assert connection.dialect.described.endswith(f"{number}, not tested with this version")
        if connection.dialect.name == "opensearch" or version == "older":
            assert answers(connection)  # an Elasticsearch 8 can't pose as one that is asked in the way of 9
