"""Declines: told while they last, and ended by a recovery or by the new number having become the usual one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from monitor.codec import decode, encode
from monitor.health import (
    History,
    Incident,
    Judged,
    Limits,
    Problem,
    Seen,
    Told,
    followed,
    notice,
    of_store,
    taken_in,
)
from monitor.health.levels import followed_level
from monitor.records import Run
from tests.health.month import DAY, START, Month, awake, beside, between, by_day

HOUR = timedelta(hours=1)


def from_day(day: float, share: float) -> Callable[[datetime], float]:
    """60 articles a day, from that day on a share of them."""
    return lambda at: 3.5 * awake(at) * (share if at >= START + day * DAY else 1)


def told(month: Month, days: int) -> list[tuple[int, str, str]]:
    """By day; of the problem, which text is told."""
    month.run(days, remind=timedelta())
    return [(int(day), kind, what) for day, kind, what in month.texts]


def test_a_decline_for_good_is_over_only_when_it_is_the_usual_number() -> None:
    assert told(beside(by_day(from_day(40, 0.07))), 140) == [(46, "new", "decline"), (75, "over", "settled")]


def test_a_site_that_comes_back_has_recovered() -> None:
    def rate(at: datetime) -> float:
        return 3.5 * awake(at) * (0.2 if between(40, 55)(at) else 1)

    assert told(beside(by_day(rate)), 120) == [(46, "new", "decline"), (60, "over", "decline")]


def test_a_site_that_comes_back_to_a_third_has_not_recovered() -> None:
    def rate(at: datetime) -> float:
        return 3.5 * awake(at) * (0.2 if between(40, 50)(at) else 0.35 if at >= START + 50 * DAY else 1)

    assert told(beside(by_day(rate)), 70) == [(46, "new", "decline")]


def test_a_decline_over_months_is_told() -> None:
    """Half in 30 days, each week nearly what the weeks before were."""

    def rate(at: datetime) -> float:
        return 3.5 * awake(at) * 0.5 ** ((at - START) / (30 * DAY))

    assert told(beside(by_day(rate)), 125) == [(104, "new", "decline")]


def test_after_the_new_number_is_the_usual_one_the_site_can_decline_again() -> None:
    def rate(at: datetime) -> float:
        return 3.5 * awake(at) * (1 if between(0, 30)(at) else 0.25 if between(30, 90)(at) else 0.04)

    news = told(beside(by_day(rate)), 105)
    assert [one[1:] for one in news] == [("new", "decline"), ("over", "settled"), ("new", "decline")]
    assert news[-1][0] >= 90


def test_one_day_or_three_weeks_with_far_more_make_no_decline() -> None:
    def one_day(at: datetime) -> float:
        return 19.0 if between(40, 40.6)(at) else 1.2 * awake(at)

    def election(at: datetime) -> float:
        return 1.2 * awake(at) * (8 if between(50, 71)(at) else 1)

    assert told(beside(by_day(one_day)), 75) == []
    assert told(beside(by_day(election)), 100) == []


def test_what_lasted_for_eight_weeks_is_the_level_although_it_was_less_for_longer() -> None:
    def rate(at: datetime) -> float:
        return awake(at) * (4.0 if between(90, 146)(at) else 0.8)

    assert [one[1:] for one in told(beside(by_day(rate)), 156)] == [("new", "decline")]


def test_a_site_that_dies_does_not_decline_too_nor_when_it_is_back() -> None:
    """For two weeks, of which a week of nothing would be left in the sums."""

    def rate(at: datetime) -> float:
        return 3.0 * awake(at) * (not between(40, 54)(at))

    assert told(beside(by_day(rate)), 90) == [(40, "new", "silent"), (54, "over", "silent")]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_text_of_the_new_number_says_neither_over_nor_still(language: str) -> None:
    problem = Problem("decline:kurier", "settled", "kurier", "140 / 2084")
    at = START + 40 * DAY
    incident = Incident(problem, START, at, told=at, over=at)
    texts = {kind: notice(Told(kind, incident, ""), language, "UTC") for kind in ("over", "reminder")}
    assert len({one.title for one in texts.values()}) == 1
    assert "kurier" in texts["over"].title
    assert not texts["over"].title.startswith(("Over", "Vorbei"))
    assert texts["over"].lines[0].startswith({"en": "since ", "de": "seit "}[language])  # it stays so
    assert "140 / 2084" in texts["over"].lines[-1]


@pytest.mark.parametrize("silenced", [False, True])
def test_the_new_number_is_told_once_though_a_reminder_is_due_on_its_day(silenced: bool) -> None:
    """As the last one is by default, and as what lasts is told when a silence ends."""
    incidents: dict[str, Incident] = {}
    news: list[tuple[int, str, str]] = []
    for day in range(31):
        what = "decline" if day < 28 else "settled"
        problem = Problem("decline:kurier", what, "kurier", "140 / 2084", calm=timedelta())
        judged = Judged((problem,) if day < 29 else ())
        incidents, more = followed(
            incidents, judged, START + day * DAY, DAY, silent=lambda _, day=day: silenced and 20 < day < 28
        )
        news += [(day, one.kind, one.incident.problem.what) for one in more]
    assert [one for one in news if one[2] == "settled"] == [(29, "over", "settled")]
    assert incidents == {}


def test_a_falling_site_has_no_usual_number() -> None:
    """It lasts for four weeks, and goes on to fall."""
    days = dict.fromkeys(range(1, 60), 100)
    decline = None
    for day in range(60, 110):
        decline, left = followed_level(decline, days)
        days = {**left, day: int(25 * 0.93 ** (day - 60))}
    assert decline is not None
    assert (decline.settled, decline.level) == (None, 700)


def test_three_thin_issues_of_a_weekly_site_are_no_decline() -> None:
    issues = [40] * 12 + [5] * 3 + [40] * 3
    days: dict[int, int] = {}
    for day in range(7 * len(issues)):
        assert followed_level(None, days)[0] is None
        days[day] = issues[day // 7] if day % 7 == 3 else 0


def test_a_history_that_was_noted_before_there_were_days_goes_on() -> None:
    """Five weeks of 48 articles a day, in hours alone; the crawls go on, with a tenth of them."""
    first = int(START.timestamp()) // 3600
    yields = {str(first + hour): 2 for hour in range(24, 35 * 24)}
    until = START + timedelta(days=35, hours=-1)
    text = encode({"yields": yields, "since": START, "until": until, "pages": 900.0}).decode()
    history = decode(History, text)
    after = [
        Run(f"{hour}", "s", at, at, "finished", stored=int(hour % 10 == 0) * 2, unchanged=9)
        for hour in range(9 * 24)
        for at in [START + 35 * DAY + hour * HOUR]
    ]
    at = START + 44 * DAY
    problems = of_store(Seen(at, {"s": taken_in(history, after)}, START), Limits()).problems
    assert [(one.name, one.detail.split(" / ")[1]) for one in problems] == [("decline:s", "336")]
