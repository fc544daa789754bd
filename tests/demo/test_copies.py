"""Paragraphs taken from an original, words changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.demo.copies import chosen, cut
from monitor.errors import InputError

STORY = ("One two three four.", "Five six seven.", "Eight nine ten.")


def test_paragraphs_are_counted_from_one() -> None:
    assert chosen("all", 3) == [0, 1, 2]
    assert chosen("2", 3) == [1]
    assert chosen("1-2,3", 3) == [0, 1, 2]
    assert chosen("3,1", 3) == [2, 0]


@pytest.mark.parametrize("keep", ["0", "4", "1-4", "", "3-2", "a-b", "-", "1,,2"])
def test_paragraphs_that_are_not_there_are_refused(keep: str) -> None:
    with pytest.raises(InputError, match="keep"):
        chosen(keep, 3)


@given(st.integers(1, 30), st.data())
def test_a_span_is_what_stands_between_its_ends(count: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, count))
    last = data.draw(st.integers(first, count))
    assert chosen(f"{first}-{last}", count) == list(range(first - 1, last))


def test_a_cut_knows_the_share_of_words_that_it_keeps() -> None:
    whole, part = cut(STORY, "all", {}), cut(STORY, "1", {})
    assert (whole.paragraphs, whole.kept, whole.whole) == (STORY, 1.0, True)
    assert (part.paragraphs, part.kept, part.whole) == (STORY[:1], 0.4, False)


def test_changed_words_are_not_kept_words() -> None:
    changed = cut(STORY, "all", {"six seven": "6 and 7"})
    assert changed.paragraphs[1] == "Five 6 and 7."
    assert (changed.changed_words, changed.kept) == (2, 0.8)


def test_a_phrase_that_is_not_in_the_copy_is_refused() -> None:
    with pytest.raises(InputError, match="'Eight'"):
        cut(STORY, "1-2", {"Eight": "8"})
