"""What every store owes to addresses and sources."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.records import Hint, Outcome, SourceState, Status, UrlState
from monitor.store.port import Store
from tests.articles import NOW, again, analysis, later, run, stored, url

FULL = UrlState(
    "kurier",
    "https://kurier.example/ü?a=1",
    Status.FAILED,
    discovered_at=NOW,
    fetched_at=datetime(2024, 5, 16, 12, 0, 0, 123456, tzinfo=UTC),
    article_id="a",
    reason="timeout",
    attempts=3,
    due_at=later(hours=1),
    checks=2,
    etag='W/"x"',
    last_modified="Thu, 16 May 2024 12:00:00 GMT",
    content_hash="h",
    via="wordpress",
    remote_id="17",
    hint=Hint("Titel", NOW, NOW, ("Anna", "Bernd"), "de", "guid", "https://quelle.example/", "Quelle"),
)


def test_an_address_comes_back_as_it_was_given(store: Store) -> None:
    store.discover([FULL])
    assert store.known("kurier", [FULL.url]) == {FULL.url: FULL}


def test_discovering_again_leaves_what_is_known_untouched(store: Store) -> None:
    assert store.discover([url("a"), url("b")]) == 2
    assert store.discover([url("a", discovered_at=later(days=1)), url("c")]) == 1
    assert store.known("kurier", [url("a").url])[url("a").url].discovered_at == NOW


def test_an_address_given_twice_in_one_call_counts_once(store: Store) -> None:
    assert store.discover([url("a"), url("a")]) == 1


def test_the_same_address_of_two_sites_is_two(store: Store) -> None:
    address = "https://shared.example/x"
    assert store.discover([UrlState("eins", address, discovered_at=NOW), UrlState("zwei", address)]) == 2
    assert store.counts("eins") == {"discovered": 1}


def test_known_takes_thousands_of_addresses_at_once(store: Store) -> None:
    store.discover([url(str(number)) for number in range(0, 3000, 2)])
    asked = [url(str(number)).url for number in range(3000)]
    assert set(store.known("kurier", asked)) == set(asked[::2])


def test_pending_gives_the_oldest_discovery_first_and_failures_that_are_due(store: Store) -> None:
    store.discover([url("new", discovered_at=later(hours=2)), url("old", discovered_at=later(hours=-2))])
    again(
        store.settle,
        [
            Outcome(url("due", Status.FAILED, due_at=NOW, discovered_at=later(hours=1))),
            Outcome(url("not-yet", Status.FAILED, due_at=later(seconds=1))),
            Outcome(url("given-up", Status.FAILED)),
            Outcome(url("gone", Status.GONE)),
            Outcome(url("refused", Status.REJECTED, due_at=NOW)),
        ],
    )
    assert [state.url.rsplit("/", 1)[1] for state in store.pending("kurier", NOW, 10)] == ["old", "due", "new"]
    assert [state.url.rsplit("/", 1)[1] for state in store.pending("kurier", NOW, 2)] == ["old", "due"]
    assert store.pending("other", NOW, 10) == []


def test_due_gives_the_longest_overdue_first(store: Store) -> None:
    states = [
        ("b", later(hours=-1)),
        ("a", later(hours=-1)),
        ("c", later(hours=-3)),
        ("d", later(hours=1)),
        ("e", None),
    ]
    again(store.settle, [Outcome(url(name, Status.STORED, due_at=at)) for name, at in states])
    assert [state.url.rsplit("/", 1)[1] for state in store.due("kurier", NOW, 10)] == ["c", "a", "b"]
    assert len(store.due("kurier", NOW, 1)) == 1


def test_settle_replaces_the_state_and_puts_analyses_in_order(store: Store) -> None:
    store.discover([url("a"), url("b")])
    outcomes = [stored("a"), stored("b"), Outcome(url("c", Status.FAILED, reason="http-500", attempts=1))]
    again(store.settle, outcomes)
    assert store.counts("kurier") == {"stored": 2, "failed": 1}
    assert [item.analysis for item in store.take(10)] == [outcomes[0].analysis, outcomes[1].analysis]


def test_settling_the_same_again_changes_nothing(store: Store) -> None:
    outcomes = [
        stored("a"),
        Outcome(url("b", Status.REJECTED, reason="too-short", fetched_at=NOW), run="run-1", detail="12 words"),
        Outcome(url("c", Status.STORED, checks=1, fetched_at=NOW), run="run-1", unchanged=True),
    ]
    store.put_run(run("run-1"))
    for _ in range(3):
        again(store.settle, outcomes)
    assert store.waiting() == 1
    assert len(store.rejections()) == 1
    assert store.runs()[0].unchanged == 1


def test_the_same_text_fetched_later_is_put_in_again(store: Store) -> None:
    again(store.settle, [stored("a")])
    again(store.settle, [stored("a", run="run-2", at=later(hours=1))])
    assert [item.analysis.run for item in store.take(10)] == ["run-1", "run-2"]


def test_two_fetches_of_one_address_in_one_call_are_both_put_in(store: Store) -> None:
    again(store.settle, [stored("a"), stored("a", "Ein neuer Text.")])
    assert [item.analysis.article.text for item in store.take(10)] == ["Ein Text.", "Ein neuer Text."]


@pytest.mark.parametrize("text", ["", "Größe 北京 ışık \x00 \ud800 end"])
def test_any_text_can_be_a_reason_and_a_detail(store: Store, text: str) -> None:
    again(store.settle, [Outcome(url("a", Status.REJECTED, fetched_at=NOW), run="run-1", detail=text)])
    assert store.rejections()[0].detail.startswith(text[:4])


def test_a_source_is_remembered_per_site(store: Store) -> None:
    state = SourceState("kurier", "feed:https://kurier.example/feed", '"e"', "Thu", NOW, later(hours=-1), "cursor")
    store.put_source(state)
    store.put_source(SourceState("kurier", "other"))
    assert store.source("kurier", state.key) == state
    assert store.source("kurier", "other") == SourceState("kurier", "other")
    assert store.source("blatt", state.key) is None


def test_an_analysis_comes_back_whole(store: Store) -> None:
    whole = analysis("a", "Größe.\n\nZweiter Absatz – „so“.")
    again(store.settle, [Outcome(url("a", Status.STORED), whole, "run-1")])
    assert store.take(1)[0].analysis == whole
