"""Spider middleware: from Links to requests. Here, and not in the spider, because it asks and writes URL states.

- what an earlier crawl left pending and what is to be looked at again comes first;
- links are recorded as discovered, in one commit per source answer, before any of them is fetched;
- what is stored, rejected or gone is not asked for again;
- validators make the later looks, and the feeds, conditional requests.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy import Request, signals
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from monitor import faultpoints
from monitor.crawl.attached import Ending, attached_to
from monitor.crawl.failures import explain
from monitor.crawl.gathering import Gathering
from monitor.crawl.outcomes import Failure
from monitor.errors import FetchError, MonitorError
from monitor.records import Link, Page, SourceState, Status, UrlState
from monitor.spans import parse_span
from monitor.text import digest
from monitor.urls import normalise

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

PENDING_AT_ONCE = 10_000  # addresses taken up from earlier crawls; the rest waits for the next crawl
RECHECKS_AT_ONCE = 2_000
PRIORITY_SOURCE = 100  # sources before pages: what is new is known early
PRIORITY_LEFT = 10  # what an earlier crawl left before what is new
UNREAD = "unread"  # set in a request's meta: its answer was not what the source should give


class Links:
    """See the module. The gathering is attached to the crawler by the extension that opens it."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._handled: set[str] = set()  # addresses that this crawl has taken up
        self._left: list[UrlState] = []  # pending, waiting for their source to list them again
        self._articles = 0
        crawler.signals.connect(self._idle, signal=signals.spider_idle)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Links:
        return cls(crawler)

    @property
    def _gathering(self) -> Gathering:
        return attached_to(self._crawler).gathering

    # --- start ---

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        gathering, now = self._gathering, datetime.now(UTC)
        pending = gathering.store.pending(gathering.site.id, now, PENDING_AT_ONCE)
        due = gathering.store.due(gathering.site.id, now, RECHECKS_AT_ONCE)
        if pending or due:
            log.info("taken up pending=%d recheck=%d", len(pending), len(due))
        # What failed before comes after the rest: one page that hangs must not keep the others of its host for ever.
        pending.sort(key=lambda state: state.attempts)
        by_source = [state for state in (*pending, *due) if state.via != "page"]
        for state in (*pending, *due):
            if state.via == "page":
                request = self._page_request(state)
                if request is not None:
                    request.priority = PRIORITY_LEFT
                    yield request
        self._left = [state for state in by_source if state.status is not Status.STORED]
        for request in self._again(by_source):
            yield request
        async for thing in start:
            yield self._prepared(thing)

    def _again(self, states: list[UrlState]) -> Iterable[Request]:
        """What the spider can ask its sources for by number (WordPress); the rest waits for the feed."""
        again = getattr(self._crawler.spider, "again", None)
        for request in again(states) if again and states else ():
            yield self._prepared(request)

    def _idle(self) -> None:
        """Sources are read: what they no longer list, and an earlier crawl left, is fetched as a page."""
        left = [state for state in self._left if state.url not in self._handled]
        self._left = []
        requests = [request for state in left if (request := self._page_request(state)) is not None]
        if requests:
            for request in requests:
                self._crawler.engine.crawl(request)
            raise DontCloseSpider

    # --- from the spider ---

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        links: list[Link] = []
        async for thing in result:
            if isinstance(thing, Link):
                links.append(thing)
            elif isinstance(thing, Page):
                yield self._with_raw(thing, response)
            else:
                yield self._prepared(thing)
        for thing in self._new(links):
            yield self._with_raw(thing, response) if isinstance(thing, Page) else thing
        if response.status == 304 and "state" in response.meta:
            attached_to(self._crawler).in_flight.pop(response.meta["state"].url, None)
            self._gathering.put_unchanged(response.meta["state"])
        # An answer that was no source (HTTP 403, a web page) comes here as well, and says nothing of the posts.
        if "source" in response.meta and UNREAD not in response.meta:
            self._withdrawn(response, links)
            self._source_read(response)

    def _with_raw(self, page: Page, response: Response) -> Page:
        """The page with a reference to its raw record; one record serves all articles of one answer."""
        if "warc" not in response.meta:
            response.meta["warc"] = self._gathering.keep_raw(response)
        return replace(page, warc=response.meta["warc"])

    def _withdrawn(self, response: Response, links: list[Link]) -> None:
        """Posts that were asked for by number and are not in the answer exist no more."""
        asked: list[UrlState] = response.meta.get("asked", [])
        listed = {link.remote_id for link in links}
        if listed - {state.remote_id for state in asked}:
            return  # the server does not know `include`: it lists what it likes, and of these says nothing
        for state in asked:
            if state.remote_id not in listed and state.url not in self._handled:
                self._handled.add(state.url)
                self._gathering.put_failed(state, Failure("gone", "no longer among the site's posts", 404))

    def process_spider_exception(self, response: Response, exception: Exception) -> Iterable[Any] | None:
        if "source" in response.meta and isinstance(exception, MonitorError):
            self._source_failed(response.meta, exception.message)
            return ()
        return None

    def _prepared(self, thing: Any) -> Any:
        if isinstance(thing, Request) and "source" in thing.meta:
            return self._source_request(thing)
        return thing

    # --- links ---

    def _new(self, links: list[Link]) -> Iterable[Request | Page]:
        gathering, now = self._gathering, datetime.now(UTC)
        wanted = self._wanted(links)
        known = gathering.store.known(gathering.site.id, list(wanted))
        fresh = [_discovered(gathering.site.id, link, url, now) for url, link in wanted.items() if url not in known]
        if fresh:
            gathering.counts.discovered += gathering.store.discover(fresh)
            faultpoints.passing("after-discovery")
        states = known | {state.url: state for state in fresh}
        for url, link in wanted.items():
            thing = self._taken_up(link, states[url], now)
            if thing is not None:
                yield thing

    def _wanted(self, links: list[Link]) -> dict[str, Link]:
        site = self._gathering.site
        wanted: dict[str, Link] = {}
        for link in links:
            try:
                url = normalise(link.url)
            except FetchError as error:
                log.info("link left out url=%s reason=%s", link.url[:200], error.message)
                continue
            if site.wants(url):
                wanted.setdefault(url, link)
        return wanted

    def _taken_up(self, link: Link, state: UrlState, now: datetime) -> Request | Page | None:
        if state.url in self._handled:
            return None
        if link.content is not None:
            return self._content(link, state, now)
        if state.status is Status.DISCOVERED:
            return self._page_request(replace(state, hint=link.hint))
        return None

    def _content(self, link: Link, state: UrlState, now: datetime) -> Page | None:
        """The source carries the article: no fetch, and its hash tells whether it changed."""
        fingerprint = digest(link.hint.title, link.content or "")
        state = replace(state, remote_id=link.remote_id or state.remote_id)
        if state.status in (Status.STORED, Status.REJECTED) and state.content_hash == fingerprint:
            if state.status is Status.STORED and state.due_at and state.due_at <= now:
                self._handled.add(state.url)
                self._gathering.put_unchanged(state)
            return None
        if state.status is Status.GONE:
            return None
        self._handled.add(state.url)
        self._gathering.counts.wanted += 1
        state = replace(state, content_hash=fingerprint, via=link.source.partition(":")[0] or "feed")
        spider: Any = self._crawler.spider
        page: Page = spider.content_page(link, state.url)
        attached_to(self._crawler).in_flight[state.url] = state
        return page

    def _page_request(self, state: UrlState) -> Request | None:
        gathering = self._gathering
        if state.url in self._handled or not gathering.site.wants(state.url):
            return None
        most = gathering.loaded.settings.crawl.max_pages
        if most and self._articles >= most:
            return None
        self._handled.add(state.url)
        self._articles += 1
        gathering.counts.wanted += 1
        attached_to(self._crawler).in_flight[state.url] = state
        spider: Any = self._crawler.spider
        request: Request = spider.article_request(state.url, state.hint)
        request.meta["state"] = state
        request.meta["handle_httpstatus_list"] = [304]
        request.errback = self._article_failed
        request.dont_filter = True
        if state.status is Status.STORED:
            _condition(request, state.etag, state.last_modified)
        return request

    def _article_failed(self, failure: TwistedFailure) -> None:
        state: UrlState = _request(failure).meta["state"]
        attached_to(self._crawler).in_flight.pop(state.url, None)
        error = _error(failure)
        if _ends(error):
            return
        told = explain(error)
        if told.reason in ("robots", "private-address", "too-large", "redirects"):
            self._gathering.put_rejected(state, told.reason, told.detail)
        else:
            self._gathering.put_failed(state, told)

    # --- sources ---

    def _source_request(self, request: Request) -> Request:
        gathering, key = self._gathering, request.meta["source"]
        request.errback = self._source_errback
        request.dont_filter = True
        request.priority = PRIORITY_SOURCE
        request.meta["handle_httpstatus_list"] = [304]
        request.meta["max_retry_times"] = gathering.loaded.settings.crawl.retries
        remembered = gathering.store.source(gathering.site.id, key) if request.meta.get("conditional") else None
        full_after = parse_span(gathering.loaded.settings.crawl.full_fetch)
        if remembered and remembered.full_at and datetime.now(UTC) - remembered.full_at < full_after:
            _condition(request, remembered.etag, remembered.last_modified)
            request.meta["full_at"] = remembered.full_at
        return request

    def _source_errback(self, failure: TwistedFailure) -> None:
        error = _error(failure)
        if _ends(error):
            return
        told = explain(error)
        self._source_failed(_request(failure).meta, told.detail or told.reason)

    def _source_failed(self, meta: dict[str, Any], why: str) -> None:
        log.error("source not read source=%s reason=%s", meta["source"], why)
        meta[UNREAD] = True
        self._gathering.sources_failed[meta["source"]] = why

    def _source_read(self, response: Response) -> None:
        """Remember the validators, after the links are recorded: a crash before it only reads the source again."""
        gathering, key = self._gathering, response.meta["source"]
        gathering.sources_read.add(key)
        if not response.meta.get("conditional"):
            return
        now = datetime.now(UTC)
        old = gathering.store.source(gathering.site.id, key) or SourceState(gathering.site.id, key)
        same = old if response.status == 304 else SourceState(old.site, key)
        gathering.store.put_source(
            replace(
                old,
                etag=_header(response, "ETag") or same.etag,
                last_modified=_header(response, "Last-Modified") or same.last_modified,
                fetched_at=now,
                full_at=response.meta.get("full_at", now),
            )
        )


def _discovered(site: str, link: Link, url: str, now: datetime) -> UrlState:
    via = (link.source.partition(":")[0] or "feed") if link.content is not None else "page"
    return UrlState(site=site, url=url, discovered_at=now, via=via, remote_id=link.remote_id, hint=link.hint)


def _condition(request: Request, etag: str, last_modified: str) -> None:
    if etag:
        request.headers["If-None-Match"] = etag
    if last_modified:
        request.headers["If-Modified-Since"] = last_modified


def _request(failure: TwistedFailure) -> Request:
    """Scrapy puts it there."""
    request: Request = failure.request  # type: ignore[attr-defined]
    return request


def _ends(error: BaseException) -> bool:
    """Did the crawl end before the request's turn came, or that of its robots.txt?"""
    return isinstance(error, Ending) or isinstance(error.__cause__, Ending)


def _error(failure: TwistedFailure) -> BaseException:
    return failure.value or FetchError("no answer")


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name) or b""
    return value.decode("latin-1")[:1000]
