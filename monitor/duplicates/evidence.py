"""What an alignment says for and against a copy: words covered, numbers kept and changed, titles. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.duplicates.align import MAX_GAP, Alignment, Run, Slot
from monitor.duplicates.words import Words, encode, split

# What their neighbours do: docs/matching.md.
TAIL = 5  # words after a chain that reaches the end of the text; flat from 2 to 10
STEM = 5  # letters of a word that count between two titles: "Streik" and "Streiks" are one; flat from 4 to 7
TELLING = 4  # letters; shorter words of a title are mostly grammar: wire precision .970 at 3
SUBJECT, OFTEN = 3, 2  # letters of a shorter one that comes so often in the text: "Sun" and "AVX" are firms
# A title that says so may change the numbers of what it corrects.
CORRECTED = ("correct", "berichtig", "korrig", "korrekt", "duzelt", "rectif", "correcc", "corrig", "correz", "исправ")


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one pair. Shares 0..1, lengths in words of a language that has them."""

    own: float  # of mine in the other
    kept: float  # of the other in mine
    matched: float
    longest_run: float
    start: float  # words before the match in the text where it begins earlier
    main_start: float  # the same of its longest chain
    tail: bool  # that chain ends where both texts end
    agreeing: int  # numbers inside the passages that both have
    changed: int  # numbers there that stand in the place of another
    swapped: float  # words there that stand in the place of others
    title: float  # how alike the titles are
    subjects: int  # title words on the poorer side that stand in a slot of its text and nowhere in the other article
    corrected: bool

    @property
    def cover(self) -> float:
        return max(self.own, self.kept)

    @property
    def agreement(self) -> float:
        """Share of the numbers that are kept; 1 where there are none."""
        return self.agreeing / (self.agreeing + self.changed) if self.changed else 1.0


def facts(alignment: Alignment, title: str, other_title: str) -> Facts:
    """`title` belongs to the alignment's own text."""
    unit, gaps = alignment.mine.unit, slots(alignment)
    agreeing, changed = _numbers(alignment, gaps)
    every = split(title), split(other_title)
    titles = title_words(every[0]), title_words(every[1])
    subjects = _subjects(alignment.mine, alignment.other, *every, [(gap.a, gap.b) for gap in gaps])
    if subjects:
        others = _subjects(alignment.other, alignment.mine, *every[::-1], [(gap.c, gap.d) for gap in gaps])
        subjects = min(subjects, others)
    first = min((min(chain[0].mine, chain[0].other) for chain in alignment.chains), default=0)
    main = max(alignment.chains, key=lambda chain: sum(run.length for run in chain), default=(Run(0, 0, 0),))
    rest = max(len(alignment.mine) - sum(main[-1][::2]), len(alignment.other) - sum(main[-1][1:]))
    return Facts(
        own=alignment.own,
        kept=alignment.kept,
        matched=alignment.matched / unit,
        longest_run=alignment.longest_run / unit,
        start=first / unit,
        main_start=min(main[0].mine, main[0].other) / unit,
        tail=rest <= TAIL * unit,
        agreeing=agreeing,
        changed=changed,
        swapped=sum(min(gap.b - gap.a, gap.d - gap.c) for gap in gaps) / unit,
        title=alike(*titles),
        subjects=subjects,
        corrected=any(word.startswith(CORRECTED) for word in titles[0] | titles[1]),
    )


def title_words(title: Iterable[str]) -> set[str]:
    """The telling ones."""
    return {word for word in title if len(word) >= TELLING or not word.isascii()}


def alike(title: set[str], other: set[str]) -> float:
    """Dice coefficient of the titles' telling words, by their first letters."""
    one, two = {word[:STEM] for word in title}, {word[:STEM] for word in other}
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def slots(alignment: Alignment) -> list[Slot]:
    """Gaps inside the chains, and what stands before the first and after the last one where it is short."""
    if not alignment.chains:
        return []
    found = list(alignment.slots())
    head, tail = alignment.chains[0][0], alignment.chains[-1][-1]
    if max(head.mine, head.other) <= MAX_GAP:
        found.append(Slot(0, head.mine, 0, head.other))
    end, other_end = tail.mine + tail.length, tail.other + tail.length
    if max(len(alignment.mine) - end, len(alignment.other) - other_end) <= MAX_GAP:
        found.append(Slot(end, len(alignment.mine), other_end, len(alignment.other)))
    return found


def _numbers(alignment: Alignment, gaps: Sequence[Slot]) -> tuple[int, int]:
    """Numbers that both have in the same place, and numbers in the place of another."""
    before, other_before = alignment.mine.numbers_before, alignment.other.numbers_before
    agreeing = sum(before[run.mine + run.length] - before[run.mine] for chain in alignment.chains for run in chain)
    changed = 0
    for a, b, c, d in gaps:
        if before[b] > before[a] and other_before[d] > other_before[c]:
            here, there = _numbers_in(alignment.mine, a, b), _numbers_in(alignment.other, c, d)
            both = (here & there).total()
            agreeing += both
            changed += min(here.total(), there.total()) - both
    return agreeing, changed


def _numbers_in(words: Words, start: int, end: int) -> Counter[int]:
    return Counter(words.codes[start:end][words.numeric[start:end]].tolist())


def _subjects(
    text: Words, strange: Words, title: Sequence[str], strange_title: Sequence[str], gaps: Sequence[tuple[int, int]]
) -> int:
    """Title words that stand in the text's gaps and nowhere in the other article."""
    found = 0
    for word in set(title).difference(strange_title):
        if len(word) < SUBJECT and word.isascii():
            continue
        (code,) = encode([word])
        at = np.flatnonzero(text.codes == code)
        if len(at) < (OFTEN if len(word) < TELLING and word.isascii() else 1) or (strange.codes == code).any():
            continue
        found += any(start <= place < end for place in at.tolist() for start, end in gaps)
    return found
