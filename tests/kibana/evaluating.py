"""Filters over records in memory, written down once more: what an engine has to find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.kibana.filters import And, Filter, Is, Not, Or, Range


def holds(filter_: Filter | None, record: Mapping[str, Any]) -> bool:
    """A field with several values answers with any of them; one that is not there answers nothing."""
    match filter_:
        case None:
            return True
        case And(parts):
            return all(holds(part, record) for part in parts)
        case Or(parts):
            return any(holds(part, record) for part in parts)
        case Not(part):
            return not holds(part, record)
        case Is(field, value):
            return any(type(one) is type(value) and one == value for one in _values(record.get(field)))
        case Range(field, from_, below):
            numbers = [one for one in _values(record.get(field)) if not isinstance(one, bool | str)]
            return any((from_ is None or one >= from_) and (below is None or one < below) for one in numbers)


def _values(stored: Any) -> list[Any]:
    return list(stored) if isinstance(stored, list | tuple) else [] if stored is None else [stored]
