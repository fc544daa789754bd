"""Bulk writing, and other requests, when the engine fails for a moment or something answers in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from monitor.config import StoreSettings
from monitor.errors import StoreBusy, StoreUnreachable
from monitor.store.elastic import bulk, transport
from monitor.store.elastic.connection import Connection, open_connection
from tests.store.elastic.servers import SERIES, Server

ROOT = {"version": {"number": "2.19.1", "distribution": "opensearch", "lucene_version": "9.12.1"}}
ACTIONS = [{"_op_type": "index", "_index": "i", "_id": id, "_source": {}} for id in "ab"]
CLOSED = {"error": {"type": "node_closed_exception", "reason": "node closed"}, "status": 500}
PAGE = "<html>The service is not available</html>"


def item(id: str, status: int, **more: Any) -> dict[str, Any]:
    return {"index": {"_index": "i", "_id": id, "status": status, **more}}


def told(*items: dict[str, Any]) -> tuple[int, Any]:
    return 200, {"errors": True, "items": list(items)}


def made(*ids: str) -> tuple[int, Any]:
    return 200, {"errors": False, "items": [{"create": {"_index": "i", "_id": id, "status": 201}} for id in ids]}


def ids_sent(server: Server) -> list[list[str]]:
    """Of each bulk request."""
    heads = [[json.loads(line) for line in body.splitlines()[::2]] for body in server.sent]
    return [[head["create"]["_id"] for head in each] for each in heads]


FAILED = item("a", 500, error={"type": "node_closed_exception", "reason": "node closed"})


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(transport, "BACKOFF_BASE", 0.001)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server({"/": (200, ROOT), "/_nodes/_local/plugins": (404, {})}).up() as up:
        yield up


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    settings = StoreSettings.model_validate({"kind": "elasticsearch", "url": [server.url], "request_timeout": 5})
    with closing(open_connection(settings, Path("/"))) as opened:
        yield opened


def test_what_fails_for_a_moment_is_written_again(server: Server, connection: Connection) -> None:
    server.answers["/_bulk"] = (SERIES, [told(FAILED, item("b", 201)), (500, CLOSED), told(item("a", 201))])
    assert connection.bulk(ACTIONS) == []
    assert [path for path, _ in server.asked].count("/_bulk") == 3


@pytest.mark.parametrize("answer", [told(FAILED, item("b", 201)), (500, CLOSED)])
def test_what_goes_on_failing_is_the_engines_fault_and_not_a_documents(
    server: Server, connection: Connection, answer: tuple[int, Any]
) -> None:
    # Where one of the two passed, the other is sent alone.
    server.answers["/_bulk"] = (SERIES, [answer, answer if answer[0] == 500 else told(FAILED)])
    with pytest.raises(StoreBusy, match=r"the engine failed \(500 node_closed_exception\): node closed"):
        connection.bulk(ACTIONS)


@pytest.mark.parametrize("status", [200, 302, 404, 500, 502, 503])
def test_a_page_of_a_proxy_is_no_answer(server: Server, connection: Connection, status: int) -> None:
    server.answers |= {"/_bulk": (status, PAGE), "/_cluster/health": (status, PAGE)}
    with pytest.raises(StoreBusy, match="The service is not available"):
        connection.bulk(ACTIONS)
    with pytest.raises(StoreBusy, match="The service is not available"):
        connection.call(lambda client: client.cluster.health())


def test_of_what_is_larger_than_something_between_lets_pass_only_that_is_sent_in_smaller_parts(
    server: Server, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ACTIONS", 2)  # of one request; the four are still driven as one
    actions = [{"_op_type": "create", "_index": "i", "_id": id, "_source": {}} for id in "abcd"]
    larger = (413, "<html>Request Entity Too Large</html>")
    server.answers["/_bulk"] = (SERIES, [made("a", "b"), larger, made("c"), larger])
    (refused,) = bulk._driven(connection.client, actions, connection.where, refresh=False)
    assert (refused.id, refused.status) == ("d", 413)
    assert ids_sent(server) == [["a", "b"], ["c", "d"], ["c"], ["d"]]


def test_what_is_put_off_before_a_part_that_is_too_large_is_driven_again_once(
    server: Server, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ACTIONS", 2)
    actions = [{"_op_type": "create", "_index": "i", "_id": id, "_source": {}} for id in "abc"]
    put_off = {"create": {"_index": "i", "_id": "b", **FAILED["index"], "status": 429}}
    series = [told(item("a", 201), put_off), (413, "too large"), made("b")]
    server.answers["/_bulk"] = (SERIES, series)
    (refused,) = bulk._driven(connection.client, actions, connection.where, refresh=False)
    assert (refused.id, refused.status) == ("c", 413)
    assert ids_sent(server) == [["a", "b"], ["c"], ["b"]]


def test_it_is_said_that_something_else_answers(server: Server, connection: Connection) -> None:
    server.answers["/_cluster/health"] = (200, PAGE)
    with pytest.raises(StoreUnreachable, match="something that is no engine answers in its place") as problem:
        connection.call(lambda client: client.cluster.health())
    assert "proxy" in problem.value.hint
