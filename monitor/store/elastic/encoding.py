"""Records inside an engine's documents: values as JSON has them, the record itself, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from monitor.codec import decode, encode
from monitor.store.values import plain

R = TypeVar("R")
Source = Mapping[str, Any]
Made = dict[str, Any]


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
