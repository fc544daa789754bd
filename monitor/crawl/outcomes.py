"""What a fetch makes of a URL's state. Pure; times are given.

discovered -> stored | rejected(reason) | failed(attempts, retry at) | gone
stored     -> stored (looked at again) | gone
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.records import Analysis, Outcome, Status, UrlState

FIRST_RETRY = timedelta(minutes=10)
LONGEST_RETRY = timedelta(hours=24)
# Answers that will not change by asking again soon: the address is rejected. All other errors may pass.
FINAL_STATUS = frozenset({400, 401, 402, 405, 406, 411, 414, 415, 451, 501})
GONE_STATUS = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a fetch brought no page. `reason` is short and counted; `status` 0 when there was no answer."""

    reason: str
    detail: str = ""
    status: int = 0
    retry_after: float | None = None  # seconds, from the server


def stored(
    state: UrlState, analysis: Analysis, now: datetime, recheck: Sequence[timedelta], *, etag: str, last_modified: str
) -> Outcome:
    """The page was fetched and read."""
    checked = state.checks + 1 if state.status is Status.STORED else 0
    fetched = state.fetched_at if state.status is Status.STORED and state.fetched_at else now
    due, checks = next_check(fetched, now, checked, recheck)
    new = replace(
        state,
        status=Status.STORED,
        fetched_at=fetched,
        article_id=analysis.article.id,
        reason="",
        attempts=0,
        due_at=due,
        checks=checks,
        etag=etag,
        last_modified=last_modified,
    )
    return Outcome(state=new, analysis=analysis, run=analysis.run)


def unchanged(state: UrlState, now: datetime, recheck: Sequence[timedelta], run: str) -> Outcome:
    """Looked at again, and the server (or the content that came with the source) says it is as it was."""
    due, checks = next_check(state.fetched_at or now, now, state.checks + 1, recheck)
    return Outcome(state=replace(state, due_at=due, checks=checks, attempts=0, reason=""), run=run, unchanged=True)


def rejected(
    state: UrlState, reason: str, detail: str, now: datetime, run: str, recheck: Sequence[timedelta] = ()
) -> Outcome:
    """No article. A stored one stays what it is: a later look that finds none (a consent wall) takes nothing away."""
    if state.status is Status.STORED:
        due, checks = next_check(state.fetched_at or now, now, state.checks + 1, recheck)
        return Outcome(state=replace(state, due_at=due, checks=checks, reason=reason), run=run, detail=detail)
    new = replace(state, status=Status.REJECTED, reason=reason, due_at=None, fetched_at=now)
    return Outcome(state=new, run=run, detail=detail)


def failed(
    state: UrlState, failure: Failure, now: datetime, run: str, *, max_attempts: int, recheck: Sequence[timedelta] = ()
) -> Outcome:
    """No page. Tried again later, with growing distance, or given up."""
    if failure.status in GONE_STATUS:
        return Outcome(
            state=replace(state, status=Status.GONE, reason=failure.reason, due_at=None), run=run, detail=failure.detail
        )
    if failure.status in FINAL_STATUS:
        return rejected(state, failure.reason, failure.detail, now, run, recheck)
    attempts = state.attempts + 1
    if attempts >= max_attempts:
        if state.status is Status.STORED:
            return Outcome(
                state=replace(state, due_at=None, attempts=attempts, reason=failure.reason),
                run=run,
                detail=failure.detail,
            )
        return rejected(
            state, "gave-up", f"{attempts} failures, the last: {failure.detail or failure.reason}", now, run
        )
    wait = min(FIRST_RETRY * 2 ** (attempts - 1), LONGEST_RETRY)
    if failure.retry_after is not None:
        wait = min(max(wait, timedelta(seconds=failure.retry_after)), LONGEST_RETRY)
    status = Status.STORED if state.status is Status.STORED else Status.FAILED
    new = replace(state, status=status, reason=failure.reason, attempts=attempts, due_at=now + wait)
    return Outcome(state=new, run=run, detail=failure.detail)


def next_check(
    fetched: datetime, now: datetime, checks: int, recheck: Sequence[timedelta]
) -> tuple[datetime | None, int]:
    """When to look again after `checks` looks, and the looks done by then. Looks that were missed are not made up for.

    Distances count from the first fetch: with 1 h, 6 h, 24 h and 7 d an article first looked at again after 8 h
    is next looked at 24 h after its first fetch. None when no look is left.
    """
    for number, distance in enumerate(recheck):
        if number >= checks and fetched + distance > now:
            return fetched + distance, number
    return None, max(checks, len(recheck))
