"""Questions that a proxy before the engine lets through in small parts alone, or that the user may not ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts import question
from monitor.errors import StoreError
from monitor.query import Bool, Term
from monitor.records import Filed, Fingerprint, Probe, Rule
from monitor.store.elastic.documents import key
from monitor.store.elastic.store import ElasticStore, open_store
from monitor.store.port import FILER_LEASE, SearchRequest
from tests.articles import again, changes, document, later, run, stored
from tests.engines.engine import Engine
from tests.engines.proxy import PAGE, Proxy, no_larger_than, said
from tests.engines.running import OF_EACH_NAME

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FORBIDDEN: dict[str, Any] = {
    "error": {
        "type": "security_exception",
        "reason": "action [indices:admin/analyze] is unauthorized for user [daily] with effective roles [daily] on "
        "indices [articles], this action is granted by the index privileges [manage,all]",
    },
    "status": 403,
}
NAMES = [f"musterwerk{number}" for number in range(60)]  # in 18 languages more clauses than an engine takes


# A proxy is a matter of no version.
@pytest.fixture(scope="module", params=OF_EACH_NAME)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture
def store(engine: Engine, proxy: Proxy, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    """Through the proxy."""
    with closing(open_store(engine.settings(url=proxy.url, index_prefix=fresh_prefix), tmp_path)) as opened:
        yield opened


def test_candidates_are_asked_for_in_parts_that_a_proxy_lets_through(store: ElasticStore, proxy: Proxy) -> None:
    prints = {f"a{number}": tuple(range(number * 100, number * 100 + 90)) for number in range(20)}
    made = [replace(document(id), fingerprint=Fingerprint("", hashes)) for id, hashes in prints.items()]
    again(store.file, changes(*made))
    store.refresh()
    store._recent.clear()  # the engine is to be asked
    probes = [Probe(hashes, later(hours=-12), later(hours=12), 30) for hashes in prints.values()]
    whole = store.candidates(probes)
    assert [[one.id for one in found] for found in whole] == [[id] for id in prints]
    proxy.disturb("/_msearch", repeat(no_larger_than(30_000)))
    assert store.candidates(probes) == whole
    before = proxy.asked("/_msearch")
    assert store.candidates(probes) == whole
    assert 2 <= proxy.asked("/_msearch") - before <= 10  # nothing is asked that is too large by now


def test_articles_are_held_against_rules_in_parts_that_a_proxy_lets_through(
    store: ElasticStore, proxy: Proxy, fresh_prefix: str
) -> None:
    """And one that is too large by itself keeps none of the others from ringing."""
    rule = Rule("fire", query="feuer")
    store.put_rules([(rule, question(rule))])
    documents = [document(f"a{number}", text="Das Feuer brennt. " * 50) for number in range(12)]
    large = document("large", text="Das Feuer brennt. " * 5000)
    proxy.disturb(f"/{fresh_prefix}-rules/_search", repeat(no_larger_than(20_000)))
    rung = {hit.article_id for hit in store.match_rules([*documents, large], {})}
    assert rung - {"large"} == {one.id for one in documents}
    assert ("large" in rung) is not store.percolating


def test_one_question_that_is_too_large_is_told_with_what_to_do(
    store: ElasticStore, proxy: Proxy, fresh_prefix: str
) -> None:
    proxy.disturb(f"/{fresh_prefix}-articles/_search", repeat(said(413, PAGE)))
    with pytest.raises(StoreError, match="no request of that size") as caught:
        store.search(SearchRequest(Term(None, "feuer")))
    assert "client_max_body_size" in caught.value.hint


def test_who_may_not_ask_how_the_engine_stems_has_rules_and_searches_of_many_words_all_the_same(
    store: ElasticStore, proxy: Proxy, fresh_prefix: str
) -> None:
    path = f"/{fresh_prefix}-articles-write/_analyze"
    proxy.disturb(path, repeat(said(403, FORBIDDEN)))
    rule = Rule("names", query=" OR ".join(NAMES))
    store.put_rules([(rule, question(rule))])
    assert bool(proxy.asked(path)) is (store.stemming and store.percolating)
    there = document("a", text="Das Musterwerk7 wird größer.")
    assert [hit.rule for hit in store.match_rules([there, document("b")], {})] == ["names"]
    again(store.file, changes(there, document("b")))
    store.refresh()
    many = Bool(should=tuple(Term(None, name) for name in [*NAMES, *(f"wort{number}" for number in range(900))]))
    assert [hit.document.id for hit in store.search(SearchRequest(many)).hits] == ["a"]


# --- the counts of runs, in their documents --------------------------------------------------------------------------


def shown(store: ElasticStore, id: str) -> int:
    found = store._reader.get("runs", key(id))
    assert found is not None
    return int(found.source.get("stored", 0))


def filed(store: ElasticStore, holder: str) -> None:
    """One article of the run."""
    store.put_run(run("run-1"))
    assert store.acquire(FILER_LEASE, holder, 30, later())
    again(store.settle, [stored("a")])
    marks = [Filed(item.number, "run-1", "stored") for item in store.take(10)]
    again(store.file, replace(changes(document("a"), filed=marks), holder=holder))


def test_a_count_is_shown_when_the_engine_was_too_busy_for_it_at_first(
    store: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(store, "one")

    def busy(*_: Any) -> Any:
        raise StoreError("429")

    with monkeypatch.context() as patched:
        patched.setattr(store, "_of_runs", busy)
        with pytest.raises(StoreError):
            store.refresh()
    assert shown(store, "run-1") == 0
    store.refresh()
    assert shown(store, "run-1") == 1


def test_a_count_is_shown_by_who_files_next_when_the_filer_died(
    store: ElasticStore, engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    filed(store, "one")
    assert shown(store, "run-1") == 0
    with closing(open_store(engine.settings(index_prefix=fresh_prefix), tmp_path)) as other:
        assert other.acquire(FILER_LEASE, "two", 30, later(minutes=5))
        other.refresh()
        assert shown(other, "run-1") == 1
