"""`monitor demo`: a small news world on loopback, crawled with the real spiders; ends with a search on the screen."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import console, context, err_console

if TYPE_CHECKING:
    from monitor.cli.crawl_display import Summary
    from monitor.config import Loaded
    from monitor.demo.server import RunningWorld
    from monitor.records import Document
    from monitor.store.port import Store

EXAMPLES = """
monitor demo                       with a terminal it stays open until you press Enter
monitor demo --folder my-demo      keep the settings, the archive and the raw pages
"""

QUERY = "Selurien"  # a story of the agency that a republisher copied under the same title
SETTINGS = """\
# Made by `monitor demo`: a world on this machine needs no politeness.
[crawl]
user_agent = "media-monitor-demo"
concurrent_sites = 2
"""


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Where to put it; default: a folder that is removed at the end."),
    ] = None,
) -> None:
    """Crawl a small news world: an agency and four sites that republish it, in German, English and Turkish.

    It is served by this program on loopback; no network is needed. Without a terminal the demo checks itself: exit code
    1 when an article is missing or wrong.
    """
    from monitor.demo.server import World

    with _folder(folder) as home, World.load().start() as world, _inside(home):
        _furnish(home, world)
        loaded = context()
        out = console()
        out.print(f"A news world of {len(world.addresses)} sites, served on this machine:\n")
        for site, address in world.addresses.items():
            out.print(f"  {site:<18} {address}/", soft_wrap=True)
        out.print(f"\n$ cd {home}\n$ monitor crawl", soft_wrap=True)
        problems = _crawl(loaded, world)
        out.print(f"\n$ monitor search {QUERY}", soft_wrap=True)
        _search(QUERY)
        if sys.stdin.isatty() and sys.stdout.isatty():
            _stay(home, world)
    for problem in problems:
        err_console().print(f"Error: {problem}", style="red", soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    console().print("\nThe demo checked itself: every article of the world is in the archive, as it was written.")


@contextmanager
def _folder(wanted: Path | None) -> Iterator[Path]:
    from monitor.errors import InputError

    if wanted is not None:
        if wanted.exists() and any(wanted.iterdir() if wanted.is_dir() else [wanted]):
            raise InputError(f"{wanted} is not an empty folder", hint="name a folder that does not exist yet")
        wanted.mkdir(parents=True, exist_ok=True)
        yield wanted.resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="monitor-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Commands use the current folder's monitor.toml, and nobody's environment."""
    before, kept = Path.cwd(), dict(os.environ)
    for name in list(os.environ):
        if name.startswith("MONITOR_"):
            del os.environ[name]
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)


def _furnish(folder: Path, world: RunningWorld) -> None:
    from monitor.demo.site_files import site_files

    (folder / "monitor.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "sites").mkdir()
    for name, text in site_files(world.addresses).items():
        (folder / "sites" / name).write_text(text, encoding="utf-8")


def _crawl(loaded: Loaded, world: RunningWorld) -> list[str]:
    """Crawl twice, as a user would, and compare with what was written."""
    from monitor.cli.crawl import choose, crawl_sites
    from monitor.cli.crawl_display import report
    from monitor.wiring import open_store

    store = open_store(loaded)
    try:
        first = crawl_sites(loaded, store, choose(loaded, [])[0], trigger="crawl")
        report(first)
        hits = {site: world.hits(site) for site in world.addresses}
        again = crawl_sites(loaded, store, choose(loaded, [])[0], trigger="crawl", quiet=True)
        documents = {document.article.url: document for document in store.scan()}
        return [
            *_failed(first),
            *_failed(again),
            *_differences(world, documents),
            *_asked_again(world, hits),
            *_searched(store),
        ]
    finally:
        store.close()


def _failed(summary: Summary) -> list[str]:
    found = [f"{ended.site}: {ended.message}" for ended, _ in summary.results if not ended.ok]
    return found + ([f"{summary.unfiled} articles were not filed"] if summary.unfiled else [])


def _differences(world: RunningWorld, documents: dict[str, Document]) -> list[str]:
    """What the archive says otherwise than the world."""
    found = []
    for key in world.world.truth:
        site, _, slug = key.partition("/")
        article, document = world.article(site, slug), documents.get(world.url(key))
        if document is None:
            found.append(f"{key} is not in the archive")
            continue
        if document.language.code != article.language:
            found.append(f"{key}: language {document.language.code}, written in {article.language}")
        if document.article.title != article.title:
            found.append(f"{key}: title {document.article.title!r}, written {article.title!r}")
        missing = [
            part for part in article.paragraphs if " ".join(part.split()) not in " ".join(document.article.text.split())
        ]
        if missing:
            found.append(f"{key}: a paragraph is missing: {missing[0][:60]}...")
    if len(documents) != len(world.world.truth):
        found.append(f"{len(documents)} articles in the archive, {len(world.world.truth)} in the world")
    return found


def _asked_again(world: RunningWorld, before: dict[str, dict[str, int]]) -> list[str]:
    """Pages that the second crawl fetched again: there should be none."""
    pages = {world.url(key)[len(world.addresses[key.partition("/")[0]]) :] for key in world.world.truth}
    return [
        f"{site}{path} was fetched again by the second crawl"
        for site in world.addresses
        for path, count in world.hits(site).items()
        if path in pages and count > before[site].get(path, 0)
    ]


def _searched(store: Store) -> list[str]:
    from monitor.query import parse
    from monitor.store.port import SearchRequest

    total = store.search(SearchRequest(parse(QUERY))).total
    return [] if total >= 2 else [f"the search for {QUERY} found {total} articles, expected the original and a copy"]


def _search(query: str) -> None:
    from monitor.cli.search import search

    search([query], limit=5)


def _stay(folder: Path, world: RunningWorld) -> None:
    out = console()
    out.print("\nThe world stays up. Look around from another terminal:\n")
    out.print(f"  cd {folder}", soft_wrap=True)
    for line in ("monitor search --lang tr zeytin", "monitor status", "monitor sites check", "monitor crawl"):
        out.print(f"  {line}")
    out.print(f"  open {next(iter(world.addresses.values()))}/", soft_wrap=True)
    out.print("\nPress Enter to end.")
    try:
        sys.stdin.readline()
    except KeyboardInterrupt:
        out.print()
