"""One batch of the filer: what arrived is matched, placed and traced. Reads the store, writes nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.filing.arrivals import Arrivals
from monitor.filing.desk import Desk
from monitor.filing.tracing import trace
from monitor.records import Changes, Document, InboxItem
from monitor.store.port import Store
from monitor.urls import article_id


def prepare(store: Store, items: Sequence[InboxItem], desk: Desk) -> Changes:
    """What filing the items in this order changes."""
    ids = {item.analysis.article.id for item in items}
    ids |= {article_id(item.analysis.fetched_url) for item in items if item.analysis.fetched_url}
    arrivals = Arrivals(store.documents(ids))
    for item in items:
        arrivals.add(item)
    changes = placed(store, arrivals.changed, desk)
    return replace(changes, revisions=arrivals.revisions, filed=arrivals.filed)


def placed(store: Store, arrived: Sequence[Document], desk: Desk, *, again: Collection[str] = ()) -> Changes:
    """Documents in their stories, with their traces. `again`: ids of others whose trace is to be made again."""
    if not arrived and not again:
        return Changes()
    places = desk.matcher.place(store, arrived)
    traced = trace(store, places, [document.id for document in arrived], desk, again=again)
    return Changes(documents=traced.documents, edges=places.edges, stories=traced.stories, furniture=places.furniture)
