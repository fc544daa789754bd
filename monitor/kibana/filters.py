"""Filters of panels and searches, written in Kibana's query language (KQL) and translated to query DSL.

Only what can be written both ways is here: `field: value`, ranges, and, or, not. The translation is the one that
Kibana itself sends: a quoted value becomes match_phrase, everything is in filter context.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Value = str | bool | int | float
Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Is:
    """`field: value`; on a field with several values one of them has to be it."""

    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class Range:
    """`from_ <= field < below`; an end that is None is open."""

    field: str
    from_: float | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Filter


Filter = Is | Range | And | Or | Not


def both(*filters: Filter | None) -> Filter | None:
    """All of those that are there."""
    there = tuple(one for one in filters if one is not None)
    return there[0] if len(there) == 1 else And(there) if there else None


def kql(filter_: Filter | None) -> str:
    """The filter as a person writes it into Kibana's search bar; empty for None."""
    match filter_:
        case None:
            return ""
        case And(parts):
            return " and ".join(_operand(part) for part in parts)
        case Or(parts):
            return " or ".join(_operand(part) for part in parts)
        case Not(part):
            return f"not ({kql(part)})" if isinstance(part, Not) else f"not {_operand(part)}"
        case Range(field, from_, below):
            ends = ((">=", from_), ("<", below))
            return " and ".join(f"{field} {sign} {end}" for sign, end in ends if end is not None)
        case Is(field, value):
            return f"{field}: {_literal(value)}"


def _operand(filter_: Filter) -> str:
    return f"({kql(filter_)})" if isinstance(filter_, And | Or | Range) else kql(filter_)


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)


def dsl(filter_: Filter | None) -> Query:
    """The same filter as query DSL; None matches all."""
    match filter_:
        case None:
            return {"match_all": {}}
        case And(parts):
            return {"bool": {"filter": [dsl(part) for part in parts]}}
        case Or(parts):
            return _one_of([dsl(part) for part in parts])
        case Not(part):
            return {"bool": {"must_not": dsl(part)}}
        case Range(field, from_, below):
            ends = (("gte", from_), ("lt", below))
            return _one_of([{"range": {field: {sign: end for sign, end in ends if end is not None}}}])
        case Is(field, value):
            return _one_of([{"match_phrase" if isinstance(value, str) else "match": {field: value}}])


def _one_of(queries: list[Query]) -> Query:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def asked(filter_: Filter | None) -> Iterator[Is | Range]:
    """The leaves: which fields are asked, and how."""
    match filter_:
        case And(parts) | Or(parts):
            for part in parts:
                yield from asked(part)
        case Not(part):
            yield from asked(part)
        case Is() | Range():
            yield filter_
        case None:
            return
