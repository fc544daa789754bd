"""When to crawl: each site at its interval or cron expression, through APScheduler 3.

The scheduler only says *now*; the crawl is a process of its own (`monitor.dispatch`). The last run of each site lives
in the store, so that a restart neither forgets (an overdue site is crawled soon) nor storms (overdue sites start one
after the other, and the queue holds their number down). Site files that change are picked up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from monitor import yamlfile
from monitor.cron import Cron
from monitor.errors import SiteError
from monitor.records import Run
from monitor.settings import ScheduleSettings
from monitor.sites import Site, load_sites
from monitor.spans import parse_span, show_span

log = logging.getLogger(__name__)

STAGGER = timedelta(seconds=2)  # between the starts of two overdue sites
UNFINISHED = ("running", "stopped")  # a crawl that was interrupted is taken up at once
NEVER = datetime.min.replace(tzinfo=UTC)
RELOAD = "reload"  # id of the job that looks at the site files


@dataclass(frozen=True, slots=True)
class Plan:
    """When a site is crawled next, and by what. `overdue`: its time passed while nobody was there."""

    site: str
    rule: str
    next_run: datetime
    last_run: Run | None = None
    overdue: bool = False


def trigger_of(site: Site, settings: ScheduleSettings) -> tuple[BaseTrigger, str]:
    """APScheduler's trigger for the site, and how to show it. Raises SiteError for a cron expression it can't read."""
    schedule = site.schedule
    if schedule is not None and schedule.cron:
        zone = schedule.time_zone or (site.time_zone if site.time_zone != "UTC" else settings.time_zone)
        try:
            return Cron(schedule.cron, ZoneInfo(zone)), f"cron {schedule.cron} ({zone})"
        except ValueError as error:
            raise SiteError(f"site {site.id}: schedule: {schedule.cron!r} is no cron expression: {error}") from error
    span = parse_span(schedule.every if schedule is not None and schedule.every else settings.every)
    return IntervalTrigger(seconds=round(span.total_seconds()), timezone=UTC), f"every {show_span(span)}"


def plan(
    sites: Mapping[str, Site], last_runs: Mapping[str, Run], settings: ScheduleSettings, now: datetime
) -> tuple[list[Plan], list[SiteError]]:
    """Next run of every enabled site, soonest first. A site that never ran, or whose time passed, is due at once.

    A cron time that passed by more than the misfire grace is let go; the next one counts.
    """
    plans, errors = [], []
    grace = parse_span(settings.misfire_grace)
    for site in sites.values():
        if not site.enabled:
            continue
        try:
            trigger, rule = trigger_of(site, settings)
        except SiteError as error:
            errors.append(error)
            continue
        last = last_runs.get(site.id)
        due = _due(trigger, last, grace, now)
        plans.append(Plan(site.id, rule, max(due, now), last, overdue=due < now and last is not None))
    plans.sort(key=lambda one: (one.next_run, one.last_run.started_at if one.last_run else NEVER, one.site))
    return plans, errors


def _due(trigger: BaseTrigger, last: Run | None, grace: timedelta, now: datetime) -> datetime:
    if last is not None and last.status in UNFINISHED:
        return now
    if isinstance(trigger, IntervalTrigger):
        return now if last is None else last.started_at + trigger.interval
    # The first time after the last run, or after now for a site that never ran: a cron time is not moved.
    since = last.started_at if last is not None and last.started_at > now - grace else now - grace
    if last is None:
        since = now
    due: datetime = trigger.get_next_fire_time(since, now)
    return due


class Scheduler:
    """Calls `crawl(site)` at the times of the site files, until `stop`. The call must return at once."""

    def __init__(
        self,
        folder: Path,
        settings: ScheduleSettings,
        *,
        last_runs: Callable[[], Mapping[str, Run]],
        crawl: Callable[[str], None],
    ) -> None:
        self._folder, self._settings, self._last_runs, self._crawl = folder, settings, last_runs, crawl
        grace = int(parse_span(settings.misfire_grace).total_seconds())
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(4)},
            # APScheduler's own defaults drop a job for good when it is late by a second or still running.
            job_defaults={"coalesce": True, "misfire_grace_time": grace, "max_instances": 1},
        )
        self._scheduler.add_listener(self._tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
        self._seen: dict[str, Site] = {}
        self._stamp: frozenset[tuple[str, int, int]] = frozenset()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Plan every site and begin."""
        self.reload()
        self._scheduler.add_job(
            self.reload, IntervalTrigger(seconds=self._settings.reload_seconds, timezone=UTC), id=RELOAD
        )
        self._scheduler.start()

    def stop(self) -> None:
        """Start nothing more. Crawls that run are not its affair."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def next_runs(self) -> dict[str, datetime]:
        """By site, in UTC."""
        jobs = self._scheduler.get_jobs()
        return {job.id: job.next_run_time.astimezone(UTC) for job in jobs if job.id != RELOAD and job.next_run_time}

    def reload(self) -> None:
        """Take up site files that are new, changed or gone. A broken file keeps what it said before."""
        with self._lock:
            stamp = yamlfile.stamp(self._folder)
            if stamp == self._stamp:
                return
            sites, errors = load_sites(self._folder)
            for error in errors:
                log.error("site file left out reason=%s", error.message)
            broken = {Path(name).stem for name, *_ in stamp} - set(sites)
            for site_id in broken & set(self._seen):
                sites[site_id] = self._seen[site_id]
            self._plan({site.id: site for site in sites.values() if site.enabled})
            self._stamp = stamp  # last: what could not be planned (a store that is busy) is planned the next time

    def _plan(self, sites: dict[str, Site]) -> None:
        for gone in set(self._seen) - set(sites):
            log.info("site no longer crawled site=%s", gone)
            self._scheduler.remove_job(gone)
        changed = {site_id: site for site_id, site in sites.items() if self._seen.get(site_id) != site}
        now = datetime.now(UTC)
        plans, errors = plan(changed, self._last_runs(), self._settings, now)
        for error in errors:
            log.error("site left out reason=%s", error.message)
        late = 0
        for one in plans:
            start = one.next_run
            if start <= now:
                start, late = now + late * STAGGER, late + 1
            trigger, _ = trigger_of(changed[one.site], self._settings)
            log.info("site planned site=%s rule=%s next=%s", one.site, one.rule, start.isoformat(timespec="seconds"))
            self._scheduler.add_job(
                self._crawl,
                _from(trigger, start),
                args=[one.site],
                id=one.site,
                next_run_time=start,
                replace_existing=True,
            )
        planned = {one.site for one in plans}
        kept = {site_id: self._seen.get(site_id) for site_id in changed if site_id not in planned}
        self._seen = {site_id: site for site_id, site in (sites | kept).items() if site is not None}

    def _tell(self, event: JobExecutionEvent) -> None:
        if event.code == EVENT_JOB_MISSED:
            log.warning("crawl missed site=%s planned=%s", event.job_id, event.scheduled_run_time)
        else:
            log.error("crawl not started site=%s error=%s", event.job_id, event.exception)


def _from(trigger: BaseTrigger, start: datetime) -> BaseTrigger:
    """An interval counts from the first start, so that a reload or a restart does not move it."""
    if isinstance(trigger, IntervalTrigger):
        return IntervalTrigger(seconds=round(trigger.interval.total_seconds()), start_date=start, timezone=UTC)
    return trigger
