"""Only public addresses are connected to, checked when connecting: what a name resolved to a moment ago doesn't count.

Every TCP connection of a crawl goes through the reactor's `connectTCP` with a numeric address, also those of
redirects, of robots.txt and of pooled connections that are opened again. So the check sits there.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.exceptions import NotConfigured
from twisted.internet.interfaces import IReactorTCP

from monitor.crawl.attached import attached_to
from monitor.errors import AddressRefused
from monitor.urls import is_public

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Request

MEANT = "set `allow_private: true` in the site's file if that is meant"


def install(reactor: Any, *, allow_private: bool, proxies: Collection[tuple[str, int]] = ()) -> Callable[[], None]:
    """Guard the reactor; the answer takes the guard away again. A configured proxy may be private."""
    plain = reactor.connectTCP

    def connect(host: str, port: int, *args: Any, **more: Any) -> Any:
        if not allow_private and (host, port) not in proxies and not is_public(host):
            raise AddressRefused(f"{host} is not a public address", hint=MEANT)
        return plain(host, port, *args, **more)

    if not IReactorTCP.providedBy(reactor):
        raise TypeError("the reactor opens no TCP connections")
    reactor.connectTCP = connect

    def remove() -> None:
        reactor.connectTCP = plain

    return remove


class BehindProxy:
    """Downloader middleware: sends requests through the configured proxy.

    The connection is then the proxy's, so the name is judged by what it resolves to here. A name that only the proxy
    can resolve passes: nothing here knows better.
    """

    def __init__(self, crawler: Crawler) -> None:
        proxy = crawler.settings["MONITOR_LOADED"].settings.proxy
        if proxy is None:
            raise NotConfigured
        self._crawler, self._proxy = crawler, proxy.get_secret_value()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> BehindProxy:
        return cls(crawler)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        request.meta.setdefault("proxy", self._proxy)
        if attached_to(self._crawler).gathering.site.allow_private:
            return
        host = urlsplit(request.url).hostname or ""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        if not all(is_public(str(one[4][0])) for one in found):  # the proxy may take any of them
            raise AddressRefused(f"{host} is not a public address", hint=MEANT)
