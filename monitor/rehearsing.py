"""What a rule would have told of what is in the archive. Nothing is sent or written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from monitor.alerts import FEED, Match, alerts, question, rings, story_names
from monitor.alerts.digests import messages
from monitor.filing.alerting import is_about
from monitor.records import Alert, Changes, Document, Rule
from monitor.store.port import Store

AT_ONCE = 200  # articles that are looked at together

_Found: TypeAlias = tuple[datetime, tuple[datetime, datetime, str]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """`told`: one alert for each story (or copy), earliest first, with its article. `messages`: on each channel."""

    told: tuple[tuple[Alert, Document], ...]
    messages: int
    matched: int  # articles that answer, told or not
    old: int  # of these, older when they were found than the rule's max_age


def rehearse(store: Store, rule: Rule, since: datetime, until: datetime, zone: str) -> Rehearsal:
    """As if the rule had been there all along: each article at the time when it was first seen, with the source trace
    and the number of copies that it has now.
    """
    node = question(rule, zone)
    alone = _with_channel(rule)
    # By key: when it was told, and what; of what was told before `since`, nothing but that it was.
    made: dict[tuple[str, str, str, str], tuple[_Found, tuple[Alert, Document] | None]] = {}
    matched = old = 0
    batch: list[Document] = []

    def take() -> None:
        nonlocal matched, old
        stories = store.stories({one.story for one in batch})
        for document in is_about(store, rule, batch, Changes()):
            asked_for = since <= document.first_seen
            story = stories.get(document.story)
            match = Match(alone, document, story.copies if story else 1, story_names(document, story))
            matched += asked_for
            if match.copies >= rule.min_copies and not rings(match, document.first_seen) and not rule.spike:
                old += asked_for
            for alert in alerts([match], document.first_seen, zone):
                known = made.get(alert.key)
                if alert.channel != FEED and (known is None or _found(document) < known[0]):
                    made[alert.key] = _found(document), (alert, document) if asked_for else None
        batch.clear()

    for document in store.scan(node):
        if document.first_seen >= until:  # what is found now may have been published long ago
            continue
        batch.append(document)
        if len(batch) == AT_ONCE:
            take()
    take()
    listed = sorted((pair for _, pair in made.values() if pair is not None), key=lambda pair: _found(pair[1]))
    return Rehearsal(tuple(listed), len(messages([alert for alert, _ in listed])), matched, old)


def _found(document: Document) -> _Found:
    return document.first_seen, document.age


def _with_channel(rule: Rule) -> Rule:
    """One channel stands for all."""
    return replace(rule, channels=rule.channels[:1] or ("",))


def by_day(told: Sequence[tuple[Alert, Document]], zone: str) -> dict[str, int]:
    """How many on each day of the zone."""
    found: dict[str, int] = {}
    for _, document in told:
        day = document.first_seen.astimezone(ZoneInfo(zone)).date().isoformat()
        found[day] = found.get(day, 0) + 1
    return found
