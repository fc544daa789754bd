"""Fetches one address after the other, politely, from public servers only, within limits of size and time."""

from __future__ import annotations

import http.client
import logging
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import DecodeError, HTTPError, ProxyError, SSLError

from monitor.errors import FetchError, RobotsRefused, TooLarge
from monitor.fetch.guard import Deadline, NoConnection, connect, guard, judge
from monitor.fetch.robots import MOST_BYTES as MOST_ROBOTS
from monitor.fetch.robots import Robots, read_robots
from monitor.urls import normalise, same_host

log = logging.getLogger(__name__)

MOST_REDIRECTS = 10
PORTION = 65_536  # bytes that are read, and unpacked, at once
LONGEST_DELAY = 30.0  # seconds; a longer Crawl-delay is for crawls, not for a person who waits
ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status. `headers` by lower-case name; `body` unpacked; `redirects`: addresses passed."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()


@dataclass
class Fetcher:
    """`timeout`: seconds for one response, all of it. `max_bytes`: of one body, unpacked. `delay`: seconds between two
    requests to one host, at least; robots.txt can ask for more.

    `headers` may carry a key: they go to the hosts of `homes`, or, without any, to the host that is asked for, and to
    no other that it redirects to. Behind a proxy the names are resolved by the proxy; one that resolves here too is
    judged by that.
    """

    user_agent: str
    timeout: float = 30.0
    max_bytes: int = 8_000_000
    allow_private: bool = False
    obey_robots: bool = True
    headers: Mapping[str, str] = field(default_factory=dict)
    homes: Sequence[str] = ()
    delay: float = 0.0
    proxy: str | None = None

    def __post_init__(self) -> None:
        self._deadline = Deadline(self.timeout)
        self._robots: dict[str, Robots] = {}  # by origin
        self._asked: dict[str, float] = {}  # by host: when it was asked last
        self._manager = guard(_manager(self.proxy), self._open)

    def get(self, url: str, *, etag: str = "", last_modified: str = "", accept: str = ACCEPT) -> Fetched:
        """Fetch, following redirects. An HTTP status is no error.

        Raises FetchError: AddressRefused, RobotsRefused, TooLarge, or one whose message says what is wrong.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        asked = {"Accept": accept} | {name: value for name, value in conditions.items() if value}
        passed: list[str] = []
        normalise(url)  # refuses what is no web address
        address = _without_login(url)
        while True:
            robots = self._rules(address, url) if self.obey_robots else Robots()
            self._refuse_forbidden(address, robots)
            self._wait(address, robots)
            status, headers, body = self._once(address, {**asked, **self._own(address, url)}, self.max_bytes)
            target = _target(address, status, headers)
            if not target:
                return Fetched(url, address, status, headers, body, tuple(passed))
            passed.append(address)
            if len(passed) > MOST_REDIRECTS:
                raise FetchError(f"{url}: redirected more than {MOST_REDIRECTS} times")
            log.debug("redirected from=%s to=%s", address, target)
            address = target

    def allowed(self, url: str) -> bool:
        """Does robots.txt allow the address? Raises RobotsRefused when it can't be had."""
        if not self.obey_robots:
            return True
        robots = self._rules(url, url)
        if robots.unreadable:
            self._refuse_forbidden(url, robots)
        return robots.allows(url, self.user_agent)

    # --- manners ---

    def _rules(self, url: str, asked_for: str) -> Robots:
        def ask(robots_url: str) -> tuple[int, str, bytes]:
            own = self._own(robots_url, asked_for)
            status, headers, body = self._once(robots_url, own, MOST_ROBOTS, cut=True)
            return status, _target(robots_url, status, headers), body

        origin = _origin(url)
        if origin not in self._robots:
            self._robots[origin] = read_robots(origin, ask)
        return self._robots[origin]

    def _refuse_forbidden(self, url: str, robots: Robots) -> None:
        if robots.unreadable:
            raise RobotsRefused(
                f"robots.txt of {_origin(url)} can't be read, so nothing may be fetched for now: {robots.unreadable}"
            )
        if not robots.allows(url, self.user_agent):
            raise RobotsRefused(f"robots.txt of {_origin(url)} forbids {url}")

    def _wait(self, url: str, robots: Robots) -> None:
        host = urlsplit(url).netloc
        pause = max(self.delay, min(robots.delay(self.user_agent), LONGEST_DELAY))
        left = self._asked[host] + pause - time.monotonic() if host in self._asked else 0.0
        if left > 0:
            time.sleep(left)
        self._asked[host] = time.monotonic()

    def _own(self, url: str, asked_for: str) -> Mapping[str, str]:
        homes = self.homes or (asked_for,)
        return self.headers if any(same_host(url, home) for home in homes) else {}

    # --- one request ---

    def _open(self, host: str, port: int) -> socket.socket:
        private = self.allow_private or self.proxy is not None  # then `host` is the proxy
        return connect(host, port, allow_private=private, deadline=self._deadline)

    def _once(
        self, url: str, more: Mapping[str, str], limit: int, *, cut: bool = False
    ) -> tuple[int, dict[str, str], bytes]:
        """`cut`: take the beginning of a body that is too large."""
        if self.proxy and not self.allow_private:
            _judge_behind_proxy(url)
        sent = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate", **more}
        self._deadline = Deadline(self.timeout)
        try:
            answer = self._manager.request(
                "GET",
                _asked_url(url),
                headers=sent,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(total=self.timeout),
            )
            headers = {name.lower(): value for name, value in answer.headers.items()}
            body = _read(answer, url, limit, cut=cut)
            if self._deadline.passed:  # what was read may be a part: a body without a length ends with its connection
                raise TimeoutError
            return answer.status, headers, body
        except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
            raise self._translated(error, url) from error
        finally:
            self._deadline.close()
            self._manager.clear()  # the next request makes a connection that is judged and watched anew

    def _translated(self, error: Exception, url: str) -> FetchError:
        host = urlsplit(url).netloc
        if isinstance(error, ProxyError):
            return FetchError(f"the proxy did not connect to {host}: {error.original_error}")
        if self._deadline.passed or isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
            return FetchError(
                f"{host} did not answer in full within {self.timeout:g} s", hint="`timeout` in [crawl] sets the limit"
            )
        if isinstance(error, SSLError):
            return NoConnection(f"no secure connection to {host}: {_reason(error)}")
        if isinstance(error, DecodeError):
            return FetchError(f"{url}: the answer is packed in a way that can't be unpacked")
        return FetchError(f"{host} ended the connection before the answer was complete ({_reason(error)})")


def _manager(proxy: str | None) -> urllib3.PoolManager:
    if not proxy:
        return urllib3.PoolManager(num_pools=4)
    parts = urlsplit(proxy)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError("the proxy's address can't be used", hint="expected http://user:password@host:port")
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else None
    bare = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "", "", ""))
    return urllib3.ProxyManager(bare, num_pools=4, proxy_headers=urllib3.make_headers(proxy_basic_auth=login))


def _judge_behind_proxy(url: str) -> None:
    parts = urlsplit(url)
    try:
        judge(parts.hostname or "", parts.port or 80)
    except NoConnection:
        return  # a name that only the proxy knows


def _asked_url(url: str) -> str:
    return urldefrag(_without_login(url)).url


def _without_login(url: str) -> str:
    """A name and password in an address are sent nowhere."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, parts.fragment))


def _target(url: str, status: int, headers: Mapping[str, str]) -> str:
    """Where the answer redirects to; empty when it doesn't."""
    location = headers.get("location", "").strip()
    if status not in _REDIRECTS or not location:
        return ""
    with suppress(UnicodeError):  # headers are read as Latin-1; what is not ASCII in them is mostly UTF-8
        location = location.encode("latin-1").decode("utf-8")
    try:
        target = urljoin(url, location)
        normalise(target)
    except (FetchError, ValueError) as error:
        raise FetchError(f"{url}: redirects to {location[:200]!r}, which is no web address") from error
    return _without_login(target)


def _read(answer: urllib3.BaseHTTPResponse, url: str, limit: int, *, cut: bool) -> bytes:
    portions, size = [], 0
    while portion := answer.read(PORTION, decode_content=True):
        portions.append(portion)
        size += len(portion)
        if size > limit and not cut:
            raise TooLarge(f"{url}: larger than {limit} bytes", hint="`max_bytes` in [crawl] sets the limit")
        if size >= limit and cut:
            break
    return b"".join(portions)[:limit]


def _reason(error: BaseException) -> str:
    """The innermost cause, which says most."""
    while error.__cause__ is not None:
        error = error.__cause__
    inner = error.args[-1] if error.args else error
    text = str(inner) if not isinstance(inner, BaseException) else str(inner) or type(inner).__name__
    return " ".join(text.split())[:300] or type(error).__name__


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme.lower()}://{parts.netloc.rpartition('@')[2].lower()}"
