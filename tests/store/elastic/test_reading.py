"""Reading while an index is replaced, and where it is not there at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.config import StoreSettings
from monitor.errors import StoreError, StoreUnreachable
from monitor.store.elastic import transport
from monitor.store.elastic.connection import open_connection
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.reading import Reader
from tests.store.elastic.servers import SERIES, Server

ROOT = {"version": {"number": "2.19.1", "distribution": "opensearch", "lucene_version": "9.12.1"}}
FOUND = {"hits": {"total": {"value": 3}, "hits": []}}


def refused(status: int, kind: str, reason: str) -> dict[str, Any]:
    return {"error": {"type": kind, "reason": reason}, "status": status}


NO_INDEX = refused(404, "index_not_found_exception", "no such index [m-articles]")
NO_CONTEXT = refused(404, "search_phase_execution_exception", "Partial shards failure")
NO_SHARDS = refused(503, "search_phase_execution_exception", "all shards failed")
WRONG = refused(400, "parsing_exception", "unknown query [foo]")


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "BACKOFF_BASE", 0.001)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/": (200, ROOT), "/_nodes/_local/plugins": (404, {})}).up() as up:
        yield up


@pytest.fixture
def reader(server: Server) -> Iterator[Reader]:
    settings = StoreSettings.model_validate({"kind": "elasticsearch", "url": [server.url], "request_timeout": 5})
    with closing(open_connection(settings, Path("/"))) as opened:
        yield Reader(opened, Names("m"))


@pytest.mark.parametrize("gone", [NO_INDEX, NO_CONTEXT, NO_SHARDS])
def test_what_was_replaced_in_this_moment_is_asked_again(server: Server, reader: Reader, gone: dict[str, Any]) -> None:
    answers = [(gone["status"], gone), (200, FOUND)]
    server.answers["/m-articles/_search"] = (SERIES, list(answers))
    assert reader.search("articles", {}) == FOUND
    server.answers["/m-articles/_search"] = (SERIES, list(answers))
    assert reader.count("articles") == 3
    server.answers["/m-articles/_refresh"] = (SERIES, [(gone["status"], gone), (200, {})])
    reader.refresh("articles")
    server.answers["/_msearch"] = (SERIES, [(200, {"responses": [FOUND, gone]}), (200, {"responses": [FOUND, FOUND]})])
    assert reader.several("articles", [{}, {}]) == [FOUND, FOUND]


def test_an_index_that_is_not_there_is_told(server: Server, reader: Reader) -> None:
    server.answers["/m-articles/_search"] = (404, NO_INDEX)
    server.answers["/_msearch"] = (200, {"responses": [NO_INDEX]})
    for ask in (lambda: reader.search("articles", {}), lambda: reader.several("articles", [{}])):
        with pytest.raises(StoreError, match="no such index") as caught:
            ask()
        assert "monitor store init" in caught.value.hint
    assert len(server.asked) < 15


@pytest.mark.parametrize(
    ("answer", "error", "times"), [(WRONG, StoreError, 1), (NO_SHARDS, StoreUnreachable, transport.ATTEMPTS)]
)
def test_one_search_of_several_that_fails_for_good(
    server: Server, reader: Reader, answer: dict[str, Any], error: type[StoreError], times: int
) -> None:
    server.answers["/_msearch"] = (200, {"responses": [FOUND, answer]})
    with pytest.raises(error):
        reader.several("articles", [{}, {}])
    assert [path for path, _ in server.asked].count("/_msearch") == times
