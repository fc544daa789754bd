"""Days on which far more comes up than usual: today's number against the mean of the days before."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts import FEED, Notice, question
from monitor.codec import encode
from monitor.errors import QueryError
from monitor.query import with_filters
from monitor.records import Alert, Rule
from monitor.store.port import SearchRequest, Store

log = logging.getLogger(__name__)

DAYS = 14  # before today
LEAST = 3  # stories of a day: fewer are no spike, whatever was usual
_TEXTS = {
    "en": ("{rule}: {today} stories today", "usual is {usual:.1f} a day (mean of the {days} days before)"),
    "de": ("{rule}: heute {today} Meldungen", "üblich sind {usual:.1f} am Tag (Mittel der {days} Tage davor)"),
}


def spikes(store: Store, rules: Iterable[Rule], now: datetime, zone: str) -> list[Alert]:
    """One for each channel of a rule whose day is one; the same key all day, so that it is told once."""
    made: list[Alert] = []
    for rule in rules:
        if not rule.spike or not rule.is_on(now):
            continue
        try:
            made += _of(store, rule, now, zone)
        except QueryError as error:
            log.warning("spike not counted rule=%s reason=%s", rule.id, error.message)
    return made


def is_spike(rule: Rule, today: int, usual: float) -> bool:
    """`usual`: the mean of the days before; where nothing came at all, one story in all of them is taken."""
    return today >= LEAST and today >= rule.spike * max(usual, 1 / DAYS)


def spike_days(store: Store, rule: Rule, since: datetime, until: datetime, zone: str) -> dict[date, int]:
    """Days between the two on which the rule would have told, with their number of stories."""
    local = ZoneInfo(rule.time_zone or zone)
    first = since.astimezone(local).date()
    stories: dict[date, set[str]] = {}
    node = with_filters(question(rule, zone), since=since - timedelta(days=DAYS + 1), until=until)
    for document in store.scan(node):
        stories.setdefault(document.story_time.astimezone(local).date(), set()).add(document.story)
    found: dict[date, int] = {}
    for day, of_day in sorted(stories.items()):
        before = sum(len(stories.get(day - timedelta(days=back), ())) for back in range(1, DAYS + 1))
        if day >= first and is_spike(rule, len(of_day), before / DAYS):
            found[day] = len(of_day)
    return found


def _of(store: Store, rule: Rule, now: datetime, zone: str) -> list[Alert]:
    local = now.astimezone(ZoneInfo(rule.time_zone or zone))
    midnights = [
        datetime.combine(local.date() - timedelta(days=days), time(), local.tzinfo).astimezone(UTC)
        for days in (0, DAYS)
    ]
    today = _stories(store, rule, midnights[0], now + timedelta(hours=1), zone)
    if today < LEAST:  # the days before need not be counted
        return []
    usual = _stories(store, rule, midnights[1], midnights[0], zone) / DAYS
    if not is_spike(rule, today, usual):
        return []
    title, line = (
        text.format(rule=rule.name, today=today, usual=usual, days=DAYS)
        for text in _TEXTS.get(rule.language, _TEXTS["en"])
    )
    note = encode(Notice(title, (line,))).decode()
    subject = f"day:{local.date().isoformat()}"
    channels = dict.fromkeys((*rule.channels, FEED))
    return [Alert(rule.id, channel, subject, made=now, due=now, note=note) for channel in channels]


def _stories(store: Store, rule: Rule, since: datetime, until: datetime, zone: str) -> int:
    node = with_filters(question(rule, zone), since=since, until=until)
    return store.search(SearchRequest(node, limit=0, highlight=False, stories=True)).total
