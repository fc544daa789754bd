"""From verified pairs to stories: a leader tree, merged over near edges only. Pure.

Articles are taken by story time, so that the order in which they arrived makes no difference: each joins the story of
its best earlier parent. Of an article whose text only partly is its story's, that part is remembered, and what matches
it elsewhere does not join through it: intros and second stories would glue strangers together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

Spans = tuple[tuple[int, int], ...]  # words [first, past the last)

NEAR_KINDS = ("exact", "near")
# What their neighbours do: docs/matching.md.
WHOLE = 0.8  # of the words in its story's passages: the article is its story's throughout; at .5 strangers are glued
PADDING = 14  # words beside a passage that belong to it: the longest gap of an alignment; flat from 7 to 28
INSIDE = 0.25  # of the matched words inside the other's part; at .5 wire recall .919
SECOND_STORY = 18  # words that make an article a member of a second one's story as well; flat from 9 to 36
AS_GOOD = 0.9  # of the best parent's score: then the earliest of them; .7 does the same, 1 finds .003 more of the wire


class Link(NamedTuple):
    """An edge seen from the later article. `score`: matched words, fewer with distance."""

    child: str
    parent: str
    kind: str
    score: float
    spans: Spans  # in the child
    parent_spans: Spans


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an article belongs. `near`: other groups that it makes one with its own."""

    group: str
    link: Link | None = None
    part: Spans = ()
    near: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


def seat(
    article: str,
    links: Sequence[Link],
    size: int,
    groups: Mapping[str, str],
    fits: Callable[[Link], bool],
    refused: Callable[[str, str], bool],
) -> Seat:
    """The seat of an article of `size` words by its links to earlier ones; its own group when none holds it.

    `groups`: where the parents are. `fits`: is the link in the parent's part? `refused`: may the article not be there?
    """
    fitting = [link for link in links if fits(link)]
    welcome = [link for link in fitting if not refused(article, groups[link.parent])]
    if not welcome:
        return Seat(article)
    main = groups[_best(welcome).parent]
    own = [link for link in welcome if groups[link.parent] == main]
    part = merged(span for link in own for span in link.spans)
    rest = [link for link in fitting if groups[link.parent] != main]
    near = {groups[k.parent] for k in rest if k.kind in NEAR_KINDS and not refused(article, groups[k.parent])}
    also = {groups[k.parent] for k in rest if words_in(k.spans) - shared(k.spans, part) >= SECOND_STORY} - near
    whole = words_in(part) >= WHOLE * size
    return Seat(main, _best(own), () if whole else part, tuple(sorted(near)), tuple(sorted(also)))


def _best(links: Sequence[Link]) -> Link:
    """In order of parents' age: the earliest that is about as good as the best."""
    bar = AS_GOOD * max(link.score for link in links)
    return next(link for link in links if link.score >= bar)


def partition(
    order: Sequence[str],
    links: Mapping[str, Sequence[Link]],
    sizes: Mapping[str, int],
    cohesive: Callable[[Link, Spans], bool],
    apart: Iterable[tuple[str, str]] = (),
    together: Iterable[tuple[str, str]] = (),
) -> dict[str, Seat]:
    """Seats of all articles, by `order` of story time; a group is named by its first article.

    `links` of an article lead to earlier ones, oldest first. `cohesive` says whether a passage outside of a parent's
    part is on the same matter all the same. Pairs that are `apart` are never in one group, pairs `together` always,
    unless that would join two that are apart.
    """
    groups = _Groups(order, apart)
    friends = _by_later(order, together)
    seats: dict[str, Seat] = {}
    for article in order:
        seats[article] = found = seat(
            article,
            links.get(article, ()),
            sizes[article],
            groups.of,
            lambda link: inside(link, seats[link.parent].part, cohesive),
            groups.refused,
        )
        groups.add(article)
        for other in (found.group, *found.near, *friends.get(article, ())):
            groups.join(article, other)
    return {article: _named(found, groups.of) for article, found in seats.items()}


class _Groups:
    """Groups of articles, each named by its first, and who must not be in one."""

    def __init__(self, order: Sequence[str], apart: Iterable[tuple[str, str]]) -> None:
        self.of: dict[str, str] = {}
        self._place = {article: at for at, article in enumerate(order)}
        self._members: dict[str, list[str]] = {}
        self._foes: dict[str, set[str]] = {}
        for one, other in apart:
            self._foes.setdefault(one, set()).add(other)
            self._foes.setdefault(other, set()).add(one)

    def add(self, article: str) -> None:
        self.of[article] = article
        self._members[article] = [article]

    def refused(self, article: str, group: str) -> bool:
        foes = self._foes.get(article, set())
        return not foes.isdisjoint(self._members[self.of[group]])

    def join(self, article: str, other: str) -> None:
        """Make the groups of the two articles one, unless two of them are apart."""
        if article not in self.of or other not in self.of:
            return
        if self.of[article] == self.of[other]:
            return
        old, young = sorted((self.of[article], self.of[other]), key=self._place.__getitem__)
        if any(self.refused(one, old) for one in self._members[young]):
            return
        for one in self._members.pop(young):
            self.of[one] = old
            self._members[old].append(one)


def _by_later(order: Sequence[str], pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    place = {article: at for at, article in enumerate(order)}
    found: dict[str, list[str]] = {}
    for pair in pairs:
        if pair[0] in place and pair[1] in place:
            earlier, later = sorted(pair, key=place.__getitem__)
            found.setdefault(later, []).append(earlier)
    return found


def _named(found: Seat, groups: Mapping[str, str]) -> Seat:
    """With the groups as they are called in the end."""
    group = groups[found.group]
    also = {groups[one] for one in found.also} - {group}
    return replace(found, group=group, near=(), also=tuple(sorted(also)))


def inside(link: Link, part: Spans, cohesive: Callable[[Link, Spans], bool]) -> bool:
    """Is the link in the parent's part, or is what it has outside of it on the same matter?"""
    if not part or shared(link.parent_spans, part) >= INSIDE * words_in(link.parent_spans):
        return True
    return cohesive(link._replace(parent_spans=without(link.parent_spans, part)), part)


def merged(spans: Iterable[tuple[int, int]], padding: int = PADDING) -> Spans:
    """In order, with those joined that are less than twice the padding apart. Not padded at the ends."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start - joined[-1][1] <= 2 * padding:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined)


def without(spans: Spans, others: Spans) -> Spans:
    """What lies in `spans` and in none of the others. Both are in order and do not overlap in themselves."""
    left: list[tuple[int, int]] = []
    for start, end in spans:
        for first, past in others:
            if past <= start or first >= end:
                continue
            if first > start:
                left.append((start, first))
            start = past
        if start < end:
            left.append((start, end))
    return tuple(left)


def words_in(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def shared(spans: Spans, others: Spans) -> int:
    """Words that lie in both."""
    return sum(max(0, min(end, past) - max(start, first)) for start, end in spans for first, past in others)
