"""Seats of articles by their links: what lies outside of a parent's part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.duplicates.cluster import Link, Spans, inside, partition, without, words_in

EDGES = st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted)


def spans(edges: list[int]) -> Spans:
    return tuple(zip(edges[::2], edges[1::2], strict=False))


def words(of: Spans) -> set[int]:
    return {word for start, end in of for word in range(start, end)}


@given(EDGES, EDGES)
def test_what_is_left_without_others(mine: list[int], others: list[int]) -> None:
    left = without(spans(mine), spans(others))
    assert words(left) == words(spans(mine)) - words(spans(others))
    assert list(left) == sorted(left)
    assert words_in(left) == len(words(left))


def link(child: str, parent: str, own: Spans, its: Spans) -> Link:
    return Link(child, parent, "contained", float(words_in(own)), own, its)


def test_a_passage_is_not_its_own_witness() -> None:
    """The link takes in the parent's part, and three times as much beside it: that has to be on the same matter."""
    asked: list[tuple[Spans, Spans]] = []

    def cohesive(found: Link, part: Spans) -> bool:
        asked.append((found.parent_spans, part))
        return False

    assert not inside(link("b", "a", ((0, 100),), ((0, 100),)), ((1, 23),), cohesive)
    assert asked == [(((0, 1), (23, 100)), ((1, 23),))]


def test_an_intro_that_a_stranger_has_too_takes_no_story_with_it() -> None:
    """`copy` has an intro of another story's article before a text of its own, which `again` has with the intro."""
    links = {
        "copy": [link("copy", "stranger", ((0, 22),), ((0, 22),))],
        "again": [link("again", "copy", ((0, 101),), ((0, 101),))],
    }
    order = ["stranger", "copy", "again"]
    found = partition(order, links, {"stranger": 60, "copy": 101, "again": 150}, lambda link, part: False)
    assert [found[one].group for one in order] == ["stranger", "stranger", "again"]
