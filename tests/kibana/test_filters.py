"""A filter means the same to Kibana (KQL) and to the engine (query DSL): both are evaluated here, by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.kibana.filters import And, Filter, Is, Not, Or, Range, both, dsl, kql

Record = dict[str, Any]


@pytest.mark.parametrize(
    ("filter_", "written"),
    [
        (None, ""),
        (Is("kind", "agency"), 'kind: "agency"'),
        (Is("is_root", True), "is_root: true"),
        (Is("site_count", 1), "site_count: 1"),
        (Is("title", 'say "so" \\'), 'title: "say \\"so\\" \\\\"'),
        (Range("lag_seconds", 0, 86_400), "lag_seconds >= 0 and lag_seconds < 86400"),
        (Range("share_kept", 0.25), "share_kept >= 0.25"),
        (Not(Range("a", 1, 2)), "not (a >= 1 and a < 2)"),
        (And((Is("a", "x"), Not(Is("b", True)))), 'a: "x" and not b: true'),
        (And((Is("a", 1), Or((Is("b", 2), Is("c", 3))))), "a: 1 and (b: 2 or c: 3)"),
        (Not(Not(Is("a", 1))), "not (not a: 1)"),
    ],
)
def test_a_filter_is_written_as_people_write_it(filter_: Filter | None, written: str) -> None:
    assert kql(filter_) == written


def test_the_translation_is_the_one_that_kibana_sends() -> None:
    assert dsl(Is("kind", "agency")) == {
        "bool": {"should": [{"match_phrase": {"kind": "agency"}}], "minimum_should_match": 1}
    }
    assert dsl(Range("lag_seconds", 60, 600))["bool"]["should"] == [{"range": {"lag_seconds": {"gte": 60, "lt": 600}}}]
    assert dsl(Not(Is("a", True)))["bool"]["must_not"]["bool"]["should"] == [{"match": {"a": True}}]
    assert dsl(None) == {"match_all": {}}


def test_filters_that_are_not_there_add_nothing() -> None:
    one = Is("a", 1)
    assert both(None, None) is None
    assert both(None, one) is one
    assert both(one, None, one) == And((one, one))


_fields = st.sampled_from("abc")
_leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Is, _fields, st.sampled_from(["x", 'y "z"', True, False, 1, 2])),
    st.builds(Range, _fields, st.integers(0, 3), st.integers(0, 3)),
    st.builds(Range, _fields, st.integers(0, 3)),
)
_filters: st.SearchStrategy[Filter] = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    ),
    max_leaves=8,
)
_records = st.dictionaries(_fields, st.sampled_from(["x", 'y "z"', True, False, 0, 1, 2, 3]))


@given(_filters, _records)
def test_both_languages_find_the_same(filter_: Filter, record: Record) -> None:
    assert _Kql(kql(filter_)).holds(record) == _answers(dsl(filter_), record)


def _same(stored: Any, asked: Any) -> bool:
    return type(stored) is type(asked) and stored == asked


def _answers(query: dict[str, Any], record: Record) -> bool:
    """What the engine makes of the few kinds of queries that are sent."""
    ((kind, body),) = query.items()
    if kind == "bool":
        should = body.get("should", [])
        enough = sum(_answers(one, record) for one in should) >= body.get("minimum_should_match", 0)
        denied = body.get("must_not")
        return (
            enough
            and all(_answers(one, record) for one in body.get("filter", []))
            and not (denied and _answers(denied, record))
        )
    ((field, asked),) = body.items()
    stored = record.get(field)
    if kind == "range":
        number = isinstance(stored, int) and not isinstance(stored, bool)
        signs: dict[str, Callable[[int, float], bool]] = {"gte": int.__ge__, "lt": int.__lt__}
        return number and all(signs[sign](stored, end) for sign, end in asked.items())
    return _same(stored, asked)


class _Kql:
    """Kibana's grammar as far as it is used: or < and < not < ( ) and comparisons."""

    def __init__(self, text: str) -> None:
        self._tokens = re.findall(r'"(?:\\.|[^"\\])*"|>=|<|[():]|[^\s():<>]+', text)
        self._at = 0

    def holds(self, record: Record) -> bool:
        found = self._either(record)
        assert self._at == len(self._tokens), self._tokens[self._at :]
        return found

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def _either(self, record: Record) -> bool:
        found = self._all(record)
        while self._next() == "or":
            self._take()
            found = self._all(record) or found
        return found

    def _all(self, record: Record) -> bool:
        found = self._denied(record)
        while self._next() == "and":
            self._take()
            found = self._denied(record) and found
        return found

    def _denied(self, record: Record) -> bool:
        if self._next() == "not":
            self._take()
            return not self._one(record)
        return self._one(record)

    def _one(self, record: Record) -> bool:
        if self._next() == "(":
            self._take()
            found = self._either(record)
            assert self._take() == ")"
            return found
        field, sign, value = self._take(), self._take(), self._take()
        stored = record.get(field)
        if sign == ":":
            return _same(stored, _read(value))
        number = isinstance(stored, int) and not isinstance(stored, bool)
        return number and (stored >= float(value) if sign == ">=" else stored < float(value))


def _read(value: str) -> Any:
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return {"true": True, "false": False}[value] if value in ("true", "false") else int(value)
