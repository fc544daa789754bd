"""Made-up articles and the records around them, for the tests of everything that is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.errors import Conflict
from monitor.records import (
    Analysis,
    Article,
    Changes,
    Document,
    Filed,
    Fingerprint,
    Language,
    Outcome,
    Revision,
    Run,
    Status,
    Story,
    UrlState,
)
from monitor.store.port import SearchRequest, Store
from monitor.text import text_hash

NOW = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


def article(id: str, title: str = "Ein Titel", text: str = "Ein Text.", **more: Any) -> Article:
    site = more.pop("site", "kurier")
    values = {"url": f"https://{site}.example/{id}", "fetched_at": NOW, **more}
    return Article(id=id, site=site, title=title, text=text, **values)


def document(
    id: str, title: str = "Ein Titel", text: str = "Ein Text.", *, lang: str = "de", at: datetime = NOW, **more: Any
) -> Document:
    """Filed at NOW; `at` is its story time."""
    values = {name: more.pop(name) for name in ("revision", "story", "first_seen") if name in more}
    made = article(id, title, text, **more)
    return Document(
        article=made,
        language=Language(lang, 0.9, "text"),
        text_hash=text_hash(title, text),
        story=values.get("story", f"story-{id}"),
        first_seen=values.get("first_seen", NOW),
        story_time=at,
        last_seen=NOW,
        revision=values.get("revision", 1),
        fingerprint=Fingerprint("exact", (0, 1, 2**63, 2**64 - 1)),
    )


def revision(of: Document) -> Revision:
    made = of.article
    return Revision(of.id, of.revision, made.title, made.text, of.text_hash, made.fetched_at)


def changes(*documents: Document, filed: Iterable[Filed] = ()) -> Changes:
    """As the filer writes them: with revision and story."""
    return Changes(
        revisions=tuple(map(revision, documents)),
        documents=documents,
        stories=tuple(Story(one.story, one.id, 1, one.story_time, one.story_time) for one in documents),
        filed=tuple(filed),
    )


def analysis(id: str, text: str = "Ein Text.", *, run: str = "run-1", at: datetime = NOW) -> Analysis:
    made = replace(article(id, text=text), fetched_at=at)
    return Analysis(made, Language("de", 0.9, "text"), text_hash(made.title, text), Fingerprint("e", (7, 8)), run=run)


def url(id: str, status: Status = Status.DISCOVERED, *, site: str = "kurier", **more: Any) -> UrlState:
    values = {"discovered_at": NOW, **more}
    return UrlState(site, f"https://{site}.example/{id}", status, **values)


def stored(id: str, text: str = "Ein Text.", *, run: str = "run-1", at: datetime = NOW) -> Outcome:
    """A fetch that came to an article."""
    return Outcome(url(id, Status.STORED, fetched_at=at, article_id=id), analysis(id, text, run=run, at=at), run)


def run(id: str, *, site: str = "kurier", at: datetime = NOW, **more: Any) -> Run:
    return Run(id, site, at, **more)


def again(write: Callable[..., None], *arguments: Any) -> None:
    """The write, repeated as long as somebody else is said to have written in between."""
    for _ in range(100):
        try:
            write(*arguments)
        except Conflict:
            continue
        return
    raise AssertionError("a hundred conflicts in a row")


def put(store: Store, *documents: Document) -> None:
    """File the documents and let search see them."""
    again(store.file, changes(*documents))
    store.refresh()


def found(store: Store, query: Any, **more: Any) -> list[str]:
    """Ids of the hits, sorted."""
    result = store.search(SearchRequest(query, **{"limit": 1000, **more}))
    ids = sorted(hit.document.id for hit in result.hits)
    assert result.total == len(ids)
    return ids
