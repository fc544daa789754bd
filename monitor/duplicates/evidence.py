"""What an alignment says for and against a copy: words covered, numbers kept and changed, titles. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from monitor.duplicates.align import MAX_GAP, Alignment, Slot
from monitor.duplicates.words import Words, split

STEM = 5  # letters of a word that count between two titles: "Streik" and "Streiks" are one
TELLING = 4  # letters; shorter words of a title are mostly grammar
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
    unit = alignment.mine.unit
    agreeing, changed = _numbers(alignment)
    titles = set(title_words(title)), set(title_words(other_title))
    first = min((min(chain[0].mine, chain[0].other) for chain in alignment.chains), default=0)
    return Facts(
        own=alignment.own,
        kept=alignment.kept,
        matched=alignment.matched / unit,
        longest_run=alignment.longest_run / unit,
        start=first / unit,
        agreeing=agreeing,
        changed=changed,
        swapped=sum(min(slot.b - slot.a, slot.d - slot.c) for slot in slots(alignment)) / unit,
        title=alike(*titles),
        subjects=min(_subjects(alignment, *titles, own=True), _subjects(alignment, *titles[::-1], own=False)),
        corrected=any(word.startswith(CORRECTED) for word in titles[0] | titles[1]),
    )


def title_words(title: str) -> list[str]:
    """The telling ones: shorter words are mostly grammar."""
    return [word for word in split(title) if len(word) >= TELLING or not word.isascii()]


def alike(title: set[str], other: set[str]) -> float:
    """Dice coefficient of the titles' telling words, by their first letters."""
    one, two = {word[:STEM] for word in title}, {word[:STEM] for word in other}
    return 2 * len(one & two) / (len(one) + len(two)) if one and two else 0.0


def slots(alignment: Alignment) -> Iterator[Slot]:
    """Gaps inside the chains, and what stands before the first and after the last one where it is short."""
    yield from alignment.slots()
    if not alignment.chains:
        return
    head = alignment.chains[0][0]
    if max(head.mine, head.other) <= MAX_GAP:
        yield Slot(0, head.mine, 0, head.other)
    tail = alignment.chains[-1][-1]
    end, other_end = tail.mine + tail.length, tail.other + tail.length
    if max(len(alignment.mine) - end, len(alignment.other) - other_end) <= MAX_GAP:
        yield Slot(end, len(alignment.mine), other_end, len(alignment.other))


def _numbers(alignment: Alignment) -> tuple[int, int]:
    mine, other = alignment.mine, alignment.other
    agreeing = sum(int(mine.numeric[r.mine : r.mine + r.length].sum()) for chain in alignment.chains for r in chain)
    changed = 0
    for slot in slots(alignment):
        here, there = _numbers_in(mine, slot.a, slot.b), _numbers_in(other, slot.c, slot.d)
        if here and there:
            both = (here & there).total()
            agreeing += both
            changed += min(here.total(), there.total()) - both
    return agreeing, changed


def _numbers_in(words: Words, start: int, end: int) -> Counter[str]:
    return Counter(words.tokens[at] for at in range(start, end) if words.numeric[at])


def _subjects(alignment: Alignment, title: set[str], other_title: set[str], *, own: bool) -> int:
    text, strange = (alignment.mine, alignment.other) if own else (alignment.other, alignment.mine)
    lacking = {w for w in title - other_title if w in text.vocabulary and w not in strange.vocabulary}
    if not lacking:
        return 0
    found = set()
    for slot in slots(alignment):
        start, end = (slot.a, slot.b) if own else (slot.c, slot.d)
        found |= lacking.intersection(text.tokens[start:end])
    return len(found)
