from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.duplicates import compare, passages
from monitor.duplicates.align import align
from monitor.duplicates.words import read_words
from tests.duplicates.making import HARBOUR, ORCHARD, paragraphs

ANY = st.text(st.characters(codec=None), max_size=200)
# Few different words, so that chains cross and repeat.
POOR = st.lists(st.sampled_from(["sea", "wall", "12", "boat", "港湾委", "ısı"]), max_size=120).map(" ".join)


def test_a_text_keeps_all_of_itself() -> None:
    same = compare(HARBOUR, HARBOUR)
    assert (same.kept, same.added, same.changed) == (1.0, 0.0, 0)
    assert same.longest_run == len(read_words(HARBOUR))


def test_strangers_keep_nothing() -> None:
    assert compare(HARBOUR, ORCHARD).kept == 0


def test_an_excerpt_with_an_intro_keeps_its_share() -> None:
    excerpt = paragraphs(HARBOUR, 1)
    intro = "Readers asked us what becomes of the bathing beach, and here is what the board has to say."
    made = compare(f"{intro}\n\n{excerpt}", HARBOUR)
    assert made.kept == pytest.approx(len(excerpt.split()) / len(HARBOUR.split()), abs=0.02)
    assert made.added == pytest.approx(len(intro.split()) / len(f"{intro} {excerpt}".split()), abs=0.02)


def test_changed_words_are_counted_and_do_not_end_the_passage() -> None:
    words = HARBOUR.split()
    for number in range(5, len(words) - 10, 10):
        words[number] = f"other{number}"
    changed = compare(" ".join(words), HARBOUR)
    assert changed.changed == len(range(5, len(words) - 10, 10))
    assert changed.kept == pytest.approx(0.9, abs=0.01)


def test_reordered_paragraphs_are_found_again() -> None:
    assert compare(paragraphs(HARBOUR, 2, 0, 1), HARBOUR).kept > 0.97


@settings(deadline=None)  # the machine may be busy
@given(ANY | POOR, ANY | POOR)
def test_comparing_never_fails_and_is_symmetric(one: str, other: str) -> None:
    there, back = align(read_words(one), read_words(other)), align(read_words(other), read_words(one))
    assert there.own == back.kept
    assert there.kept == back.own
    assert 0 <= there.kept <= 1
    assert there.longest_run == back.longest_run
    made = compare(one, other)
    assert 0 <= made.kept <= 1
    assert 0 <= made.added <= 1
    passages(one, other)


@settings(deadline=None)  # the machine may be busy
@given(ANY | POOR)
def test_a_text_is_its_own_copy(text: str) -> None:
    assert compare(text, text).kept == 1


@settings(deadline=None)  # the machine may be busy
@given(POOR, st.integers(0, 10_000))
def test_no_word_serves_twice(text: str, seed: int) -> None:
    words = text.split()
    random.Random(seed).shuffle(words)
    found = align(read_words(text), read_words(" ".join(words)), min_chain=3)
    runs = [run for chain in found.chains for run in chain]
    mine = [place for run in runs for place in range(run.mine, run.mine + run.length)]
    other = [place for run in runs for place in range(run.other, run.other + run.length)]
    assert len(set(mine)) == len(mine)
    assert len(set(other)) == len(other)
    assert all(found.mine.codes[a] == found.other.codes[b] for a, b in zip(mine, other, strict=True))
