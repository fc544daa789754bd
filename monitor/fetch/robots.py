"""robots.txt (RFC 9309) as the fetcher keeps it: rules, or why there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from monitor.errors import AddressRefused, FetchError
from monitor.fetch.guard import NoConnection

MOST_BYTES = 500 * 1024  # that are read (2.5)
MOST_REDIRECTS = 5  # that are followed (2.3.1.2)


@dataclass(frozen=True, slots=True)
class Robots:
    """`unreadable`: why everything is forbidden for now."""

    rules: Protego | None = None
    unreadable: str = ""

    def allows(self, url: str, agent: str) -> bool:
        return not self.unreadable and (self.rules is None or bool(self.rules.can_fetch(url, agent)))

    def delay(self, agent: str) -> float:
        """Crawl-delay in seconds, 0 when there is none."""
        return float(self.rules.crawl_delay(agent) or 0) if self.rules is not None else 0.0


def read_robots(origin: str, ask: Callable[[str], tuple[int, str, bytes]]) -> Robots:
    """Ask for the file; `ask(url)` answers status, where it redirects to, and body.

    4xx: there is none, everything is allowed. 5xx, 429 or no answer: nothing is allowed for now (2.3.1.3, 2.3.1.4).
    Raises NoConnection and AddressRefused of the server itself: the page could not be had either.
    """
    url = f"{origin}/robots.txt"
    for asked in range(MOST_REDIRECTS + 1):
        try:
            status, target, body = ask(url)
        except (NoConnection, AddressRefused) as error:
            if not asked:
                raise
            return Robots(unreadable=error.message)
        except FetchError as error:
            return Robots(unreadable=error.message)
        if not target:
            break
        url = target
    if status >= 500 or status == 429:
        return Robots(unreadable=f"HTTP status {status}")
    if not 200 <= status < 300:
        return Robots()
    return Robots(Protego.parse(body.decode("utf-8-sig", "replace")))
