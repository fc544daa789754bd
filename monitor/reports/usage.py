"""Who uses an agency's texts: per site how many, licensed or not, credited or not, how much is kept, how soon."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from monitor.query import All, with_filters
from monitor.sources import use_of
from monitor.sources.licences import Licences
from monitor.store.port import Store
from monitor.urls import host_of

EXAMPLES = 5  # articles named per site


@dataclass(frozen=True, slots=True)
class Example:
    """One use. `origin`: the address, else the id, of the article that it was taken from, as far as known."""

    id: str
    site: str
    title: str
    url: str
    at: datetime  # story time
    credited: bool
    licensed: bool | None
    share_kept: float | None
    lag_seconds: int | None
    origin: str


@dataclass(frozen=True, slots=True)
class SiteUsage:
    """licensed and unlicensed are None where nobody keeps licences of the agency; `site` is empty for all together."""

    site: str
    articles: int
    licensed: int | None
    unlicensed: int | None
    credited: int
    uncredited: int
    mean_share_kept: float | None
    median_lag_seconds: int | None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Sites by number of articles, most first. `until` is not included."""

    agency: str
    since: datetime | None
    until: datetime | None
    total: SiteUsage
    sites: tuple[SiteUsage, ...] = ()


def usage(
    store: Store,
    agency: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    sites: tuple[str, ...] = (),
    licences: Licences | None = None,
    is_own: Callable[[str], bool] = lambda _: False,
) -> Usage:
    """Reads the articles published from `since` up to (without) `until` one by one; keeps two numbers of each use.

    `is_own`: does the address lie on the agency's own site? What it publishes itself is no use.
    """
    kept = licences or Licences()
    every, per_site = _Count(""), dict[str, _Count]()
    for example in _uses(store, agency, since, until, sites, kept, is_own):
        per_site.setdefault(example.site, _Count(example.site)).add(example)
        every.add(example)
    ordered = sorted(per_site.values(), key=lambda one: (-one.articles, one.site))
    return Usage(agency, since, until, every.result(), tuple(one.result() for one in ordered))


def _uses(
    store: Store,
    agency: str,
    since: datetime | None,
    until: datetime | None,
    sites: tuple[str, ...],
    licences: Licences,
    is_own: Callable[[str], bool],
) -> Iterator[Example]:
    node = with_filters(All(), since=since, until=until, sites=sites)
    for document in store.scan(None if isinstance(node, All) else node):
        credited = use_of(document, agency)
        article, source = document.article, document.source
        if credited is None or is_own(article.url):
            continue
        yield Example(
            id=document.id,
            site=article.site,
            title=article.title,
            url=article.url,
            at=document.story_time,
            credited=credited,
            licensed=licences.licensed(agency, article.site, document.story_time, host=host_of(article.url)),
            share_kept=source.share_kept,
            lag_seconds=source.lag_seconds,
            origin=source.origin.url or source.origin.article_id,
        )


@dataclass(slots=True)
class _Count:
    """Running numbers of one site: eight bytes for each lag and share, a few examples, and no article."""

    site: str
    articles: int = 0
    credited: int = 0
    licensed: int = 0
    judged: int = 0  # of those, licences are kept
    shares: array[float] = field(default_factory=lambda: array("d"))
    lags: array[int] = field(default_factory=lambda: array("q"))
    best: list[tuple[tuple[bool, bool, float], str, Example]] = field(default_factory=list)

    def add(self, one: Example) -> None:
        self.articles += 1
        self.credited += one.credited
        self.judged += one.licensed is not None
        self.licensed += bool(one.licensed)
        if one.share_kept is not None:
            self.shares.append(one.share_kept)
        if one.lag_seconds is not None:
            self.lags.append(one.lag_seconds)
        # What a licensing desk asks for first: unlicensed, uncredited, and most of the text.
        entry = ((one.licensed is False, not one.credited, one.share_kept or 0.0), one.id, one)
        if len(self.best) < EXAMPLES:
            heapq.heappush(self.best, entry)
        else:
            heapq.heappushpop(self.best, entry)

    def result(self) -> SiteUsage:
        return SiteUsage(
            site=self.site,
            articles=self.articles,
            licensed=self.licensed if self.judged else None,
            unlicensed=self.judged - self.licensed if self.judged else None,
            credited=self.credited,
            uncredited=self.articles - self.credited,
            mean_share_kept=round(sum(self.shares) / len(self.shares), 4) if self.shares else None,
            median_lag_seconds=round(median(self.lags)) if self.lags else None,
            examples=tuple(one for _, _, one in sorted(self.best, reverse=True)),
        )
