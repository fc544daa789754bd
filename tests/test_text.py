"""Lower-casing, folding and words, as readers of the languages expect them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import monitor.text
from monitor.text import clean, count_words, digest, fold, folded_tokens, lower, text_hash, tokens, words


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("IŞIK", "tr", "ışık"),
        ("İstanbul", "tr", "istanbul"),
        ("İstanbul", "en", "istanbul"),
        ("ISLAND", "en", "island"),
        ("GRÖSSE", "de", "grösse"),
        ("ΣΊΣΥΦΟΣ", "el", "σίσυφος"),
    ],
)
def test_lower_case_follows_the_language(text: str, language: str, expected: str) -> None:
    assert lower(text, language) == expected


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("grosse", "Größe"),
        ("isik", "IŞIK"),
        ("isik", "ışık"),
        ("istanbul", "İSTANBUL"),
        ("lodz", "Łódź"),
        ("cafe", "Cafe\u0301"),
        ("елка", "ёлка"),
        ("oeuvre", "Œuvre"),
        ("smorrebrod", "Smørrebrød"),
    ],
)
def test_a_word_typed_without_diacritics_finds_it(typed: str, written: str) -> None:
    assert fold(written)[: len(typed)] == typed


def test_folding_does_not_depend_on_the_language_of_the_text() -> None:
    assert folded_tokens("IŞIK") == folded_tokens("ışık") == folded_tokens("Isik")


def test_cjk_becomes_overlapping_pairs_and_mixed_words_are_cut() -> None:
    assert tokens("北京日报X 2024年") == ["北京", "京日", "日报", "x", "2024", "年"]
    assert tokens("ソウル") == ["ソウ", "ウル"]


def test_marks_stay_with_their_word() -> None:
    assert len(tokens("हिन्दी समाचार")) == 2
    assert len(tokens("كِتَاب")) == 1


def test_offsets_point_at_the_words() -> None:
    text = "Ab, 北京日报! cd"
    assert [text[word.start : word.end] for word in words(text)] == ["Ab", "北京", "京日", "日报", "cd"]


def test_two_cjk_characters_count_as_a_word() -> None:
    assert count_words("北京日报 hello world") == 4


@pytest.mark.parametrize(
    ("text", "words"),  # as ICU's dictionaries cut them
    [
        ("คณะกรรมการเทศบาลเมืองอนุมัติงบประมาณก่อสร้างสะพานแห่งใหม่ข้ามแม่น้ำเมื่อวันจันทร์ที่ผ่านมา", 23),
        ("ຄະນະກໍາມະການເມືອງໄດ້ອະນຸມັດງົບປະມານກໍ່ສ້າງຂົວແຫ່ງໃໝ່ຂ້າມແມ່ນໍ້າໃນວັນຈັນທີ່ຜ່ານມາ", 17),
        ("គណៈកម្មាធិការក្រុងបានអនុម័តថវិកាសាងសង់ស្ពានថ្មីឆ្លងទន្លេកាលពីថ្ងៃច័ន្ទ", 11),
        ("မြို့တော်ကော်မတီသည်မြစ်ကူးတံတားအသစ်တည်ဆောက်ရန်ဘတ်ဂျက်ကိုတနင်္လာနေ့ကအတည်ပြုခဲ့သည်", 18),
    ],
)
def test_scripts_without_spaces_are_counted_by_their_characters(text: str, words: int) -> None:
    assert abs(count_words(text) - words) <= 0.35 * words
    assert count_words(f"{text} ABC 12") == count_words(text) + 2


def test_spaces_within_a_script_without_spaces_do_not_matter() -> None:
    assert count_words("สะพานใหม่") == count_words("สะพาน ใหม่") == count_words("สะพาน\u200bใหม่") == 3
    assert count_words("ที่") == 1
    assert count_words("๑๒๓ ฿ ။ ។") == 1  # a number; signs are no words


def test_clean_makes_one_printable_line() -> None:
    assert clean(" a\u00a0\u200b b\x00\n c\ud800 ") == "a b c?"


def test_digest_keeps_parts_apart() -> None:
    assert digest("ab", "c") != digest("a", "bc")
    assert text_hash("t", "a  b\n\nc") == text_hash("t", "a b c")


@given(st.text())
def test_offsets_are_in_order_and_tokens_agree_with_words(text: str) -> None:
    found = list(words(text))
    for word in found:
        assert text[word.start : word.end] == word.text
    assert all(a.start <= b.start for a, b in pairwise(found))


@given(st.text())
def test_folding_is_stable_and_lower_case(text: str) -> None:
    folded = fold(text)
    assert fold(lower(folded)) == fold(folded)
    assert folded_tokens(text) == folded_tokens(text)


@given(st.text())
def test_clean_leaves_no_control_characters(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 for c in cleaned)


of_one_set = st.sampled_from(list(monitor.text._BLANKED)).flatmap(
    lambda charset: st.text(st.sampled_from(bytes(range(256)).decode(charset, "ignore")))
)


@given(of_one_set | st.text())
def test_the_quick_cut_is_the_exact_one(text: str) -> None:
    cut = [word.text for word in words(text)]
    assert monitor.text._split(text) == monitor.text._split_any(text) == cut


@given(of_one_set | st.text(), st.sampled_from(["", "de", "tr", "az"]))
def test_cut_once_or_twice_the_words_are_the_same(text: str, language: str) -> None:
    assert monitor.text.both_tokens(text, language) == (tokens(text, language), folded_tokens(text))
