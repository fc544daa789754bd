"""Cron expressions: weekdays, days, changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from hypothesis import given
from hypothesis import strategies as st

from monitor.cron import Cron

BERLIN = ZoneInfo("Europe/Berlin")
MAY = datetime(2024, 5, 16, tzinfo=UTC)  # a Thursday


def times(expression: str, after: datetime, number: int, zone: ZoneInfo = BERLIN) -> list[str]:
    """The next times, on the zone's clock with its offset."""
    cron, found = Cron(expression, zone), []
    for _ in range(number):
        following = cron.after(after)
        assert following is not None
        after = following
        found.append(after.astimezone(zone).isoformat(timespec="minutes"))
    return found


@pytest.mark.parametrize(
    ("weekday", "days"),
    [
        ("0", [19, 26]),
        ("7", [19, 26]),
        ("SUN", [19, 26]),
        ("1-5", [16, 17, 20]),
        ("5-7", [17, 18, 19, 24]),
        ("mon,wed", [20, 22, 27]),
        ("*/2", [16, 18, 19, 21]),
        ("2/3", [17, 21, 24]),
    ],
)
def test_weekdays_are_those_of_crontab(weekday: str, days: list[int]) -> None:
    assert [int(time[8:10]) for time in times(f"0 6 * * {weekday}", MAY, len(days))] == days


def test_a_day_of_the_month_or_a_weekday_is_enough_where_both_are_named() -> None:
    assert [time[5:10] for time in times("0 6 1 * 1", MAY, 3)] == ["05-20", "05-27", "06-01"]


def test_times_are_on_the_clock_of_the_zone_in_summer_and_winter() -> None:
    assert times("0 8 * * *", datetime(2024, 3, 30, 0, 30, tzinfo=UTC), 2) == [
        "2024-03-30T08:00+01:00",
        "2024-03-31T08:00+02:00",
    ]


def test_a_time_that_spring_leaves_out_comes_an_hour_later_on_the_clock() -> None:
    assert times("30 2 * * *", datetime(2024, 3, 30, 12, tzinfo=UTC), 2) == [
        "2024-03-31T03:30+02:00",
        "2024-04-01T02:30+02:00",
    ]


def test_the_hour_that_autumn_repeats_is_gone_through_twice_and_left() -> None:
    assert times("*/30 * * * *", datetime(2024, 10, 26, 23, 45, tzinfo=UTC), 6) == [
        "2024-10-27T02:00+02:00",
        "2024-10-27T02:30+02:00",
        "2024-10-27T02:00+01:00",
        "2024-10-27T02:30+01:00",
        "2024-10-27T03:00+01:00",
        "2024-10-27T03:30+01:00",
    ]


@pytest.mark.parametrize(
    "expression", ["61 * * * *", "0 6 * * 8", "0 6 * * x", "0 6 * * 5-1", "0 6 * * */0", "0 6 31 2 *", "a b c d e"]
)
def test_what_is_no_expression_or_never_comes_is_an_error(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Cron(expression, BERLIN)


fields = st.tuples(
    st.sampled_from(["*", "0", "*/7", "5,50", "10-40/10"]),
    st.sampled_from(["*", "0", "2", "*/3", "1-3"]),
    st.sampled_from(["*", "27", "1-15"]),
    st.sampled_from(["*", "3,10", "10"]),
    st.sampled_from(["*", "0", "1-5", "6,7"]),
)


@given(fields, st.sampled_from([datetime(2024, 3, 30, 22, tzinfo=UTC), datetime(2024, 10, 26, 22, tzinfo=UTC)]))
def test_time_never_goes_back_and_every_time_is_on_the_clock(parts: tuple[str, ...], start: datetime) -> None:
    cron, last = Cron(" ".join(parts), BERLIN), start
    for _ in range(30):
        following = cron.get_next_fire_time(last, last)
        assert following is not None
        assert following > last
        assert (following.second, following.microsecond) == (0, 0)
        last = following


def test_the_scheduler_of_the_library_comes_through_the_hour_that_is_repeated() -> None:
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start(paused=True)
    try:
        start = datetime(2024, 10, 26, 23, 50, tzinfo=UTC)
        job = scheduler.add_job(print, Cron("*/30 * * * *", BERLIN), next_run_time=start)
        missed = job._get_run_times(start + timedelta(hours=3))
    finally:
        scheduler.shutdown()
    assert len(missed) == 1 + 6  # it adds up what was missed before it makes one of them
