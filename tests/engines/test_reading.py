"""Reading while an index is replaced, and where it is not there at all.

What an engine says in such a moment a proxy says in its place, as no test meets the moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.errors import StoreError, StoreUnreachable
from monitor.store.elastic import transport
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.reading import Reader
from monitor.store.elastic.store import open_store
from tests.articles import again, changes, document
from tests.engines.engine import Engine
from tests.engines.proxy import Answer, Ask, Asked, Fault, Proxy, said
from tests.engines.running import OF_EACH_NAME

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def refused(status: int, kind: str, reason: str) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": reason}, "status": status}


NO_INDEX = refused(404, "index_not_found_exception", "no such index [m-articles]")
NO_CONTEXT = refused(404, "search_phase_execution_exception", "Partial shards failure")
NO_SHARDS = refused(503, "search_phase_execution_exception", "all shards failed")
EVERYTHING: dict[str, Any] = {"query": {"match_all": {}}}


def last_is(answer: dict[str, Any]) -> Fault:
    """In the place of the last of several answers."""

    def fault(asked: Asked, ask: Ask) -> Answer:
        told = ask(asked)
        body = orjson.loads(told.body)
        body["responses"][-1] = answer
        return Answer(told.status, told.headers, orjson.dumps(body))

    return fault


# How an index is read is a matter of its name.
@pytest.fixture(scope="module", params=OF_EACH_NAME)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_BASE", 0.001)


@pytest.fixture
def reader(engine: Engine, proxy: Proxy, fresh_prefix: str, tmp_path: Path) -> Iterator[Reader]:
    """Through the proxy, of an archive of three articles."""
    with closing(open_store(engine.settings(url=proxy.url, index_prefix=fresh_prefix), tmp_path)) as store:
        again(store.file, changes(*map(document, "abc")))
        store.refresh()
        yield store._reader


@pytest.mark.parametrize("gone", [NO_INDEX, NO_CONTEXT, NO_SHARDS])
def test_what_was_replaced_in_this_moment_is_asked_again(
    proxy: Proxy, reader: Reader, fresh_prefix: str, gone: dict[str, Any]
) -> None:
    once = said(gone["status"], gone)
    search, refresh = f"/{fresh_prefix}-articles/_search", f"/{fresh_prefix}-articles/_refresh"
    proxy.disturb(search, [once])
    assert reader.search("articles", EVERYTHING)["hits"]["total"]["value"] == 3
    proxy.disturb(search, [once])
    assert reader.count("articles") == 3
    proxy.disturb(refresh, [once])
    before = proxy.asked(refresh)
    reader.refresh("articles")
    assert proxy.asked(refresh) - before == 2
    proxy.disturb("/_msearch", [last_is(gone)])
    both = reader.several("articles", [EVERYTHING, EVERYTHING])
    assert [one["hits"]["total"]["value"] for one in both] == [3, 3]


def test_an_index_that_is_not_there_is_told(engine: Engine, proxy: Proxy, fresh_prefix: str) -> None:
    with engine.connected(url=proxy.url) as connection:
        reader = Reader(connection, Names(fresh_prefix))
        for ask in (
            lambda: reader.search("articles", EVERYTHING),
            lambda: reader.several("articles", [EVERYTHING]),
        ):
            with pytest.raises(StoreError, match="no such index") as caught:
                ask()
            assert "monitor store init" in caught.value.hint
    assert proxy.asked(f"/{fresh_prefix}-articles/_search") + proxy.asked("/_msearch") < 15


def test_one_search_of_several_that_is_wrong_is_told_at_once(proxy: Proxy, reader: Reader) -> None:
    with pytest.raises(StoreError, match="foo"):
        reader.several("articles", [EVERYTHING, {"query": {"foo": {}}}])
    assert proxy.asked("/_msearch") == 1


def test_one_search_of_several_that_fails_again_and_again_is_given_up(proxy: Proxy, reader: Reader) -> None:
    proxy.disturb("/_msearch", repeat(last_is(NO_SHARDS)))
    with pytest.raises(StoreUnreachable):
        reader.several("articles", [EVERYTHING, EVERYTHING])
    assert proxy.asked("/_msearch") == transport.ATTEMPTS
