"""Passages of two texts: they cover every word once, and name what happened to it."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.duplicates import Passage, passages
from monitor.text import words

FIRST = "Der Hafen von Kielburg soll bis zum Herbst tiefer werden, teilte die Verwaltung am Donnerstag mit."
SECOND = "Drei Bagger arbeiten schon in der Fahrrinne, ein vierter kommt im Juli dazu."
THIRD = "Gegner des Vorhabens wollen vor Gericht ziehen und nennen die Prüfung einen Scherz."


def said(mine: str, other: str) -> list[tuple[str, str, str]]:
    return [(one.kind, mine[slice(*one.mine)], other[slice(*one.other)]) for one in passages(mine, other)]


def test_equal_texts_are_one_passage() -> None:
    assert said(FIRST, FIRST) == [("same", FIRST, FIRST)]
    assert said("", "") == []


def test_a_changed_word_is_named_with_what_stood_there() -> None:
    mine = FIRST.replace("bis zum Herbst", "bis zum Frühjahr")
    assert said(mine, FIRST) == [
        ("same", "Der Hafen von Kielburg soll bis zum", "Der Hafen von Kielburg soll bis zum"),
        ("changed", "Frühjahr", "Herbst"),
        ("same", "tiefer werden, teilte die Verwaltung am Donnerstag mit.",
         "tiefer werden, teilte die Verwaltung am Donnerstag mit."),
    ]  # fmt: skip


def test_what_was_put_in_and_left_out_is_told_apart() -> None:
    mine, other = f"{FIRST} {THIRD}", f"{FIRST} {SECOND}"
    kinds = [kind for kind, _, _ in said(mine, other)]
    assert kinds == ["same", "missing", "added"]
    assert said(mine, other)[1][2] == SECOND
    assert said(mine, other)[2][1] == THIRD


def test_moved_paragraphs_are_the_same() -> None:
    mine, other = f"{SECOND}\n\n{FIRST}", f"{FIRST}\n\n{SECOND}"
    assert said(mine, other) == [
        ("same", SECOND, SECOND),
        ("same", FIRST, FIRST),
    ]


def test_a_credit_that_was_dropped_is_missing() -> None:
    found = said(FIRST, f"Kielburg (dpa) - {FIRST}\n\n(dpa/lno)")
    assert ("missing", "", "Kielburg (dpa) -") in found
    assert ("missing", "", "(dpa/lno)") in found


def test_strangers_have_nothing_in_common() -> None:
    assert [kind for kind, _, _ in said(SECOND, THIRD)] == ["missing", "added"]
    assert said(SECOND, "") == [("added", SECOND, "")]
    assert said("", SECOND) == [("missing", "", SECOND)]


@pytest.mark.parametrize(
    "text",
    ["北京日报今天报道了一条新闻并且没有说明来源", "กรุงเทพมหานครประกาศวันนี้ว่าจะสร้างสะพานใหม่", "½ Liter ﬁnden ½ Meter"],
)
def test_other_scripts_have_places_too(text: str) -> None:
    (found,) = passages(text, text)
    assert found.kind == "same"
    assert text[slice(*found.mine)].startswith(text[:2])
    assert found.mine[1] >= len(text) - 2


texts = st.lists(st.sampled_from([*FIRST.split(), *SECOND.split(), "北京日报", "", "\n\n", "½", "7,5"]), max_size=60)


@given(texts, texts)
@example(["a"] * 30, ["a"] * 7)
@example(["北京日报", "Der", "Hafen", "Der", "Der", "北京日报"], ["北京日报", "北京日报", "Hafen", "Der", "Der", "Der"])
def test_every_word_of_both_texts_is_in_one_passage(a: list[str], b: list[str]) -> None:
    mine, other = " ".join(a), " ".join(b)
    found = passages(mine, other)
    check(mine, [one.mine for one in found if one.kind != "missing"])
    check(other, [one.other for one in found if one.kind != "added"])
    assert [one.mine for one in found] == sorted(one.mine for one in found)


def check(text: str, spans: list[tuple[int, int]]) -> None:
    for word in words(text):
        holding = [span for span in spans if span[0] < word.end and word.start < span[1]]
        assert holding, (word, spans)
        if word.text.isascii():
            assert len(holding) == 1
    for (_, end), (start, _) in pairwise(sorted(span for span in spans if span[0] < span[1])):
        assert end <= start


def test_a_passage_is_a_plain_value() -> None:
    assert passages("eins zwei drei", "eins zwei drei") == [Passage("same", (0, 14), (0, 14))]


def test_signs_stay_with_their_words() -> None:
    mine, other = f'{FIRST} "Ein Scherz", sagte er.', f"{FIRST} (dpa)"
    assert ("added", '"Ein Scherz", sagte er.', "") in said(mine, other)
    assert ("missing", "", "(dpa)") in said(mine, other)


def test_passages_of_chinese_do_not_overlap() -> None:
    mine, other = "北京日报今天报道了一条重要新闻并且没有说明来源", "北京日报昨天报道了一条重要新闻并且没有说明来源"
    found = said(mine, other)
    assert [kind for kind, _, _ in found] == ["same", "changed", "same"]
    assert "".join(text for _, text, _ in found) == mine
    assert "今" in found[1][1]
