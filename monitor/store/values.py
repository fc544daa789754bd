"""Between records and what a store can hold or compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST_KEYWORD = 2000  # characters, as addresses; tantivy drops terms over 65,530 bytes, Lucene refuses 32,767


def micros(at: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (at - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


def plain(text: str) -> str:
    """As UTF-8 can carry it: lone surrogates become "?"."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def keyword(value: str) -> str:
    """A keyword's value as it is indexed and asked."""
    return value.lower()[:_LONGEST_KEYWORD]
