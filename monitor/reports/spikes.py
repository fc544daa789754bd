"""Days on which far more comes up than usual: today's number against the mean of the days before."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts import FEED, Notice, question, read_cadence
from monitor.codec import encode
from monitor.errors import QueryError
from monitor.query import Node, Range, with_filters
from monitor.records import Alert, Document, Rule
from monitor.store.port import SearchRequest, Store

log = logging.getLogger(__name__)

DAYS = 14  # before today; of these only such count as brought the archive anything at all
LEAST_DAYS = 3  # of them: an archive that has just begun does not know what is usual
LEAST = 3  # stories of a day: fewer are no spike, whatever was usual
_TEXTS = {
    "en": ("{rule}: {count} stories on {day}", "usual is {usual} a day (mean of the {days} days before)", "%Y-%m-%d"),
    "de": (
        "{rule}: {count} Meldungen am {day}",
        "üblich sind {usual} am Tag (Mittel der {days} Tage davor)",
        "%d.%m.%Y",
    ),
}
_OF_A_DAY = "day:"  # the subject of such an alert, before its date
NAMED = 10  # stories of a day that are named


def spikes(store: Store, rules: Iterable[Rule], now: datetime, zone: str) -> list[Alert]:
    """One for each channel of a rule whose day is one; the same key all day, so that it is told once."""
    made: list[Alert] = []
    days = _Days(store)
    for rule in rules:
        if not rule.spike or not rule.is_on(now):
            continue
        try:
            made += _of(store, rule, now, zone, days)
        except QueryError as error:
            log.warning("spike not counted rule=%s reason=%s", rule.id, error.message)
    return made


def is_spike(rule: Rule, today: int, before: int, days: int) -> bool:
    """`before`: stories of so many `days` before; where nothing came at all, one in all of them is taken."""
    return today >= LEAST and days >= LEAST_DAYS and today >= rule.spike * max(before, 1) / days


class _Days:
    """On which days anything was found at all, of whatever rule: on others nobody looked. Each is asked for once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[date, str], bool] = {}

    def number_before(self, day: date, zone: str) -> int:
        """Of the days before it."""
        return sum(self._brought(day - timedelta(days=back), zone) for back in range(1, DAYS + 1))

    def _brought(self, day: date, zone: str) -> bool:
        if (day, zone) not in self._known:
            found_then = Range("fetched", _midnight(day, zone), _midnight(day + timedelta(days=1), zone), True, False)
            found = self._store.search(SearchRequest(found_then, limit=0, highlight=False))
            self._known[day, zone] = found.total > 0
        return self._known[day, zone]


def spike_days(store: Store, rule: Rule, since: datetime, until: datetime, zone: str) -> dict[date, int]:
    """Days between the two on which the rule would have told, with their number of stories."""
    local = ZoneInfo(rule.time_zone or zone)
    first = since.astimezone(local).date()
    stories: dict[date, set[str]] = {}
    node = with_filters(question(rule, zone), since=since - timedelta(days=DAYS + 1), until=until)
    for document in store.scan(node):
        stories.setdefault(document.story_time.astimezone(local).date(), set()).add(document.story)
    found: dict[date, int] = {}
    days = _Days(store)
    for day, of_day in sorted(stories.items()):
        if day < first or len(of_day) < LEAST:
            continue
        before = sum(len(stories.get(day - timedelta(days=back), ())) for back in range(1, DAYS + 1))
        if is_spike(rule, len(of_day), before, days.number_before(day, str(local))):
            found[day] = len(of_day)
    return found


def newest_of(store: Store, rule: Rule, alert: Alert, zone: str) -> tuple[list[Document], int]:
    """Of the day that the alert is of: its newest stories, and how many there are by now."""
    try:
        day = date.fromisoformat(alert.subject.removeprefix(_OF_A_DAY))
        request = SearchRequest(
            _asked(rule, day, rule.time_zone or zone), limit=NAMED, sort="newest", highlight=False, stories=True
        )
        found = store.search(request)
    except (ValueError, QueryError):
        return [], 0
    return [hit.document for hit in found.hits], found.total


def _of(store: Store, rule: Rule, now: datetime, zone: str, days: _Days) -> list[Alert]:
    """Of today, and of the day before: what came up after the last look at it, or while nobody looked."""
    local = rule.time_zone or zone
    today = now.astimezone(ZoneInfo(local)).date()
    began = _midnight(today, local)
    known = rule.changed_at is None or rule.changed_at < began
    heard = rule.quiet_until is None or rule.quiet_until < began  # not silent to the end of the day before
    looked_at = [today, today - timedelta(days=1)] if known and heard else [today]
    return [alert for day in looked_at for alert in _of_day(store, rule, day, now, local, days)]


def _of_day(store: Store, rule: Rule, day: date, now: datetime, zone: str, days: _Days) -> list[Alert]:
    count = _stories(store, _asked(rule, day, zone))
    if count < LEAST:  # the days before need not be counted
        return []
    before, there = _stories(store, _asked(rule, day - timedelta(days=DAYS), zone, DAYS)), days.number_before(day, zone)
    if not is_spike(rule, count, before, there):
        return []
    usual = before / there
    title, line, form = _TEXTS.get(rule.language, _TEXTS["en"])
    shown = f"{usual:.1f}".replace(".", "," if rule.language == "de" else ".")
    said = {"rule": rule.name, "count": count, "usual": shown, "days": there, "day": day.strftime(form)}
    note = encode(Notice(title.format(**said), (line.format(**said),))).decode()
    due = read_cadence(rule.cadence).due(now, ZoneInfo(zone))
    return [
        Alert(
            rule.id, channel, f"{_OF_A_DAY}{day.isoformat()}", made=now, due=now if channel == FEED else due, note=note
        )
        for channel in dict.fromkeys((*rule.channels, FEED))
    ]


def _asked(rule: Rule, day: date, zone: str, days: int = 1) -> Node:
    """What the rule asks, of so many days of its zone from this one on."""
    since, until = _midnight(day, zone), _midnight(day + timedelta(days=days), zone)
    return with_filters(question(rule, zone), since=since, until=until)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _stories(store: Store, node: Node) -> int:
    return store.search(SearchRequest(node, limit=0, highlight=False, stories=True)).total
