"""What belongs to one running crawler: the extension attaches it, middlewares and the pipeline find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from monitor.crawl.gathering import Gathering
from monitor.errors import StoreError
from monitor.records import UrlState


@dataclass
class Attached:
    """`in_flight`: states of the addresses whose page is on its way; `stop_for` ends the crawl for the error;
    `ending`: nothing more is waited for."""

    gathering: Gathering
    stop_for: Callable[[StoreError], None]
    in_flight: dict[str, UrlState] = field(default_factory=dict)
    ending: bool = False


class Ending(IgnoreRequest):
    """The crawl ends before the request's turn came: its address stays pending."""


_attached: WeakKeyDictionary[Crawler, Attached] = WeakKeyDictionary()


def attach(crawler: Crawler, attached: Attached) -> None:
    _attached[crawler] = attached


def attached_to(crawler: Crawler) -> Attached:
    """Raises KeyError when the extension `monitor.crawl.extension.Crawl` is not enabled."""
    return _attached[crawler]


def gathering_of(crawler: Crawler) -> Gathering | None:
    """None when the crawl never came so far."""
    attached = _attached.get(crawler)
    return attached.gathering if attached else None
