"""Delivering what is due: sent first, marked then. What a channel does not take is tried again, later and later.

A process that dies between sending and marking sends that one message again: at least once, never lost. Each channel
is served by itself, so that one that hangs holds up no other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts.channels import FEED
from monitor.errors import DeliveryError
from monitor.records import Alert, Attempt

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=30)  # after the first failure; doubled with each that follows
LONGEST_PAUSE = timedelta(hours=1)
AT_ONCE = 200  # alerts of one channel that are looked at together
KEPT_ATTEMPTS = 50  # of one alert: the first and the newest


class Outbox(Protocol):
    """As the store's port has it."""

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]: ...

    def mark_alerts(self, alerts: Sequence[Alert]) -> None: ...


Send = Callable[[Sequence[Alert]], None]
"""One message of the alerts, which are of one channel: one, or those of a digest. Raises DeliveryError."""


@dataclass
class Channel:
    """One channel's turn. `failures` in a row, which are forgotten with the program."""

    name: str
    failures: int = 0
    rests_until: datetime | None = None

    def serve(self, outbox: Outbox, send: Send, now: Callable[[], datetime], give_up: timedelta) -> int:
        """Deliver what is due; number of alerts that went out. Stops at the first failure: the channel rests then."""
        if self.rests_until is not None and now() < self.rests_until:
            return 0
        done = 0
        # What failed before comes last: one message that is never taken must not hold up all that follow.
        due = messages(outbox.due_alerts(self.name, now(), AT_ONCE))
        for message in sorted(due, key=lambda alerts: len(alerts[0].attempts)):
            try:
                send(message)
            except DeliveryError as error:
                outbox.mark_alerts([self._failed(alert, error, now(), give_up) for alert in message])
                if not error.for_good:
                    self._rest(error, now())
                    break
                continue
            self.failures, self.rests_until = 0, None
            outbox.mark_alerts([_sent(alert, now()) for alert in message])
            done += len(message)
        return done

    def _rest(self, error: DeliveryError, now: datetime) -> None:
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(self.failures, 20))
        self.failures += 1
        self.rests_until = now + max(pause, timedelta(seconds=error.retry_after))
        log.warning(
            "channel fails channel=%s failures=%d again=%s reason=%s",
            self.name, self.failures, self.rests_until.isoformat(timespec="seconds"), error.message,
        )  # fmt: skip

    def _failed(self, alert: Alert, error: DeliveryError, now: datetime, give_up: timedelta) -> Alert:
        tried = replace(alert, attempts=_kept([*alert.attempts, Attempt(now, error.message)]))
        if error.for_good or (alert.due is not None and now - alert.due >= give_up):
            log.error("alert given up rule=%s channel=%s subject=%s", alert.rule, alert.channel, alert.subject)
            return replace(tried, state="dead", next_try=None)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(len(alert.attempts), 20))
        return replace(tried, next_try=now + max(pause, timedelta(seconds=error.retry_after)))


def messages(due: Sequence[Alert]) -> list[list[Alert]]:
    """Alerts that are told together: those of one digest and time; each of the others for itself. In their order."""
    made: dict[tuple[object, ...], list[Alert]] = {}
    for alert in due:
        if alert.channel == FEED:
            together: tuple[object, ...] = ("feed",)
        elif alert.digest:
            together = ("digest", alert.digest, alert.due)
        else:
            together = ("one", *alert.key)
        made.setdefault(together, []).append(alert)
    return list(made.values())


def waking(alerts: Iterable[Alert]) -> list[Alert]:
    """Given up, or waiting for their next try: to be tried again at once."""
    return [replace(one, state="waiting", next_try=None) for one in alerts if one.state != "sent"]


def of_channel(counts: Mapping[tuple[str, str], int], state: str) -> dict[str, int]:
    """From `alert_counts`: by channel the number in that state."""
    return {channel: count for (channel, known), count in sorted(counts.items()) if known == state}


def _sent(alert: Alert, now: datetime) -> Alert:
    return replace(alert, state="sent", next_try=None, attempts=_kept([*alert.attempts, Attempt(now)]))


def _kept(attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    if len(attempts) <= KEPT_ATTEMPTS:
        return tuple(attempts)
    return (attempts[0], *attempts[-KEPT_ATTEMPTS + 1 :])
