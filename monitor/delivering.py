"""The postman: delivers what the outbox holds, each channel in a thread of its own, wherever the channels are set.

One process delivers for a store at a time (it holds the lease).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.alerts import FEED, Message, Notice, Section, Style, alert_message, notice_message
from monitor.alerts.deliver import resolve, send
from monitor.alerts.feed import ENTRIES, rss, write_feed
from monitor.alerts.outbox import Channel, of_channel
from monitor.codec import decode
from monitor.errors import ConfigError, DeliveryError, RuleError, StoreError
from monitor.health.watching import RULE as HEALTH
from monitor.holders import holder_name
from monitor.records import Alert, Rule
from monitor.reports.entries import Shown, sections_of
from monitor.reports.spikes import spikes
from monitor.store.leasing import take_lease
from monitor.store.port import Store

log = logging.getLogger(__name__)

LEASE = "alerts"  # of who delivers
LEASE_SECONDS = 60.0
ROUND = 1.0  # seconds between two looks at the outbox
COUNT_DAYS = 600.0  # seconds between two looks at how many stories a day has
LOOK_AT_RULES = 5.0  # seconds
LOOK_FOR_CHANNELS = 30.0  # seconds between two looks at which channels have something waiting


@dataclass(frozen=True)
class Post:
    """Where messages go, and how they are written. `channels`: their addresses as they are now, by name."""

    channels: Callable[[], Mapping[str, str]]
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
        self._looked_at = float("-inf")
        self._renewed_at = float("-inf")
        self._counted_at = float("-inf")
        self._addresses_read: Mapping[str, str] = {}
        self._addresses_read_at = float("-inf")
        self._rules: dict[str, Rule] = {}
        self._rules_read_at = float("-inf")

    def run(self, stop: threading.Event) -> None:
        """Look at the outbox every second. A store that does not answer is asked again."""
        while not stop.is_set():
            try:
                if self._hold():
                    self._count_days()
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
        """Begin to serve each channel that is not being served."""
        for name in self._with_something():
            thread = self._busy.get(name)
            if thread is None or not thread.is_alive():
                self._busy[name] = threading.Thread(
                    target=self.serve, args=(name,), name=f"channel-{name}", daemon=True
                )
                self._busy[name].start()

    def serve(self, name: str) -> int:
        """Deliver what is due on the channel; how many alerts. Nothing is raised: what fails is tried again."""
        channel = self._channels.setdefault(name, Channel(name))
        try:
            return channel.serve(self._store, lambda alerts: self._sent(name, alerts), _now, self._post.give_up)
        except StoreError as error:
            log.warning("alerts wait channel=%s reason=%s", name, error.message)
        except Exception:  # a defect of ours must not end this channel for ever
            log.exception("delivering failed channel=%s", name)
            channel.rests_until = _now() + timedelta(minutes=5)
        return 0

    def end(self, patience: float = 10.0) -> None:
        """Let what is being sent be sent, for so many seconds; give the lease back."""
        until = time.monotonic() + patience
        for thread in self._busy.values():
            thread.join(max(0.0, until - time.monotonic()))
        with suppress(StoreError):
            self._store.release(LEASE, self.holder)

    def _count_days(self) -> None:
        """Rules that are told of a day, now and then."""
        if time.monotonic() - self._counted_at < COUNT_DAYS:
            return
        self._counted_at = time.monotonic()
        if made := spikes(self._store, self._known_rules().values(), _now(), self._post.zone):
            self._store.put_alerts(made)

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
        address = resolve(self._addresses(name), name)
        rules = self._known_rules({alert.rule for alert in alerts})
        send(name, address, self._message(alerts, rules))

    def _write_feeds(self, ids: set[str]) -> None:
        """Each anew, of the newest that its rule found."""
        rules = self._known_rules(ids)
        for id in sorted(ids & set(rules)):
            newest = self._store.alerts(rule=id, channel=FEED, limit=ENTRIES)
            (section,) = sections_of(self._store, newest, rules, self._post.shown) or [Section(rules[id].name, "", ())]
            try:
                write_feed(
                    self._post.feeds / f"{id}.xml",
                    rss(rules[id].name, rules[id].query, section.entries, self._post.shown.page),
                )
            except OSError as error:
                raise DeliveryError(f"the feed of {id} can't be written: {error.strerror or error}") from error

    def _message(self, alerts: Sequence[Alert], rules: Mapping[str, Rule]) -> Message:
        if alerts[0].note:
            style = Style(self._post.language, self._post.zone, self._post.templates)
            return notice_message(decode(Notice, alerts[0].note), style)
        languages = [rules[one.rule].language for one in alerts if one.rule in rules]
        zones = [rules[one.rule].time_zone for one in alerts if one.rule in rules and rules[one.rule].time_zone]
        style = Style(languages[0] if languages else "en", zones[0] if zones else self._post.zone, self._post.templates)
        sections = sections_of(self._store, alerts, rules, self._post.shown)
        if not any(section.entries for section in sections):
            raise DeliveryError("what it was about is gone from the archive", for_good=True)
        try:
            return alert_message(sections, style, alerts[0].digest)
        except RuleError as error:
            raise DeliveryError(error.message) from error

    def _with_something(self) -> list[str]:
        """Channels of rules at every look; those that only old alerts name, now and then."""
        if time.monotonic() - self._looked_at > LOOK_FOR_CHANNELS:
            for name in of_channel(self._store.alert_counts(), "waiting"):
                self._channels.setdefault(name, Channel(name))
            self._looked_at = time.monotonic()
        for rule in self._known_rules().values():
            for name in (FEED, *rule.channels):
                self._channels.setdefault(name, Channel(name))
        return list(self._channels)

    def _known_rules(self, needed: Collection[str] = ()) -> Mapping[str, Rule]:
        """By id, as they were within the last seconds; read anew where one that is needed is not among them."""
        old = time.monotonic() - self._rules_read_at > LOOK_AT_RULES
        if old or not self._rules.keys() >= set(needed) - {HEALTH}:
            self._rules = {rule.id: rule for rule in self._store.rules()}
            self._rules_read_at = time.monotonic()
        return self._rules

    def _addresses(self, needed: str) -> Mapping[str, str]:
        """As `_known_rules`: files of rules may name channels, and there may be thousands. Raises DeliveryError."""
        if time.monotonic() - self._addresses_read_at > LOOK_AT_RULES or needed not in self._addresses_read:
            try:
                self._addresses_read = self._post.channels()
            except ConfigError as error:  # of a file that somebody writes while this runs
                raise DeliveryError(error.message, hint=error.hint) from error
            self._addresses_read_at = time.monotonic()
        return self._addresses_read

    def _hold(self) -> bool:
        if time.monotonic() - self._renewed_at < LEASE_SECONDS / 3:
            return True
        held = take_lease(self._store, LEASE, self.holder, LEASE_SECONDS)
        self._renewed_at = time.monotonic() if held else float("-inf")
        return held


def _now() -> datetime:
    return datetime.now(UTC)
