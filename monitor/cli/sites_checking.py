"""A dry run of a site: what its sources yield, what would be fetched, one sample article. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from monitor.discovery.feed import parse_feed
from monitor.discovery.wordpress import api_url, page_url, parse_posts
from monitor.errors import DiscoveryError, ExtractionError, FetchError
from monitor.records import Analysis, Link, Page
from monitor.sites import FeedSource, Site, Source
from monitor.urls import same_host

if TYPE_CHECKING:
    from monitor.fetch import Fetcher

SAMPLES_TRIED = 3  # articles, until one can be had


@dataclass(frozen=True, slots=True)
class Offer:
    """An article that a source lists, and what a crawl would do with it."""

    link: Link
    verdict: str  # fetch | whole (comes with the source) | left-out (allow, deny) | robots (forbidden) | unknown


@dataclass(frozen=True, slots=True)
class Yielded:
    """What one source yields now, or why nothing."""

    source: Source
    offers: tuple[Offer, ...] = ()
    error: str = ""
    skipped: int = 0  # entries without an address
    total: int = 0  # posts of the whole archive, where the source says so

    def count(self, verdict: str) -> int:
        return sum(offer.verdict == verdict for offer in self.offers)

    @property
    def newest(self) -> datetime | None:
        return max((at for offer in self.offers if (at := offer.link.hint.published_at)), default=None)


@dataclass(frozen=True, slots=True)
class Checked:
    """`problem`: why there is no sample."""

    site: Site
    sources: tuple[Yielded, ...]
    sample: Analysis | None = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.sources) and not any(one.error for one in self.sources)


def check_site(fetcher: Fetcher, site: Site, *, min_words: int) -> Checked:
    """Ask every source, and take one article through every step."""
    sources = tuple(_ask(fetcher, site, source) for source in site.sources)
    if not sources:
        return Checked(site, (), problem="the site file names no source")
    offers = [offer for one in sources for offer in one.offers if offer.verdict in ("fetch", "whole", "unknown")]
    sample, problem = _sample(fetcher, site, offers, min_words)
    return Checked(site, sources, sample, problem)


def _ask(fetcher: Fetcher, site: Site, source: Source) -> Yielded:
    address = source.url if isinstance(source, FeedSource) else page_url(api_url(source.url), 1, source.per_page)
    try:
        fetched = fetcher.get(address)
        if fetched.status != 200:
            return Yielded(source, error=f"{fetched.final_url}: HTTP status {fetched.status}")
        if isinstance(source, FeedSource):
            read = parse_feed(
                fetched.final_url,
                fetched.headers,
                fetched.body,
                full_content=source.full_content,
                source=source.key,
                zone=ZoneInfo(site.time_zone),
            )
            return Yielded(source, _judged(fetcher, site, read.links), skipped=read.skipped)
        posts = parse_posts(fetched.final_url, fetched.headers, fetched.body, source=source.key)
        return Yielded(source, _judged(fetcher, site, posts.links), total=posts.total)
    except (FetchError, DiscoveryError) as error:
        return Yielded(source, error=error.message)


def _judged(fetcher: Fetcher, site: Site, links: Iterable[Link]) -> tuple[Offer, ...]:
    return tuple(Offer(link, _verdict(fetcher, site, link)) for link in links)


def _verdict(fetcher: Fetcher, site: Site, link: Link) -> str:
    """robots.txt of strangers' hosts is not asked for: a list of links may lead to a hundred of them."""
    if not site.wants(link.url):
        return "left-out"
    if link.content is not None:
        return "whole"
    if not any(same_host(link.url, home) for home in (site.url, *(source.url for source in site.sources))):
        return "unknown"
    try:
        return "fetch" if fetcher.allowed(link.url) else "robots"
    except FetchError:
        return "robots"


def _sample(fetcher: Fetcher, site: Site, offers: Sequence[Offer], min_words: int) -> tuple[Analysis | None, str]:
    """The first article that can be had, through every step; else why not."""
    from monitor.analysis import analyse

    problem = "no source offers an article that may be fetched"
    for offer in offers[:SAMPLES_TRIED]:
        try:
            return analyse(_page(fetcher, site, offer.link), site.rules, min_words=min_words), ""
        except (FetchError, ExtractionError) as error:
            problem = f"{offer.link.url}: {error.message.removeprefix(f'{offer.link.url}: ')}"
    return None, problem


def _page(fetcher: Fetcher, site: Site, link: Link) -> Page:
    now = datetime.now(UTC)
    if link.content is not None:
        body = link.content.encode("utf-8", "replace")
        kind, via = "text/html; charset=utf-8", link.source.partition(":")[0]
        return Page(link.url, site.id, body, now, kind="fragment", content_type=kind, hint=link.hint, via=via)
    fetched = fetcher.get(link.url)
    if fetched.status != 200:
        raise FetchError(f"{link.url}: HTTP status {fetched.status}")
    return Page(
        link.url,
        site.id,
        fetched.body,
        now,
        final_url=fetched.final_url,
        content_type=fetched.headers.get("content-type", ""),
        hint=link.hint,
    )
