"""All that the in-memory store holds, one kind of record after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

R = TypeVar("R")

Tables = Mapping[type[object], Sequence[Any]]


def every(tables: Tables, kind: type[R], after: str) -> Iterator[tuple[str, R]]:
    """A mark is a place in the order of writing: a record that is written again keeps its own."""
    rows = cast("Sequence[R]", tables[kind])
    start = int(after or 0)
    return ((str(number), row) for number, row in enumerate(rows[start:], start + 1))
