"""The spider of the pages behind source links. Which ones is what crawls of the sites left pending.

monitor crawl, monitor run    start it when links wait
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Response

from monitor.errors import SiteError
from monitor.records import Hint, Page
from monitor.sites import ORIGINS, origin_site
from spiders.site import SiteSpider


class OriginSpider(SiteSpider):
    """Argument `site`: one of the two lists of source links (`monitor.sites.origins`)."""

    name = "origin"

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> OriginSpider:
        spider = cls(*args, **kwargs)
        description = origin_site(spider.site_id or ORIGINS)
        if description is None:
            raise SiteError(f"{spider.site_id!r} is no list of source links")
        spider._set_crawler(crawler)
        spider.description = description
        # No host is asked for two pages at a time, what fails is tried again by a later crawl, and a page that hangs
        # keeps the others of its host waiting for a short time only.
        crawler.settings.set("CONCURRENT_REQUESTS_PER_DOMAIN", 1, priority="spider")
        crawler.settings.set("RETRY_TIMES", 0, priority="spider")
        crawler.settings.set("DOWNLOAD_TIMEOUT", crawler.settings["MONITOR_ORIGIN_TIMEOUT"], priority="spider")
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """No source of its own: what it fetches was left pending by others."""
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request

    def parse_article(self, response: Response, hint: Hint, asked_url: str) -> Iterator[Page]:
        """The page is an article of the host it came from."""
        for page in super().parse_article(response, hint, asked_url):
            yield replace(page, role="source", site=urlsplit(response.url).hostname or "")
