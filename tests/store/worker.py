"""A process that works on a store, for the tests that run several or kill them: `worker.py WHAT FOLDER SITE COUNT`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.records import Filed, Outcome, Status
from monitor.store.embedded import EmbeddedStore, open_store
from tests.articles import analysis, changes, document, url

PORTION = 10


def settle(store: EmbeddedStore, site: str, count: int) -> None:
    """As a crawl does: discover all, then settle what is pending."""
    store.discover([url(f"{site}-{number}", site=site) for number in range(count)])
    while pending := store.pending(site, datetime.now(UTC), PORTION):
        outcomes = []
        for state in pending:
            name = state.url.rsplit("/", 1)[1]
            outcomes.append(Outcome(url(name, Status.STORED, site=site, article_id=name), analysis(name), "run-1"))
        store.settle(outcomes)


def file(store: EmbeddedStore, _: str, count: int) -> None:
    """As the filer does, until so many articles are there."""
    while store.health(datetime.now(UTC)).articles < count or store.waiting():
        items = store.take(PORTION)
        filed = [Filed(item.number, item.analysis.run, "stored") for item in items]
        documents = {item.analysis.article.id: document(item.analysis.article.id, "Haus") for item in items}
        store.file(changes(*documents.values(), filed=filed))
        store.project()


if __name__ == "__main__":
    what, folder, site, count = sys.argv[1:]
    opened = open_store(Path(folder))
    {"settle": settle, "file": file}[what](opened, site, int(count))
    opened.close()
