"""Delivering what is due: sent first, marked then. What a channel does not take is tried again, later and later.

A process that dies between sending and marking sends that one message again: at least once, never lost. While the store
takes no mark, what was sent is remembered, and nothing more is sent. Each channel is served by itself, so that one that
hangs holds up no other.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts.digests import Manner, MannerOf, Notes, Told, messages
from monitor.errors import DeliveryError, StoreError
from monitor.records import Alert, Attempt

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)  # after the first failure; doubled with each that follows
LONGEST_PAUSE = timedelta(hours=1)
LONGEST_PAUSE_ELSEWHERE = timedelta(minutes=5)  # a machine that knows the channel may start at any time
STORE_PAUSE = timedelta(seconds=5)  # after the store failed; doubled, too
LONGEST_STORE_PAUSE = timedelta(minutes=5)
AT_ONCE = 200  # alerts of one channel that are looked at together
MOST_OF_A_DIGEST = 10_000  # alerts; what is over is in the next one
GONE = "what it was about is gone from the archive"  # the reason of a failure that is not the channel's
KEPT_ATTEMPTS = 1000  # of one alert: the first and the newest; in seven days there are some 180


class Outbox(Notes, Protocol):
    """As the store's port has it."""

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]: ...

    def mark_alerts(self, alerts: Sequence[Alert]) -> None: ...

    def told(self, keys: Collection[tuple[str, str, str, str]]) -> Mapping[tuple[str, str, str, str], Alert]: ...


Send = Callable[[Sequence[Alert]], None]
"""One message of the alerts, which are of one channel: one, or those of a digest. Raises DeliveryError."""


@dataclass
class Channel:
    """One channel's turn. `failures` in a row, which are forgotten with the program."""

    name: str
    failures: int = 0
    rests_until: datetime | None = None
    _store_failures: int = 0
    _unmarked: list[Alert] = field(default_factory=list)  # as they are to be marked

    def serve(
        self,
        outbox: Outbox,
        send: Send,
        now: Callable[[], datetime],
        give_up: timedelta,
        *,
        manner: MannerOf = lambda _: Manner(),
        stopping: Callable[[], bool] = lambda: False,
    ) -> int:
        """Deliver what is due; number of alerts that went out. Stops at the first failure: the channel rests then.

        Raises StoreError; the channel rests then as well.
        """
        if self.rests(now()):
            return 0
        done, told = 0, Told()  # anew for each turn: another machine may have had the one before
        try:
            self._mark(outbox)
            # What failed before comes last: one message that is never taken must not hold up all that follow.
            due = messages(self._due(outbox, now(), manner, told), manner)
            for message in _failed_last(due):
                if stopping():
                    break
                try:
                    send(message)
                except DeliveryError as error:
                    self._mark(outbox, [_failed(alert, error, now(), give_up) for alert in message])
                    told.note(outbox, message[0], manner(message[0]))
                    if error.for_good or error.reached or message[0].reached:
                        continue  # the fault is in the message or with a recipient, not in the channel
                    self._rest(error, now())
                    break
                self.failures, self.rests_until = 0, None
                self._mark(outbox, [_sent(alert, now()) for alert in message])
                told.note(outbox, message[0], manner(message[0]))
                done += len(message)
        except StoreError:
            self.rests_until = now() + min(LONGEST_STORE_PAUSE, STORE_PAUSE * 2 ** min(self._store_failures, 20))
            self._store_failures += 1
            raise
        self._store_failures = 0
        return done

    def rests(self, now: datetime) -> bool:
        return self.rests_until is not None and now < self.rests_until

    def wake(self, outbox: Outbox, now: datetime) -> None:
        """Rest no more where somebody wants what failed to be tried again (`waking`). Raises StoreError."""
        due = outbox.due_alerts(self.name, now, AT_ONCE)
        if any(one.attempts and one.tried_since is None for one in due):
            self.rests_until = None

    def settle(self, outbox: Outbox) -> None:
        """Mark what could not be marked so far. Raises StoreError."""
        self._mark(outbox)

    def _due(self, outbox: Outbox, now: datetime, manner: MannerOf, told: Told) -> list[Alert]:
        """Whole digests, without what was written when its digest was gone: that is put off to the next one."""
        limit = AT_ONCE
        while len(due := outbox.due_alerts(self.name, now, limit)) == limit and due[-1].digest:
            if limit >= MOST_OF_A_DIGEST:
                break
            limit = min(MOST_OF_A_DIGEST, limit * 5)
        late = [replace(one, due=at) for one in due if (at := told.following(outbox, one, manner(one), now))]
        if not late:
            return due
        self._mark(outbox, late)
        put_off = {one.key for one in late}
        return [one for one in due if one.key not in put_off]

    def _mark(self, outbox: Outbox, alerts: Sequence[Alert] = ()) -> None:
        """With what could not be marked before."""
        self._unmarked += alerts
        if self._unmarked:
            outbox.mark_alerts(_current(outbox, self._unmarked))
            self._unmarked = []

    def _rest(self, error: DeliveryError, now: datetime) -> None:
        longest = LONGEST_PAUSE_ELSEWHERE if error.elsewhere else LONGEST_PAUSE
        pause = min(longest, FIRST_PAUSE * 2 ** min(self.failures, 20))
        self.failures += 1
        self.rests_until = now + max(pause, timedelta(seconds=error.retry_after))
        log.warning(
            "channel fails channel=%s failures=%d again=%s reason=%s",
            self.name, self.failures, self.rests_until.isoformat(timespec="seconds"), error.message,
        )  # fmt: skip


def waking(alerts: Iterable[Alert]) -> list[Alert]:
    """Given up, or waiting for their next try: to be tried again at once, and for as long as a new one."""
    unsent = (one for one in alerts if one.state in ("waiting", "dead"))
    return [replace(one, state="waiting", next_try=None, tried_since=None) for one in unsent]


def of_channel(counts: Mapping[tuple[str, str], int], state: str) -> dict[str, int]:
    """From `alert_counts`: by channel the number in that state."""
    return {channel: count for (channel, known), count in sorted(counts.items()) if known == state}


def _failed_last(due: Iterable[list[Alert]]) -> list[list[Alert]]:
    """What tells of one subject keeps its order: that it is over comes after that it began."""
    messages, failures = list(due), defaultdict[tuple[str, str], int](int)
    for one in (alert for message in messages for alert in message):
        failures[one.rule, one.subject] = max(failures[one.rule, one.subject], len(one.attempts))
    return sorted(messages, key=lambda message: max(failures[one.rule, one.subject] for one in message))


def _failed(alert: Alert, error: DeliveryError, now: datetime, give_up: timedelta) -> Alert:
    since = alert.tried_since or now
    reached = (*alert.reached, *error.reached)
    tried = replace(
        alert, attempts=_kept([*alert.attempts, Attempt(now, error.message)]), tried_since=since, reached=reached
    )
    if error.for_good or now - since >= give_up:
        log.error("alert given up rule=%s channel=%s subject=%s", alert.rule, alert.channel, alert.subject)
        return replace(tried, state="dead", next_try=None)
    longest = LONGEST_PAUSE_ELSEWHERE if error.elsewhere else LONGEST_PAUSE
    pause = min(longest, FIRST_PAUSE * 2 ** min(len(alert.attempts), 20))
    return replace(tried, next_try=now + max(pause, timedelta(seconds=error.retry_after)))


def _current(outbox: Outbox, alerts: Sequence[Alert]) -> list[Alert]:
    """Without those that were not sent and wait no more: a later one took their place meanwhile."""
    unsent = [one.key for one in alerts if one.state != "sent"]
    known = outbox.told(unsent) if unsent else {}
    return [one for one in alerts if one.key not in known or known[one.key].state == "waiting"]


def _sent(alert: Alert, now: datetime) -> Alert:
    return replace(alert, state="sent", next_try=None, attempts=_kept([*alert.attempts, Attempt(now)]))


def _kept(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    if len(attempts) <= KEPT_ATTEMPTS:
        return tuple(attempts)
    return (attempts[0], *attempts[-KEPT_ATTEMPTS + 1 :])
