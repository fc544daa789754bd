"""Whether two passages are on one matter, in scripts with and without spaces."""

from __future__ import annotations

import pytest

from monitor.duplicates.cohesion import MIN_COHESION, cohesion
from monitor.duplicates.words import split
from tests.duplicates import making, unspaced


def between(one: str, other: str) -> float:
    mine, its = split(one), split(other)
    return cohesion([*mine, *its], [(0, len(mine))], [(len(mine), len(mine) + len(its))])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (making.HARBOUR, making.ORCHARD),
        (unspaced.THAI_BRIDGE, unspaced.THAI_ORCHID),
        (unspaced.LAO_BRIDGE, unspaced.LAO_ORCHID),
        (unspaced.KHMER_BRIDGE, unspaced.KHMER_ORCHID),
        (unspaced.MYANMAR_BRIDGE, unspaced.MYANMAR_ORCHID),
    ],
)
def test_two_matters_in_one_language_do_not_cohere(one: str, other: str) -> None:
    assert between(one, other) < MIN_COHESION / 2


def test_halves_of_one_text_cohere() -> None:
    paragraphs = unspaced.THAI_BRIDGE.split("\n\n")
    assert between("\n\n".join(paragraphs[:2]), "\n\n".join(paragraphs[2:])) >= MIN_COHESION


def test_numbers_and_words_of_other_scripts_count_beside_them() -> None:
    assert between("ไป Larkmere 123456", "ป่า LARKMERE 123456") > 0.9
    assert between("", "สะพาน") == 0.0
