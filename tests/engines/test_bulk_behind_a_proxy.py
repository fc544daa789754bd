"""Writing through a proxy before a real engine: answers that are lost, late, replaced by a page or by a failure.

Whatever happens, what was written is there once, with what was written last.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import StoreBusy
from monitor.store.elastic import bulk, transport
from monitor.store.elastic import connection as connecting
from monitor.store.elastic.connection import RETRIES, Connection
from monitor.store.elastic.store import open_store
from monitor.store.elastic.transport import ATTEMPTS
from tests.articles import again, changes, document
from tests.engines.engine import Engine
from tests.engines.proxy import (
    CLOSED,
    PAGE,
    Fault,
    Proxy,
    cut,
    failed,
    late,
    lost,
    no_larger_than,
    one_failed,
    passed_on,
    said,
)
from tests.engines.running import OF_EACH_NAME, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

OTHERS = "cdefghx"  # ids of what the tests write beside a and b
WAIT = 1.0  # seconds that a client waits for an answer, where it is late


# Of an engine these tests need only that it writes: one of each name is enough.
@pytest.fixture(scope="module", params=OF_EACH_NAME)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PAUSES", (0.0, 0.0))
    for module in (transport, connecting):
        monkeypatch.setattr(module, "BACKOFF_BASE", 0.001)


@pytest.fixture
def connection(engine: Engine, proxy: Proxy) -> Iterator[Connection]:
    with engine.connected(url=proxy.url) as opened:
        yield opened


class Written:
    """An index that is written through the proxy and read beside it."""

    def __init__(self, beside: Connection, index: str) -> None:
        self._beside, self.index = beside, index

    def put(self, words: int, ids: str = "abc", kind: str = "index") -> list[dict[str, Any]]:
        return [{"_op_type": kind, "_index": self.index, "_id": id, "_source": {"words": words}} for id in ids]

    def there(self) -> list[tuple[str, Mapping[str, Any]]]:
        self._beside.call(lambda client: client.indices.refresh(index=self.index))
        hits = self._beside.call(lambda client: client.search(index=self.index, size=100))["hits"]["hits"]
        return sorted((hit["_id"], hit["_source"]) for hit in hits)


@pytest.fixture(scope="module")
def index(engine_kind: str) -> Iterator[str]:
    """One for all of these tests: to make it takes longer than they do."""
    name = f"t{uuid.uuid4().hex[:12]}-proxied"
    yield name
    running(engine_kind).remove(name)


@pytest.fixture
def written(beside: Connection, index: str) -> Written:
    """With two documents in it, which are to be written over."""
    made = Written(beside, index)
    emptied = [{"_op_type": "delete", "_index": index, "_id": id} for id in OTHERS]
    assert beside.bulk([*made.put(1, "ab"), *emptied]) == []
    assert made.there() == each(1, "ab")
    return made


def each(words: int, ids: str = "abc") -> list[tuple[str, Mapping[str, Any]]]:
    return [(id, {"words": words}) for id in ids]


PASSING = {
    "one document failed": [one_failed],
    "one document and all of them failed": [one_failed, failed],
    "all documents failed": [failed],
    "a node fails before it writes": [said(500, {"error": CLOSED, "status": 500})],
    "a page of a proxy": [said(502)],
    "pages for longer than one request is repeated": [said(503)] * (ATTEMPTS + 1),
    "a page that is no refusal of a gateway": [said(500)],
    "a connection that is cut": [cut],
    "an answer that is lost": [lost],
    "answers that are lost for longer than one request is repeated": [lost] * (RETRIES + 2),
    "one after the other": [lost, said(502), one_failed, failed],
}


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING)
def test_what_fails_for_a_moment_is_written_again(
    proxy: Proxy, connection: Connection, written: Written, faults: list[Fault]
) -> None:
    proxy.disturb("/_bulk", faults)
    assert connection.bulk(written.put(7)) == []
    assert proxy.asked("/_bulk") == len(faults) + 1
    assert written.there() == each(7)


def test_what_was_created_when_the_answer_was_lost_is_told_as_a_conflict_and_is_there_once(
    proxy: Proxy, connection: Connection, written: Written
) -> None:
    proxy.disturb("/_bulk", [lost])
    refused = connection.bulk(written.put(7, "cde", "create"))
    assert [(one.id, one.conflict) for one in refused] == [("c", True), ("d", True), ("e", True)]
    assert written.there() == each(1, "ab") + each(7, "cde")


LASTING = {
    "one document failed": (one_failed, r"the engine failed \(500 node_closed_exception\): node closed", "bc"),
    "all documents failed": (failed, r"the engine failed \(500 node_closed_exception\): node closed", "abc"),
    "an answer that is lost": (lost, "does not answer: the connection was closed without a whole answer", "abc"),
    **{f"a page with {status}": (said(status), PAGE.decode(), "") for status in (200, 302, 404, 500, 502, 503)},
}


@pytest.mark.parametrize(("fault", "told", "done"), LASTING.values(), ids=LASTING)
def test_what_goes_on_failing_is_no_document_s_fault_and_can_be_written_later(
    proxy: Proxy, connection: Connection, written: Written, fault: Fault, told: str, done: str
) -> None:
    proxy.disturb("/_bulk", repeat(fault))
    with pytest.raises(StoreBusy, match=told):
        connection.bulk(written.put(7))
    assert written.there() == sorted({**dict(each(1, "ab")), **dict(each(7, done))}.items())
    proxy.disturb("/_bulk", [])
    assert connection.bulk(written.put(8)) == []
    assert written.there() == each(8)


def test_an_answer_that_comes_late_is_given_up_and_what_was_written_is_written_over(
    engine: Engine, proxy: Proxy, written: Written
) -> None:
    with engine.connected(url=proxy.url, request_timeout=WAIT) as hasty:
        proxy.disturb("/_bulk", [late(2 * WAIT)])
        began = time.monotonic()
        with pytest.raises(StoreBusy, match="no answer within 1 seconds"):
            hasty.bulk(written.put(7))
        assert time.monotonic() - began < 2 * WAIT
        assert written.there() == each(7)
        assert hasty.bulk(written.put(8)) == []
    assert written.there() == each(8)


def test_a_proxy_that_lets_no_large_requests_through_gets_smaller_ones(
    proxy: Proxy, connection: Connection, written: Written
) -> None:
    """And what is too large by itself comes back as a value."""
    proxy.disturb("/_bulk", repeat(no_larger_than(300)))
    large = {"_op_type": "index", "_index": written.index, "_id": "x", "_source": {"title": "y" * 300}}
    refused = connection.bulk([*written.put(7, "abcd"), large, *written.put(7, "efgh")])
    assert [(one.id, one.status, one.kind) for one in refused] == [("x", 413, "too_large")]
    assert written.there() == each(7, "abcdefgh")


def test_of_a_part_that_is_too_large_only_that_part_is_sent_again(
    proxy: Proxy, connection: Connection, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what the request before it brought would come back as a conflict."""
    monkeypatch.setattr(bulk, "CHUNK_ACTIONS", 2)  # of one request; they are driven together
    before = proxy.asked("/_bulk")
    proxy.disturb("/_bulk", [passed_on, said(413), passed_on, said(413)])
    with connection.translating():
        refused = bulk._driven(connection.client, written.put(7, "cdef", "create"), connection.where, refresh=False)
    assert [(one.id, one.status) for one in refused] == [("f", 413)]
    assert written.there() == sorted({**dict(each(1, "ab")), **dict(each(7, "cde"))}.items())
    assert proxy.asked("/_bulk") - before == 4


def test_what_is_put_off_before_a_part_that_is_too_large_is_driven_again_once(
    proxy: Proxy, connection: Connection, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_ACTIONS", 2)
    before = proxy.asked("/_bulk")
    proxy.disturb("/_bulk", [one_failed, said(413)])
    with connection.translating():
        refused = bulk._driven(connection.client, written.put(7, "cde", "create"), connection.where, refresh=False)
    assert [(one.id, one.status) for one in refused] == [("e", 413)]
    assert written.there() == sorted({**dict(each(1, "ab")), **dict(each(7, "cd"))}.items())
    assert proxy.asked("/_bulk") - before == 3


ONCE: tuple[Fault, ...] = (one_failed, failed, said(502), cut, lost)


def test_a_batch_is_filed_once_whatever_becomes_of_its_requests(
    engine: Engine, proxy: Proxy, fresh_prefix: str, tmp_path: Path
) -> None:
    with closing(open_store(engine.settings(url=proxy.url, index_prefix=fresh_prefix), tmp_path)) as store:
        expected: dict[str, str] = {}
        for number, fault in enumerate(ONCE, 1):
            before = proxy.asked("/_bulk")
            proxy.disturb("/_bulk", cycle([fault, passed_on]))  # each of the requests that file a batch
            new, changed = document(f"a{number}", text=f"Neu {number}."), document("b", text=f"Anders {number}.")
            again(store.file, changes(new, replace(changed, revision=number)))
            assert proxy.asked("/_bulk") - before > 2
            expected |= {new.id: new.article.text, changed.id: changed.article.text}
        proxy.disturb("/_bulk", [])
        store.refresh()
        found = list(store.scan())
        assert len(found) == len(expected)
        assert {one.id: one.article.text for one in found} == expected
        assert [one.number for one in store.revisions("b")] == list(range(1, len(ONCE) + 1))
        assert store.check() == []
    assert not list(tmp_path.glob("**/dead/engine/*.json"))
