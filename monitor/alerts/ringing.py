"""From rules that matched to alerts: who is told of what, once, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.alerts.cadence import read_cadence
from monitor.alerts.channels import FEED
from monitor.records import Alert, Document, Rule, Story

# What waited longer between being fetched and being filed was not held up: an archive is brought in.
LONGEST_WAIT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Match:
    """An article that a rule is about. `names`: ids that its story has and had; `fresh`: nothing was known of it."""

    rule: Rule
    document: Document
    copies: int
    names: tuple[str, ...]
    fresh: bool = False


def rings(match: Match, now: datetime) -> bool:
    """Is it new enough, and in enough copies? A rule that counts days is told of no article."""
    rule, document = match.rule, match.document
    if rule.spike or match.copies < rule.min_copies:
        return False
    seen = now if match.fresh and document.first_seen < now - LONGEST_WAIT else document.first_seen
    age = seen - document.story_time
    return not rule.max_age or age <= timedelta(seconds=rule.max_age)


def alerts(matches: Iterable[Match], now: datetime, zone: str) -> list[Alert]:
    """One for each channel and subject, of the earliest article; in order of their keys."""
    made: dict[tuple[str, str, str, str], Alert] = {}
    for match in sorted((one for one in matches if rings(one, now)), key=lambda one: (one.rule.id, one.document.age)):
        for alert in _of(match, now, zone):
            made.setdefault(alert.key, alert)
    return [alert for _, alert in sorted(made.items())]


def earlier_keys(alert: Alert, names: Iterable[str]) -> Iterator[tuple[str, str, str, str]]:
    """Keys under which the same was told while its story was called otherwise."""
    if alert.subject == story_subject(alert.story):
        for name in names:
            if name != alert.story:
                yield alert.rule, alert.channel, story_subject(name), alert.occurrence


def story_subject(story: str) -> str:
    return f"story:{story}"


def article_subject(article: str) -> str:
    return f"article:{article}"


def _of(match: Match, now: datetime, zone: str) -> Iterator[Alert]:
    rule, document = match.rule, match.document
    subject = article_subject(document.id) if rule.each == "copy" else story_subject(document.story)
    cadence = read_cadence(rule.cadence)
    due = cadence.due(now, ZoneInfo(rule.time_zone or zone))
    digest = "" if cadence.kind == "now" else str(cadence)
    alert = Alert(rule.id, FEED, subject, made=now, due=now, story=document.story, article=document.id)
    yield alert
    for channel in rule.channels:
        yield replace(alert, channel=channel, due=due, digest=digest)


def story_names(document: Document, story: Story | None) -> tuple[str, ...]:
    """Its story's ids, the present one first."""
    return tuple(dict.fromkeys((document.story, *(story.aliases if story is not None else ()))))
