"""When digests are due, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import read_cadence

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("cadence", "moment", "due"),
    [
        ("now", "2024-05-16T12:00", "2024-05-16T12:00"),
        ("hourly", "2024-05-16T12:00", "2024-05-16T13:00"),
        ("hourly", "2024-05-16T12:59:59", "2024-05-16T13:00"),
        ("daily 07:30", "2024-05-16T07:29:59", "2024-05-16T07:30"),
        ("daily 07:30", "2024-05-16T07:30", "2024-05-17T07:30"),
        ("weekly mon 07:30", "2024-05-16T12:00", "2024-05-20T07:30"),
        ("weekly mon 07:30", "2024-05-20T07:29", "2024-05-20T07:30"),
        ("weekly mon 07:30", "2024-05-20T07:30", "2024-05-27T07:30"),
        # the clock is put forward on 31 March at 2, back on 27 October at 3
        ("daily 07:30", "2024-03-30T08:00", "2024-03-31T07:30"),
        ("daily 02:30", "2024-03-30T12:00", "2024-03-31T03:30"),
        ("daily 02:30", "2024-03-31T12:00", "2024-04-01T02:30"),
        ("daily 02:30", "2024-10-26T12:00", "2024-10-27T02:30"),
        ("weekly sun 02:30", "2024-10-21T12:00", "2024-10-27T02:30"),
    ],
)
def test_a_digest_is_due(cadence: str, moment: str, due: str) -> None:
    assert read_cadence(cadence).due(at(moment), BERLIN) == at(due)


def test_in_the_hour_that_comes_twice_a_digest_is_due_once() -> None:
    first = at("2024-10-27T02:30")
    assert read_cadence("daily 02:30").due(first, BERLIN) == at("2024-10-28T02:30")
    assert read_cadence("daily 02:30").due(first + timedelta(minutes=45), BERLIN) == at("2024-10-28T02:30")
    assert read_cadence("hourly").due(first, BERLIN) == first + timedelta(minutes=30)


def test_full_hours_are_those_of_the_zone() -> None:
    assert read_cadence("hourly").due(at("2024-05-16T12:10", KOLKATA), KOLKATA) == at("2024-05-16T13:00", KOLKATA)


@pytest.mark.parametrize(
    "text",
    [
        *("", "dayly", "daily", "daily 24:00", "weekly 07:30", "weekly xyz 07:30", "now 7"),
        *("weekly mon,thu 07:30", "weekly mon-fri 07:30", "weekly monda 07:30"),
    ],
)
def test_what_is_no_cadence_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected now, hourly, daily 07:30 or weekly mon 07:30"):
        read_cadence(text)


@given(
    st.sampled_from(["hourly", "daily 00:00", "daily 02:30", "daily 23:59", "weekly sun 02:30", "weekly wed 12:00"]),
    st.datetimes(datetime(2023, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.sampled_from([BERLIN, KOLKATA, ZoneInfo("America/Sao_Paulo"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_it_is_always_later_and_soon_enough(text: str, moment: datetime, zone: ZoneInfo) -> None:
    cadence = read_cadence(text)
    due = cadence.due(moment, zone)
    longest = {"hourly": timedelta(hours=1), "daily": timedelta(hours=25.5), "weekly": timedelta(days=7, hours=1.5)}
    assert moment < due <= moment + longest[cadence.kind]
    assert read_cadence(str(cadence)) == cadence
