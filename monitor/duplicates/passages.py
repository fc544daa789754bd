"""Where two texts agree, by character: what a coloured comparison shows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.duplicates.align import Run, align
from monitor.duplicates.words import SEED_WORDS, read_places


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters [start, end) of my text. Of the other text [other_start, other_end), but for what was added."""

    kind: str  # matched | changed | added
    start: int
    end: int
    other_start: int = -1
    other_end: int = -1


def passages(mine: str, other: str) -> list[Mark]:
    """My text from its first word to its last, in order: every word is in one mark, punctuation between them in none.

    `changed` stands in the place of other words; what the other text has and mine lacks is in no mark.
    """
    words, places = read_places(mine)
    others, other_places = read_places(other)
    runs = sorted(run for chain in align(words, others, min_chain=SEED_WORDS).chains for run in chain)
    marks = []
    for kind, start, end, other_start, other_end in _pieces(runs, len(words)):
        first, last = places[start][0], places[end - 1][1]
        if kind == "added":
            marks.append(Mark(kind, first, last))
        else:
            marks.append(Mark(kind, first, last, other_places[other_start][0], other_places[other_end - 1][1]))
    return marks


def _pieces(runs: Sequence[Run], count: int) -> Iterator[tuple[str, int, int, int, int]]:
    """In words: (kind, start, end, other start, other end)."""
    end, other_end = 0, 0
    kind, start, other_start = "", 0, 0
    for run in runs:
        if run.mine > end or run.other != other_end or not kind:
            if kind:
                yield kind, start, end, other_start, other_end
            if run.mine > end:
                swapped = bool(kind) and other_end < run.other <= other_end + 2 * (run.mine - end) + SEED_WORDS
                yield "changed" if swapped else "added", end, run.mine, other_end, run.other
            kind, start, other_start = "matched", run.mine, run.other
        end, other_end = run.mine + run.length, run.other + run.length
    if kind:
        yield kind, start, end, other_start, other_end
    if end < count:
        yield "added", end, count, 0, 0
