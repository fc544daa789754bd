"""luqum's tree -> ours. What a value means for its field is decided here, and errors point at the value."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, NoReturn

from luqum import tree as luqum
from luqum.exceptions import ParseError
from luqum.parser import parser as luqum_parser

from monitor.errors import QueryError
from monitor.query.checking import unescaped
from monitor.query.dates import FORMS, Moment, read_moment
from monitor.query.lexing import lex
from monitor.query.nodes import FIELDS, All, Bool, FieldKind, Node, Phrase, Prefix, Range, Term
from monitor.text import words

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TRUTH = {"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false"}
_HINTS = {
    FieldKind.DATE: FORMS,
    FieldKind.NUMBER: "for example {field}:3, {field}:>=3 or {field}:[2 TO 5]",
    FieldKind.BOOLEAN: "for example {field}:true",
}
# A written instant is precise to the second: asked for alone, it means that second.
_SECOND = timedelta(seconds=1)


def parse(text: str, *, now: datetime | None = None, zone: str = "UTC") -> Node:
    """The tree of a search text; an empty one asks for everything. Raises QueryError, and nothing else.

    `now` (aware) is what dates like now-7d count from; dates without a zone are of `zone` (IANA).
    """
    tokens = lex(text)
    if not tokens:
        return All()
    supply = iter(tokens)
    try:
        tree = luqum_parser.parse(None, tokenfunc=lambda: next(supply, None))
    except ParseError as error:  # lex() tells all errors that we know of
        found = re.search(r"position (\d+)", str(error))
        column = int(found[1]) if found else len(text)
        raise QueryError("the query can't be read from here on", text=text, column=column) from error
    return _Reader(text, now or datetime.now(UTC), zone).any_of([tree], None)


@dataclass(frozen=True)
class _Reader:
    text: str
    now: datetime
    zone: str

    def fail(self, message: str, item: Any, hint: str = "", shift: int = 0) -> NoReturn:
        raise QueryError(message, text=self.text, column=(item.pos or 0) + shift, hint=hint)

    # --- joining -----------------------------------------------------------------------------------------------------

    def any_of(self, items: Sequence[Any], field: str | None) -> Node:
        """A list as it stands between two brackets. luqum binds OR before a blank; for us a blank is an AND."""
        runs: list[list[Any]] = [[]]
        for item in items:
            first, *others = item.operands if isinstance(item, luqum.OrOperation) else (item,)
            runs[-1].append(first)
            runs.extend([other] for other in others)
        nodes = tuple(self.all_of(run, field) for run in runs)
        return nodes[0] if len(nodes) == 1 else Bool(should=nodes)

    def all_of(self, items: Sequence[Any], field: str | None) -> Node:
        """Joined by blanks and ANDs. What AND joins is required; a + makes the unmarked ones optional."""
        optional = any(isinstance(item, luqum.Plus) for item in items)
        must: list[Node] = []
        should: list[Node] = []
        must_not: list[Node] = []
        for item in items:
            required = isinstance(item, luqum.AndOperation | luqum.Plus) or not optional
            for part in item.operands if isinstance(item, luqum.AndOperation) else (item,):
                if isinstance(part, luqum.Not | luqum.Prohibit):
                    must_not.append(self.node(part.a, field))
                else:
                    (must if required else should).append(self.node(part, field))
        if len(must) == 1 and not should and not must_not:
            return must[0]
        return Bool(tuple(must), tuple(should), tuple(must_not))

    def node(self, item: Any, field: str | None) -> Node:
        match item:
            case luqum.SearchField():
                return self.node(item.expr, item.name)
            case luqum.BaseGroup():
                return self.node(item.expr, field)
            case luqum.UnknownOperation():
                return self.any_of(item.operands, field)
            case luqum.BaseOperation() | luqum.Not() | luqum.Prohibit():
                return self.any_of([item], field)
            case luqum.Plus():
                return self.node(item.a, field)
            case luqum.Range():
                low, high = self.bound(item.low, field, item), self.bound(item.high, field, item)
                return self.range(item, field, low, high, item.include_low, item.include_high)
            case luqum.From():
                return self.range(item, field, self.bound(item.a, field, item), None, item.include, True)
            case luqum.To():
                return self.range(item, field, None, self.bound(item.a, field, item), True, item.include)
            case luqum.Proximity():
                return self.quotation(item.term, field, item.degree)
            case luqum.Phrase():
                return self.quotation(item, field, 0)
            case luqum.Word():
                return self.word(item, field)
            case _:
                self.fail("this can't be asked", item)

    # --- values ------------------------------------------------------------------------------------------------------

    def word(self, item: Any, field: str | None) -> Node:
        if item.value == "*":
            if field is None:
                return All()
            self.fail(f"{field}: needs a value; * alone is none", item, "leave the field out to find everything")
        if any(unescaped(item.value, "*")):
            beginning = _plain(item.value[:-1])
            self.kind_is(item, field, (FieldKind.TEXT, FieldKind.KEYWORD), "has no words that begin so")
            return Prefix(field, self.with_word(item, field, beginning))
        return self.value(item, field, _plain(item.value))

    def quotation(self, item: Any, field: str | None, slop: int) -> Node:
        content = _plain(item.value[1:-1])
        if _kind(field) is not FieldKind.TEXT:
            if slop:
                self.fail(f"{field} has a value, no words: ~{slop} says nothing", item)
            if not content.strip():
                self.fail("the quotation is empty", item)
            return self.value(item, field, content)
        return Phrase(field, self.with_word(item, field, content), slop)

    def value(self, item: Any, field: str | None, content: str) -> Node:
        kind = _kind(field)
        if field is None or kind in (FieldKind.TEXT, FieldKind.KEYWORD):
            return Term(field, self.with_word(item, field, self.one_of(item, field, content)))
        if kind is FieldKind.BOOLEAN:
            if content.lower() not in _TRUTH:
                self.fail(f"{field} is true or false", item, f"for example {field}:true")
            return Term(field, _TRUTH[content.lower()])
        if kind is FieldKind.NUMBER:
            number = self.number(item, field, content)
            return Range(field, number, number)
        moment = self.moment(item, content)
        return Range(field, moment.start, moment.start + _SECOND if moment.is_instant else moment.end, True, False)

    def with_word(self, item: Any, field: str | None, content: str) -> str:
        """The content of a text field, which has to hold a word: else it would match nothing, or everything."""
        if _kind(field) is FieldKind.TEXT and next(words(content), None) is None:
            self.fail(f"there is no word in {content!r}", item, "only letters and digits are searched for")
        return content

    def one_of(self, item: Any, field: str | None, content: str) -> str:
        """The content of a field that can have few values only: another one would silently match nothing."""
        values = FIELDS[field].values if field else ()
        if not values or content.strip().lower() in values:
            return content
        near = get_close_matches(content.lower(), values, n=1)
        hint = f"did you mean {field}:{near[0]}?" if near else f"for example {field}:{values[0]}"
        self.fail(f"{field} is {', '.join(values[:-1])} or {values[-1]}", item, hint)

    def kind_is(self, item: Any, field: str | None, kinds: tuple[FieldKind, ...], otherwise: str) -> None:
        if _kind(field) not in kinds:
            self.fail(f"{field} {otherwise}", item, _HINTS.get(_kind(field), "").format(field=field))

    # --- ranges ------------------------------------------------------------------------------------------------------

    def bound(self, item: Any, field: str | None, whole: Any) -> Moment | float | None:
        """A bound's meaning; None for an open end."""
        ranged = ", ".join(f.name for f in FIELDS.values() if f.kind in (FieldKind.DATE, FieldKind.NUMBER))
        if _kind(field) not in (FieldKind.DATE, FieldKind.NUMBER):
            self.fail(f"{field or 'a word'} has no ranges", whole, f"these have: {ranged}")
        negative = isinstance(item, luqum.Prohibit)
        leaf = item.a if negative else item
        if leaf.value == "*" and not negative:
            return None
        content = _plain(leaf.value[1:-1] if isinstance(leaf, luqum.Phrase) else leaf.value)
        content = f"-{content}" if negative else content
        return self.moment(item, content) if _kind(field) is FieldKind.DATE else self.number(item, field, content)

    def range(self, item: Any, field: str | None, low: Any, high: Any, include_low: bool, include_high: bool) -> Range:
        """A day as the lower bound begins, or when left out ends, with the day; as the upper bound the reverse."""
        if isinstance(low, Moment):
            low, include_low = (low.start, include_low or not low.is_instant) if include_low else _after(low)
        if isinstance(high, Moment):
            whole = include_high and not high.is_instant
            high, include_high = (high.end, False) if whole else (high.start, include_high)
        include_low, include_high = include_low or low is None, include_high or high is None
        if (
            low is not None
            and high is not None
            and (low > high or (low == high and not (include_low and include_high)))
        ):
            self.fail("the range ends before it begins", item)
        return Range(field or "", low, high, include_low, include_high)

    def moment(self, item: Any, content: str) -> Moment:
        try:
            return read_moment(content, now=self.now, zone=self.zone)
        except ValueError as error:
            self.fail(str(error), item, FORMS)

    def number(self, item: Any, field: str | None, content: str) -> float:
        try:
            number = float(content)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"{content!r} is no number", item, _HINTS[FieldKind.NUMBER].format(field=field))
        return number


def _after(low: Moment) -> tuple[datetime, bool]:
    return (low.start, False) if low.is_instant else (low.end, True)


def _kind(field: str | None) -> FieldKind:
    return FieldKind.TEXT if field is None else FIELDS[field].kind


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)
