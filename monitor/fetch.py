"""The one guarded fetcher outside the crawl: for `sites add`, `sites check` and `inspect`.

Only public addresses are connected to unless private ones are allowed: the name is resolved, each address judged, and
exactly a judged one connected to, again after every redirect. robots.txt is obeyed; size and time are limited.
"""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from protego import Protego
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from monitor.errors import AddressRefused, FetchError, RobotsRefused, TooLarge
from monitor.urls import is_public, normalise, same_host

log = logging.getLogger(__name__)

MOST_REDIRECTS = 10
PORTION = 65_536  # bytes read at once
MOST_ROBOTS = 512_000  # bytes of a robots.txt that are read (RFC 9309, 2.5)
LONGEST_DELAY = 30.0  # seconds; a longer Crawl-delay is for crawls, not for a person who waits
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. `headers` by lower-case name; `body` decoded of its transfer."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()


def _connect(connection: HTTPConnection, *, allow_private: bool) -> socket.socket:
    """A connection to an address that was judged. Raises AddressRefused, or what urllib3 translates."""
    host, port = str(connection._dns_host), connection.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise NameResolutionError(
            host, connection, error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        ) from error
    chosen = [one for one in found if allow_private or is_public(str(one[4][0]))]
    if not chosen:
        raise AddressRefused(
            f"{host} is not a public address ({found[0][4][0]})",
            hint="if that is meant: --allow-private, or `allow_private: true` in the site's file",
        )
    problem: OSError | None = None
    for family, kind, protocol, _, address in chosen[:4]:
        opened = socket.socket(family, kind, protocol)
        try:
            limit = connection.timeout
            opened.settimeout(limit if isinstance(limit, int | float) else None)
            opened.connect(address)
        except OSError as error:
            opened.close()
            problem = error
        else:
            return opened
    if isinstance(problem, TimeoutError):
        raise ConnectTimeoutError(connection, f"no connection to {host} within the time limit") from problem
    raise NewConnectionError(connection, f"{problem}") from problem


class _PublicHTTP(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, allow_private=False)


class _PublicHTTPS(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self, allow_private=False)


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


@dataclass
class Fetcher:
    """Fetches one address after the other. `headers` go to `home`'s host only: they may carry a key."""

    user_agent: str
    timeout: float = 30.0
    max_bytes: int = 8_000_000
    allow_private: bool = False
    obey_robots: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    proxy: str | None = None

    def __post_init__(self) -> None:
        self._pool = self._make_pool()
        self._robots: dict[str, Protego | str] = {}  # by origin; a text says why it can't be read
        self._last: dict[str, float] = {}

    def _make_pool(self) -> urllib3.PoolManager:
        limits: dict[str, Any] = {"retries": False, "timeout": urllib3.Timeout(connect=self.timeout, read=self.timeout)}
        if self.proxy:
            return urllib3.ProxyManager(self.proxy, **limits)
        pool = urllib3.PoolManager(**limits)
        if not self.allow_private:
            pool.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
        return pool

    def get(self, url: str, *, etag: str = "", last_modified: str = "", accept: str = "*/*") -> Fetched:
        """Fetch, following redirects. Raises FetchError and its kinds; an HTTP status is no error.

        The time limit holds for each redirect and for reading the whole body, not for one packet.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        more = {"Accept": accept} | {name: value for name, value in conditions.items() if value}
        passed: list[str] = []
        address = url
        while True:
            normalise(address)  # refuses what is no web address
            if self.obey_robots:
                self._ask_robots(address)
            status, headers, body = self._once(address, more, self.max_bytes)
            target = headers.get("location", "")
            if status not in _REDIRECTS or not target:
                return Fetched(url, address, status, headers, body, tuple(passed))
            passed.append(address)
            if len(passed) > MOST_REDIRECTS:
                raise FetchError(f"{url}: redirected more than {MOST_REDIRECTS} times")
            address = urljoin(address, target)

    def allowed(self, url: str) -> bool:
        """Does robots.txt allow the address? Raises RobotsRefused when robots.txt can't be had."""
        rules = self._rules(url)
        if isinstance(rules, str):
            raise RobotsRefused(f"robots.txt of {_origin(url)} can't be read ({rules}); taken as forbidden for now")
        return bool(rules.can_fetch(url, self.user_agent))

    def _ask_robots(self, url: str) -> None:
        if not self.allowed(url):
            raise RobotsRefused(f"robots.txt of {_origin(url)} forbids {url}")
        rules = self._robots[_origin(url)]
        delay = rules.crawl_delay(self.user_agent) if isinstance(rules, Protego) else None
        if delay:
            wait = self._last.get(_origin(url), -1e9) + min(float(delay), LONGEST_DELAY) - time.monotonic()
            if wait > 0:
                time.sleep(wait)
        self._last[_origin(url)] = time.monotonic()

    def _rules(self, url: str) -> Protego | str:
        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(f"{origin}/robots.txt")
        return self._robots[origin]

    def _read_robots(self, address: str) -> Protego | str:
        """RFC 9309, 2.3.1: 4xx allows everything, 5xx forbids everything for now; no answer is the error that it is."""
        for _ in range(6):
            try:
                status, headers, body = self._once(address, {}, MOST_ROBOTS)
            except TooLarge:
                return Protego.parse("")
            if status not in _REDIRECTS or not headers.get("location"):
                break
            address = urljoin(address, headers["location"])
        if status >= 500 or status == 429:
            return f"HTTP status {status}"
        return Protego.parse(body.decode("utf-8", "replace") if status < 300 else "")

    def _once(self, url: str, more: Mapping[str, str], limit: int) -> tuple[int, dict[str, str], bytes]:
        host = urlsplit(url).hostname or url
        if self.proxy and not self.allow_private:
            _judge_name(host)
        own = self.headers if not self.home or same_host(url, self.home) else {}
        sent = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate", **more, **own}
        deadline = time.monotonic() + self.timeout
        try:
            answer = self._pool.request("GET", url, headers=sent, redirect=False, preload_content=False)
            try:
                return (
                    answer.status,
                    {k.lower(): v for k, v in answer.headers.items()},
                    _read(answer, url, limit, deadline),
                )
            finally:
                answer.close()
        except (HTTPError, LocationParseError, OSError, ValueError) as error:
            raise _translated(error, host, url) from error


def _read(answer: urllib3.BaseHTTPResponse, url: str, limit: int, deadline: float) -> bytes:
    portions, size = [], 0
    for portion in answer.stream(PORTION, decode_content=True):
        size += len(portion)
        if size > limit:
            raise TooLarge(f"{url}: larger than {limit} bytes")
        if time.monotonic() > deadline:
            raise FetchError(f"{url}: not complete within the time limit")
        portions.append(portion)
    return b"".join(portions)


def _judge_name(host: str) -> None:
    """Through a proxy the connection is the proxy's: the name is judged by what it resolves to here, if it does."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return
    if not any(is_public(str(one[4][0])) for one in found):
        raise AddressRefused(f"{host} is not a public address")


def _translated(error: Exception, host: str, url: str) -> FetchError:
    inner = error.reason if isinstance(error, MaxRetryError) and error.reason is not None else error
    if isinstance(inner, NameResolutionError):
        return FetchError(f"host not found: {host}", hint="check the address, and the network of this machine")
    if isinstance(inner, NewConnectionError):
        return FetchError(f"no connection to {host}: {str(inner).rpartition('] ')[2] or inner}")
    if isinstance(inner, ConnectTimeoutError | ReadTimeoutError | TimeoutError):
        return FetchError(f"{host} does not answer within the time limit", hint="crawl.timeout sets the limit")
    if isinstance(inner, SSLError | ssl.SSLError):
        return FetchError(f"no secure connection to {host}: {inner}")
    return FetchError(f"{url}: {inner}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
