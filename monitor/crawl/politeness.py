"""Downloader middlewares: robots.txt with its crawl delay, Retry-After, headers that only the site itself may see."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.downloadermiddlewares.retry import RetryMiddleware, get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from monitor.crawl.attached import Ending, attached_to
from monitor.errors import FetchError
from monitor.urls import same_host

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.robotstxt import RobotParser

log = logging.getLogger(__name__)

LONGEST_WAIT = 366 * 86400.0  # seconds; who asks for more means never
LOOK_UP = 0.5  # seconds between two looks whether the crawl ends
LONGEST_ROBOTS = 500 * 1024  # bytes that are read of a robots.txt (RFC 9309, 2.5)


class RobotsUnreachable(IgnoreRequest):
    """robots.txt could not be had: RFC 9309 (2.3.1.4) takes that as "all forbidden" for now. Tried again later."""


class RobotsForbidden(IgnoreRequest):
    """robots.txt says no."""


class Robots(RobotsTxtMiddleware):
    """As Scrapy's, but 5xx and no answer forbid, 4xx allows, and Crawl-delay is kept.

    The delay goes to the host's download slot, up to `crawl.crawl_delay_limit`.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unreachable: dict[str, Exception] = {}
        self._limit = crawler.settings.getfloat("MONITOR_CRAWL_DELAY_LIMIT")
        self.delays: dict[str, float] = {}
        # Scrapy's own line comes with a traceback; what could not be read is told once, in `_robots_error`.
        logging.getLogger(RobotsTxtMiddleware.__module__).setLevel(logging.CRITICAL)
        crawler.signals.connect(self._slot_used, signal=signals.request_reached_downloader)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        if request.meta.get("dont_obey_robotstxt") or not request.url.startswith(("http://", "https://")):
            return
        parser = await self.robot_parser(request)
        host = _netloc(request.url)
        if host in self._unreachable:
            problem = self._unreachable[host]
            raise RobotsUnreachable(f"robots.txt of {host} can't be read: {problem}") from problem
        if parser is not None and not parser.allowed(request.url, self._agent(request)):
            raise RobotsForbidden(f"robots.txt of {host} forbids {request.url}")
        if host in self.delays:
            request.meta["autothrottle_dont_adjust_delay"] = True  # it would halve the delay with every fast answer

    def _agent(self, request: Request) -> str | bytes:
        return self._robotstxt_useragent or request.headers.get(b"User-Agent") or self._default_useragent

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500 or response.status == 429:
            raise FetchError(f"HTTP {response.status}")
        body = response.body[:LONGEST_ROBOTS] if response.status < 300 else b""
        response = response.replace(body=body)
        await super()._parse_robots(response, netloc, request)
        self._keep_delay(self._parsers[netloc], netloc, request)

    def _keep_delay(self, parser: RobotParser | Any, netloc: str, request: Request) -> None:
        protego = getattr(parser, "rp", None)
        delay = protego.crawl_delay(_text(self._agent(request))) if protego is not None else None
        if delay:
            self.delays[netloc] = min(float(delay), self._limit)
            log.info("crawl delay host=%s seconds=%g", netloc, self.delays[netloc])

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._unreachable[netloc] = exc
        log.info("robots.txt not read host=%s reason=%s", netloc, str(exc) or type(exc).__name__)
        super()._robots_error(exc, netloc)

    def _slot_used(self, request: Request, spider: Any) -> None:
        """The host's slot keeps the delay; it is there once a request of the host has reached the downloader."""
        delay = self.delays.get(_netloc(request.url))
        slot = self.crawler.engine.downloader.slots.get(str(request.meta.get("download_slot")))
        if delay and slot is not None:
            slot.delay = max(slot.delay, delay)
            slot.concurrency = 1
            slot.jitter = 0.0


class Retry(RetryMiddleware):
    """As Scrapy's, but waits as long as Retry-After says, and the host's other requests wait as well.

    A longer wait than `crawl.retry_after_limit` is left to the next crawl: the response goes on to the errback.
    """

    # Scrapy awaits these two where they are coroutines; its annotations name the plain form only.
    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: Any = None
    ) -> Request | Response:
        if request.meta.get("dont_retry") or response.status not in self.retry_http_codes:
            return response
        wait = retry_after(response.headers, datetime.now(UTC))
        if wait is not None and wait > self.crawler.settings.getfloat("MONITOR_RETRY_AFTER_LIMIT"):
            return response
        again = self._retry(request, f"HTTP {response.status}")
        if again is None:
            return response
        if wait:
            self._hold_slot(request, wait)
        await self._wait(wait if wait is not None else _backoff(again))
        return again

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception, spider: Any = None
    ) -> Request | Response | None:
        again = super().process_exception(request, exception)
        if isinstance(again, Request):
            await self._wait(_backoff(again))
        return again

    async def _wait(self, seconds: float) -> None:
        """Raises Ending when the crawl ends meanwhile."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if attached_to(self.crawler).ending:
                raise Ending("the crawl ends")
            await asyncio.sleep(min(left, LOOK_UP))

    def _hold_slot(self, request: Request, wait: float) -> None:
        slot = self.crawler.engine.downloader.slots.get(str(request.meta.get("download_slot")))
        if slot is not None:
            slot.lastseen = max(slot.lastseen, time.monotonic() + wait)  # the downloader's clock

    def _retry(self, request: Request, reason: Any) -> Request | None:
        if self.crawler.spider is None:
            return None
        again: Request | None = get_retry_request(
            request,
            reason=reason,
            spider=self.crawler.spider,
            max_retry_times=request.meta.get("max_retry_times", self.max_retry_times),
            priority_adjust=self.priority_adjust,
            give_up_log_level=logging.DEBUG,  # told once, with the URL's state
        )
        return again


class SiteHeaders:
    """Puts the site's own headers on requests to the site's hosts, and on no other: they may carry a key."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> SiteHeaders:
        return cls(crawler)

    def process_request(self, request: Request, spider: Any = None) -> None:
        site = getattr(self._crawler.spider, "description", None)
        if site is None or not site.headers:
            return
        homes = (site.url, *(source.url for source in site.sources))
        at_home = any(same_host(request.url, home) for home in homes)
        for name, value in self._headers(site).items():
            if at_home:
                request.headers[name] = value
            else:
                request.headers.pop(name, None)

    def _headers(self, site: Any) -> Mapping[str, str]:
        headers: Mapping[str, str] = site.resolved_headers()
        return headers


def retry_after(headers: Any, now: datetime) -> float | None:
    """Seconds of a Retry-After header, a number or a date (RFC 9110, 10.2.3); None without one that can be read."""
    value = headers.get(b"Retry-After") or b""
    text = _text(value).strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT)
    try:
        then = parsedate_to_datetime(text)
        seconds = (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now.timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)


def _backoff(request: Request) -> float:
    """0.5, 1, 2, ... seconds, 8 at most: a server in trouble is not helped by three requests in a row."""
    return float(min(8.0, 0.25 * 2 ** int(request.meta.get("retry_times", 1))))


def _netloc(url: str) -> str:
    return url.split("/", 3)[2]


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
