"""What a fetch makes of a URL's state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.crawl.outcomes import Failure, failed, next_check, rejected, stored, unchanged
from monitor.records import Analysis, Article, Language, Status, UrlState

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOURS = tuple(timedelta(hours=h) for h in (1, 6, 24, 168))
FRESH = UrlState("site", "https://example.org/a", discovered_at=NOW)


def analysis() -> Analysis:
    return Analysis(Article("id1", FRESH.url, "site", "T", "x", NOW), Language("de", 1.0, "text"), "hash", run="r")


def after_storing() -> UrlState:
    return stored(FRESH, analysis(), NOW, HOURS, etag='"a"', last_modified="").state


def test_a_stored_article_is_looked_at_again_after_each_distance() -> None:
    state, due = after_storing(), []
    while state.due_at is not None:
        due.append(state.due_at - NOW)
        state = unchanged(state, state.due_at, HOURS, "r").state
    assert tuple(due) == HOURS


def test_looks_that_were_missed_are_not_made_up_for() -> None:
    late = unchanged(after_storing(), NOW + timedelta(hours=8), HOURS, "r").state
    assert late.due_at == NOW + timedelta(hours=24)


def test_a_changed_page_keeps_the_distances_of_the_first_fetch() -> None:
    again = stored(after_storing(), analysis(), NOW + timedelta(hours=1), HOURS, etag="", last_modified="").state
    assert (again.due_at, again.fetched_at) == (NOW + timedelta(hours=6), NOW)


def test_a_later_look_without_an_article_takes_nothing_away() -> None:
    outcome = rejected(after_storing(), "too-short", "consent wall", NOW + timedelta(hours=1), "r", HOURS)
    assert (outcome.state.status, outcome.state.article_id) == (Status.STORED, "id1")
    assert outcome.state.due_at == NOW + timedelta(hours=6)


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_page_is_gone_but_keeps_its_article(status: int) -> None:
    state = failed(after_storing(), Failure(f"http-{status}", "", status), NOW, "r", max_attempts=8).state
    assert (state.status, state.article_id, state.due_at) == (Status.GONE, "id1", None)


@pytest.mark.parametrize("status", [401, 451])
def test_a_refusal_for_good_is_a_rejection(status: int) -> None:
    assert (
        failed(FRESH, Failure(f"http-{status}", "", status), NOW, "r", max_attempts=8).state.status is Status.REJECTED
    )


def test_failures_are_tried_again_with_growing_distance_and_then_given_up() -> None:
    state, waits = FRESH, []
    for _ in range(7):
        state = failed(state, Failure("timeout"), NOW, "r", max_attempts=8).state
        assert state.due_at is not None
        waits.append(state.due_at - NOW)
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=10)
    last = failed(state, Failure("timeout"), NOW, "r", max_attempts=8)
    assert (last.state.status, last.state.reason) == (Status.REJECTED, "gave-up")
    assert "timeout" in last.detail


def test_retry_after_of_the_server_is_kept() -> None:
    state = failed(FRESH, Failure("http-503", "", 503, retry_after=7200), NOW, "r", max_attempts=8).state
    assert state.due_at == NOW + timedelta(hours=2)


def test_success_forgets_earlier_failures() -> None:
    troubled = replace(FRESH, status=Status.FAILED, attempts=3, reason="timeout")
    state = stored(troubled, analysis(), NOW, HOURS, etag="", last_modified="").state
    assert (state.status, state.attempts, state.reason) == (Status.STORED, 0, "")


@given(st.integers(0, 400), st.integers(0, 6))
def test_the_next_look_is_always_ahead(hours: int, checks: int) -> None:
    now = NOW + timedelta(hours=hours)
    due, number = next_check(NOW, now, checks, HOURS)
    assert due is None or due > now
    assert number >= min(checks, len(HOURS))
