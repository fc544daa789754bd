"""Retry-After; what needs a running crawl is in tests/e2e."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http.headers import Headers

from monitor.crawl.politeness import retry_after

NOW = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Thu, 16 May 2024 12:01:30 GMT", 90.0),
        ("Thursday, 16-May-24 12:01:30 GMT", 90.0),
        ("Thu, 16 May 2024 14:01:30 +0200", 90.0),
        ("Thu, 16 May 2024 11:00:00 GMT", 0.0),
        ("9" * 400, 366 * 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 366 * 86400.0),
        ("\u00b2", None),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str, seconds: float | None) -> None:
    assert retry_after(Headers({"Retry-After": value}), NOW) == seconds


def test_no_header_is_no_wait() -> None:
    assert retry_after(Headers(), NOW) is None


@given(st.binary(max_size=60))
def test_anything_a_server_sends_is_a_time_or_nothing(value: bytes) -> None:
    found = retry_after(Headers({"Retry-After": value}), NOW)
    assert found is None or found >= 0
