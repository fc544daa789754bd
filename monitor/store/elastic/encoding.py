"""Records inside an engine's documents: values as JSON has them, the record itself, and back. Pure."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
import zstandard

from monitor.codec import decode, encode
from monitor.errors import StoreCorrupt
from monitor.store.values import plain

R = TypeVar("R")
Source = Mapping[str, Any]
Made = dict[str, Any]


def packed(record: object, level: int) -> str:
    """A record as text: an engine parses, logs, compresses and copies a third of the bytes. `level`: of zstd."""
    return b64encode(zstandard.compress(encode(record), level)).decode()


def unpacked(kind: type[R], text: str) -> R:
    """Raises StoreCorrupt."""
    try:
        data = zstandard.decompress(b64decode(text))
    except (ValueError, zstandard.ZstdError) as error:
        raise StoreCorrupt(f"a packed {kind.__name__} can't be unpacked: {error}") from error
    return decode(kind, data)


def record_of(record: object) -> orjson.Fragment:
    return orjson.Fragment(encode(record))


def read(kind: type[R], source: Source) -> R:
    return decode(kind, orjson.dumps(source.get("record")))


def filled(named: Mapping[str, Any]) -> Made:
    """With what is there, as JSON has it."""
    return filled_plainly({name: as_json(value) for name, value in named.items()})


def filled_plainly(named: Mapping[str, Any]) -> Made:
    """With what is there, where it is as JSON has it already."""
    return {name: value for name, value in named.items() if value is not None and value != "" and value != []}


def as_json(value: Any) -> Any:
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple | list):
        return [as_json(one) for one in value]
    return value


def instant(at: datetime) -> str:
    """As an engine's date field reads it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
