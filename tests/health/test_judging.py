"""What one look says, and what it leaves open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.health import History, Limits, Problem, Seen, of_store, taken_in
from monitor.health.judging import unasked
from monitor.records import Run

START = datetime(2024, 5, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def run(at: datetime, stored: int) -> Run:
    return Run(f"{at}", "site", at, at, "finished", stored=stored, unchanged=20)


def hourly(days: int, *, at_first: int = 3) -> History:
    """Three articles each hour; in the first hours so many."""
    return taken_in(History(), [run(START + n * HOUR, 3 if n > 4 else at_first) for n in range(24 * days)])


def test_a_silence_in_which_nobody_looked_is_judged_when_it_was_looked_for_as_long() -> None:
    """The program was away for two days; the crawls that bring what was missed are still to come."""
    at = START + 22 * DAY
    known = hourly(20)
    back = of_store(Seen(at, {"site": known}, since=at), Limits())
    assert (back.problems, "quiet" in back.unknown) == ((), True)
    known = taken_in(known, [run(at + n * HOUR, 0) for n in range(14)])
    later = Seen(at + 13 * HOUR, {"site": known}, since=at)
    assert {one.name for one in of_store(later, Limits()).problems} == {"silent:site", "quiet"}
    unfiled = of_store(replace(later, unfiled=frozenset({"site"})), Limits())
    assert (unfiled.problems, {"silent:site", "quiet"} <= unfiled.unknown) == ((), True)


def is_told(history: History, at: datetime) -> bool:
    """The silence of the site; where it is not, it has to be unknown. Whoever judges has looked all the time."""
    judged = of_store(Seen(at, {"site": history}, since=START), Limits())
    told = "silent:site" in [one.name for one in judged.problems]
    assert told or "silent:site" in judged.unknown
    return told


def test_what_a_short_break_held_up_has_three_hours_of_crawls_to_come() -> None:
    """Not crawled for 20 hours, which count: less than a day. The first crawls bring nothing yet."""
    at = START + 20 * DAY + 20 * HOUR
    known = taken_in(hourly(20), [run(at + n * HOUR, 0) for n in range(3)])
    assert not is_told(known, at + 20 * HOUR)
    known = taken_in(known, [run(at + 3 * HOUR, 0)])
    assert is_told(known, at + 3 * HOUR)
    again = taken_in(known, [run(at + n * HOUR, int(n == 4)) for n in (*range(4, 30), 50)])
    assert not is_told(again, at + 50 * HOUR)


def test_the_hours_after_several_breaks_are_added_up() -> None:
    """Twice two crawls, an hour from each other; the breaks themselves are no crawling."""
    at = START + 20 * DAY + 12 * HOUR
    known = taken_in(hourly(20), [run(at + n * HOUR, 0) for n in (0, 2)])
    assert not is_told(known, at + 2 * HOUR)
    known = taken_in(known, [run(at + 11 * HOUR, 0)])
    assert not is_told(known, at + 11 * HOUR)
    known = taken_in(known, [run(at + 12 * HOUR, 0)])
    assert is_told(known, at + 12 * HOUR)


def test_failures_are_a_break_however_short() -> None:
    """Of a site that is crawled every ten minutes and is asleep for eleven hours."""
    minute = HOUR / 60
    crawls = [run(START + n * 10 * minute, int(n // 6 % 24 >= 11)) for n in range(20 * 144)]
    at = START + 20 * DAY
    asleep = [run(at + n * 10 * minute, 0) for n in range(98)]
    failed = [replace(run(asleep[-1].started_at + n * 10 * minute, 0), status="failed", error="503") for n in (1, 2, 3)]
    after = [run(failed[-1].started_at + n * 10 * minute, 0) for n in range(1, 30)]
    known = taken_in(History(), [*crawls, *asleep, *failed, *after[:17]])
    assert not is_told(known, at + 20 * HOUR)
    assert is_told(taken_in(known, after), at + 22 * HOUR)


def test_where_no_site_is_crawled_any_more_it_is_not_known_whether_all_are_quiet() -> None:
    assert of_store(Seen(START, {}, since=START), Limits()).unknown == {"quiet"}


def test_what_is_known_of_a_site_that_is_not_crawled_now_stays_as_it_was() -> None:
    kinds = ("silent", "decline", "settled", "failures", "robots", "layout")
    problems = [Problem(f"{what}:site", what, "site") for what in kinds] + [Problem("quiet", "quiet")]
    left = unasked(problems, Seen(START))
    assert left == {f"{what}:site" for what in kinds}
    assert unasked(problems, Seen(START, {"site": History()})) == frozenset()


def test_what_a_site_had_before_is_no_yield_that_could_decline() -> None:
    history = hourly(28, at_first=20_000)
    assert of_store(Seen(START + 28 * DAY, {"site": history}, since=START), Limits()).problems == ()


def test_a_site_that_is_dead_for_months_stays_known_to_be() -> None:
    history = taken_in(hourly(20), [run(START + n * DAY, 0) for n in range(21, 90)])
    judged = of_store(Seen(START + 90 * DAY, {"site": history}, since=START), Limits())
    assert "silent:site" in [one.name for one in judged.problems]


def test_who_begins_to_watch_does_not_know_yet_for_how_long_nobody_files() -> None:
    judged = of_store(Seen(START, inbox=5, inbox_since=START), Limits())
    assert (judged.problems, "filer" in judged.unknown) == ((), True)
    judged = of_store(Seen(START + HOUR, inbox=5, inbox_since=START), Limits())
    assert [one.name for one in judged.problems] == ["filer"]
