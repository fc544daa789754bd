"""Item pipeline: Page -> analysis pool -> inbox. A user's own spiders yield Pages into it as well."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from monitor import faultpoints
from monitor.analysis import FRAGMENT_BATCH, Refused
from monitor.crawl.attached import attached_to
from monitor.crawl.gathering import Gathering
from monitor.crawl.origins import links_to_follow
from monitor.crawl.outcomes import Failure, stored
from monitor.errors import StoreError
from monitor.records import Analysis, ExtractionRules, Page, UrlState
from monitor.urls import normalise

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

ROOM = 0.1  # seconds between two looks whether the inbox takes more
FRAGMENT_WAIT = 0.02  # seconds a fragment waits for company on its way to a worker


class AnalysisPipeline:
    """Awaits the analysis of each page; Scrapy stops fetching while too many bytes are on their way here."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._waiting: list[tuple[Page, ExtractionRules, asyncio.Future[Analysis]]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AnalysisPipeline:
        return cls(crawler)

    async def process_item(self, item: Any, spider: Any = None) -> Any:
        if not isinstance(item, Page):
            return item
        gathering = attached_to(self._crawler).gathering
        gathering.counts.fetched += 1
        faultpoints.passing("after-fetch")
        page = self._completed(item, gathering)
        state = self._state(page, gathering)
        if gathering.fatal:
            return None
        while gathering.inbox.crowded() and not gathering.inbox.error:
            await asyncio.sleep(ROOM)
        try:
            await self._analyse(page, state, gathering)
        except StoreError as error:
            attached_to(self._crawler).stop_for(error)
        except Exception as error:  # process border: a defect of ours costs the page, and the page is tried again later
            log.exception("page not analysed url=%s", page.url)
            gathering.put_failed(state, Failure("program-error", f"{type(error).__name__}: {error}"))
        return None

    def _completed(self, page: Page, gathering: Gathering) -> Page:
        """A page of a user's own spider may leave out what the program knows."""
        return replace(page, url=normalise(page.url), site=page.site or gathering.site.id, run=gathering.run.id)

    def _state(self, page: Page, gathering: Gathering) -> UrlState:
        state = attached_to(self._crawler).in_flight.pop(page.url, None)
        if state is None:
            state = gathering.store.known(page.site, [page.url]).get(page.url)
        return state or UrlState(page.site, page.url, discovered_at=datetime.now(UTC), via=page.via, hint=page.hint)

    async def _analyse(self, page: Page, state: UrlState, gathering: Gathering) -> None:
        rules = gathering.rules(page.site)
        try:
            analysis = await (self._with_others(page, rules) if page.kind == "fragment" else self._alone(page, rules))
        except Refused as error:
            gathering.put_rejected(state, error.reason, error.message)
            return
        gathering.counts.analysed += 1
        gathering.note_origins(links_to_follow(analysis.article, gathering.site, datetime.now(UTC)))
        # Content that comes with a feed is compared whenever the feed lists it; it can't be asked for by itself.
        recheck = () if page.via == "feed" or page.role != "article" else gathering.recheck
        gathering.put(
            stored(state, analysis, datetime.now(UTC), recheck, etag=page.etag, last_modified=page.last_modified)
        )

    async def _alone(self, page: Page, rules: ExtractionRules) -> Analysis:
        return await asyncio.wrap_future(attached_to(self._crawler).gathering.pool.submit(page, rules))

    async def _with_others(self, page: Page, rules: ExtractionRules) -> Analysis:
        future: asyncio.Future[Analysis] = asyncio.get_running_loop().create_future()
        self._waiting.append((page, rules, future))
        if len(self._waiting) >= FRAGMENT_BATCH:
            self._send()
        elif len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(FRAGMENT_WAIT, self._send)
        return await future

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        jobs = [(page, rules) for page, rules, _ in waiting]
        for result, (_, _, future) in zip(
            attached_to(self._crawler).gathering.pool.submit_many(jobs), waiting, strict=True
        ):
            _chain(result, future)


def _chain(result: Future[Analysis], future: asyncio.Future[Analysis]) -> None:
    """Pass a worker thread's result on to the event loop."""
    loop = future.get_loop()

    def deliver() -> None:
        if future.done():
            return
        error = result.exception()
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result.result())

    result.add_done_callback(lambda _: loop.call_soon_threadsafe(deliver))
