"""Whether an index has the fields that the program writes. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, by its dotted name, that is not as it is needed."""

    field: str
    found: str  # its type; empty where there is no such field
    needed: str


def difference(needed: Mapping[str, Any], found: Mapping[str, Any]) -> Difference | None:
    """The first one of two `properties`, as the program makes them and as the engine tells them.

    Fields that only the engine has are as good as none, and so is what it adds to one: what counts is what makes it
    refuse a value.
    """
    for name, field in needed.items():
        there = found.get(name)
        if there is None:
            return Difference(name, "", _type(field))
        if _type(there) != _type(field):
            return Difference(name, _type(there), _type(field))
        for inside in ("properties", "fields"):
            if (deeper := difference(field.get(inside, {}), there.get(inside, {}))) is not None:
                return Difference(f"{name}.{deeper.field}", deeper.found, deeper.needed)
    return None


def _type(field: Mapping[str, Any]) -> str:
    """With what of a field decides which values it takes."""
    type_ = str(field.get("type", "object"))
    if str(field.get("enabled", True)).lower() == "false":
        type_ += ", not looked into"
    return f"{type_} as {field['format']}" if "format" in field else type_
