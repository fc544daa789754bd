"""Sorted runs in the database: merged as they grow, told apart from what is damaged, made again from the articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from monitor.errors import QueryError, StoreCorrupt
from monitor.query import Range
from monitor.records import Candidate, Changes, Document, Fingerprint, Probe, Story
from monitor.store.embedded import EmbeddedStore, fingerprints, open_store, reader, sharing, stories
from monitor.store.embedded.fingerprints import FANOUT, due
from monitor.store.embedded.sorted_runs import Print, SortedRun, build, merge, pack, unpack
from monitor.store.port import SearchRequest
from tests.articles import NOW, changes, document, later, put


def printed(id: str, *hashes: int, revision: int = 1, days: float = 0) -> Document:
    made = document(id, revision=revision, at=later(days=days))
    return replace(made, fingerprint=Fingerprint(hashes=hashes))


def ids(store: EmbeddedStore, *hashes: int) -> list[str]:
    probe = Probe(hashes, later(days=-90), later(days=90), 1000)
    return sorted(one.id for one in store.candidates([probe])[0])


def runs(store: EmbeddedStore) -> list[tuple[int, int]]:
    """Week and entries of each."""
    with store._database.reading() as connection:
        return connection.execute("SELECT week, entries FROM fingerprints ORDER BY week, entries").fetchall()


def prints(*of: tuple[int, list[int]]) -> SortedRun:
    return build([Print(n, n * 10, numpy.array(hashes, dtype=numpy.uint64)) for n, hashes in of])


def content(run: SortedRun) -> set[tuple[int, int, int]]:
    owners = run.owners.tolist()
    entries = zip(run.hashes.tolist(), run.prints[owners].tolist(), run.times[owners].tolist(), strict=True)
    return set(entries)


def test_a_run_comes_back_as_it_was_packed() -> None:
    run = prints((3, [9, 2**64 - 1, 5]), (7, [5, 0]))
    assert run.hashes.tolist() == [0, 5, 5, 9, 2**64 - 1]
    again = unpack(pack(run))
    assert content(again) == content(run) == {(0, 7, 70), (5, 3, 30), (5, 7, 70), (9, 3, 30), (2**64 - 1, 3, 30)}
    assert again.prints.tolist() == [3, 7]


@pytest.mark.parametrize("data", [b"", b"nonsense", pack(prints((1, [2])))[:-3]])
def test_a_damaged_run_is_an_error_of_ours(data: bytes) -> None:
    with pytest.raises(StoreCorrupt, match="fingerprints"):
        unpack(data)


def test_merging_leaves_out_what_belongs_to_nobody() -> None:
    one, two, three = prints((5, [1, 2])), prints((2, [1, 3]), (4, [1])), prints((9, [0]))
    merged = merge([one, two, three], {2, 5, 9, 77})
    assert merged.hashes.tolist() == [0, 1, 1, 2, 3]
    assert content(merged) == {(0, 9, 90), (1, 5, 50), (1, 2, 20), (2, 5, 50), (3, 2, 20)}
    assert merged.prints.tolist() == [2, 5, 9]


def test_runs_of_one_size_become_one_and_none_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    assert due(100, []) == []
    assert due(100, [(1, 90), (2, 110)]) == []
    assert due(100, [(1, 90), (2, 100), (3, 110)]) == [1, 2, 3]
    assert due(100, [(1, 90), (2, 100), (3, 110), (4, 500), (5, 5000)]) == [1, 2, 3]
    assert due(100, [(1, 90), (2, 100), (3, 110), (4, 400), (5, 410), (6, 420)]) == [1, 2, 3, 4, 5, 6]
    monkeypatch.setattr(fingerprints, "MOST_ENTRIES", 300)
    assert due(100, [(1, 90), (2, 100), (3, 110)]) == []


def test_many_batches_leave_few_runs(store: EmbeddedStore) -> None:
    for number in range(100):
        store.file(changes(printed(f"a{number}", 1, 2, 1000 + number)))
    assert len(runs(store)) < 4 * FANOUT
    assert sum(entries for _, entries in runs(store)) == 300
    assert len(ids(store, 1, 2)) == 100
    assert store.check() == []


def test_what_was_revised_goes_when_its_run_is_merged(store: EmbeddedStore) -> None:
    for number in range(1, 60):
        store.file(changes(printed("a", number, number + 1, revision=number)))
    assert sum(entries for _, entries in runs(store)) < 2 * 4 * FANOUT
    assert ids(store, 59, 60) == ["a"]
    assert ids(store, *range(1, 59)) == []


def test_articles_filed_again_unchanged_write_no_hashes(store: EmbeddedStore) -> None:
    made = printed("a", 1, 2)
    store.file(changes(made))
    before = runs(store)
    store.file(changes(replace(made, story="another", is_root=False)))
    assert runs(store) == before
    assert store.candidates([Probe((1, 2), NOW, NOW)]) == [[Candidate("a", "another", "kurier", NOW, 2)]]


def test_runs_are_kept_by_week(store: EmbeddedStore) -> None:
    store.file(changes(*(printed(f"a{n}", 1, 2, days=7 * n) for n in range(-3, 4))))
    assert len({week for week, _ in runs(store)}) == 7
    assert len(ids(store, 1, 2)) == 7


def test_a_batch_from_all_over_the_archive_reads_the_weeks_of_its_windows_alone(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.file(changes(*(printed(f"a{n:02}", 1, 2, days=7 * n) for n in range(-30, 31))))
    probes = [Probe((1, 2), later(days=7 * n - 1), later(days=7 * n + 1)) for n in (30, -30, 0)]
    read: list[int] = []
    runs_of = fingerprints.Fingerprints._runs

    def noted(self: fingerprints.Fingerprints, first: int, last: int) -> list[tuple[int, SortedRun]]:
        read.append(last - first + 1)
        return runs_of(self, first, last)

    monkeypatch.setattr(fingerprints.Fingerprints, "_runs", noted)
    assert [[one.id for one in found] for found in store.candidates(probes)] == [["a30"], ["a-30"], ["a00"]]
    assert len(read) == 3
    assert sum(read) <= 6


def test_two_processes_see_each_others_runs(folder: Path) -> None:
    one, two = open_store(folder), open_store(folder)
    for number in range(20):
        (one, two)[number % 2].file(changes(printed(f"a{number:02}", 1, 2)))
        assert len(ids(one, 1, 2)) == len(ids(two, 1, 2)) == number + 1
    one.close()
    two.close()


def test_memory_for_runs_is_bounded(folder: Path) -> None:
    store = open_store(folder)
    store._fingerprints = fingerprints.Fingerprints(store._database, most_bytes=300)
    for number in range(30):
        store.file(changes(printed(f"a{number:02}", 1, 2, days=7 * (number % 9))))
        assert store._fingerprints._kept._bytes <= 300
    assert len(ids(store, 1, 2)) == 30
    store.close()


def test_a_batch_that_is_undone_leaves_no_run_in_memory(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.file(changes(printed("a", 1, 2)))

    def fail(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(stories, "put", fail)
        with pytest.raises(RuntimeError):
            store.file(changes(printed("lost", 1, 2, 3)))
    assert ids(store, 1, 2, 3) == ["a"]
    store.file(changes(printed("b", 1, 2, 3)))
    assert ids(store, 1, 2, 3) == ["a", "b"]
    assert store.check() == []


def test_more_than_fits_into_memory_is_looked_at_in_parts(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.file(changes(*(printed(f"a{n:02}", n // 10, 100 + n // 10) for n in range(100))))
    probes = [Probe((n, 100 + n), NOW, NOW) for n in range(10)]
    whole = store.candidates(probes)
    assert [len(part) for part in whole] == [10] * 10
    monkeypatch.setattr(sharing, "_AT_ONCE", 25)
    assert store.candidates(probes) == whole


def spoil(store: EmbeddedStore, statement: str) -> None:
    with store._database.writing() as connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE fingerprints SET data = x'0102'", "run 1 of fingerprints: a run"),
        ("UPDATE fingerprints SET entries = 7", "run 1 of fingerprints is not what its row says"),
        ("UPDATE fingerprints SET week = 7", "run 1 of fingerprints is not what its row says"),
        ("DELETE FROM fingerprints", "the fingerprint of article a is in no run"),
        ("UPDATE articles SET print = NULL WHERE id = 'a'", "the fingerprint of article a is in no run"),
        (
            "UPDATE articles SET hashes = x'0000000000000001' WHERE id = 'a'",
            "the fingerprint of article a is another one",
        ),
        ("UPDATE articles SET exact = x'00' WHERE id = 'a'", "article a is not what its row says"),
    ],
)
def test_check_names_what_is_wrong_and_reindex_mends_it(store: EmbeddedStore, statement: str, says: str) -> None:
    made = replace(printed("a"), fingerprint=Fingerprint("exact", (1, 2)))
    put(store, made, printed("b", 2, 3))
    assert store.check() == []
    spoil(store, statement)
    findings = store.check()
    assert [finding for finding in findings if says in finding.what], findings
    assert all(finding.hint for finding in findings)
    assert store.reindex() == 2
    assert store.check() == []
    store._fingerprints = fingerprints.Fingerprints(store._database)
    if "hashes" not in statement:  # those are the article's own
        assert ids(store, 1, 2) == ["a"]
        assert store.same_text(["exact"]) == {"exact": ["a"]}


def test_a_broken_article_does_not_keep_the_others_from_being_found(store: EmbeddedStore) -> None:
    put(store, printed("a", 1, 2), printed("b", 1, 2))
    spoil(store, "UPDATE articles SET record = x'00' WHERE id = 'a'")
    store.rebuild_fingerprints()
    assert ids(store, 1, 2) == ["b"]


def test_rebuilding_makes_runs_of_bounded_size(store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.file(changes(*(printed(f"a{n:02}", 1, 2) for n in range(50)), printed("old", 1, 2, days=-60)))
    monkeypatch.setattr(fingerprints, "MOST_ENTRIES", 30)
    monkeypatch.setattr("monitor.store.embedded.rebuilding._AT_ONCE", 10)
    monkeypatch.setattr("monitor.store.embedded.rebuilding.MOST_ENTRIES", 30)
    assert store.rebuild_fingerprints() == 51
    assert [entries for _, entries in runs(store)] == [2, 20, 40, 40]
    assert len(ids(store, 1, 2)) == 51
    assert store.check() == []


def test_very_many_stories_are_counted_about_and_still_paged_whole(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, *(document(f"a{n:03}", at=later(minutes=n), story=f"s{n // 5:02}") for n in range(200)))
    monkeypatch.setattr(reader, "COUNTED_EXACTLY", 10)
    for offset in (0, 7, 35):
        result = store.search(SearchRequest(sort="newest", stories=True, limit=7, offset=offset))
        assert [hit.document.id for hit in result.hits] == [
            f"a{199 - 5 * n:03}" for n in range(offset, min(offset + 7, 40))
        ]
        assert result.total == pytest.approx(40, rel=0.1)


def test_a_query_that_would_name_too_many_stories_is_refused(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.file(Changes(stories=tuple(Story(f"s{n}", "a", 2, NOW, NOW) for n in range(6))))
    monkeypatch.setattr(stories, "MOST_STORIES", 5)
    with pytest.raises(QueryError, match="more than 5 stories"):
        store.search(SearchRequest(Range("copies", 2, None)))
    assert store.search(SearchRequest(Range("copies", 3, None))).total == 0
