"""What one crawl works with, in one place: store, inbox, raw pages, analysis, counters. Lives as long as the spider."""

from __future__ import annotations

import logging
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from monitor.config import Loaded
from monitor.crawl.outcomes import Failure, failed, rejected, unchanged
from monitor.errors import StoreBusy, StoreError
from monitor.holders import holder_name
from monitor.inbox import InboxWriter
from monitor.records import ExtractionRules, Outcome, Run, Status, UrlState, WarcRef
from monitor.sites import Site
from monitor.spans import parse_span
from monitor.store.leasing import take_lease
from monitor.store.port import SITE_LEASES, Store
from monitor.urls import article_id
from monitor.wiring import open_pool, open_store, open_warc

log = logging.getLogger(__name__)

SITE_LEASE = 60.0  # seconds after which a crawl that is silent may be replaced; one killed here is noticed at once

# The body is kept decoded, so these headers of the transfer no longer describe it.
_RENAMED = {
    "content-encoding": "X-Original-Content-Encoding",
    "transfer-encoding": "X-Original-Transfer-Encoding",
    "content-length": "X-Original-Content-Length",
}


@dataclass
class Counts:
    """What the crawl itself counts; stored and updated are the filer's."""

    discovered: int = 0
    wanted: int = 0  # pages that this crawl has taken up so far
    fetched: int = 0
    failed: int = 0
    unchanged: int = 0
    analysed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)


class Gathering:
    """Opened when the spider opens, closed when it closes."""

    def __init__(self, loaded: Loaded, site: Site, *, run_id: str, trigger: str, workers: int) -> None:
        self.loaded, self.site = loaded, site
        settings = loaded.settings
        self.recheck = tuple(parse_span(span) for span in settings.crawl.recheck)
        self.store: Store = open_store(loaded)
        self.counts = Counts()
        self.sources_failed: dict[str, str] = {}
        self.sources_read: set[str] = set()
        self._holder, self._renewed_at = holder_name(), 0.0
        self.hold_site()
        self.run = Run(id=run_id, site=site.id, started_at=datetime.now(UTC), trigger=trigger)
        self.store.put_run(self.run)
        self.inbox = InboxWriter(self.store, limit=settings.store.inbox_limit)
        self.fatal: StoreError | None = None
        self.warc = open_warc(loaded, prefix=site.id)
        self.pool = open_pool(loaded, workers)
        self._rules: dict[str, ExtractionRules] = {site.id: site.rules}

    def hold_site(self) -> None:
        """Take, and later renew, the right to crawl the site. Raises StoreBusy while another process crawls it."""
        if time.monotonic() - self._renewed_at < SITE_LEASE / 4:
            return
        name = SITE_LEASES + self.site.id
        if not take_lease(self.store, name, self._holder, SITE_LEASE):
            other = self.store.holder(name, _now())
            self.store.close()
            raise StoreBusy(f"site {self.site.id} is being crawled by another process ({other})")
        self._renewed_at = time.monotonic()

    def rules(self, site_id: str) -> ExtractionRules:
        """Extraction rules of the site; a spider's own site without a file gets the plain ones."""
        return self._rules.get(site_id, ExtractionRules())

    def note_origins(self, states: list[UrlState]) -> None:
        """Leave links for the crawl of source links, but for pages that are in the archive. Recorded before the
        article is, so that a kill in between only leaves a link too many.
        """
        if not states:
            return
        try:
            stored = self.store.documents({article_id(state.url) for state in states})
        except StoreBusy:
            stored = {}  # a link too many is fetched once
        if fresh := [state for state in states if article_id(state.url) not in stored]:
            self.store.discover(fresh)

    def keep_raw(self, response: Any) -> WarcRef | None:
        """Write the raw answer, decoded, and say where; None when raw pages are not kept.

        A disk that is full ends the crawl (see `fatal`): pages without their evidence are not what was asked for.
        """
        if self.warc is None:
            return None
        headers = [
            (_RENAMED.get(name.decode("latin-1").lower(), name.decode("latin-1")), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
        headers.append(("Content-Length", str(len(response.body))))
        try:
            return self.warc.write(response.url, _now(), response.status, headers, response.body)
        except StoreError as error:
            self.fatal = error
            return None

    # --- outcomes: each ends one URL's part in this crawl ---

    def put(self, outcome: Outcome) -> None:
        """Count, and hand over for the commit. Raises StoreError when nothing can be written any more."""
        if outcome.unchanged:
            self.counts.unchanged += 1
        elif outcome.state.status is Status.REJECTED:
            self.counts.rejected[outcome.state.reason] += 1
        elif outcome.analysis is None and outcome.state.reason:
            if outcome.state.status is Status.GONE:
                self.counts.rejected["gone"] += 1
            else:
                self.counts.failed += 1
        self.inbox.put(outcome)

    def put_rejected(self, state: UrlState, reason: str, detail: str) -> None:
        log.info("rejected url=%s reason=%s detail=%s", state.url, reason, detail)
        self.put(rejected(state, reason, detail, _now(), self.run.id, self.recheck))

    def put_failed(self, state: UrlState, failure: Failure) -> None:
        log.info("failed url=%s reason=%s detail=%s", state.url, failure.reason, failure.detail)
        most = self.loaded.settings.crawl.max_attempts
        self.put(failed(state, failure, _now(), self.run.id, max_attempts=most, recheck=self.recheck))

    def put_unchanged(self, state: UrlState) -> None:
        self.put(unchanged(state, _now(), self.recheck, self.run.id))

    # --- the run's record ---

    def snapshot(self) -> Run:
        """The run as it stands."""
        counts = self.counts
        return replace(
            self.run,
            discovered=counts.discovered,
            fetched=counts.fetched,
            failed=counts.failed,
            unchanged=counts.unchanged,
            rejected=dict(counts.rejected),
        )

    def close(self, reason: str) -> Run:
        """Finish what was begun and write the run. Raises StoreError when the last outcomes could not be written."""
        error = ""
        try:
            self.pool.close()
            self.inbox.close()
        except StoreError as failure:
            error = failure.message
        if self.warc is not None:
            self.warc.close()
        status, why = self._verdict(reason, error)
        self.run = replace(self.snapshot(), finished_at=_now(), status=status, error=why)
        try:
            self.store.put_run(self.run)
            self.store.release(SITE_LEASES + self.site.id, self._holder)
        except StoreError as failure:
            log.error("run not written error=%s", failure.message)
        self.store.close()
        return self.run

    def _verdict(self, reason: str, error: str) -> tuple[str, str]:
        if error or self.fatal or self.inbox.error:
            return "failed", error or str(self.fatal or self.inbox.error)
        problems = "; ".join(f"{key}: {why}" for key, why in self.sources_failed.items())
        if self.sources_failed and not self.sources_read:
            return "failed", problems
        if reason == "shutdown":
            return "stopped", "ended before it was finished; the next crawl goes on"
        if reason not in ("finished", "closespider_timeout"):
            return "failed", reason
        return "finished", problems


def _now() -> datetime:
    return datetime.now(UTC)
