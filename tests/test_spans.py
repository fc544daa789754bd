from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.spans import parse_span, show_span


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("6h", 21600), ("7d", 604800), ("2w", 1209600), ("1.5h", 5400)],
)
def test_spans_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_span(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "soon", "5", "-1h", "0m", "1h30m", "99999999d", "1e3s"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="15m or 6h"):
        parse_span(text)


@given(st.integers(1, 10_000_000))
def test_what_is_shown_reads_as_the_same(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert parse_span(show_span(span)) == span
