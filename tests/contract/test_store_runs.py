"""What every store owes to the record of what was done."""

from __future__ import annotations

from monitor.records import Filed, Outcome, Rejection, Status
from monitor.store.port import Store
from tests.articles import NOW, again, changes, document, later, run, stored, url


def test_a_run_comes_back_whole(store: Store) -> None:
    whole = run("r", finished_at=later(minutes=1), status="failed", error="kaputt", fetched=3, rejected={"short": 2})
    store.put_run(whole)
    assert store.run("r") == whole
    assert store.run("unknown") is None


def test_writing_a_run_keeps_what_was_counted(store: Store) -> None:
    again(store.settle, [stored("a", run="r")])  # counted before the run itself is written
    again(store.file, changes(document("a"), filed=[Filed(store.take(1)[0].number, "r", "stored")]))
    store.put_run(run("r", fetched=1, stored=99))
    store.put_run(run("r", fetched=2, updated=99, status="finished"))
    kept = store.run("r")
    assert kept is not None
    assert (kept.stored, kept.updated, kept.fetched, kept.status) == (1, 0, 2, "finished")


def test_runs_are_newest_first(store: Store) -> None:
    for number, site in enumerate(("kurier", "blatt", "kurier")):
        store.put_run(run(f"r{number}", site=site, at=later(hours=number)))
    assert [one.id for one in store.runs()] == ["r2", "r1", "r0"]
    assert [one.id for one in store.runs("kurier", limit=1)] == ["r2"]


def test_last_runs_leaves_imports_out(store: Store) -> None:
    store.put_run(run("old"))
    store.put_run(run("new", at=later(hours=1)))
    store.put_run(run("import", at=later(hours=2), trigger="import"))
    store.put_run(run("alone", site="blatt", trigger="import"))
    assert {site: one.id for site, one in store.last_runs().items()} == {"kurier": "new"}


def test_rejections_are_kept_newest_first(store: Store) -> None:
    for name in "abc":
        state = url(name, Status.REJECTED, reason="too-short", fetched_at=NOW)
        again(store.settle, [Outcome(state, run=f"run-{name}", detail=f"{name}: 3 words")])
    again(
        store.settle, [Outcome(url("x", Status.REJECTED, site="blatt", reason="no-text", fetched_at=NOW), run="run-a")]
    )
    assert [one.run for one in store.rejections(limit=2)] == ["run-a", "run-c"]
    assert store.rejections(run="run-b") == [
        Rejection("run-b", "kurier", "https://kurier.example/b", "too-short", "b: 3 words", NOW)
    ]
    assert [one.site for one in store.rejections(run="run-a", site="blatt")] == ["blatt"]


def test_a_rejection_without_a_run_is_not_kept(store: Store) -> None:
    again(store.settle, [Outcome(url("a", Status.REJECTED, reason="too-short", fetched_at=NOW))])
    assert store.rejections() == []
    assert store.counts("kurier") == {"rejected": 1}
