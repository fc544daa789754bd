"""Trees back to text, and trees with the filters of a command line added."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from monitor.query.nodes import FIELDS, All, Bool, FieldKind, Node, Phrase, Prefix, Range, Term

# What has a meaning anywhere in a word, and what has one at its beginning.
_SIGNS = re.compile(r"""([\s:^~(){}\[\]"*?\\<>&|“”„‟]|^[+\-!/'])""")
_RESERVED = frozenset({"AND", "OR", "NOT", "TO"})


def show(node: Node) -> str:
    """Text that `parse` reads as the same tree (every tree that `parse` makes; others: one that means the same)."""
    match node:
        case All():
            return "*"
        case Term(field, text):
            whole = field is not None and FIELDS[field].kind is not FieldKind.TEXT
            return _named(field, _quoted(text) if whole and re.search(r"\s", text) else _word(text))
        case Prefix(field, text):
            return _named(field, f"{_word(text)}*")
        case Phrase(field, text, slop):
            return _named(field, _quoted(text) + (f"~{slop}" if slop else ""))
        case Range(field, low, high, include_low, include_high):
            brackets = "[" if include_low or low is None else "{", "]" if include_high or high is None else "}"
            return _named(field, f"{brackets[0]}{_bound(low)} TO {_bound(high)}{brackets[1]}")
        case Bool(must, should, must_not):
            return _joined(must, should, must_not)


def _joined(must: tuple[Node, ...], should: tuple[Node, ...], must_not: tuple[Node, ...]) -> str:
    out = [f"-{_grouped(node)}" for node in must_not]
    if must:
        return " ".join([*(("+" if should else "") + _grouped(n) for n in must), *map(_grouped, should), *out])
    if not should:
        return " ".join(out) if out else "*"
    either = " OR ".join(map(_grouped, should))
    return " ".join([f"({either})", *out]) if out else either


def _grouped(node: Node) -> str:
    return f"({show(node)})" if isinstance(node, Bool) else show(node)


def _named(field: str | None, value: str) -> str:
    return f"{field}:{value}" if field else value


def _word(text: str) -> str:
    return f"\\{text}" if text in _RESERVED else _SIGNS.sub(r"\\\1", text)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\“”„‟])', r"\\\1", text) + '"'


def _bound(value: datetime | float | None) -> str:
    if value is None:
        return "*"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return repr(value)


def with_filters(
    node: Node,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    langs: Sequence[str] = (),
    sites: Sequence[str] = (),
    agencies: Sequence[str] = (),
) -> Node:
    """The tree, and published from `since` up to (without) `until`, in one of the languages, on one of the sites,
    credited to one of the agencies.
    """
    must: list[Node] = [] if isinstance(node, All) else [node]
    if since is not None or until is not None:
        must.append(Range("published", since, until, True, until is None))
    for field, values in (("lang", langs), ("site", sites), ("agency", agencies)):
        terms = tuple(Term(field, value) for value in dict.fromkeys(values))
        must.extend([Bool(should=terms)] if len(terms) > 1 else terms)
    if not must:
        return All()
    return must[0] if len(must) == 1 else Bool(must=tuple(must))
