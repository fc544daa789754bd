"""Floor of language detection on samples of the length it is used on."""

from __future__ import annotations

import pytest

from monitor.extract import extract
from monitor.language import detect
from tests.extract.making import fixture, fixtures, page

# Measured: 15 of 15 whole texts, 68 of 68 single paragraphs of 60 letters and more.
PARAGRAPHS = 0.97


@pytest.mark.parametrize("name", fixtures())
def test_whole_texts_are_all_right(name: str) -> None:
    body, expected = fixture(name)
    found = detect(extract(page(body, url=expected["url"])))
    assert (found.code, found.method) == (expected["lang"], "text")
    assert found.confidence >= 0.9


def test_single_paragraphs_stay_above_their_floor() -> None:
    right = count = 0
    for name in fixtures():
        expected = fixture(name)[1]
        for paragraph in expected["text"]:
            if sum(map(str.isalpha, paragraph)) >= 60:
                made = extract(page(paragraph, kind="text"), min_words=1)
                count += 1
                right += detect(made).code == expected["lang"]
    assert right >= PARAGRAPHS * count, (right, count)
