"""How a republisher makes its copy: paragraphs taken from one or two originals, words changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.errors import InputError
from monitor.text import count_words


@dataclass(frozen=True, slots=True)
class Cut:
    """What was taken of one original. `kept`: share of its words that stands unchanged in the copy."""

    paragraphs: tuple[str, ...]
    kept: float
    whole: bool
    changed_words: int = 0


def chosen(keep: str, count: int) -> list[int]:
    """Indexes of the paragraphs that "all", "1-3" or "1-2,5" name, counted from 1. Raises InputError."""
    if keep == "all":
        return list(range(count))
    found: list[int] = []
    for span in keep.split(","):
        first, _, last = span.strip().partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise InputError(f"keep: {keep!r} names no paragraphs; expected all, 1-3 or 1-2,5")
        found.extend(range(int(first) - 1, int(last or first)))
    if not found or min(found) < 0 or max(found) >= count:
        raise InputError(f"keep: {keep!r} names paragraphs that the original of {count} does not have")
    return found


def cut(paragraphs: Sequence[str], keep: str, replace: Mapping[str, str]) -> Cut:
    """The copy of one original. Each phrase of `replace` must stand in what is kept: raises InputError otherwise."""
    indexes = chosen(keep, len(paragraphs))
    taken = [paragraphs[index] for index in indexes]
    changed = 0
    for old, new in replace.items():
        at = next((number for number, text in enumerate(taken) if old in text), None)
        if at is None:
            raise InputError(f"replace: {old!r} does not stand in the paragraphs that are kept")
        taken[at] = taken[at].replace(old, new, 1)
        changed += count_words(old)
    total = sum(map(count_words, paragraphs))
    words = sum(count_words(paragraphs[index]) for index in indexes) - changed
    return Cut(tuple(taken), words / total, len(indexes) == len(paragraphs), changed)
