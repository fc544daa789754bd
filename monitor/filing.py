"""The filer: takes the inbox in order, in batches, through match, trace and write.

One filer per store at a time (it holds the lease). Matching and tracing find their place in `_filed`; until they
are there every article is a story of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from monitor.config import FilingSettings
from monitor.errors import Conflict, LeaseLost, StoreBusy
from monitor.holders import holder_name, is_dead
from monitor.records import Analysis, Changes, Document, Filed, InboxItem, Revision, Story
from monitor.store.port import Store
from monitor.text import digest, folded_tokens
from monitor.urls import article_id

log = logging.getLogger(__name__)

LEASE = "filer"
# Two addresses claim one canonical address: the same article in two dresses shares most words, strangers (sites that
# give one canonical to every page) share their function words only. On 206 real pages, strangers of one language
# share at most .31 of the shorter text's distinct words; a print version shares all.
TWIN_SHARE = 0.5
MOST_CONFLICTS = 20  # in a row; only the holder of the lease writes here, so more is no coincidence
IDLE_WAIT = 0.3  # seconds between two looks at an empty inbox


@dataclass(frozen=True, slots=True)
class Tally:
    """What one batch came to."""

    stored: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def all(self) -> int:
        return self.stored + self.updated + self.unchanged


def file_batch(store: Store, limit: int, holder: str = "") -> Tally:
    """File the first waiting items. Zero everywhere when nothing waits. Repeats the writing after a Conflict.

    With `holder`, raises LeaseLost and writes nothing when somebody else holds the lease by now.
    """
    items = store.take(limit)
    if not items:
        return Tally()
    # Prepared once: after a call that stopped half-way, what it wrote would be taken for what was known before.
    changes = replace(prepare(store, items), holder=holder)
    for attempt in range(1, MOST_CONFLICTS + 1):
        try:
            store.file(changes)
        except Conflict:
            if attempt == MOST_CONFLICTS:
                raise
            continue
        break
    results = [filed.result for filed in changes.filed]
    return Tally(results.count("stored"), results.count("updated"), results.count("unchanged"))


def prepare(store: Store, items: Sequence[InboxItem]) -> Changes:
    """What filing the items in this order changes. Reads the store, writes nothing."""
    ids = {i.analysis.article.id for i in items}
    ids |= {article_id(i.analysis.fetched_url) for i in items if i.analysis.fetched_url}
    documents = store.documents(ids)
    batch = _Batch(documents)
    for item in items:
        batch.add(item)
    return batch.changes()


class _Batch:
    """Documents as they are after each item of the batch in turn."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self._documents = dict(documents)
        self._changed: dict[str, Document] = {}
        self._revisions: list[Revision] = []
        self._stories: dict[str, Story] = {}
        self._filed: list[Filed] = []

    def add(self, item: InboxItem) -> None:
        analysis = item.analysis
        known = self._documents.get(analysis.article.id)
        if known is not None and not _same_article(known, analysis):
            analysis = _on_its_own(analysis)
            known = self._documents.get(analysis.article.id)
        if known is None:
            self._store(analysis)
            result = "stored"
        elif analysis.text_hash == known.text_hash or _is_twin(known, analysis):
            result = "unchanged"
        else:
            self._revise(known, analysis)
            result = "updated"
        self._filed.append(Filed(item.number, item.analysis.run, result))

    def _store(self, analysis: Analysis) -> None:
        article, document = analysis.article, first_document(analysis)
        self._put(document)
        self._stories[document.story] = Story(
            id=document.story,
            root=article.id,
            copies=1,
            first=document.story_time,
            last=document.story_time,
            sites=(article.site,),
            title=article.title,
        )

    def _revise(self, known: Document, analysis: Analysis) -> None:
        article = analysis.article
        document = replace(
            known,
            article=article,
            language=analysis.language,
            text_hash=analysis.text_hash,
            # A page that is dated anew on every visit keeps the place it had.
            story_time=min(known.story_time, article.published_at or known.story_time),
            last_seen=max(known.last_seen, article.fetched_at),
            revision=known.revision + 1,
            fingerprint=analysis.fingerprint,
            local_evidence=analysis.evidence,
            pipeline_version=analysis.pipeline_version,
        )
        self._put(document)

    def _put(self, document: Document) -> None:
        self._documents[document.id] = self._changed[document.id] = document
        article = document.article
        self._revisions.append(
            Revision(
                article_id=article.id,
                number=document.revision,
                title=article.title,
                text=article.text,
                text_hash=document.text_hash,
                fetched_at=article.fetched_at,
                published_at=article.published_at,
                modified_at=article.modified_at,
                warc=article.warc,
            )
        )

    def changes(self) -> Changes:
        return Changes(
            revisions=tuple(self._revisions),
            documents=tuple(self._changed.values()),
            stories=tuple(self._stories.values()),
            filed=tuple(self._filed),
        )


def first_document(analysis: Analysis) -> Document:
    """The article as it is filed when nothing is known of it yet."""
    article = analysis.article
    seen = article.fetched_at
    return Document(
        article=article,
        language=analysis.language,
        text_hash=analysis.text_hash,
        story=digest("story", article.id),
        first_seen=seen,
        story_time=min(seen, article.published_at or seen),
        last_seen=seen,
        fetched_from=analysis.fetched_url,
        fingerprint=analysis.fingerprint,
        local_evidence=analysis.evidence,
        pipeline_version=analysis.pipeline_version,
    )


def _same_article(known: Document, analysis: Analysis) -> bool:
    """Is the page behind the same canonical address the same article, and not a stranger's that claims it?"""
    if not analysis.fetched_url or analysis.fetched_url in (known.fetched_from, known.article.url):
        return True
    if analysis.text_hash == known.text_hash:
        return True
    mine, other = set(folded_tokens(analysis.article.text)), set(folded_tokens(known.article.text))
    return len(mine & other) >= TWIN_SHARE * max(1, min(len(mine), len(other)))


def _is_twin(known: Document, analysis: Analysis) -> bool:
    """The print, AMP or tracking twin of an article does not revise it: the two texts would alternate for ever."""
    return bool(analysis.fetched_url and known.fetched_from) and analysis.fetched_url != known.fetched_from


def _on_its_own(analysis: Analysis) -> Analysis:
    url = analysis.fetched_url
    return replace(analysis, article=replace(analysis.article, id=article_id(url), url=url))


class Filer:
    """Files what arrives until told to stop. Waits as a stand-by while another filer holds the lease."""

    def __init__(self, store: Store, settings: FilingSettings, *, holder: str = "") -> None:
        self._store, self._settings = store, settings
        self.holder = holder or holder_name()
        self._unprojected = 0
        self._projected_at = time.monotonic()
        self._renewed_at = 0.0

    def run(
        self,
        stop: threading.Event,
        *,
        until_idle: bool = False,
        on_batch: Callable[[Tally], None] | None = None,
    ) -> int:
        """File until `stop` is set (or, with `until_idle`, until nothing waits). Number of filed items.

        Raises StoreFull and StoreReadOnly: what waits in the inbox stays there.
        """
        filed = 0
        try:
            while not stop.is_set():
                if not self._hold():
                    if until_idle and not self._store.waiting():
                        break
                    stop.wait(IDLE_WAIT)
                    continue
                tally = self._file_one_batch()
                filed += tally.all
                if on_batch and tally.all:
                    on_batch(tally)
                if not tally.all:
                    if until_idle:
                        break
                    self._project(force=False)
                    stop.wait(IDLE_WAIT)
        finally:
            self._end()
        return filed

    def _file_one_batch(self) -> Tally:
        try:
            tally = file_batch(self._store, self._settings.batch, self.holder)
        except StoreBusy as error:
            log.warning("filing waits reason=%s", error.message)
            return Tally()
        except LeaseLost:
            log.warning("lease lost holder=%s", self.holder)
            self._renewed_at = 0.0
            return Tally()
        self._unprojected += tally.stored + tally.updated
        if tally.all:
            log.debug("filed stored=%d updated=%d unchanged=%d", tally.stored, tally.updated, tally.unchanged)
        self._project(force=False)
        return tally

    def _hold(self) -> bool:
        """Have the lease, renewed when a third of it is over."""
        now = time.monotonic()
        if now - self._renewed_at < self._settings.lease_seconds / 3:
            return True
        clock = datetime.now(UTC)
        held = self._store.acquire(LEASE, self.holder, self._settings.lease_seconds, clock)
        if not held and is_dead(dead := self._store.holder(LEASE, clock)):
            self._store.release(LEASE, dead)
            held = self._store.acquire(LEASE, self.holder, self._settings.lease_seconds, clock)
        self._renewed_at = now if held else 0.0
        return held

    def _project(self, *, force: bool) -> None:
        waited = time.monotonic() - self._projected_at
        due = self._unprojected >= self._settings.project_every or waited >= self._settings.project_seconds
        if self._unprojected and (force or due):
            self._store.refresh()
            self._unprojected, self._projected_at = 0, time.monotonic()

    def _end(self) -> None:
        if self._renewed_at:
            self._project(force=True)
            self._store.release(LEASE, self.holder)
