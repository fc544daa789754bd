"""Channels that take nothing: what is due waits, or was given up since the last that was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.alerts.outbox import GONE, of_channel
from monitor.records import Alert
from monitor.store.port import Outbox

_RECENT = timedelta(days=7)  # what was given up earlier begins no problem any more; nor does it end one
_LOOKED_AT = 50  # alerts of a channel and state, the newest


@dataclass(frozen=True, slots=True)
class Tries:
    """`waiting`: since when the oldest alert is due. `failing`: from the first failure of what was given up since the
    last alert that was taken; None: of so many that not all were looked at. `unclear`: so it was more than a week ago,
    and nothing was tried since.
    """

    waiting: Mapping[str, datetime] = field(default_factory=dict)
    failing: Mapping[str, datetime | None] = field(default_factory=dict)
    unclear: frozenset[str] = frozenset()


def tries_of(outbox: Outbox, now: datetime) -> Tries:
    """Raises StoreError."""
    counts = outbox.alert_counts()
    waiting: dict[str, datetime] = {}
    for channel in of_channel(counts, "waiting"):
        due = outbox.due_alerts(channel, datetime.max.replace(tzinfo=UTC), 1)
        if due and due[0].due is not None and due[0].due <= now:
            waiting[channel] = due[0].due
    failing: dict[str, datetime | None] = {}
    unclear: set[str] = set()
    for channel in of_channel(counts, "dead"):
        lost = _given_up(outbox, channel)
        if not lost:
            continue
        if now - max(map(_last, lost)) > _RECENT:
            unclear.add(channel)
        else:
            failing[channel] = min(map(_first, lost)) if len(lost) < _LOOKED_AT else None
    return Tries(waiting, failing, frozenset(unclear))


def _given_up(outbox: Outbox, channel: str) -> list[Alert]:
    """Since the last that was taken. When was it tried? The store's order is that in which alerts were made, so the
    newest few are looked at. What failed as its article is gone says nothing of the channel.
    """
    dead = [one for one in outbox.alerts(channel=channel, state="dead", limit=_LOOKED_AT) if one.attempts]
    dead = [one for one in dead if one.attempts[-1].error != GONE]
    if not dead:
        return []
    sent = [one for one in outbox.alerts(channel=channel, state="sent", limit=_LOOKED_AT) if one.attempts]
    taken = max(map(_last, sent), default=None)
    return [one for one in dead if taken is None or _last(one) > taken]


def _first(alert: Alert) -> datetime:
    return alert.tried_since or alert.attempts[0].at


def _last(alert: Alert) -> datetime:
    return alert.attempts[-1].at
