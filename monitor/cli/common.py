"""What every command needs: settings and logging, consoles, JSON, the store, times, options.

A command is a function with Typer's annotations (or a `typer.Typer` for a group) in a module of its own.
It imports what is heavy inside the function: `monitor --help` must not load Scrapy. It raises MonitorError
for what the user should read and `typer.Exit(code)` for an exit code; the border in `monitor.cli.app` does the rest.
A module may define EXAMPLES, a text or a dict from command name to text, shown at the end of `--help`.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, cast
from zoneinfo import ZoneInfo

import typer

from monitor.errors import InputError, StoreReadOnly

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from monitor.config import Loaded
    from monitor.store.port import Store

# A pipe has no width: wide enough that no table folds an address (2,000 characters at most) or an id.
PIPE_WIDTH = 8000

_TRAILING = re.compile(r"[ \t]+(?=\n|$)")

debugging: ContextVar[bool] = ContextVar("debugging", default=False)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else on standard output.")]
SinceOption = Annotated[
    str, typer.Option("--since", metavar="TIME", help="From this date (2024-05-16, 16/05/2024) or span ago (7d) on.")
]
UntilOption = Annotated[
    str, typer.Option("--until", metavar="TIME", help="Up to this date (the whole day) or span ago.")
]
LangOption = Annotated[
    list[str], typer.Option("--lang", metavar="CODE", help="Only this language, e.g. de. Can be repeated.")
]
SiteOption = Annotated[list[str], typer.Option("--site", metavar="ID", help="Only this site. Can be repeated.")]


def context() -> Loaded:
    """Settings of the current folder; logging is set up as they say. Raises ConfigError."""
    from monitor import logs
    from monitor.config import load

    loaded = load()
    log = loaded.settings.log
    logs.setup("DEBUG" if debugging.get() else log.level, log.format)
    return loaded


def console() -> Console:
    """Standard output. Made at each call, so that a redirected stream is found. NO_COLOR is honoured by Rich."""
    return _console(stderr=False)


def err_console() -> Console:
    """Standard error: messages, progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if made.is_terminal:
        return made
    made.width = PIPE_WIDTH
    made.file = cast("IO[str]", _Trimmed(sys.stderr if stderr else sys.stdout))
    return made


class _Trimmed:
    """A pipe without the blanks that fill table cells up to the end of the line."""

    def __init__(self, target: IO[str]) -> None:
        self._target = target
        self.encoding = getattr(target, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        return self._target.write(_TRAILING.sub("", text))

    def flush(self) -> None:
        self._target.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._target.fileno()


def is_terminal() -> bool:
    """Is standard output read by a person?"""
    return console().is_terminal


def print_json(value: Any) -> None:
    """One JSON value and a line end on standard output: indented for a person, compact for a program."""
    import orjson

    from monitor.codec import encode

    data = encode(value)
    if is_terminal():
        data = orjson.dumps(orjson.loads(data), option=orjson.OPT_INDENT_2)
    with stdout_bytes() as out:
        out.write(data + b"\n")


@contextmanager
def stdout_bytes() -> Iterator[BinaryIO]:
    """Standard output for bytes, in order with what was printed before."""
    sys.stdout.flush()
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


@contextmanager
def writing_to(path: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that appears under its name when it is complete."""
    if path is None:
        with stdout_bytes() as out:
            yield out
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("xb") as out:
            yield out
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise InputError(f"{path}: can't be written: {error.strerror or error}") from error
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def open_store(loaded: Loaded, *, create: bool = False, read_only: bool = False) -> Iterator[Store]:
    """The store of the settings, closed at the end. Raises StoreError when there is none and `create` is false."""
    from monitor.wiring import open_store as wired

    store = wired(loaded, create=create, read_only=read_only)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def reading_store(loaded: Loaded) -> Iterator[Store]:
    """For commands that only look: a store that this user may not write is read as it stands.

    Otherwise it is opened for writing, so that what was filed last is indexed and found.
    """
    with ExitStack() as stack:
        try:
            store = stack.enter_context(open_store(loaded))
        except StoreReadOnly:
            store = stack.enter_context(open_store(loaded, read_only=True))
        yield store


def now() -> datetime:
    return datetime.now(UTC)


def show_time(moment: datetime | None, zone: str, *, seconds: bool = False) -> str:
    """`2024-05-16 12:30` in the zone; empty for None."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def show_distance(moment: datetime | None, at: datetime) -> str:
    """How far from `at`, in the largest unit that fits: `12 min ago`, `in 3 h`, `now`; empty for None."""
    if moment is None:
        return ""
    seconds = (moment - at).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= length:
            count = f"{abs(seconds) // length:.0f} {unit}"
            return f"in {count}" if seconds > 0 else f"{count} ago"
    return "now"


def show_counted(number: int, one: str, several: str) -> str:
    """`1 story`, `1,200 stories`."""
    return f"{show_number(number)} {one if number == 1 else several}"


def show_number(number: int) -> str:
    """Grouped by blanks, which reads the same in every language: 12 345."""
    return f"{number:,}".replace(",", " ")


def table(*columns: str, right: tuple[str, ...] = (), whole: tuple[str, ...] = ()) -> Table:
    """Plain table: bold head, no frame; what is too wide is folded, never cut.

    `right`: columns of numbers; `whole`: columns that are not folded either, such as times.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(
        box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold", padding=(0, 1), collapse_padding=True
    )
    for name in columns:
        justify: Literal["left", "right"] = "right" if name in right else "left"
        made.add_column(name, overflow="fold", justify=justify, no_wrap=name in right or name in whole)
    return made
