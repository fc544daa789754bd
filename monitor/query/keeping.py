"""Trees as JSON, to be kept: any tree comes back as it was."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from monitor.query.nodes import All, Bool, Node, Phrase, Prefix, Range, Term

_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (All, Term, Phrase, Prefix, Range, Bool)}


def kept(node: Node) -> str:
    """One line of ASCII."""
    return json.dumps(_plain(node), separators=(",", ":"))


def read_kept(text: str) -> Node:
    """The tree of what `kept` wrote. Raises ValueError for anything else."""
    try:
        node = _node(json.loads(text))
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError(f"no tree of a query: {text[:80]!r}") from error
    if not isinstance(node, Node):
        raise ValueError(f"no tree of a query: {text[:80]!r}")
    return node


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if type(value).__name__ in _KINDS:
        return {"is": type(value).__name__} | {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _node(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_node(one) for one in value)
    if isinstance(value, dict):
        if "at" in value:
            return datetime.fromisoformat(value["at"])
        return _KINDS[value["is"]](**{name: _node(one) for name, one in value.items() if name != "is"})
    return value
