"""Looking whether all is well, every minute, and telling of what is not through the outbox.

While the store does not answer nothing can be put into its outbox: then the notice is sent at once, and again with
every look until it got through, and is in the history as soon as the store is back.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3

from monitor.alerts import Notice, Style, notice_message
from monitor.alerts.deliver import resolve, send
from monitor.alerts.outbox import of_channel
from monitor.codec import decode, encode
from monitor.errors import DeliveryError, MonitorError, StoreError
from monitor.health.history import History, taken_in
from monitor.health.incidents import Incident, Told, followed
from monitor.health.judging import Limits, Seen, problems
from monitor.health.texts import notice
from monitor.records import Alert, Attempt, Run
from monitor.store.port import FILER_LEASE, Store

log = logging.getLogger(__name__)

RULE = "health"  # in the outbox, in the place of a rule's id
LOOK = 60.0  # seconds
_RUNS_AT_ONCE = 200
_HEARTBEAT_SECONDS = 10.0
_SITE_NOTE = "health:site:"
_INCIDENTS_NOTE = "health:incidents"


@dataclass(frozen=True)
class Watched:
    """What is looked at, and who is told. `sites`: ids of those that are crawled, as they are now."""

    sites: Callable[[], Iterable[str]]
    folders: tuple[Path, ...]
    channels: tuple[str, ...]
    addresses: Callable[[], Mapping[str, str]]
    limits: Limits
    remind: timedelta
    language: str = "en"
    zone: str = "UTC"
    heartbeat: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    """In a note."""

    incidents: dict[str, Incident]


class HealthWatch:
    """Its memory is in notes of the store: a program that starts again tells nothing twice."""

    def __init__(self, store: Store, watched: Watched) -> None:
        self._store, self._watched = store, watched
        self._histories: dict[str, History] = {}
        self._incidents: dict[str, Incident] | None = None
        self._idle_since: datetime | None = None
        self._unwritten: list[Alert] = []  # told while the store did not answer, or still to be

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(LOOK):
            try:
                self.look(datetime.now(UTC))
            except MonitorError as error:
                log.warning("health not looked at reason=%s", error.message)
            except Exception:  # a defect of ours must not end the watch
                log.exception("looking at the health failed")

    def look(self, now: datetime) -> Seen:
        """One look, and what is to be told of it."""
        seen = self._seen(now)
        known = self._known(seen)
        after, told = followed(known, problems(seen, self._watched.limits), now, self._watched.remind)
        self._tell([alert for one in told for alert in self._alerts(one, now)], seen)
        self._incidents = after
        if after != known and not seen.store_error:
            self._store.put_note(_INCIDENTS_NOTE, encode(_Kept(after)).decode())
        if not seen.store_error and seen.inbox_since is None:
            self._beat()
        return seen

    # --- looking -----------------------------------------------------------------------------------------------------

    def _seen(self, now: datetime) -> Seen:
        disks = dict(_disk(folder) for folder in self._watched.folders if folder.exists())
        try:
            waiting, holder = self._store.waiting(), self._store.holder(FILER_LEASE, now)
            self._idle_since = None if holder or not waiting else self._idle_since or now
            return Seen(
                now,
                self._of_sites(),
                inbox=waiting,
                inbox_since=self._idle_since,
                disks=disks,
                stuck=self._stuck(now),
            )
        except StoreError as error:
            return Seen(now, store_error=error.message, disks=disks)

    def _of_sites(self) -> dict[str, History]:
        sites = list(self._watched.sites())
        for site in sites:
            if site not in self._histories:
                text = self._store.note(_SITE_NOTE + site)
                self._histories[site] = decode(History, text) if text else History()
        for site, runs in self._new_runs(set(sites)).items():
            self._histories[site] = taken_in(self._histories[site], runs)
            self._store.put_note(_SITE_NOTE + site, encode(self._histories[site]).decode())
        return {site: self._histories[site] for site in sites}

    def _new_runs(self, sites: set[str]) -> dict[str, list[Run]]:
        """Finished ones that are in no history yet: of all sites at once, as far back as they may be new."""
        untils = [self._histories[site].until for site in sites]
        oldest = min((until for until in untils if until is not None), default=None)
        if None in untils and oldest is None:
            oldest = datetime.min.replace(tzinfo=UTC)
        limit = _RUNS_AT_ONCE
        while (
            len(runs := self._store.runs(limit=limit)) == limit and oldest is not None and runs[-1].started_at > oldest
        ):
            if limit >= 50 * _RUNS_AT_ONCE:
                break
            limit *= 4
        new: dict[str, list[Run]] = {}
        for run in runs:
            until = self._histories[run.site].until if run.site in sites else None
            if run.site in sites and run.finished_at is not None and (until is None or run.started_at > until):
                new.setdefault(run.site, []).append(run)
        return new

    def _stuck(self, now: datetime) -> dict[str, datetime]:
        found: dict[str, datetime] = {}
        for channel in of_channel(self._store.alert_counts(), "waiting"):
            due = self._store.due_alerts(channel, datetime.max.replace(tzinfo=UTC), 1)
            if due and due[0].due is not None and due[0].due <= now:
                found[channel] = due[0].due
        return found

    def _known(self, seen: Seen) -> dict[str, Incident]:
        if self._incidents is None and not seen.store_error:
            text = self._store.note(_INCIDENTS_NOTE)
            self._incidents = decode(_Kept, text).incidents if text else {}
        return self._incidents or {}

    # --- telling -----------------------------------------------------------------------------------------------------

    def _alerts(self, told: Told, now: datetime) -> list[Alert]:
        made = notice(told, self._watched.language, self._watched.zone)
        log.warning("health kind=%s problem=%s title=%s", told.kind, told.incident.problem.name, made.title)
        subject = f"incident:{told.incident.problem.name}"
        alert = Alert(RULE, "", subject, told.occurrence, made=now, due=now, note=encode(made).decode())
        return [replace(alert, channel=channel) for channel in self._watched.channels]

    def _tell(self, alerts: Sequence[Alert], seen: Seen) -> None:
        self._unwritten += alerts
        if seen.store_error:
            self._unwritten = [self._sent_at_once(alert, seen.at) for alert in self._unwritten]
        elif self._unwritten:
            self._store.put_alerts(self._unwritten)
            self._unwritten = []

    def _sent_at_once(self, alert: Alert, now: datetime) -> Alert:
        if alert.state == "sent":
            return alert
        style = Style(self._watched.language, self._watched.zone)
        try:
            address = resolve(self._watched.addresses(), alert.channel)
            send(alert.channel, address, notice_message(decode(Notice, alert.note), style), alert.reached)
        except DeliveryError as error:
            tried = (*alert.attempts[-20:], Attempt(now, error.message))
            return replace(alert, attempts=tried, reached=(*alert.reached, *error.reached))
        return replace(alert, state="sent", attempts=(*alert.attempts, Attempt(now)))

    def _beat(self) -> None:
        """Tell a monitor outside that all goes on; where it does not answer, that is its own affair."""
        if not self._watched.heartbeat:
            return
        try:
            with urllib3.PoolManager(retries=False, timeout=_HEARTBEAT_SECONDS) as pool:
                pool.request("GET", self._watched.heartbeat)
        except urllib3.exceptions.HTTPError as error:
            log.warning("heartbeat not taken reason=%s", type(error).__name__)


def _disk(folder: Path) -> tuple[str, tuple[int, int]]:
    usage = shutil.disk_usage(folder)
    return str(folder), (usage.free, usage.total)
