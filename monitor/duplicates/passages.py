"""What two texts have in common and what they don't, as spans of characters, from the alignment of their words."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from monitor.duplicates.align import Run, align
from monitor.duplicates.words import SEED_WORDS, Words, numbered, split
from monitor.text import words as words_with_places

SAME, CHANGED, ADDED, MISSING = "same", "changed", "added", "missing"
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of my text and the one of the other's that belongs to it: characters (first, past the last).

    Passages of one text lie side by side, with nothing but blanks between them; an added one has an empty span in the
    other text, a missing one in mine.
    """

    kind: str  # same | changed | added | missing
    mine: Span
    other: Span


def passages(mine: str, other: str) -> list[Passage]:
    """In the order of mine; credits and datelines, which matching sets aside, are compared like the rest.

    Signs belong to the word that they stand at, blanks between two passages to none. A missing passage stands where it
    would follow.
    """
    a, b = _Read.of(mine), _Read.of(other)
    chains = align(a.words, b.words, min_chain=SEED_WORDS).chains
    found = [piece for chain in chains for piece in _equal(chain)]
    found = _with_changes(found, (gap for chain in chains for gap in _gaps(chain)))
    found += [_Piece(ADDED, span, (0, 0)) for span in _rest((one.mine for one in found), len(a.spans))]
    in_order = sorted((one for one in found if one.kind != ADDED), key=lambda one: one.other)
    for start, end in _rest((one.other for one in found if one.kind != ADDED), len(b.spans)):
        after = next((one.mine[1] for one in reversed(in_order) if one.other[1] <= start), 0)
        found.append(_Piece(MISSING, (after, after), (start, end)))
    found.sort(key=lambda one: (one.mine, one.other))
    return [Passage(one.kind, a.characters(one.mine), b.characters(one.other)) for one in found]


class _Piece(NamedTuple):
    """As a passage, in words."""

    kind: str
    mine: Span
    other: Span


class _Read(NamedTuple):
    """A text as words that can be aligned, and where each stands."""

    words: Words
    spans: list[Span]

    @classmethod
    def of(cls, text: str) -> _Read:
        tokens: list[str] = []
        spans: list[Span] = []
        for word in words_with_places(text):
            pieces = split(word.text)
            tokens += pieces
            spans += _divided((word.start, word.end), len(pieces))
        return cls(numbered(tokens, 0), _with_signs(text, spans))

    def characters(self, span: Span) -> Span:
        """Of the words [first, past the last); an empty span stands behind the word before it."""
        first, last = span
        if first < last:
            return self.spans[first][0], self.spans[last - 1][1]
        at = self.spans[first - 1][1] if first else 0
        return at, at


def _divided(span: Span, parts: int) -> list[Span]:
    """One word that is read as several (a script without spaces, a fraction), in equal parts."""
    start, end = span
    size = end - start
    return [(start + size * part // parts, start + size * (part + 1) // parts) for part in range(parts)]


def _with_signs(text: str, spans: Sequence[Span]) -> list[Span]:
    """The words with the signs at them. Words that overlap (pairs of characters) end where the next begins."""
    if not spans:
        return []
    starts, ends = [len(text) - len(text.lstrip())], []
    for (_, end), (start, _) in pairwise(spans):
        closing, opening = _shared_out(text[end:start])
        ends.append(min(end, start) + len(closing))
        starts.append(start - len(opening))
    return list(zip(starts, [*ends, len(text.rstrip())], strict=True))


def _shared_out(gap: str) -> tuple[str, str]:
    """What between two words is the first one's (a full stop) and the second one's (an opening bracket)."""
    last = re.search(r"\s(\S*)$", gap)
    return (gap[: last.start()].rstrip(), last[1]) if last else (gap, "")


def _equal(chain: Sequence[Run]) -> Iterator[_Piece]:
    for run in _joined(chain):
        yield _Piece(SAME, (run.mine, run.mine + run.length), (run.other, run.other + run.length))


def _gaps(chain: Sequence[Run]) -> Iterator[_Piece]:
    """Where both texts have words between two runs: the ones stand for the others."""
    for one, following in pairwise(chain):
        a, b = (one.mine + one.length, following.mine), (one.other + one.length, following.other)
        if a[0] < a[1] and b[0] < b[1]:
            yield _Piece(CHANGED, a, b)


def _with_changes(found: Sequence[_Piece], gaps: Iterable[_Piece]) -> list[_Piece]:
    """A gap into which words of another chain were moved is no change of words: what is left of it was added or left
    out."""
    pieces = list(found)
    mine, other = sorted(one.mine for one in pieces), sorted(one.other for one in pieces)
    for gap in gaps:
        if _free(gap.mine, mine) and _free(gap.other, other):
            pieces.append(gap)
            insort(mine, gap.mine)
            insort(other, gap.other)
    return pieces


def _free(span: Span, taken: Sequence[Span]) -> bool:
    """Taken is sorted and free of overlap."""
    at = bisect_left(taken, span)
    return (at == 0 or taken[at - 1][1] <= span[0]) and (at == len(taken) or span[1] <= taken[at][0])


def _joined(runs: Sequence[Run]) -> Iterator[Run]:
    """Runs that follow each other directly on both sides as one."""
    last: Run | None = None
    for run in runs:
        if last and last.mine + last.length == run.mine and last.other + last.length == run.other:
            last = Run(last.mine, last.other, last.length + run.length)
            continue
        if last:
            yield last
        last = run
    if last:
        yield last


def _rest(taken: Iterable[Span], length: int) -> Iterator[Span]:
    """What none of the spans covers."""
    at = 0
    for start, end in sorted(taken):
        if start > at:
            yield at, start
        at = max(at, end)
    if at < length:
        yield at, length
