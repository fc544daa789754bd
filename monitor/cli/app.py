"""The command table and the border where errors become messages and exit codes.

Exit codes: 0 done; 1 failed; 2 wrong usage, configuration, query, site file or input; 70 an error of the program
itself (sysexits.h EX_SOFTWARE); 130 interrupted (128 + SIGINT).
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, Any, TextIO

import typer
from rich.cells import cell_len
from rich.markup import escape
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from monitor import __version__, logs
from monitor.cli.common import debugging, err_console
from monitor.errors import ConfigError, InputError, MonitorError, QueryError, SiteError

FAILED, WRONG_USE, OUR_FAULT, INTERRUPTED = 1, 2, 70, 130

CARET_WINDOW = 70  # characters of a query that are shown around the error: a line of a narrow terminal

_MISTAKES = (ConfigError, SiteError, QueryError, InputError)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One command: where it is, without importing it. `summary` is its line in `monitor --help`."""

    name: str
    module: str
    attribute: str
    panel: str
    summary: str


_START, _GATHER, _READ, _KEEP = "Set up", "Gather", "Read", "Look after"
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
    Entry("status", "status", "status", _KEEP, "Show the state of the store and of every site."),
    Entry("runs", "runs", "runs", _KEEP, "Show recent crawls and what they rejected."),
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
        return typer.main.get_command(target)
    alone = typer.Typer(add_completion=False)
    alone.command(name, epilog=epilog)(target)
    return typer.main.get_command(alone)


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
        """The border: what a command raises becomes one message and an exit code."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except KeyboardInterrupt:
            err_console().print("Interrupted.")
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _discard_output()
            raise typer.Exit(FAILED) from None
        except MonitorError as error:
            show_error(error)
            log.debug("command failed", exc_info=error)
            raise typer.Exit(WRONG_USE if isinstance(error, _MISTAKES) else FAILED) from None


def show_error(error: MonitorError) -> None:
    """`Error: message`, for a query with its caret, then the hint on a line of its own; on standard error."""
    out = err_console()
    if isinstance(error, QueryError):
        _complain(error.message)
        shown, before = _window(error.text, error.column)
        out.print(Text(f"  {shown}\n  {' ' * cell_len(before)}^"), soft_wrap=True)
    else:
        _complain(error.message)
    if error.hint:
        out.print(Text(f"Hint: {error.hint}", style="dim"), soft_wrap=True)


def _window(text: str, column: int) -> tuple[str, str]:
    """The query on one line, cut around the column when it is long, and the part of it before the column."""
    first = max(0, column - CARET_WINDOW // 2) if len(text) > CARET_WINDOW else 0
    line = re.sub(r"\s", " ", text[first : first + CARET_WINDOW])
    left, right = "… " if first else "", " …" if first + CARET_WINDOW < len(text) else ""
    return f"{left}{line}{right}", f"{left}{line[: column - first]}"


def main() -> None:
    """Entry point of `monitor`: the outermost border, where also what nobody expected ends as a message."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that can't show a letter is no reason to fail
    try:
        app(prog_name="monitor")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        _complain(_os_message(error))
        log.debug("command failed", exc_info=error)
        sys.exit(FAILED)
    except Exception as error:
        kind = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        _complain(f"the program failed unexpectedly ({kind})")
        if debugging.get():
            log.exception("unexpected")
        else:
            err_console().print("Hint: please report it; `monitor --debug ...` shows where it happened.", style="dim")
        sys.exit(OUR_FAULT)


def _complain(message: str) -> None:
    err_console().print(Text("Error: ", style="bold red").append(message, style="default not bold"), soft_wrap=True)


def _os_message(error: OSError) -> str:
    what = error.strerror or str(error)
    return f"{error.filename}: {what}" if error.filename else what


def _discard_output() -> None:
    """The reader of the pipe has gone: what is still buffered goes nowhere, without a complaint at exit."""
    for stream in (sys.stdout, sys.stderr):
        _to_nowhere(stream)


def _to_nowhere(stream: TextIO) -> None:
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # a test's stream
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)


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


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Log everything, with tracebacks, to standard error.")] = False,
) -> None:
    debugging.set(debug)
    if debug:
        logs.setup("DEBUG")
