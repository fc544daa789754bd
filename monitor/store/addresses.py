"""Which addresses are to be fetched, and in which order, for stores that sort them themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.records import Status, UrlState

_NEVER = datetime.min.replace(tzinfo=UTC)


def is_pending(state: UrlState, now: datetime) -> bool:
    if state.status is Status.FAILED:
        return state.due_at is not None and state.due_at <= now
    return state.status is Status.DISCOVERED


def pending_order(state: UrlState) -> tuple[datetime, str]:
    """Oldest discovery first."""
    return state.discovered_at or _NEVER, state.url


def is_due(state: UrlState, now: datetime) -> bool:
    return state.status is Status.STORED and state.due_at is not None and state.due_at <= now


def due_order(state: UrlState) -> tuple[datetime, str]:
    """Longest overdue first."""
    return state.due_at or _NEVER, state.url
