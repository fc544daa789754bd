"""The guarded fetcher as the settings and a site's file want it."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from monitor.urls import host_of

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.fetch import Fetcher
    from monitor.sites import Site


def fetcher_for(
    loaded: Loaded, site: Site | None = None, *, allow_private: bool = False, delay: float = 0.0
) -> Fetcher:
    """With a site: its user agent, delay and headers, these for its own hosts only. Raises SiteError for a header
    whose variable is not set."""
    from monitor.fetch import Fetcher

    crawl, proxy = loaded.settings.crawl, loaded.settings.proxy
    if site is not None:
        delay = crawl.delay if site.delay is None else site.delay
    return Fetcher(
        user_agent=(site and site.user_agent) or crawl.user_agent,
        timeout=crawl.timeout,
        max_bytes=crawl.max_bytes,
        allow_private=allow_private or bool(site and site.allow_private),
        obey_robots=crawl.obey_robots,
        headers=site.resolved_headers() if site else {},
        homes=(site.url, *(source.url for source in site.sources)) if site else (),
        delay=delay,
        proxy=proxy.get_secret_value() if proxy else None,
    )


def is_this_machine(url: str) -> bool:
    """Is the host loopback by its name or number? Nothing is resolved."""
    host = host_of(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
