"""The postman: delivers what the outbox holds, each channel in a thread of its own.

One process serves a channel of a store at a time (it holds the channel's lease): one that knows the channel's address,
where any does. One of them looks after feeds and days.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.alerts import (
    FEED,
    HEALTH,
    Message,
    Notice,
    Style,
    alert_message,
    deliver,
    notice_message,
    question,
)
from monitor.alerts.asking import asks
from monitor.alerts.digests import Manner, message_id
from monitor.alerts.feed import ENTRIES, rss, write_feed, written_feeds
from monitor.alerts.outbox import GONE, Channel
from monitor.codec import decode
from monitor.errors import DeliveryError, RuleError, StoreError
from monitor.health.texts import Noted, together
from monitor.holders import holder_name
from monitor.records import Alert, Rule
from monitor.reports.entries import Shown, entries_of, feed_entries, section_of, sections_of
from monitor.reports.spikes import newest_of, spikes
from monitor.store.leasing import Held
from monitor.store.port import Store

log = logging.getLogger(__name__)

LEASE = "alerts"  # of who looks after feeds and days; with a channel's name behind it, of who serves that
LEASE_SECONDS = 60.0
OTHERS_FIRST = 120.0  # seconds that a channel without an address here is left to a machine that knows it
ROUND = 1.0  # seconds between two looks at the outbox
FEEDS_AGAIN = 60.0  # seconds after which feeds that could not be written are tried again
COUNT_DAYS = 600.0  # seconds between two looks at how many stories a day has
LOOK_AT_RULES = 5.0  # seconds
LOOK_FOR_WOKEN = 10.0  # seconds between two looks whether a channel that rests is to try again at once
LAST_PATIENCE = deliver.TIMEOUT + 5.0  # seconds for what is being sent when the program ends


@dataclass(frozen=True)
class Post:
    """Where messages go, and how they are written. `address`: of the channel that is called so, as it is now; raises
    DeliveryError.
    """

    address: Callable[[str], str]
    shown: Shown
    zone: str = "UTC"
    templates: Path | None = None
    feeds: Path = Path("alerts/feeds")
    language: str = "en"  # of notices
    give_up: timedelta = timedelta(days=7)


class Postman:
    """Runs until it is told to stop."""

    def __init__(self, store: Store, post: Post, *, holder: str = "") -> None:
        self._store, self._post, self.holder = store, post, holder or holder_name()
        self._channels: dict[str, Channel] = {}
        self._busy: dict[str, threading.Thread] = {}
        self._woken_at: dict[str, float] = {}
        self._leases = Held(store, self.holder, LEASE_SECONDS)
        self._left_at: dict[str, float] = {}  # channels without an address here: since when they are left to others
        self._stop = threading.Event()
        self._counted_at = float("-inf")
        self._counting: threading.Thread | None = None
        self._fed: frozenset[str] | None = None  # ids of rules that have their feed
        self._feeds_failed_at = float("-inf")
        self._rules: dict[str, Rule] = {}
        self._gone: frozenset[str] = frozenset((HEALTH,))  # ids that alerts name and no rule has
        self._rules_read_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Look at the outbox every second. A store that does not answer is asked again. When it is to stop, no message
        more is begun, and what is being sent is sent.
        """
        self._stop = stop
        with suppress(OSError):  # it is told when a feed can't be written
            self._post.feeds.mkdir(parents=True, exist_ok=True)
        while not stop.is_set():
            try:
                if self._leases.hold(LEASE):
                    self._look_after_feeds()
                    self._look_at_days()
                self.round()
            except StoreError as error:
                log.warning("alerts wait reason=%s", error.message)
                stop.wait(5.0)
            except Exception:  # a defect of ours must not end all delivering
                log.exception("alerts wait")
                stop.wait(60.0)
            stop.wait(ROUND)
        self.end()

    def round(self) -> None:
        """Begin to serve each channel that has something due and is not being served, but for those of others."""
        now = _now()
        due = self._store.due_channels(now)
        self._left_at = {name: since for name, since in self._left_at.items() if name in due}
        for name in {*due, *(name for name, thread in self._busy.items() if thread.is_alive())}:
            channel = self._channels.setdefault(name, Channel(name))
            thread = self._busy.get(name)
            if thread is not None and thread.is_alive():
                self._leases.hold(_lease(name))  # a message may take longer than the lease
                continue
            if not self._is_ours(name):
                continue
            if channel.rests(now) and time.monotonic() - self._woken_at.get(name, float("-inf")) > LOOK_FOR_WOKEN:
                self._woken_at[name] = time.monotonic()
                channel.wake(self._store, now)
            if not channel.rests(now):
                self._busy[name] = threading.Thread(
                    target=self.serve, args=(name,), name=f"channel-{name}", daemon=True
                )
                self._busy[name].start()

    def _is_ours(self, name: str) -> bool:
        """Take, or keep, the channel's lease. One that nobody knows is served, too: that it can't be is told."""
        if name != FEED and not self._knows(name):
            since = self._left_at.setdefault(name, time.monotonic())
            if time.monotonic() - since < OTHERS_FIRST:
                return False
            self._left_at[name] = time.monotonic()  # and then it is left to others again
        return self._leases.hold(_lease(name))

    def _knows(self, name: str) -> bool:
        try:
            self._post.address(name)
        except DeliveryError:
            return False
        return True

    def serve(self, name: str) -> int:
        """Deliver what is due on the channel; how many alerts. Nothing is raised: what fails is tried again."""
        channel = self._channels.setdefault(name, Channel(name))
        try:
            return channel.serve(
                self._store,
                lambda alerts: self._sent(name, alerts),
                _now,
                self._post.give_up,
                manner=self._manner,
                stopping=lambda: self._stop.is_set() or not self._leases.hold(_lease(name)),
            )
        except StoreError as error:
            log.warning("alerts wait channel=%s reason=%s", name, error.message)
        except Exception:  # a defect of ours must not end this channel for ever
            log.exception("delivering failed channel=%s", name)
            channel.rests_until = _now() + timedelta(minutes=5)
        return 0

    def end(self, patience: float = LAST_PATIENCE) -> None:
        """Let what is being sent be sent, for so many seconds; give the leases back."""
        until = time.monotonic() + patience
        for name, thread in self._busy.items():
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                log.warning("a message may come twice: the program ended while it was being sent channel=%s", name)
        if self._counting is not None:
            self._counting.join(max(0.0, until - time.monotonic()))
        with suppress(StoreError):
            for channel in self._channels.values():
                channel.settle(self._store)
        with suppress(StoreError):
            self._leases.release()

    def _look_after_feeds(self) -> None:
        """Every rule has its file, from the first on; that of a rule that is gone goes with it, also when the rule went
        while nobody delivered.
        """
        ids = frozenset(self._known_rules())
        if ids == self._fed or time.monotonic() - self._feeds_failed_at < FEEDS_AGAIN:
            return
        new = ids if self._fed is None else ids - self._fed
        try:
            self._write_feeds({id for id in new if not self._feed(id).exists()})
            for file in [*written_feeds(self._post.feeds)] if self._fed is None else map(self._feed, self._fed - ids):
                if file.stem not in ids:
                    file.unlink(missing_ok=True)
        except (DeliveryError, OSError) as error:
            log.warning("feeds are not written reason=%s", error.message if isinstance(error, DeliveryError) else error)
            self._feeds_failed_at = time.monotonic()
            return
        self._fed = ids

    def _feed(self, id: str) -> Path:
        return self._post.feeds / f"{id}.xml"

    def _look_at_days(self) -> None:
        """Rules that are told of a day, now and then; beside all else, as there may be thousands."""
        if time.monotonic() - self._counted_at < COUNT_DAYS or (self._counting and self._counting.is_alive()):
            return
        self._counted_at = time.monotonic()
        self._counting = threading.Thread(target=self._count_days, name="days", daemon=True)
        self._counting.start()

    def _count_days(self) -> None:
        try:
            if made := spikes(self._store, self._known_rules().values(), _now(), self._post.zone):
                self._store.put_alerts(made)
        except StoreError as error:
            log.warning("days wait reason=%s", error.message)
        except Exception:  # a defect of ours is told, and the next look tries again
            log.exception("days wait")

    def _sent(self, name: str, alerts: Sequence[Alert]) -> None:
        """`_send`; a fault of ours, or of somebody's template, is one failed attempt like others. Its text may hold an
        address.
        """
        try:
            self._send(name, alerts)
        except (DeliveryError, StoreError):
            raise
        except Exception as error:
            log.error("a message can't be made channel=%s kind=%s", name, type(error).__name__)
            raise DeliveryError(f"the message can't be made: {type(error).__name__}") from error

    def _send(self, name: str, alerts: Sequence[Alert]) -> None:
        if name == FEED:
            self._write_feeds({alert.rule for alert in alerts})
            return
        address = self._post.address(name)
        message = self._message(alerts, self._known_rules({alert.rule for alert in alerts}))
        deliver.send(name, address, replace(message, id=message_id(alerts)), alerts[0].reached)

    def _write_feeds(self, ids: set[str]) -> None:
        """Each anew, of the newest that its rule found."""
        rules = self._known_rules(ids)
        for rule in (rules[id] for id in sorted(ids & set(rules))):
            newest = self._store.alerts(rule=rule.id, channel=FEED, limit=ENTRIES)
            entries = feed_entries(self._store, newest, rule, self._post.shown)
            try:
                asked = asks(rule, rule.language)
                write_feed(self._feed(rule.id), rss(rule.name, asked, entries, self._post.shown.page, rule.language))
            except OSError as error:
                raise DeliveryError(f"the feed of {rule.id} can't be written: {error.strerror or error}") from error

    def _message(self, alerts: Sequence[Alert], rules: Mapping[str, Rule]) -> Message:
        manner = self._manner(alerts[0])
        style = Style(manner.language, manner.zone, self._post.templates)
        try:
            if alerts[0].rule == HEALTH:
                told = together([decode(Noted, one.note) for one in alerts], self._post.language)
                return notice_message(told, style)
            if alerts[0].note:
                return self._of_note(alerts[0], rules.get(alerts[0].rule), style)
            sections = sections_of(self._store, alerts, rules, self._post.shown)
            if not any(section.entries for section in sections):
                raise DeliveryError(GONE, for_good=True)
            return alert_message(sections, style, alerts[0].digest)
        except RuleError as error:
            raise DeliveryError(error.message) from error

    def _of_note(self, alert: Alert, rule: Rule | None, style: Style) -> Message:
        """Of a day, with its newest stories."""
        notice = decode(Notice, alert.note)
        if rule is None or not rule.spike:
            return notice_message(notice, style)
        shown = self._post.shown
        documents, count = newest_of(self._store, rule, alert, self._post.zone)
        asked = question(rule, shown.zone) if rule.query else None
        entries = entries_of(self._store, documents, asked, shown)
        section = section_of(rule, entries, max(0, count - len(entries)), shown)
        return alert_message([section], style, told=notice)

    def _manner(self, alert: Alert) -> Manner:
        rule = self._known_rules({alert.rule}).get(alert.rule)
        if rule is None:
            return Manner(self._post.language, self._post.zone)
        return Manner(rule.language, rule.time_zone or self._post.zone)

    def _known_rules(self, needed: Collection[str] = ()) -> Mapping[str, Rule]:
        """By id, as they were within the last seconds; read anew where one that is needed is not among them."""
        old = time.monotonic() - self._rules_read_at > LOOK_AT_RULES
        if old or not self._rules.keys() | self._gone >= set(needed):
            self._rules = {rule.id: rule for rule in self._store.rules()}
            self._gone = (self._gone | set(needed)) - self._rules.keys()
            self._rules_read_at = time.monotonic()
        return self._rules


def _lease(channel: str) -> str:
    """Feeds are files of the machine that looks after them."""
    return LEASE if channel == FEED else f"{LEASE}:{channel}"


def _now() -> datetime:
    return datetime.now(UTC)
