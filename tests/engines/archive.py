"""One archive for every store: the demo world, crawled by the program, and 2,000 made articles, filed in one order."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from monitor.analysis import analyse
from monitor.config import Loaded, load
from monitor.demo.server import RunningWorld
from monitor.demo.site_files import site_files
from monitor.exporting import export_record
from monitor.filing import Filer
from monitor.importing import outcome
from monitor.records import Document, Hint, Outcome, Page, Run
from monitor.reports import Usage, usage
from monitor.sources import CREDITED
from monitor.store.port import Store, keep_shipping, shipping_of
from monitor.wiring import open_desk, open_store
from tests.bench.store import Newsroom
from tests.engines.spoken import TEXTS
from tests.program import monitor
from tests.quality.republishing import Item, Source, World
from tests.quality.reuse_texts import own_sources

ARTICLES = 2000
INVENTED = 300  # originals of invented words, beside those that people wrote
COPIES_OF_RARE = 8  # on an average, of a text in a language that few others are in
ROLES = ("article", "source", "reference")
PATIENCE = 600.0  # seconds until everything is crawled, or shipped, on a machine with other work
# What differs because two crawls are at two times, and what only names an article's place.
_OF_THE_CRAWL = ("fetched_at", "first_seen_at", "last_seen_at", "warc", "cluster_id", "also_in")

Partition = frozenset[frozenset[str]]


@dataclass(frozen=True)
class Archive:
    """An open store and how it was filled."""

    store: Store
    documents: Mapping[str, Document]

    def records(self) -> dict[str, dict[str, Any]]:
        """Every article with its trace, without what belongs to one crawl alone."""
        exported = {id: export_record(one) for id, one in self.documents.items()}
        return {id: {k: v for k, v in one.items() if k not in _OF_THE_CRAWL} for id, one in exported.items()}

    def stories(self) -> Partition:
        stories: dict[str, set[str]] = {}
        for id, document in self.documents.items():
            stories.setdefault(document.story, set()).add(id)
        return frozenset(map(frozenset, stories.values()))

    def also_in(self) -> dict[str, set[frozenset[str]]]:
        """Of each article the other stories that it has text of, as their members."""
        members: dict[str, set[str]] = {}
        for id, document in self.documents.items():
            members.setdefault(document.story, set()).add(id)
        return {id: {frozenset(members[one]) for one in of.also_in} for id, of in self.documents.items() if of.also_in}

    def agencies(self) -> list[str]:
        named = {one.id for of in self.documents.values() for one in of.source.agencies if one.confidence >= CREDITED}
        return sorted(named)

    def usage(self, agency: str) -> Usage:
        return usage(self.store, agency)


@contextmanager
def filled(folder: Path, world: RunningWorld, settings: Mapping[str, str]) -> Iterator[Archive]:
    """Everything on the store of the settings."""
    (folder / "sites").mkdir(parents=True)
    for name, text in site_files(world.addresses).items():
        (folder / "sites" / name).write_text(text, encoding="utf-8")
    # One site after another, one page after another, analysed in their order, one article in a batch: they are filed
    # alike in every store.
    alone = {"MONITOR_CRAWL__CONCURRENT_SITES": "1", "MONITOR_CRAWL__CONCURRENCY": "1", "MONITOR_CRAWL__WORKERS": "1"}
    alone |= {"MONITOR_FILING__BATCH": "1"}
    crawled = monitor(folder, "crawl", timeout=PATIENCE, **alone, **settings)
    assert crawled.returncode == 0, crawled.stderr
    loaded = load(folder, dict(settings))
    store = open_store(loaded)
    try:
        store.put_run(Run("made", "made", datetime.now(UTC), trigger="import"))
        _gather(store)
        _file(store, loaded)
        yield Archive(store, {one.id: one for one in store.scan(roles=ROLES)})
    finally:
        store.close()


def _gather(store: Store) -> None:
    outcomes = _analysed()
    for at in range(0, len(outcomes), 100):
        store.settle(outcomes[at : at + 100])
    keep_shipping(store)
    until = time.monotonic() + PATIENCE
    while (shipping := shipping_of(store)) is not None and shipping.waiting:
        assert time.monotonic() < until, f"{shipping.waiting} analyses were not shipped: {shipping.reason}"
        time.sleep(0.05)


def _file(store: Store, loaded: Loaded) -> None:
    filed = Filer(store, loaded.settings.filing, desk=open_desk(loaded)).run(threading.Event(), until_idle=True)
    assert filed == ARTICLES
    store.refresh()


@cache
def _analysed() -> Sequence[Outcome]:
    """Analysed once, for all stores."""
    pages = [
        Page(
            url=f"https://{item.site}/{item.id}",
            site=item.site,
            body=item.text.encode(),
            fetched_at=item.arrives,
            kind="text",
            hint=Hint(title=item.title, published_at=item.at, language=item.language, authors=(_author(item),)),
            via="import",
            article_id=item.id,
        )
        for item in items()
    ]
    return [outcome(page, replace(analyse(page, min_words=5), run="made"), "made") for page in pages]


def _author(item: Item) -> str:
    """Somebody of the site; with a word of the text, so that names are as varied as words."""
    words = [word.strip(".,\"'") for word in item.text.split()[3:5]]
    return " ".join(word.capitalize() for word in ("Ana", *words))


@cache
def items() -> Sequence[Item]:
    """The made articles in order of arrival; always the same ones."""
    newsroom = Newsroom(11)
    invented = [newsroom.document() for _ in range(INVENTED)]
    sources = [
        *own_sources(),
        *(Source(one.article.title, one.article.text, one.language.code) for one in invented),
    ]
    rare = World(6, TEXTS).stream(copies=COPIES_OF_RARE, bulletins=0)
    made = World(5, sources).stream(bulletins=200)
    assert len(made) + len(rare) >= ARTICLES
    chosen = [*made[: ARTICLES - len(rare)], *(replace(item, id=f"t{item.id}") for item in rare)]
    return sorted(chosen, key=lambda item: (item.arrives, item.id))
