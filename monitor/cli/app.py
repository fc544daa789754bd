"""The command table, and the commands loaded when they are called."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperCommand, TyperGroup

from monitor import __version__, logs
from monitor.cli.border import errors_shown, guarded
from monitor.cli.common import debugging


@dataclass(frozen=True)
class Entry:
    """One command: where it is, without importing it. `summary` is its line in `monitor --help`."""

    name: str
    module: str
    attribute: str
    panel: str
    summary: str


_START, _GATHER, _READ, _TRACE, _TELL, _KEEP = "Set up", "Gather", "Read", "Trace", "Tell", "Look after"
COMMANDS = (
    Entry("init", "init", "init", _START, "Write monitor.toml, sites/ and alerts/ with commented examples."),
    Entry("sites", "sites", "app", _START, "Add, list and check the sites to watch."),
    Entry("config", "config", "config", _START, "Show every setting, its value and where that came from."),
    Entry("demo", "demo", "demo", _START, "Crawl a small news world on this machine; needs no network."),
    Entry("crawl", "crawl", "crawl", _GATHER, "Crawl sites now."),
    Entry("run", "schedule", "run", _GATHER, "Crawl every site at its times, in the foreground."),
    Entry("schedule", "schedule", "app", _GATHER, "Show when each site is crawled next."),
    Entry("import", "imports", "import_", _GATHER, "Read articles from files: JSONL, HTML folders, WARC."),
    Entry("file", "file", "file", _GATHER, "File what waits in the inbox."),
    Entry("search", "search", "search", _READ, "Search the articles."),
    Entry("show", "show", "show", _READ, "Show one article, its revisions and its raw evidence."),
    Entry("export", "export", "export", _READ, "Write articles as JSON lines or CSV."),
    Entry("inspect", "inspect", "inspect", _READ, "Take one page through every step; nothing is stored."),
    Entry("report", "report", "app", _TRACE, "Report who uses an agency's texts, and who runs withdrawn ones."),
    Entry("story", "story", "story", _TRACE, "Show how a story spread; compare a copy with its origin."),
    Entry("evidence", "evidence", "evidence", _TRACE, "Write one article with all its evidence into a zip."),
    Entry("decide", "decide", "decide", _TRACE, "Confirm or reject a credit, split or merge a story, leave a note."),
    Entry("agencies", "agencies", "app", _TRACE, "Show the agencies, and what is found of them in a text."),
    Entry("licences", "licences", "app", _TRACE, "Show and check which site may use which agency's texts."),
    Entry("alerts", "alerts", "app", _TELL, "Make rules, try them, and see what they told whom."),
    Entry("review", "review", "review", _TELL, "Write a press review: a page, a Word document or a mail."),
    Entry("status", "status", "status", _KEEP, "Show the state of the store and of every site."),
    Entry("runs", "runs", "runs", _KEEP, "Show recent crawls and what they rejected."),
    Entry("kibana", "kibana", "app", _KEEP, "Install the dashboards into Kibana, or write them to a file."),
    Entry("store", "store", "app", _KEEP, "Check, index again, back up, restore."),
)
_BY_NAME = {entry.name: entry for entry in COMMANDS}


def load(name: str) -> Any:
    """The command itself: imports its module. KeyError for an unknown name."""
    entry = _BY_NAME[name]
    module = import_module(f"monitor.cli.{entry.module}")
    target: typer.Typer | Callable[..., None] = getattr(module, entry.attribute)
    examples = getattr(module, "EXAMPLES", "")
    if not isinstance(examples, str):
        examples = examples.get(name, "")
    epilog = f"Examples:\n\n{escape(examples.strip())}" if examples else None
    if isinstance(target, typer.Typer):
        target.info.epilog = epilog
        target.info.help = target.info.help or entry.summary
        for info in target.registered_commands:
            info.help = info.help or _unwrapped(info.callback)
        return typer.main.get_group(target)
    alone = typer.Typer(add_completion=False)
    alone.command(name, help=_unwrapped(target), epilog=epilog)(target)
    return typer.main.get_command(alone)


def _unwrapped(function: Callable[..., Any] | None) -> str | None:
    """The docstring with its paragraphs on one line each: the terminal's width decides where they break."""
    text = inspect.getdoc(function) if function else None
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")) if text else None


class LazyGroup(TyperGroup):
    """Knows the commands by the table; imports the one that is called."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for entry in COMMANDS:
            self.commands[entry.name] = TyperCommand(entry.name, help=entry.summary, rich_help_panel=entry.panel)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in _BY_NAME else command, rest

    def invoke(self, ctx: Any) -> Any:
        with errors_shown():
            return super().invoke(ctx)


app = typer.Typer(
    cls=LazyGroup,
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Watch news sites: crawl them, keep every article, find it again.\n\n"
    "Commands use the monitor.toml of the current folder; `monitor init` writes one.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"monitor {__version__}")
        raise typer.Exit


def _set_debugging(wanted: bool) -> None:
    """While the options are read: what fails before a command runs is logged too."""
    debugging.set(wanted)
    if wanted:
        logs.setup("DEBUG")


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", callback=_set_debugging, is_eager=True, help="Log everything, with tracebacks."),
    ] = False,
) -> None:
    """Both options have done their work when they were read."""


def main() -> None:
    """Entry point of `monitor`."""
    guarded(lambda: app(prog_name="monitor"))
