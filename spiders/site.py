"""The spider of all sites: asks a site's sources, fetches the articles they name.

    scrapy crawl site -a site=ID

It yields Links (what a source lists) and Pages (what was fetched). Which links are new, what is looked at again
and what becomes of a page is decided around it (`monitor.crawl`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import scrapy
from scrapy.http import Response

from monitor.discovery.feed import parse_feed
from monitor.discovery.wordpress import api_url, include_url, page_url, parse_posts, source_of
from monitor.errors import SiteError
from monitor.records import Hint, Link, Page, UrlState
from monitor.sites import FeedSource, Site, WordPressSource, find_sites

ASKED_AT_ONCE = 100  # posts per request, the most that WordPress allows


class SiteSpider(scrapy.Spider):
    """Argument `site`: id of a site file in the folder of the settings."""

    name = "site"

    def __init__(self, site: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.site_id = site
        self.description: Site

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> SiteSpider:
        spider = cls(*args, **kwargs)
        if not spider.site_id:
            raise SiteError("no site named", hint="scrapy crawl site -a site=ID")
        spider._set_crawler(crawler)
        spider.description = find_sites(Path(crawler.settings["MONITOR_SITES"]), [spider.site_id])[0]
        spider._set_manners(crawler.settings)
        return spider

    def _set_manners(self, settings: Any) -> None:
        site = self.description
        if site.delay is not None:
            settings.set("DOWNLOAD_DELAY", site.delay, priority="spider")
            settings.set("AUTOTHROTTLE_START_DELAY", site.delay, priority="spider")
        if site.user_agent:
            settings.set("USER_AGENT", site.user_agent, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        for source in self.description.sources:
            if isinstance(source, FeedSource):
                meta = {"source": source.key, "conditional": True}
                yield scrapy.Request(
                    source.url, self.parse_feed, meta=meta, cb_kwargs={"source": source}, dont_filter=True
                )
            elif isinstance(source, WordPressSource):
                yield self._posts_request(source, 1)

    # --- feeds ---

    def parse_feed(self, response: Response, source: FeedSource) -> Iterator[Link]:
        if response.status == 304:
            return
        zone = ZoneInfo(self.description.time_zone)
        result = parse_feed(
            response.url, _headers(response), response.body, full_content=source.full_content, zone=zone
        )
        for link in result.links:
            yield replace(link, source=source.key)

    # --- WordPress ---

    def _posts_request(self, source: WordPressSource, number: int) -> scrapy.Request:
        return scrapy.Request(
            page_url(api_url(source.url), number, source.per_page),
            self.parse_posts,
            meta={"source": source.key},
            cb_kwargs={"source": source, "number": number},
            dont_filter=True,
        )

    def parse_posts(self, response: Response, source: WordPressSource, number: int = 0) -> Iterator[Any]:
        """Posts of one page of the list; `number` 0: posts that were asked for by their ids."""
        result = parse_posts(response.url, _headers(response), response.body)
        for link in result.links:
            yield replace(link, source=source.key)
        # A server that does not say how many pages there are is asked for the next one while a page is full.
        last = result.pages or (number + (len(result.links) >= source.per_page))
        if number and number < min(source.pages, last):
            yield self._posts_request(source, number + 1)

    def again(self, states: Sequence[UrlState]) -> Iterable[scrapy.Request]:
        """Requests for posts that are pending or to be looked at again, by their numbers."""
        sources = {one.url: one for one in self.description.sources if isinstance(one, WordPressSource)}
        asked_of: dict[str, list[UrlState]] = {url: [] for url in sources}
        for state in states:
            base = source_of(list(sources), state.url) if state.via == "wordpress" and state.remote_id else None
            if base is not None:
                asked_of[base].append(state)
        for base, asked in asked_of.items():
            yield from self._asked_again(sources[base], asked)

    def _asked_again(self, source: WordPressSource, asked: Sequence[UrlState]) -> Iterator[scrapy.Request]:
        for start in range(0, len(asked), ASKED_AT_ONCE):
            some = asked[start : start + ASKED_AT_ONCE]
            yield scrapy.Request(
                include_url(api_url(source.url), [state.remote_id for state in some]),
                self.parse_posts,
                meta={"source": source.key, "asked": some},
                cb_kwargs={"source": source},
                dont_filter=True,
            )

    # --- articles ---

    def article_request(self, url: str, hint: Hint) -> scrapy.Request:
        return scrapy.Request(url, self.parse_article, cb_kwargs={"hint": hint, "asked_url": url})

    def parse_article(self, response: Response, hint: Hint, asked_url: str) -> Iterator[Page]:
        if response.status == 304:
            return
        yield Page(
            url=asked_url,
            site=self.description.id,
            body=response.body,
            fetched_at=datetime.now(UTC),
            final_url=response.url,
            http_status=response.status,
            content_type=_header(response, "Content-Type"),
            etag=_header(response, "ETag"),
            last_modified=_header(response, "Last-Modified"),
            hint=hint,
        )

    def content_page(self, link: Link, url: str) -> Page:
        """The article as its source carries it."""
        return Page(
            url=url,
            site=self.description.id,
            body=(link.content or "").encode("utf-8", "replace"),
            fetched_at=datetime.now(UTC),
            kind="fragment",
            content_type="text/html; charset=utf-8",
            hint=link.hint,
            via=link.source.partition(":")[0],
            remote_id=link.remote_id,
        )


def _headers(response: Response) -> dict[str, str]:
    return {key.decode("latin-1"): b", ".join(values).decode("latin-1") for key, values in response.headers.items()}


def _header(response: Response, name: str) -> str:
    value = response.headers.get(name) or b""
    return value.decode("latin-1")[:1000]
