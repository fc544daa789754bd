"""Two texts word by word: chains of shared seeds on near diagonals. Pure.

The order of the two makes no difference: aligning b with a gives the mirror image of aligning a with b.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import LCSseq

from monitor.duplicates.words import SEED_WORDS, Places, Words, read_words
from monitor.records import Comparison

# What their neighbours do: docs/matching.md. "Wire": pair precision on the labelled stream, .985 with these values.
MAX_GAP = 14  # words without a shared seed inside one chain: a sentence put in or taken out; wire .928 at 7
MAX_SHIFT = 8  # words by which a gap may be longer on one side; flat from 4 to 14
MIN_CHAIN = 8  # words; shorter ones are phrases that strangers share: wire .928 at 4, its recall .962 at 16
REPEATS = 4  # a seed that is more frequent in a text says nothing about place; flat from 2 to 8


class Run(NamedTuple):
    """Equal words: `length` of them from `mine` on in the one text and from `other` on in the other."""

    mine: int
    other: int
    length: int


class Slot(NamedTuple):
    """What stands between two runs: words [a, b) of the one and [c, d) of the other. One side may be empty."""

    a: int
    b: int
    c: int
    d: int


Chain = tuple[Run, ...]


@dataclass(frozen=True)
class Alignment:
    """Chains in order of the first text, not overlapping on either side."""

    mine: Words
    other: Words
    chains: tuple[Chain, ...]

    @cached_property
    def longest_run(self) -> int:
        return max((run.length for chain in self.chains for run in chain), default=0)

    @cached_property
    def matched(self) -> int:
        """Words of either text that the other has at the same place."""
        return sum(run.length for chain in self.chains for run in chain)

    @property
    def kept(self) -> float:
        """Share of the other's words that are in mine."""
        return self.matched / len(self.other) if len(self.other) else float(not len(self.mine))

    @property
    def own(self) -> float:
        """Share of my words that are the other's."""
        return self.matched / len(self.mine) if len(self.mine) else float(not len(self.other))

    def slots(self) -> Iterator[Slot]:
        """The gaps inside the chains."""
        for chain in self.chains:
            for one, following in pairwise(chain):
                end, other_end = one.mine + one.length, one.other + one.length
                if end < following.mine or other_end < following.other:
                    yield Slot(end, following.mine, other_end, following.other)

    def mirrored(self) -> Alignment:
        chains = [tuple(Run(run.other, run.mine, run.length) for run in chain) for chain in self.chains]
        return Alignment(self.other, self.mine, tuple(sorted(chains)))


def compare(mine: str, other: str) -> Comparison:
    """Compare two texts: shares of words kept and added, words changed, longest run of equal words."""
    return compare_words(read_words(mine), read_words(other))


def compare_words(mine: Words, other: Words) -> Comparison:
    """As `compare`, of texts that are read already."""
    alignment = align(mine, other, min_chain=SEED_WORDS)
    return Comparison(
        kept=alignment.kept,
        added=1 - alignment.own,
        changed=sum(min(slot.b - slot.a, slot.d - slot.c) for slot in alignment.slots()),
        longest_run=alignment.longest_run,
    )


def align(mine: Words, other: Words, min_chain: int = MIN_CHAIN) -> Alignment:
    """The passages that both have, each of at least `min_chain` words."""
    if np.array_equal(mine.codes, other.codes):
        whole = ((Run(0, 0, len(mine)),),) if len(mine) else ()
        return Alignment(mine, other, whole)
    if (len(other), other.codes.tobytes()) < (len(mine), mine.codes.tobytes()):
        return align(other, mine, min_chain).mirrored()
    taken = bytearray(len(mine)), bytearray(len(other))
    chains = _free_of_overlap(_chains(_runs(mine, other)), *taken)
    filled = (_filled(chain, mine, other, *taken) for chain in chains)
    return Alignment(mine, other, tuple(sorted(c for c in filled if sum(run.length for run in c) >= min_chain)))


def _runs(mine: Words, other: Words) -> list[Run]:
    """Maximal runs of shared seeds, by their start in mine."""
    starts, others = _shared_seeds(mine, other)
    if not len(starts):
        return []
    diagonal = (others - starts + len(mine)) * (len(mine) + 2)  # one step apart in both: the same run
    order = np.argsort(diagonal + starts, kind="stable")
    starts, others, key = starts[order], others[order], (diagonal + starts)[order]
    first = np.flatnonzero(np.concatenate(([True], np.diff(key) != 1)))
    lengths = np.diff(np.concatenate((first, [len(key)]))) + SEED_WORDS - 1
    found = map(Run, starts[first].tolist(), others[first].tolist(), lengths.tolist())
    return sorted(found)


def _shared_seeds(mine: Words, other: Words) -> tuple[Places, Places]:
    seeds, first, often = other.sorted_seeds
    if not len(seeds):
        return first, first
    at = np.searchsorted(seeds, mine.seeds)
    at[at == len(seeds)] = 0
    starts = np.flatnonzero((seeds[at] == mine.seeds) & (often[at] <= REPEATS))
    at = at[starts]
    count = often[at]
    if not len(starts) or count.max() == 1:
        return starts, other.seed_order[first[at]]
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    others = other.seed_order[np.repeat(first[at], count) + within]
    return np.repeat(starts, count), others


def _chains(runs: Sequence[Run]) -> list[Chain]:
    """Best chains first: each run follows the best one that ends shortly before it in both texts."""
    score: list[int] = []
    before: list[int] = []
    near: list[int] = []  # runs that end not too far before the present one
    for number, (mine, other, length) in enumerate(runs):
        near = [at for at in near if mine - runs[at].mine - runs[at].length <= MAX_GAP]
        best, follows = 0, -1
        for at in near:
            first, other_first, size = runs[at]
            gap, other_gap = mine - first - size, other - other_first - size
            if other_gap > MAX_GAP or not -MAX_SHIFT <= gap - other_gap <= MAX_SHIFT:
                continue
            if other <= other_first or mine <= first:
                continue
            overlap = -min(gap, other_gap, 0)
            if overlap < length and score[at] - overlap > best:
                best, follows = score[at] - overlap, at
        score.append(best + length)
        before.append(follows)
        near.append(number)
    return _backtracked(runs, score, before)


def _backtracked(runs: Sequence[Run], score: Sequence[int], before: Sequence[int]) -> list[Chain]:
    used = [False] * len(runs)
    chains = []
    for end in sorted(range(len(runs)), key=lambda at: (-score[at], at)):
        chain, at = [], end
        while at >= 0 and not used[at]:
            used[at] = True
            chain.append(runs[at])
            at = before[at]
        if chain:
            chains.append(tuple(reversed(chain)))
    return chains


def _free_of_overlap(chains: Sequence[Chain], taken: bytearray, other_taken: bytearray) -> list[Chain]:
    """Each word serves once on either side; the better chain has it. What is cut to less than a seed goes."""
    free = []
    for chain in chains:
        kept: list[Run] = []
        for run in chain:
            mine, other, size = run
            while size and (taken[mine] or other_taken[other]):
                mine, other, size = mine + 1, other + 1, size - 1
            while size and (taken[mine + size - 1] or other_taken[other + size - 1]):
                size -= 1
            if size < SEED_WORDS and not (kept and size):
                continue
            if _take(Run(mine, other, size), taken, other_taken):
                kept.append(Run(mine, other, size))
        if kept:
            free.append(tuple(kept))
    return free


def _take(run: Run, taken: bytearray, other_taken: bytearray) -> bool:
    """Mark the run's words as used; False where one of them is."""
    mine, other, size = run
    if taken.find(1, mine, mine + size) >= 0 or other_taken.find(1, other, other + size) >= 0:
        return False
    taken[mine : mine + size] = other_taken[other : other + size] = b"\1" * size
    return True


def _filled(chain: Chain, mine: Words, other: Words, taken: bytearray, other_taken: bytearray) -> Chain:
    """The chain with the words that its gaps have in common."""
    runs = [chain[0]]
    for following in chain[1:]:
        last = runs[-1]
        end, other_end = last.mine + last.length, last.other + last.length
        if end < following.mine and other_end < following.other:
            a, b = mine.codes[end : following.mine].tolist(), other.codes[other_end : following.other].tolist()
            for block in LCSseq.editops(a, b).as_matching_blocks():
                run = Run(end + block.a, other_end + block.b, block.size)
                if block.size and _take(run, taken, other_taken):
                    runs.append(run)
        runs.append(following)
    return tuple(runs)
