"""The border where errors become messages and exit codes.

Exit codes: 0 done; 1 failed; 2 wrong usage, configuration, query, site file or input; 70 an error of the program
itself (sysexits.h EX_SOFTWARE); 130 interrupted (128 + SIGINT).
"""

from __future__ import annotations

import io
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import typer
from rich.cells import cell_len
from rich.text import Text

from monitor.cli.common import debugging, err_console
from monitor.errors import ConfigError, InputError, MonitorError, QueryError, SiteError

FAILED, WRONG_USE, OUR_FAULT, INTERRUPTED = 1, 2, 70, 130
CARET_WINDOW = 70  # characters of a query that are shown around the error: a line of a narrow terminal

_MISTAKES = (ConfigError, SiteError, QueryError, InputError)

log = logging.getLogger(__name__)


@contextmanager
def errors_shown() -> Iterator[None]:
    """What a command raises becomes one message and an exit code."""
    try:
        yield
        sys.stdout.flush()
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


def guarded(run: Callable[[], object]) -> None:
    """The outermost border of the process: also what nobody expected ends as a message."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that can't show a letter is no reason to fail
    try:
        run()
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
