"""`monitor sites`: add, list and check the sites to watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import JsonOption, console, context, err_console, print_json, show_time, table

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.discovery.probe import Candidate, Home
    from monitor.fetch import Fetcher
    from monitor.records import Link
    from monitor.sites import Site, Source

app = typer.Typer(no_args_is_help=True, help="Add, list and check the sites to watch.")

EXAMPLES = """
monitor sites add https://example.org/
monitor sites add http://127.0.0.1:8000/ --allow-private     a server of this machine or of an intranet
monitor sites check example.org                              dry run: nothing is stored
"""

MOST_FEEDS = 3  # written as sources; a page that names more names its sections
SHOWN = 5  # addresses shown per source


# --- list -----------------------------------------------------------------------------------------------------------


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show the site files of this folder, and what is wrong with those that can't be read."""
    from monitor.sites import load_sites

    loaded = context()
    sites, errors = load_sites(loaded.sites)
    if json_output:
        print_json([_as_json(site) for site in sites.values()])
    else:
        shown = table("site", "name", "sources", "schedule", "")
        for site in sites.values():
            kinds = ", ".join(source.kind for source in site.sources) or "none"
            state = "" if site.enabled else "disabled"
            shown.add_row(site.id, site.name, kinds, _schedule(site, loaded), state)
        console().print(shown)
        if not sites and not errors:
            console().print(f"No site in {loaded.sites}; add one: monitor sites add URL", soft_wrap=True)
    for error in errors:
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    if errors:
        raise typer.Exit(2)


def _schedule(site: Site, loaded: Loaded) -> str:
    if site.schedule is None:
        return f"every {loaded.settings.schedule.every}"
    return f"cron {site.schedule.cron}" if site.schedule.cron else f"every {site.schedule.every}"


def _as_json(site: Site) -> dict[str, Any]:
    found = site.model_dump(mode="json")
    found["headers"] = dict.fromkeys(site.headers, "********")  # they may carry a key
    return found


# --- add ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verified:
    """A source that was asked and answered as one."""

    kind: str
    url: str
    links: int
    title: str = ""
    language: str = ""
    with_content: int = 0


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's home page, or one of its feeds.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The site may be on a private address.")
    ] = False,
    site_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Name of the site file; default: from the host.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Name for people; default: as the site calls itself.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the site file.")] = False,
) -> None:
    """Look for feeds and a WordPress API and write a commented site file.

    Every source that is written was asked and answered. With a WordPress API whole articles come without page fetches,
    so the feeds are written beside it as comments.
    """
    from monitor.errors import SiteError
    from monitor.sites import host_name

    loaded = context()
    address = url if "://" in url else f"https://{url}"
    path = loaded.sites / f"{site_id or host_name(address)}.yaml"
    if path.exists() and not force:
        raise SiteError(f"{path} is there already", hint="--force overwrites it, --id gives the new one another name")
    fetcher = _fetcher(loaded, allow_private=allow_private)
    home, found, tried = _look(fetcher, address)
    if not found:
        asked = "\n".join(f"  {one}" for one in tried)
        raise SiteError(f"no feed and no WordPress API found at {address}; asked:\n{asked}", hint=_nothing_hint())
    _write(path, address, home, found, name=name, allow_private=allow_private)
    _tell(path, found)


def _nothing_hint() -> str:
    return "name the feed itself if you know it: monitor sites add https://.../feed.xml"


def _fetcher(loaded: Loaded, *, allow_private: bool, site: Site | None = None) -> Fetcher:
    from monitor.fetch import Fetcher

    crawl, proxy = loaded.settings.crawl, loaded.settings.proxy
    return Fetcher(
        user_agent=site.user_agent if site and site.user_agent else crawl.user_agent,
        timeout=crawl.timeout,
        max_bytes=crawl.max_bytes,
        allow_private=allow_private,
        obey_robots=crawl.obey_robots,
        headers=site.resolved_headers() if site else {},
        home=site.url if site else "",
        proxy=proxy.get_secret_value() if proxy else None,
    )


def _look(fetcher: Fetcher, url: str) -> tuple[Home, list[Verified], list[str]]:
    """What the address is, or leads to: the home page, verified sources (WordPress first), and what was asked."""
    from monitor.discovery.probe import Home, read_home
    from monitor.errors import FetchError

    fetched = fetcher.get(url)
    if fetched.status >= 400:
        raise FetchError(f"{url}: the server answered with HTTP status {fetched.status}")
    itself = _as_source(fetched.final_url, fetched.headers, fetched.body)
    if itself is not None:
        return Home((), itself.title, itself.language), [itself], [url]
    home = read_home(fetched.final_url, fetched.headers, fetched.body)
    found: list[Verified] = []
    tried = []
    for candidate in home.candidates:
        if _enough(candidate, found):
            continue
        verified, why = _verify(fetcher, candidate)
        tried.append(f"{candidate.url}: {why or 'ok'}")
        if verified is not None and verified.url not in {one.url for one in found}:
            found.append(verified)
    return home, found, tried


def _enough(candidate: Candidate, found: Sequence[Verified]) -> bool:
    """Usual places are asked until one answers; named feeds up to a number."""
    same = [one for one in found if one.kind == candidate.kind]
    return bool(same) and (not candidate.named or len(same) >= MOST_FEEDS or candidate.kind == "wordpress")


def _as_source(url: str, headers: Any, body: bytes) -> Verified | None:
    from monitor.discovery.feed import parse_feed
    from monitor.discovery.wordpress import parse_posts
    from monitor.errors import DiscoveryError

    try:
        feed = parse_feed(url, headers, body, full_content=True)
        return Verified("feed", url, len(feed.links), feed.title, feed.language, _whole(feed.links))
    except DiscoveryError:
        pass
    if "wp/v2/posts" in url:
        try:
            return Verified("wordpress", url, len(parse_posts(url, headers, body).links))
        except DiscoveryError:
            return None
    return None


def _verify(fetcher: Fetcher, candidate: Candidate) -> tuple[Verified | None, str]:
    """Ask the candidate; why not, where it is none."""
    from monitor.discovery.feed import parse_feed
    from monitor.discovery.probe import is_comment_feed
    from monitor.discovery.wordpress import api_url, page_url, parse_posts
    from monitor.errors import DiscoveryError, FetchError

    try:
        if candidate.kind == "wordpress":
            address = page_url(api_url(candidate.url), 1, 10)
            fetched = fetcher.get(address)
            if fetched.status != 200:
                return None, f"HTTP status {fetched.status}"
            posts = parse_posts(address, fetched.headers, fetched.body)
            whole = sum(link.content is not None for link in posts.links)
            if not posts.links:
                return None, "an API without posts"
            return Verified(
                "wordpress",
                candidate.url.removesuffix("/wp-json/") + "/",
                posts.total or len(posts.links),
                with_content=whole,
            ), ""
        fetched = fetcher.get(candidate.url)
        if fetched.status != 200:
            return None, f"HTTP status {fetched.status}"
        feed = parse_feed(fetched.final_url, fetched.headers, fetched.body, full_content=True)
    except (FetchError, DiscoveryError) as error:
        return None, error.message
    if is_comment_feed(fetched.final_url, feed.title):
        return None, "a feed of comments"
    if not feed.links:
        return None, "a feed without entries"
    return Verified("feed", fetched.final_url, len(feed.links), feed.title, feed.language, _whole(feed.links)), ""


def _whole(links: Sequence[Link]) -> int:
    """Entries whose content is as long as an article."""
    return sum(len(link.content or "") > 1500 for link in links)


def _write(path: Any, url: str, home: Home, found: Sequence[Verified], *, name: str, allow_private: bool) -> None:
    from monitor.errors import SiteError
    from monitor.sites import load_site, site_file_text

    wordpress = next((one for one in found if one.kind == "wordpress"), None)
    feeds = [one for one in found if one.kind == "feed"][:MOST_FEEDS]
    language = next((one.language for one in feeds if one.language), home.language)
    title = name or home.title or next((one.title for one in feeds if one.title), "")
    text = site_file_text(
        url=url,
        name=title,
        language=language,
        wordpress=wordpress.url if wordpress else "",
        feeds=[(one.url, one.links, one.with_content) for one in feeds],
        allow_private=allow_private,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SiteError(f"{path} can't be written: {error.strerror or error}") from error
    load_site(path)  # what we write, we can read


def _tell(path: Any, found: Sequence[Verified]) -> None:
    out = console()
    for one in found:
        what = "WordPress API" if one.kind == "wordpress" else "feed"
        out.print(f"found {what}: {one.url} ({one.links} articles)", soft_wrap=True)
    out.print(f"wrote {path}", soft_wrap=True)
    out.print(f"next: monitor sites check {path.stem}", soft_wrap=True)


# --- check ----------------------------------------------------------------------------------------------------------


@dataclass
class Looked:
    """What one source yields now."""

    source: Source
    links: tuple[Link, ...] = ()
    error: str = ""
    without: int = 0  # left out by allow and deny


@app.command()
def check(
    site_id: Annotated[str, typer.Argument(metavar="[SITE]", help="Id of a site; none: all enabled.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=0, help="Addresses to show per source.")] = SHOWN,
    json_output: JsonOption = False,
) -> None:
    """Dry run: what each source yields, what would be fetched, and one sample article. Nothing is stored.

    Exit code 1 when a source of a site can't be read.
    """
    from monitor.cli.crawl import choose

    loaded = context()
    sites, broken = choose(loaded, [site_id] if site_id else [])
    results = [_check(loaded, site) for site in sites]
    if json_output:
        print_json([_checked_json(*result) for result in results])
    else:
        for result in results:
            _show_checked(*result, limit=limit, zone=loaded.settings.time_zone)
    if broken or any(one.error for _, looked, _, _ in results for one in looked):
        raise typer.Exit(1)


def _check(loaded: Loaded, site: Site) -> tuple[Site, list[Looked], Any, str]:
    fetcher = _fetcher(loaded, allow_private=site.allow_private, site=site)
    looked = [_ask(fetcher, site, source) for source in site.sources]
    links = [link for one in looked for link in one.links]
    sample, problem = _sample(loaded, fetcher, site, links)
    return site, looked, sample, problem


def _ask(fetcher: Fetcher, site: Site, source: Source) -> Looked:
    from monitor.discovery.feed import parse_feed
    from monitor.discovery.wordpress import api_url, page_url, parse_posts
    from monitor.errors import DiscoveryError, FetchError

    address = source.url if source.kind == "feed" else page_url(api_url(source.url), 1, source.per_page)
    try:
        fetched = fetcher.get(address)
        if fetched.status != 200:
            return Looked(source, error=f"{address}: HTTP status {fetched.status}")
        links: tuple[Link, ...]
        if source.kind == "feed":
            links = parse_feed(fetched.final_url, fetched.headers, fetched.body, full_content=source.full_content).links
        else:
            links = parse_posts(fetched.final_url, fetched.headers, fetched.body).links
    except (FetchError, DiscoveryError) as error:
        return Looked(source, error=error.message)
    wanted = tuple(link for link in links if site.wants(link.url))
    return Looked(source, wanted, without=len(links) - len(wanted))


def _sample(loaded: Loaded, fetcher: Fetcher, site: Site, links: Sequence[Link]) -> tuple[Any, str]:
    """The first article that can be had, through every step; else why not."""
    from monitor.analysis import analyse
    from monitor.errors import ExtractionError, FetchError

    problem = "no source offers an article"
    for link in links[:3]:
        try:
            page = _page(fetcher, site, link)
            return analyse(page, site.rules, min_words=loaded.settings.crawl.min_words), ""
        except (FetchError, ExtractionError) as error:
            problem = f"{link.url}: {error.message}"
    return None, problem


def _page(fetcher: Fetcher, site: Site, link: Link) -> Any:
    from monitor.errors import FetchError
    from monitor.records import Page

    now = datetime.now(UTC)
    if link.content is not None:
        body = link.content.encode("utf-8", "replace")
        return Page(
            link.url, site.id, body, now, kind="fragment", content_type="text/html; charset=utf-8", hint=link.hint
        )
    fetched = fetcher.get(link.url)
    if fetched.status != 200:
        raise FetchError(f"HTTP status {fetched.status}")
    kind = fetched.headers.get("content-type", "")
    return Page(link.url, site.id, fetched.body, now, final_url=fetched.final_url, content_type=kind, hint=link.hint)


def _show_checked(site: Site, looked: Sequence[Looked], sample: Any, problem: str, *, limit: int, zone: str) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(f"{site.id}  {site.name}", style="bold"), soft_wrap=True)
    for one in looked:
        if one.error:
            out.print(Text(f"  {one.source.kind}: failed: {one.error}", style="red"), soft_wrap=True)
            continue
        without = f", {one.without} left out by allow and deny" if one.without else ""
        ready = sum(link.content is not None for link in one.links)
        fetches = f"{len(one.links) - ready} pages to fetch" + (f", {ready} come whole" if ready else "")
        out.print(
            f"  {one.source.kind} {one.source.url}: {len(one.links)} articles{without}; {fetches}", soft_wrap=True
        )
        for link in one.links[:limit]:
            out.print(f"    {show_time(link.hint.published_at, zone) or '-':<16}  {link.url}", soft_wrap=True)
    if sample is None:
        out.print(Text(f"  no sample article: {problem}", style="red"), soft_wrap=True)
        return
    article, language = sample.article, sample.language
    out.print(f"  sample: {article.url}", soft_wrap=True)
    facts = [
        ("title", article.title),
        ("published", show_time(article.published_at, zone)),
        ("authors", ", ".join(article.authors)),
    ]
    facts += [
        ("language", f"{language.code} ({language.confidence:.2f}, by {language.method})"),
        ("words", str(article.words)),
    ]
    facts += [("caption", f"{one.text} [{one.credit}]" if one.credit else one.text) for one in article.captions[:3]]
    facts += [("text", " ".join(article.text.split())[:300])]
    for label, value in facts:
        if value:
            out.print(Text(f"    {label:<10} ", style="dim").append(value, style="default not dim"), soft_wrap=True)


def _checked_json(site: Site, looked: Sequence[Looked], sample: Any, problem: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "site": site.id,
        "sources": [
            {
                "kind": one.source.kind,
                "url": one.source.url,
                "error": one.error,
                "left_out": one.without,
                "articles": [
                    {"url": link.url, "published_at": link.hint.published_at, "fetch": link.content is None}
                    for link in one.links
                ],
            }
            for one in looked
        ],
        "sample": None,
        "problem": problem,
    }
    if sample is not None:
        from monitor.exporting import export_record
        from monitor.filing import first_document

        found["sample"] = export_record(first_document(sample))
    return found
