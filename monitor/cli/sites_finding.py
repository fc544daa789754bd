"""Where a site's articles can be found: its home page is read, every candidate is asked before it counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from monitor.discovery.feed import parse_feed
from monitor.discovery.probe import Candidate, Home, is_comment_feed, read_home
from monitor.discovery.wordpress import api_url, base_url, page_url, parse_posts
from monitor.errors import DiscoveryError, FetchError, NotFound
from monitor.records import Link
from monitor.sites import FeedSource, Source, WordPressSource

if TYPE_CHECKING:
    from monitor.fetch import Fetched, Fetcher

MOST_FEEDS = 3  # that become sources; a page that names more names its sections
ASKED_POSTS = 10  # enough to see whether the posts carry their text
ARTICLE_LENGTH = 1500  # characters of HTML; the longest teaser of a feed has some 700
MOST_WHOLE = 0.5  # of a feed's entries must be as long as that to call it a feed of whole articles

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Found:
    """A source that was asked and answered as one."""

    source: Source
    links: tuple[Link, ...]
    total: int  # articles that it offers
    title: str = ""
    language: str = ""

    @property
    def whole(self) -> int:
        """Entries that carry the whole article, as far as their length tells."""
        return sum(len(link.content or "") >= ARTICLE_LENGTH for link in self.links)

    @property
    def carries_articles(self) -> bool:
        return self.whole >= max(1, MOST_WHOLE * len(self.links))


@dataclass(frozen=True, slots=True)
class Search:
    """What was found at an address. `spare`: sources that answered and are not needed, with the reason."""

    url: str
    home: Home
    found: tuple[Found, ...] = ()
    spare: tuple[tuple[Found, str], ...] = ()
    tried: tuple[tuple[str, str], ...] = field(default=())  # address, why it is none


def look(fetcher: Fetcher, url: str, tell: Tell) -> Search:
    """Ask the address, what it names, and the usual places. Raises FetchError when the address can't be fetched,
    NotFound when nothing there is a source."""
    tell(url)
    fetched = fetcher.get(url)
    itself = _as_source(fetched)
    if itself is not None:
        return Search(fetched.final_url, Home(()), (itself,))
    # A home page that is refused or missing says nothing; the usual places may answer all the same.
    home = read_home(fetched.final_url, fetched.headers, fetched.body if fetched.status < 400 else b"")
    tried = [] if fetched.status < 400 else [(url, _status(fetched))]
    found: list[Found] = []
    for candidate in home.candidates:
        if _enough(candidate, found):
            continue
        tell(candidate.url)
        try:
            found.append(_verified(fetcher, candidate))
        except (FetchError, DiscoveryError) as error:
            tried.append((candidate.url, error.message.removeprefix(f"{candidate.url}: ")))
    if not found:
        raise _nothing(url, tried)
    used, spare = _chosen(found)
    return Search(fetched.final_url, home, used, spare, tuple(tried))


def _nothing(url: str, tried: list[tuple[str, str]]) -> NotFound:
    asked = "\n".join(f"  {address}: {why}" for address, why in tried)
    return NotFound(
        f"no feed and no WordPress API was found at {url}; asked were:\n{asked}",
        hint="name the feed itself if you know it: monitor sites add https://.../feed.xml",
    )


def _status(fetched: Fetched) -> str:
    return f"HTTP status {fetched.status}"


def _enough(candidate: Candidate, found: list[Found]) -> bool:
    """Usual places are asked until one answers, named ones up to a number."""
    same = [one for one in found if one.source.kind == candidate.kind]
    return bool(same) and (not candidate.named or candidate.kind == "wordpress" or len(same) >= MOST_FEEDS)


# --- asking ----------------------------------------------------------------------------------------------------------


def _as_source(fetched: Fetched) -> Found | None:
    """The address itself, if it is a feed or the posts of an API."""
    if fetched.status != 200:
        return None
    try:
        return _feed(fetched)
    except DiscoveryError:
        pass
    if "/wp/v2/" not in fetched.final_url:
        return None
    try:
        return _posts(fetched.final_url, fetched)
    except DiscoveryError:
        return None


def _verified(fetcher: Fetcher, candidate: Candidate) -> Found:
    """Raises FetchError or DiscoveryError when the candidate is no source."""
    wordpress = candidate.kind == "wordpress"
    fetched = fetcher.get(page_url(api_url(candidate.url), 1, ASKED_POSTS) if wordpress else candidate.url)
    if fetched.status != 200:
        raise DiscoveryError(_status(fetched))
    if wordpress:
        return _posts(candidate.url, fetched)
    found = _feed(fetched)
    if is_comment_feed(found.source.url, found.title):
        raise DiscoveryError("a feed of comments")
    if not found.links:
        raise DiscoveryError("a feed without entries")
    return replace(found, title=found.title or candidate.title)


def _feed(fetched: Fetched) -> Found:
    feed = parse_feed(fetched.final_url, fetched.headers, fetched.body, full_content=True)
    source = FeedSource(kind="feed", url=fetched.final_url)
    return Found(source, feed.links, len(feed.links), feed.title, feed.language)


def _posts(url: str, fetched: Fetched) -> Found:
    posts = parse_posts(fetched.final_url, fetched.headers, fetched.body)
    if not posts.links:
        raise DiscoveryError("a WordPress API without posts")
    source = WordPressSource(kind="wordpress", url=base_url(url))
    return Found(source, posts.links, posts.total or len(posts.links))


# --- choosing --------------------------------------------------------------------------------------------------------


def _chosen(found: list[Found]) -> tuple[tuple[Found, ...], tuple[tuple[Found, str], ...]]:
    """An API with the texts alone; else the feeds that add articles; else an API without texts."""
    apis = [one for one in found if one.source.kind == "wordpress"]
    feeds = [one for one in found if one.source.kind == "feed"]
    if any(link.content for api in apis for link in api.links):
        return tuple(apis), tuple(
            (feed, "Not needed beside the API: the same articles, but a page is fetched for each.") for feed in feeds
        )
    if not feeds:
        return tuple(apis), ()
    used, spare = _adding(feeds)
    return used, (*spare, *((api, "The API answers, but without the texts; a feed costs less.") for api in apis))


def _adding(feeds: list[Found]) -> tuple[tuple[Found, ...], tuple[tuple[Found, str], ...]]:
    """Feeds with articles that those before them don't have: most sites offer one list in several formats."""
    known: set[str] = set()
    used: list[Found] = []
    spare: list[tuple[Found, str]] = []
    for feed in feeds:
        urls = {link.url for link in feed.links}
        if urls <= known:
            spare.append((feed, "The same articles as above, in another form."))
        else:
            used.append(feed)
        known |= urls
    return tuple(used), (*_whole_forms(used), *spare)


def _whole_forms(used: list[Found]) -> Iterator[tuple[Found, str]]:
    for feed in used:
        if feed.carries_articles and isinstance(feed.source, FeedSource):
            source = feed.source.model_copy(update={"full_content": True})
            yield (
                replace(feed, source=source),
                f"{feed.whole} of {len(feed.links)} entries seem to carry the whole article: "
                "in place of the feed above, this fetches no page.",
            )
