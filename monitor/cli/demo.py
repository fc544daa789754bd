"""`monitor demo`: a small news world on loopback, crawled with the real spiders; ends with a search on the screen."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import console, context, err_console

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.demo.server import RunningWorld

EXAMPLES = """
monitor demo                       with a terminal it stays open until you press Enter
monitor demo --folder my-demo      keep the settings, the archive and the raw pages
"""

QUERY = "Selurien"  # a story of the agency that a republisher copied under the same title
AGENCY = "dpa"
SETTINGS = """\
# Made by `monitor demo`: a world on this machine needs no politeness.
[crawl]
user_agent = "media-monitor-demo"
concurrent_sites = 2
"""
ON_ENGINE = """
[store]
kind = "elasticsearch"
index_prefix = "{prefix}"
"""
_STORE = "MONITOR_STORE__"
_FILES = ("CA_CERTS", "PASSWORD_FILE", "API_KEY_FILE")  # paths are taken from the demo's folder there
_OF_THE_FOLDER = ("KIND", "PATH", "SPOOL", "INDEX_PREFIX")  # the demo has its own


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Where to put it; default: a folder that is removed at the end."),
    ] = None,
) -> None:
    """Crawl a small news world: an agency and four sites that republish it, in German, English and Turkish.

    It is served by this program on loopback; no network is needed. Without a terminal the demo checks itself: exit code
    1 when an article is missing or wrong.

    With MONITOR_STORE__KIND=elasticsearch and MONITOR_STORE__URL in the environment it runs on that engine, in indices
    of its own; they are removed at the end, unless --folder keeps the rest.
    """
    from monitor.demo.server import World

    engine = _engine(os.environ)
    with _folder(folder) as home, World.load().start() as world, _inside(home, engine), ExitStack() as stack:
        _furnish(home, world, on_engine=bool(engine))
        loaded = context()
        if engine and folder is None:
            stack.callback(_remove, loaded)
        out = console()
        out.print(f"A news world of {len(world.addresses)} sites, served on this machine:\n")
        for site, address in world.addresses.items():
            out.print(f"  {site:<18} {address}/", soft_wrap=True)
        if engine:
            store = loaded.settings.store
            end = "" if folder else "; they are removed at the end"
            where = f"on {', '.join(store.url)}, in the indices {store.index_prefix}-*{end}"
            out.print(f"\nThe archive is {where}.", soft_wrap=True)
        out.print(f"\n$ cd {home}\n$ monitor crawl", soft_wrap=True)
        problems = _crawl(loaded, world)
        out.print(f"\n$ monitor search {QUERY}", soft_wrap=True)
        _search(QUERY)
        _trace(loaded)
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


def _engine(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that say where the engine is and who asks; empty where the demo's own folder is the store."""
    if environment.get(f"{_STORE}KIND") != "elasticsearch":
        return {}
    said = {name: value for name, value in environment.items() if name.startswith(_STORE)}
    for name in _OF_THE_FOLDER:
        said.pop(f"{_STORE}{name}", None)
    return said | {
        f"{_STORE}{name}": str(Path(said[f"{_STORE}{name}"]).absolute()) for name in _FILES if f"{_STORE}{name}" in said
    }


def _remove(loaded: Loaded) -> None:
    from monitor.wiring import remove_engine_store

    remove_engine_store(loaded)


@contextmanager
def _inside(folder: Path, engine: Mapping[str, str]) -> Iterator[None]:
    """Commands use the current folder's monitor.toml, and nobody's environment but for the engine."""
    before, kept = Path.cwd(), dict(os.environ)
    for name in list(os.environ):
        if name.startswith("MONITOR_"):
            del os.environ[name]
    os.environ.update(engine)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(kept)


def _furnish(folder: Path, world: RunningWorld, *, on_engine: bool) -> None:
    from monitor.demo.site_files import site_files

    store = ON_ENGINE.format(prefix=f"demo-{uuid.uuid4().hex[:12]}") if on_engine else ""
    (folder / "monitor.toml").write_text(SETTINGS + store, encoding="utf-8")
    (folder / "sites").mkdir()
    for name, text in site_files(world.addresses).items():
        (folder / "sites" / name).write_text(text, encoding="utf-8")


def _crawl(loaded: Loaded, world: RunningWorld) -> list[str]:
    """Crawl twice, as a user would, and compare with what was written."""
    from monitor.cli.crawl import choose, crawl_sites
    from monitor.cli.crawl_display import report
    from monitor.cli.demo_checking import asked_again, differences, failed, searched, traced
    from monitor.wiring import open_store

    store = open_store(loaded)
    try:
        first = crawl_sites(loaded, store, choose(loaded, [])[0], trigger="crawl")
        report(first)
        hits = {site: world.hits(site) for site in world.addresses}
        again = crawl_sites(loaded, store, choose(loaded, [])[0], trigger="crawl", quiet=True)
        store.refresh()
        documents = {document.article.url: document for document in store.scan()}
        return [
            *failed(first),
            *failed(again),
            *differences(world, documents),
            *traced(world, documents),
            *asked_again(world, hits),
            *searched(store, QUERY),
        ]
    finally:
        store.close()


def _search(query: str) -> None:
    from monitor.cli.search import search

    search([query], limit=5)


def _trace(loaded: Loaded) -> None:
    """A story with its copies, the trace of one of them, and who uses the agency's texts."""
    from monitor.cli.report import usage
    from monitor.cli.show import show
    from monitor.cli.story import story
    from monitor.query import parse
    from monitor.store.port import SearchRequest
    from monitor.wiring import open_store

    store = open_store(loaded)
    try:
        hits = store.search(SearchRequest(parse(QUERY), sort="newest", limit=1)).hits
    finally:
        store.close()
    out = console()
    for hit in hits:
        out.print(f"\n$ monitor story {hit.document.story}", soft_wrap=True)
        story(hit.document.story, compare="", text=True, json_output=False)
        out.print(f"\n$ monitor show {hit.document.id}", soft_wrap=True)
        show(hit.document.id, revisions=False, raw=False, json_output=False)
    out.print(f"\n$ monitor report usage --agency {AGENCY}", soft_wrap=True)
    usage(AGENCY, since="", until="", site=[], format_="table")


def _stay(folder: Path, world: RunningWorld) -> None:
    out = console()
    out.print("\nThe world stays up. Look around from another terminal:\n")
    out.print(f"  cd {folder}", soft_wrap=True)
    for line in (
        "monitor search --stories '*'",
        "monitor search --lang tr zeytin",
        "monitor status",
        "monitor sites check",
        "monitor crawl",
    ):
        out.print(f"  {line}")
    out.print(f"  open {next(iter(world.addresses.values()))}/", soft_wrap=True)
    out.print("\nPress Enter to end.")
    try:
        sys.stdin.readline()
    except KeyboardInterrupt:
        out.print()
