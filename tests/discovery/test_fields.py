"""Dates and names as feeds write them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discovery.fields import moment, names, unmarked


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("Thu, 16 May 2024 08:00:00 +0200", "2024-05-16 06:00"),
        ("Thu, 16 May 2024 08:00:00 GMT", "2024-05-16 08:00"),
        ("Thu, 16 May 2024 08:00:00 EST", "2024-05-16 13:00"),
        ("Thu, 16 May 2024 08:00:00 CEST", "2024-05-16 06:00"),
        ("Thu, 16 May 2024 08:00:00 GMT+2", "2024-05-16 06:00"),
        ("Thu, 16 May 2024 08:00:00 UTC-03:30", "2024-05-16 11:30"),
        ("Thu, 16 May 2024 08:00:00", "2024-05-16 08:00"),
        ("16 May 24 08:00", "2024-05-16 08:00"),
        ("Thursday, 16 September 2024 8:00:00 PM GMT", "2024-09-16 20:00"),
        ("Thu, 16 May 2024 12:05 a.m.", "2024-05-16 00:05"),
        ("Do, 16 May 2024 08:00:00 +0200", "2024-05-16 06:00"),
        ("2024-05-16T08:00:00Z", "2024-05-16 08:00"),
        ("2024-05-16T08:00:00.123456789+02:00", "2024-05-16 06:00"),
        ("2024-05-16 08:00:00 +0200", "2024-05-16 06:00"),
        ("2024-05-16 08:00:00 CEST", "2024-05-16 06:00"),
        ("2024-05-16", "2024-05-16 00:00"),
        ("20240516T080000Z", "2024-05-16 08:00"),
        ("1715839200", "2024-05-16 06:00"),
        ("1715839200000", "2024-05-16 06:00"),
    ],
)
def test_dates_are_read_into_utc(text: str, utc: str) -> None:
    found = moment(text)
    assert found is not None
    assert found.tzinfo is UTC
    assert found.strftime("%Y-%m-%d %H:%M") == utc


@pytest.mark.parametrize(
    "text",
    ["", "gestern", "0000-00-00T00:00:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "16.05.2024",
     "2024-W20-4", "Thu, 32 May 2024 08:00:00 GMT", "12345", "-1", "Thu, 16 May 2024 25:00:00 +0000", None, 5, []],
)  # fmt: skip
def test_what_is_no_date_is_none(text: object) -> None:
    assert moment(text) is None


@given(st.text(max_size=40) | st.datetimes(min_value=datetime(1972, 1, 1), max_value=datetime(2099, 1, 1)).map(str))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = moment(text)
    assert found is None or found.tzinfo is UTC


def test_an_address_is_nobodys_name() -> None:
    given_names = [
        "a@b.example (Ada)",
        "Bert <b@b.example>",
        "Cem (c@b.example)",
        "c@b.example",
        "mailto:d@b.example",
        "",
        "Ada",
        "dpa/lno",
    ]
    assert names(given_names) == ("Ada", "Bert", "Cem", "dpa/lno")


def test_markup_is_taken_out_and_comparisons_stay() -> None:
    assert unmarked("<b>5 &lt; 6</b> and 7 > 6, a<b? <br/>\nTom &amp; Jerry") == "5 < 6 and 7 > 6, a<b? Tom & Jerry"


@pytest.mark.parametrize("text", ["2024-05-16T08:00:00", "2024-05-16 08:00:00", "Thu, 16 May 2024 08:00:00"])
def test_a_time_without_a_zone_is_one_of_the_site(text: str) -> None:
    assert moment(text, ZoneInfo("Europe/Berlin")) == datetime(2024, 5, 16, 6, tzinfo=UTC)
    assert moment(f"{text} +0000", ZoneInfo("Europe/Berlin")) == datetime(2024, 5, 16, 8, tzinfo=UTC)
