"""Looking whether all is well, every minute, and telling of what is not through the outbox.

What the store knows of all machines is told by one of them, which holds the lease; each tells of its own disk, and that
it does not reach the store.

While the store does not answer nothing can be put into its outbox: then the notice is sent at once, and again with
every look until it got through, and is in the history as soon as the store is back.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
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
from monitor.health.judging import OF_SITES, Limits, Problem, Seen, is_hidden, problems, problems_here
from monitor.health.texts import notice
from monitor.holders import holder_name
from monitor.records import Alert, Attempt, Run
from monitor.store.leasing import take_lease
from monitor.store.port import FILER_LEASE, Store

log = logging.getLogger(__name__)

RULE = "health"  # in the outbox, in the place of a rule's id
LOOK = 60.0  # seconds
LEASE = "health"  # of who tells of what all machines share
_LEASE_SECONDS = 4 * LOOK
_FILED_WITHIN = timedelta(hours=6)  # after which a run is taken as it is, whatever of it still waits
_RUNS_AT_ONCE = 200
_LOOKED_THROUGH = 1000  # notices of a channel in which those of an incident are looked for
_HEARTBEAT_SECONDS = 10.0
_REFUSED = 400
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
    machine: str = ""  # the name of this one, where others work on the same store


@dataclass(frozen=True, slots=True)
class _Kept:
    """In a note."""

    incidents: dict[str, Incident]


class HealthWatch:
    """Its memory is in notes of the store: a program that starts again tells nothing twice."""

    def __init__(self, store: Store, watched: Watched, *, holder: str = "") -> None:
        self._store, self._watched, self.holder = store, watched, holder or holder_name()
        self._histories: dict[str, History] = {}
        self._incidents: dict[str, dict[str, Incident]] = {}  # by the note that they are kept in
        self._beaten = ""  # why the heartbeat was not taken last; empty where it was
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
        with suppress(StoreError):
            self._store.release(LEASE, self.holder)

    def look(self, now: datetime) -> Seen:
        """One look, and what is to be told of it."""
        seen, leads = self._seen(now)
        limits = self._watched.limits
        told = self._followed(self._own_note, list(problems_here(seen, limits, self._watched.machine)), seen)
        if leads:
            told += self._followed(_INCIDENTS_NOTE, list(problems(seen, limits)), seen)
        self._tell([alert for one in told for alert in self._alerts(one, seen)], seen)
        if not seen.store_error and seen.inbox_since is None:
            self._beat()
        return seen

    @property
    def _own_note(self) -> str:
        return f"{_INCIDENTS_NOTE}@{self._watched.machine}"

    def _followed(self, note: str, found: Sequence[Problem], seen: Seen) -> list[Told]:
        """What is to be told of the incidents in this note, which are kept as they are now."""
        known = self._known(note, seen)
        names = {one.name for one in found}
        watched = {name: one for name, one in known.items() if _is_watched(one.problem, seen) or name in names}
        after, told = followed(watched, found, seen.at, self._watched.remind, lambda name: is_hidden(name, names))
        self._incidents[note] = after
        if after != known and not seen.store_error:
            self._store.put_note(note, encode(_Kept(after)).decode())
        return told

    # --- looking -----------------------------------------------------------------------------------------------------

    def _seen(self, now: datetime) -> tuple[Seen, bool]:
        """And whether this machine tells of what all share."""
        disks = dict(_disk(folder) for folder in self._watched.folders if folder.exists())
        try:
            waiting, holder = self._store.waiting(), self._store.holder(FILER_LEASE, now)
            self._idle_since = None if holder or not waiting else self._idle_since or now
            leads = take_lease(self._store, LEASE, self.holder, _LEASE_SECONDS)
            if not leads:  # whoever has it writes what this one remembers
                self._histories.clear()
                self._incidents.pop(_INCIDENTS_NOTE, None)
            seen = Seen(
                now,
                self._of_sites(now) if leads else {},
                inbox=waiting,
                inbox_since=self._idle_since,
                disks=disks,
                stuck=self._stuck(now) if leads else {},
            )
        except StoreError as error:
            return Seen(now, store_error=error.message, disks=disks), False
        return seen, leads

    def _of_sites(self, now: datetime) -> dict[str, History]:
        sites = list(self._watched.sites())
        for site in sites:
            if site not in self._histories:
                text = self._store.note(_SITE_NOTE + site)
                self._histories[site] = decode(History, text) if text else History()
        for site, runs in self._new_runs(set(sites)).items():
            if filed := self._filed(runs, now):
                self._histories[site] = taken_in(self._histories[site], filed)
                self._store.put_note(_SITE_NOTE + site, encode(self._histories[site]).decode())
        return {site: self._histories[site] for site in sites}

    def _filed(self, runs: Iterable[Run], now: datetime) -> list[Run]:
        """Up to the first of which something is still to be filed, with all that was counted."""
        filed = []
        for run in sorted(runs, key=lambda one: one.started_at):
            if now - (run.finished_at or now) < _FILED_WITHIN:
                if self._store.waiting(run.id):
                    break
                run = self._store.run(run.id) or run
            filed.append(run)
        return filed

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

    def _known(self, note: str, seen: Seen) -> dict[str, Incident]:
        if note not in self._incidents and not seen.store_error:
            text = self._store.note(note)
            self._incidents[note] = decode(_Kept, text).incidents if text else {}
        return self._incidents.get(note, {})

    # --- telling -----------------------------------------------------------------------------------------------------

    def _alerts(self, told: Told, seen: Seen) -> list[Alert]:
        now = seen.at
        made = notice(told, self._watched.language, self._watched.zone)
        log.warning("health kind=%s problem=%s title=%s", told.kind, told.incident.problem.name, made.title)
        subject = f"incident:{told.incident.problem.name}"
        alert = Alert(RULE, "", subject, told.occurrence, made=now, due=now, note=encode(made).decode())
        channels = self._watched.channels
        if told.kind == "over" and not seen.store_error:
            channels = tuple(one for one in channels if self._was_told(one, subject, told.incident))
        return [replace(alert, channel=channel) for channel in channels]

    def _was_told(self, channel: str, subject: str, incident: Incident) -> bool:
        """False where everything that was to be told of it was given up: that it is over says nothing by itself."""
        begin = incident.stamp
        of_channel = [
            one
            for one in self._store.alerts(rule=RULE, channel=channel, limit=_LOOKED_THROUGH)
            if one.subject == subject and one.occurrence.startswith(begin)
        ]
        return not of_channel or any(one.state != "dead" for one in of_channel)

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
        """Tell a monitor outside that all goes on; where it does not answer, that is its own affair, told once."""
        if not self._watched.heartbeat:
            return
        timeout = urllib3.Timeout(total=_HEARTBEAT_SECONDS)
        failed = ""
        try:
            with urllib3.PoolManager(retries=False, timeout=timeout) as pool:
                answer = pool.request("GET", self._watched.heartbeat, preload_content=False)
                answer.close()
                if answer.status >= _REFUSED:
                    failed = f"HTTP {answer.status}"
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:  # its text may hold the address
            failed = type(error).__name__
        if failed and failed != self._beaten:
            log.warning("heartbeat not taken, tried again with every look reason=%s", failed)
        self._beaten = failed


def _is_watched(problem: Problem, seen: Seen) -> bool:
    """Not of a site that was taken away or switched off: nobody wants to hear of it any more."""
    return problem.what not in OF_SITES or problem.subject in seen.sites


def _disk(folder: Path) -> tuple[str, tuple[int, int]]:
    usage = shutil.disk_usage(folder)
    return str(folder), (usage.free, usage.total)
