"""`monitor sites`: add, list and check the sites to watch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import JsonOption, console, context, err_console, print_json, show_number, table

if TYPE_CHECKING:
    from monitor.cli.sites_finding import Found, Search, Tell
    from monitor.config import Loaded
    from monitor.sites import Site

app = typer.Typer(no_args_is_help=True, help="Add, list and check the sites to watch.")

EXAMPLES = """
monitor sites add https://example.org/
monitor sites add http://127.0.0.1:8000/ --allow-private     a server of this machine or of an intranet
monitor sites check example.org                              dry run: nothing is stored
"""

SHOWN = 10  # addresses per source


# --- list ------------------------------------------------------------------------------------------------------------


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show the site files of this folder, and what is wrong with those that can't be read."""
    from monitor.sites import load_sites

    loaded = context()
    sites, errors = load_sites(loaded.sites)
    if json_output:
        print_json([_as_json(site) for site in sites.values()])
    elif sites:
        shown = table("site", "name", "sources", "schedule", "", whole=("site",))
        for site in sites.values():
            kinds = ", ".join(source.kind for source in site.sources) or "none"
            shown.add_row(site.id, site.name, kinds, _schedule(site, loaded), "" if site.enabled else "disabled")
        console().print(shown)
    elif not errors:
        console().print(f"No site in {loaded.sites} yet; add one: monitor sites add URL", soft_wrap=True)
    for error in errors:
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    if errors:
        raise typer.Exit(2)


def _schedule(site: Site, loaded: Loaded) -> str:
    if site.schedule is None:
        return f"every {loaded.settings.schedule.every}"
    return f"cron {site.schedule.cron}" if site.schedule.cron else f"every {site.schedule.every}"


def _as_json(site: Site) -> dict[str, Any]:
    return site.model_dump(mode="json") | {"headers": site.masked_headers()}


# --- add -------------------------------------------------------------------------------------------------------------


@app.command()
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's home page, one of its feeds, or its API.")],
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The site may be on a private address (this machine, an intranet).")
    ] = False,
    wanted_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Name of the site file; default: from the host.")
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Name for people; default: as the site calls itself.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the site file.")] = False,
) -> None:
    """Look for feeds and a WordPress API, and write a commented site file.

    Every source that is written was asked and answered. A WordPress API brings whole articles without page fetches:
    where there is one, the feeds are written beside it as comments.
    """
    from monitor.cli.fetching import fetcher_for, is_this_machine
    from monitor.cli.sites_finding import look
    from monitor.sites import site_id

    loaded = context()
    address = _without_login(url if "://" in url else f"https://{url}")
    _refuse_existing(loaded, wanted_id or site_id(address), force=force)
    delay = 0.0 if is_this_machine(address) else loaded.settings.crawl.delay
    with _telling() as tell:
        search = look(fetcher_for(loaded, allow_private=allow_private, delay=delay), address, tell)
    path = _refuse_existing(loaded, wanted_id or site_id(search.url), force=force)
    site, text = _described(path.name.removesuffix(".yaml"), search, name=name, allow_private=allow_private)
    _write(path, text)
    _tell_found(site, search, path)


def _without_login(url: str) -> str:
    """Raises FetchError for what is no address, SiteError for a name and password in it: nothing would send them."""
    from urllib.parse import urlsplit

    from monitor.errors import SiteError
    from monitor.urls import normalise

    normalise(url)
    if "@" in urlsplit(url).netloc:
        raise SiteError(
            "a name and password in an address are not sent",
            hint="write `headers: {Authorization: ...}` in a site file",
        )
    return url


def _refuse_existing(loaded: Loaded, chosen: str, *, force: bool) -> Path:
    """The file of the new site. Raises SiteError for a name that is none, or taken."""
    from monitor.errors import SiteError
    from monitor.yamlfile import is_id

    if not is_id(chosen):
        raise SiteError(f"{chosen!r} is no id of a site", hint="use lower-case letters, digits, '-', '_' and '.'")
    path = loaded.sites / f"{chosen}.yaml"
    if path.exists() and not force:
        raise SiteError(f"{path} is there already", hint="--force overwrites it, --id gives the new one another name")
    return path


@contextmanager
def _telling() -> Iterator[Tell]:
    """What is being asked, on a terminal; nothing elsewhere."""
    out = err_console()
    if not out.is_terminal:
        yield lambda _: None
        return
    with out.status("") as status:
        yield lambda address: status.update(f"asking {address}")


def _described(chosen: str, search: Search, *, name: str, allow_private: bool) -> tuple[Site, str]:
    """The site, and the text of its file."""
    from urllib.parse import urljoin

    from monitor.cli.fetching import is_this_machine
    from monitor.sites import Site, site_file_text

    home = search.url if search.home.candidates else urljoin(search.url, "/")
    titles = (name, search.home.title, *(found.title for found in search.found))
    languages = (*(found.language for found in search.found), search.home.language)
    local = is_this_machine(home)
    site = Site(
        id=chosen,
        name=next((title for title in titles if title), ""),
        url=home,
        sources=tuple(found.source for found in search.found),
        language=next((code for one in languages if (code := _language(one))), ""),
        delay=0.0 if local else None,
        allow_private=allow_private,
    )
    notes = {
        "time_zone": "Of dates that come without a zone: write the site's own, for example Europe/Berlin.",
        "language": "As the site says; used where a text is too short to tell.",
        "sources": "\n".join(["Where new articles are found.", *(_explained(found) for found in search.found)]),
    }
    if local:
        notes["delay"] = "Seconds between two requests: none, this is a server of your own machine."
    head = (
        f"{site.name or home}\n`monitor sites check {chosen}` shows what a crawl would fetch; nothing is stored by it."
    )
    spare = [(found.source, reason) for found, reason in search.spare]
    return site, site_file_text(site, head=head, spare=spare, notes=notes)


def _language(code: str) -> str:
    """The primary language of "de-DE" or "de_DE"; empty for what is none."""
    primary = code.replace("_", "-").partition("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() and 2 <= len(primary) <= 3 else ""


def _explained(found: Found) -> str:
    if found.source.kind == "wordpress":
        texts = "with their text" if any(link.content for link in found.links) else "without their text"
        return (
            f"The WordPress API: up to 100 articles in one request, {texts}; {found.total} when it was added. "
            "`pages: 10` asks for ten times as many, for older ones."
        )
    return f"{found.source.url}: {found.total} articles when it was added."


def _write(path: Path, text: str) -> None:
    from monitor.errors import SiteError
    from monitor.sites import read_site

    read_site(text, path.name.removesuffix(".yaml"), path)  # what is written can be read
    beside = path.with_name(f".{path.name}.new")  # put in place whole: a full disk leaves no half file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise SiteError(f"{path} can't be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _tell_found(site: Site, search: Search, path: Path) -> None:
    from rich.text import Text

    out = console()
    out.print(Text(f"{site.name or site.id}", style="bold").append(f"  {site.url}", style="not bold"), soft_wrap=True)
    for found in search.found:
        out.print(f"  {_called(found)}", soft_wrap=True)
    for found, reason in search.spare:
        out.print(Text(f"  {_called(found)}: as a comment. {reason}", style="dim"), soft_wrap=True)
    out.print(f"wrote {path}", soft_wrap=True)
    out.print(f"next: monitor sites check {site.id}", soft_wrap=True)


def _called(found: Found) -> str:
    kind = "WordPress API" if found.source.kind == "wordpress" else "feed"
    return f"{kind} {found.source.url} ({show_number(found.total)} articles)"


# --- check -----------------------------------------------------------------------------------------------------------


@app.command()
def check(
    site_id: Annotated[str, typer.Argument(metavar="[SITE]", help="Id of a site; none: all enabled.")] = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help="Addresses to show per source.")] = SHOWN,
    json_output: JsonOption = False,
) -> None:
    """Dry run: what each source yields, what would be fetched, and one sample article. Nothing is stored.

    Exit code 1 when a source of a site, or a site file, can't be read.
    """
    from monitor.cli.crawl import choose
    from monitor.cli.fetching import fetcher_for
    from monitor.cli.sites_checking import check_site
    from monitor.cli.sites_showing import checked_json, show_checked
    from monitor.errors import SiteError

    loaded = context()
    sites, broken = choose(loaded, [site_id] if site_id else [])
    results = []
    for site in sites:
        try:
            fetcher = fetcher_for(loaded, site)
        except SiteError as error:  # a header's variable is not set: the other sites are checked all the same
            if site_id:
                raise
            err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
            broken += 1
            continue
        result = check_site(fetcher, site, min_words=loaded.settings.crawl.min_words)
        results.append(result)
        if not json_output:
            show_checked(result, limit=limit, zone=loaded.settings.time_zone)
    if json_output:
        print_json([checked_json(result) for result in results])
    if broken or not all(result.ok for result in results):
        raise typer.Exit(1)
