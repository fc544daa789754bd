"""How large a query is for an engine: it takes 1,024 clauses, counted through all its parts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from monitor.store.asked import Asked, Clauses, Run, Value, Word

MOST_CLAUSES = 1000
_LISTS = ("must", "should", "must_not", "filter")


def clauses(query: Mapping[str, Any]) -> int:
    """As `monitor.store.elastic.query` makes them."""
    ((kind, inside),) = query.items()
    if kind == "bool":
        return sum(clauses(one) for name in _LISTS for one in inside.get(name, ()))
    if kind == "span_near":
        return sum(map(clauses, inside["clauses"]))
    return len(inside["fields"]) if kind == "multi_match" else 1


def begins_in_a_row(asked: Asked) -> bool:
    """Is there a beginning behind other words ("dpa-i*")? An engine looks for each word that begins so, and refuses
    where there are more than it takes clauses: of a hundred articles at once that is easily so.
    """
    return any(isinstance(one, Run) and one.open and len(one.words) > 1 for one in leaves(asked))


def leaves(asked: Asked) -> Iterator[Asked]:
    """The single questions, in their order."""
    if isinstance(asked, Clauses):
        for one in (*asked.must, *asked.should, *asked.must_not):
            yield from leaves(one)
    else:
        yield asked


def first_beyond(asked: Asked, cost: Callable[[Asked], int]) -> str:
    """The wording of the single question with which there are too many clauses, where words that are alternatives have
    them together.
    """
    left = MOST_CLAUSES
    for one in _costly(asked):
        left -= cost(one)
        if left < 0:
            return _wording(one)
    return ""


def _costly(asked: Asked) -> Iterator[Asked]:
    if not isinstance(asked, Clauses):
        yield asked
        return
    for one in asked.must:
        yield from _costly(one)
    for one in (*asked.should, *asked.must_not):
        if not _is_shared(one):
            yield from _costly(one)


def _is_shared(asked: Asked) -> bool:
    """Among alternatives it needs no clause of its own."""
    return isinstance(asked, Word) or (isinstance(asked, Value) and not asked.open)


def _wording(asked: Asked) -> str:
    """Of a single question."""
    match asked:
        case Word(_, _, typed):
            return typed
        case Run(_, words):
            return " ".join(words)
        case Value(field, value):
            return f"{field}:{value}"
    return ""
