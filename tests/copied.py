"""A store with something of every kind in it, and what two stores that were copied have in common."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.copying import KINDS
from monitor.records import (
    Changes,
    Decision,
    Document,
    Duplicate,
    Edge,
    Filed,
    Furniture,
    Note,
    Outcome,
    SourceState,
    Status,
    Story,
)
from monitor.store.port import Store
from tests.articles import NOW, again, document, later, revision, run, stored, url

ARTICLES = 450  # more than two batches


def fill(store: Store, number: int = ARTICLES) -> None:
    """Pairs of an article and its copy; every tenth text was changed; some stories were merged."""
    made = [_document(n) for n in range(number)]
    old = [replace(one, revision=1) for one in made if one.revision > 1]
    again(store.file, Changes(revisions=tuple(map(revision, old)), documents=tuple(old)))
    pairs = tuple(zip(made[::2], made[1::2], strict=True))
    edges = tuple(
        Edge(b.id, a.id, "near", 0.75, 0.5, 40, article_revision=b.revision, other_revision=a.revision)
        for a, b in pairs
    )
    stories = tuple(
        Story(a.story, a.id, 2, a.story_time, b.story_time, ("kurier",), aliases=(f"old{a.story}",)) for a, b in pairs
    )
    again(
        store.file,
        Changes(tuple(map(revision, made)), tuple(made), edges, stories, (Furniture("kurier", '{"a": 1}'),)),
    )
    for n in range(3):
        store.decide(Decision(f"d{n}", made[n].id, "note", "wie?", "Ada Example", later(hours=-n)))
    store.put_note("decisions", str(store.new_decisions(0, 2)[-1][0]))
    store.put_note("licences", '{"dpa": "x"}')
    _crawled(store)


def _document(n: int) -> Document:
    made = document(f"a{n:04}", text=f"Der Text {n // 2} des Kuriers.", story=f"s{n // 2:04}", at=later(minutes=n))
    made = replace(made, revision=2 if n % 10 == 0 else 1)
    if n % 2:
        made = replace(made, is_root=False, duplicate=Duplicate("near", f"a{n - 1:04}", 0.75, 0.5))
    if n % 50 == 3:
        made = replace(made, article=replace(made.article, role="reference"))
    return made


def _crawled(store: Store) -> None:
    store.put_run(run("run-1", fetched=3, finished_at=NOW + timedelta(minutes=2), status="finished"))
    again(store.settle, [stored("a0000"), stored("a0001")])
    filed = tuple(Filed(item.number, "run-1", "stored") for item in store.take(9))
    again(store.file, Changes(filed=filed))
    again(store.discover, [url("neu", discovered_at=NOW), url("auch", site="bote", discovered_at=NOW)])
    rejected = [url(f"r{n}", Status.REJECTED, fetched_at=NOW, reason="too-short") for n in range(3)]
    again(store.settle, [Outcome(state, run="run-1", detail="3 words") for state in rejected])
    store.put_source(SourceState("kurier", "feed:https://kurier.example/feed", etag='"x"', fetched_at=NOW, cursor="9"))
    store.refresh()


def kept(store: Store) -> dict[str, list[Any]]:
    """By kind, in an order that tells nothing of the store; but of what has an order of its own."""
    own = ("decisions", "rejections")
    found = {name: [record for _, record in store.every(kind)] for name, kind in KINDS.items()}
    found["notes"] = [one for one in found["notes"] if not _is_local(one)]
    return {name: rows if name in own else sorted(rows, key=repr) for name, rows in found.items()}


def applied(store: Store) -> list[str]:
    """Decisions that a filer has taken up."""
    return [one.id for number, one in store.new_decisions(0, 100) if number <= int(store.note("decisions") or 0)]


def _is_local(note: Note) -> bool:
    return note.name.startswith("copy:") or note.name == "decisions"
