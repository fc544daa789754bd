"""Scrapy extension: opens and closes the gathering, guards the connections, reports progress, files at the end.

With `scrapy crawl` nobody else files, so the extension does when the spider is done; under `monitor crawl` and
`monitor run` a filer of its own does it meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy import signals
from twisted.internet.task import LoopingCall

from monitor import config
from monitor.crawl import guard
from monitor.crawl.attached import Attached, Ending, attach
from monitor.crawl.gathering import Gathering
from monitor.crawl.progress import emit, new_run_id
from monitor.errors import MonitorError, StoreError
from monitor.filing import Filer
from monitor.sites import Site
from monitor.wiring import open_aside, open_desk, open_store

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

PROGRESS_EVERY = 0.5  # seconds


class Crawl:
    """One crawl of one site, from opening the store to the last line of its record."""

    def __init__(self, crawler: Crawler) -> None:
        from twisted.internet import reactor

        self._crawler, settings = crawler, crawler.settings
        loaded: config.Loaded = settings["MONITOR_LOADED"] or config.load()
        site = _site_of(crawler)
        self._under_orders = bool(settings.get("MONITOR_RUN_ID"))
        self._events = settings.getbool("MONITOR_EVENTS")
        self._loaded = loaded
        self.gathering = Gathering(
            loaded,
            site,
            run_id=settings.get("MONITOR_RUN_ID") or new_run_id(site.id),
            trigger=settings.get("MONITOR_TRIGGER") or "scrapy",
            workers=settings.getint("MONITOR_WORKERS"),
        )
        self._attached = Attached(self.gathering, self.stop_for)
        attach(crawler, self._attached)
        proxy = loaded.settings.proxy
        self._unguard = guard.install(
            reactor, allow_private=site.allow_private, proxies=_addresses(proxy.get_secret_value() if proxy else "")
        )
        self._began = False
        self._ticker = LoopingCall(self._tick)
        crawler.signals.connect(self._opened, signal=signals.spider_opened)
        crawler.signals.connect(self._closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Crawl:
        return cls(crawler)

    def stop_for(self, error: StoreError) -> None:
        """Nothing can be kept any more: end the crawl. What is not committed stays pending."""
        engine, spider = self._crawler.engine, self._crawler.spider
        if engine is not None and spider is not None and engine.running:
            log.error("crawl ended reason=%s", error.message)
            self._attached.ending = True
            engine.close_spider(spider, reason=error.message)

    def _opened(self, spider: Any) -> None:
        self._ticker.start(PROGRESS_EVERY)

    def _tick(self) -> None:
        try:
            self.gathering.hold_site()
        except StoreError as lost:
            self.gathering.fatal = lost
        error = self.gathering.fatal or self.gathering.inbox.error
        if error:
            self.stop_for(error)
        engine = self._crawler.engine
        if engine is not None:
            self._began = self._began or engine.running
            self._attached.ending = self._attached.ending or (self._began and not engine.running)
            if self._attached.ending:
                _let_go(engine)
        if self._events:
            gathering = self.gathering
            paused, wanted = gathering.inbox.paused, gathering.counts.wanted
            emit("progress", gathering.snapshot(), paused=paused, wanted=wanted)

    async def _closed(self, spider: Any, reason: str) -> None:
        if self._ticker.running:
            self._ticker.stop()
        self._unguard()
        await asyncio.to_thread(self._finish, reason)

    def _finish(self, reason: str) -> None:
        run = self.gathering.close(reason)
        if self._events:
            emit("finished", run)
        else:
            log.info(
                "crawled site=%s status=%s discovered=%d fetched=%d", run.site, run.status, run.discovered, run.fetched
            )
        if not self._under_orders:
            self._file()

    def _file(self) -> None:
        store = open_store(self._loaded)
        try:
            desk, aside = open_desk(self._loaded), open_aside(self._loaded)
            filer = Filer(store, self._loaded.settings.filing, desk=desk, aside=aside)
            filed = filer.run(threading.Event(), until_idle=True)
        except MonitorError as error:
            log.error("not filed, waits in the inbox reason=%s", error.message)
        else:
            log.info("filed articles=%d", filed)
        finally:
            store.close()


def _let_go(engine: ExecutionEngine) -> None:
    """Requests that wait for their turn at a host keep a crawl open that is told to end: for one delay each."""
    for slot in engine.downloader.slots.values():
        while slot.queue:
            _, waiting = slot.queue.popleft()
            waiting.errback(Ending("the crawl ends"))


def _site_of(crawler: Crawler) -> Site:
    """The spider's site; a spider without one (a user's own) gets a plain description under its name.

    Such a spider may set `site_url` and `allow_private`.
    """
    spider = crawler.spider
    described = getattr(spider, "description", None)
    if isinstance(described, Site):
        return described
    name = str(getattr(spider, "name", "site"))
    return Site(
        id=name,
        url=getattr(spider, "site_url", f"https://{name}.invalid/"),
        allow_private=bool(getattr(spider, "allow_private", False)),
    )


def _addresses(proxy: str) -> set[tuple[str, int]]:
    """Every address of the proxy's host, so that the guard lets the connection to it pass."""
    if not proxy:
        return set()
    import socket

    parts = urlsplit(proxy)
    port = parts.port or 3128
    try:
        return {(str(found[4][0]), port) for found in socket.getaddrinfo(parts.hostname, port)}
    except OSError as error:
        log.error("proxy not found host=%s error=%s", parts.hostname, error)
        return set()
