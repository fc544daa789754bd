"""Only public addresses are connected to, checked when connecting: what a name resolved to a moment ago doesn't count.

Every TCP connection of a crawl goes through the reactor's `connectTCP` with a numeric address, also those of
redirects, of robots.txt and of pooled connections that are opened again. So the check sits there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from twisted.internet.interfaces import IReactorTCP

from monitor.errors import AddressRefused
from monitor.urls import is_public


def install(reactor: Any, *, allow_private: bool, proxies: Collection[tuple[str, int]] = ()) -> Callable[[], None]:
    """Guard the reactor; the answer takes the guard away again. A configured proxy may be private."""
    plain = reactor.connectTCP

    def connect(host: str, port: int, *args: Any, **more: Any) -> Any:
        if not allow_private and (host, port) not in proxies and not is_public(host):
            raise AddressRefused(
                f"{host} is not a public address", hint="set `allow_private: true` in the site's file if that is meant"
            )
        return plain(host, port, *args, **more)

    if not IReactorTCP.providedBy(reactor):
        raise TypeError("the reactor opens no TCP connections")
    reactor.connectTCP = connect

    def remove() -> None:
        reactor.connectTCP = plain

    return remove
