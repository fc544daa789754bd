"""Serves the news world on loopback: each site at an address of its own, so that politeness per host works."""

from __future__ import annotations

import errno
import logging
import socketserver
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Self

from monitor.demo.handler import Manners, SiteHandler
from monitor.demo.records import Article, Truth
from monitor.demo.running import SiteState
from monitor.demo.world import Content, load_content
from monitor.errors import MonitorError, NotFound

_NETWORK = "127.0.83."  # one address per site; Linux and Windows answer for all of 127.0.0.0/8
_SHARED = "127.0.0.1"  # macOS and some containers answer for this one only: then each site has its own port
_STOP_SECONDS = 0.05  # how often a server looks whether it shall end

log = logging.getLogger(__name__)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def server_bind(self) -> None:
        # HTTPServer asks the name service for the host's full name, which takes seconds without a network.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up in the middle of an answer is no error of the demo; anything else is logged."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            log.error("request failed client=%s", client_address, exc_info=error)


@dataclass(frozen=True, slots=True)
class World:
    """The content and how its sites behave. `start` may be called several times; each running world changes alone."""

    content: Content
    manners: Manners

    @classmethod
    def load(cls, now: datetime | None = None, *, faults: float = 0.0, latency: float = 0.0, seed: int = 7) -> World:
        """The world as it is at `now` (aware; default: this moment).

        `faults`: share of articles whose first request fails (500, 429 with Retry-After, cut connection), chosen by
        `seed`; `latency`: seconds before each answer.
        """
        return cls(load_content(now or datetime.now(UTC)), Manners(faults, latency, seed))

    @property
    def truth(self) -> Mapping[str, Truth]:
        """What is known of each article, by "site/slug"."""
        return self.content.truth

    def start(self, port: int = 0) -> RunningWorld:
        """Serve all sites in threads of this process. `port` 0: any free one. Raises MonitorError when it is taken."""
        return RunningWorld(self, port)


class RunningWorld:
    """The world while it is served; a context manager that ends it. `addresses`: base URL by site, without a slash."""

    def __init__(self, world: World, port: int) -> None:
        self.world = world
        self.addresses: dict[str, str] = {}
        self._states = {
            site.id: SiteState(site, world.content.of_site(site.id)) for site in world.content.sites.values()
        }
        self._servers: list[_Server] = []
        try:
            for number, (site, state) in enumerate(self._states.items(), 1):
                server = _listen(number, port, SiteHandler.bind(state, self.addresses, world.manners))
                self._servers.append(server)
                self.addresses[site] = f"http://{server.server_name}:{server.server_port}"
        except MonitorError:
            for server in self._servers:
                server.server_close()
            raise
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(_STOP_SECONDS,), daemon=True, name="news-world").start()

    def publish(self, site: str, article: Article) -> str:
        """Show an article (`monitor.demo.world.new_article` makes one); the answer is its address."""
        self._state(site).put(article)
        return self.addresses[site] + article.path

    def edit(self, site: str, slug: str, text: str, *, at: datetime | None = None) -> None:
        """Change an article's text; `at` (default: now) becomes its time of change. Raises NotFound."""
        self._state(site).edit(slug, text, at)

    def remove(self, site: str, slug: str) -> None:
        """Take an article away: not listed any more, its page answers 410. Raises NotFound."""
        self._state(site).remove(slug)

    def article(self, site: str, slug: str) -> Article:
        """As it is shown now. Raises NotFound."""
        return self._state(site).article(slug)

    def url(self, key: str) -> str:
        """Address of the article "site/slug". Raises NotFound."""
        site, _, slug = key.partition("/")
        return self.addresses[site] + self.article(site, slug).path

    def hits(self, site: str) -> dict[str, int]:
        """Requests by path, as `/_hits` of the site shows them."""
        return self._state(site).hits()

    def close(self) -> None:
        """Stop answering; connections that are open end with the process or their client."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._servers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _state(self, site: str) -> SiteState:
        if site not in self._states:
            raise NotFound(f"the demo has no site {site!r}", hint=f"it has {', '.join(self._states)}")
        return self._states[site]


def _listen(number: int, port: int, handler: type[SiteHandler]) -> _Server:
    """On the site's own address; where the machine has no such address, on the shared one with its own port."""
    try:
        return _Server((f"{_NETWORK}{number}", port), handler)
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise _not_listening(f"{_NETWORK}{number}", port, error) from error
    own_port = port + number - 1 if port else 0
    try:
        return _Server((_SHARED, own_port), handler)
    except OSError as error:
        raise _not_listening(_SHARED, own_port, error) from error


def _not_listening(host: str, port: int, error: OSError) -> MonitorError:
    return MonitorError(
        f"can't serve the demo on {host}:{port}: {error.strerror or error}",
        hint="choose another port, or 0 for any free one",
    )
