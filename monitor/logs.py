"""Set logging up: one logger per module, lines of text or of JSON, to standard error.

A message is `event` or `event key=value ...`; further values come in `extra={"site": ...}`.
"""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

import orjson

# Libraries that tell their whole life at INFO; what goes wrong is still shown.
_TALKATIVE = (
    *("scrapy", "twisted", "trafilatura", "htmldate", "courlan", "apscheduler", "luqum", "pebble"),
    "elasticsearch",
)
_TELL_ADDRESSES = ("urllib3", "requests")  # whole ones, in warnings: in those of channels there are secrets
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def setup(level: str = "INFO", form: str = "text", stream: TextIO | None = None) -> None:
    """Root handler on `stream` (default: standard error). Called again, it replaces what it set before."""
    handler = _Handler(stream)
    handler.setFormatter(_JsonLines() if form == "json" else _TextLines())
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if not isinstance(kept, _Handler)]
    root.addHandler(handler)
    root.setLevel(level)
    quiet = logging.getLevelName(max(logging.WARNING, root.level)) if level != "DEBUG" else "INFO"
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(quiet)
    for name in _TELL_ADDRESSES:
        logging.getLogger(name).setLevel("ERROR")


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that a second `setup` finds it and a test's own handlers stay.

    Without a stream of its own it writes to what `sys.stderr` is at the time: a progress display puts itself there.
    """

    def __init__(self, stream: TextIO | None) -> None:
        logging.Handler.__init__(self)
        self._own = stream

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return self._own or sys.stderr


def _extras(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _PLAIN and not key.startswith("_")}


def _time(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


class _TextLines(logging.Formatter):
    """`2024-05-16 12:30:00 INFO monitor.filing: message key=value`, times in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {key}={value}" for key, value in _extras(record).items())
        line = f"{_time(record):%Y-%m-%d %H:%M:%S} {record.levelname} {record.name}: {record.getMessage()}{extras}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonLines(logging.Formatter):
    """One JSON object per line; a traceback is a string under `traceback`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extras(record),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS).decode()
