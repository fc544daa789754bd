"""Rules and the outbox of the in-memory store: each rule is held against each article, as each search is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from monitor.query import Node
from monitor.records import Alert, Document, Rule, Story
from monitor.store.asked import Amount, OfStories, ask
from monitor.store.matching import Stem, holds
from monitor.store.of_stories import looked_up
from monitor.store.port import RuleHit

Key = tuple[str, str, str, str]
_NEVER = datetime.min.replace(tzinfo=UTC)


class MemoryAlerts:
    """The port's `Rules` and `Outbox`."""

    def __init__(self, stem: Stem) -> None:
        self._stem = stem
        self._rules: dict[str, tuple[Rule, Node]] = {}
        self._alerts: dict[Key, Alert] = {}

    def put_rules(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        self._rules.update((rule.id, (rule, node)) for rule, node in rules)

    def remove_rules(self, ids: Collection[str]) -> None:
        for id in ids:
            self._rules.pop(id, None)

    def rules(self) -> list[Rule]:
        return [rule for _, (rule, _) in sorted(self._rules.items())]

    def match_rules(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        now, theirs = datetime.now(UTC), _Stories(documents, stories)
        on = [(id, looked_up(ask(node), theirs)) for id, (rule, node) in sorted(self._rules.items()) if rule.is_on(now)]
        return [RuleHit(id, one.id) for id, asked in on for one in documents if holds(asked, one, self._stem)]

    def put_alerts(self, alerts: Sequence[Alert]) -> int:
        before = len(self._alerts)
        for alert in alerts:
            self._put_alert(alert)
        return len(self._alerts) - before

    def mark_alerts(self, alerts: Sequence[Alert]) -> None:
        self._alerts.update((alert.key, alert) for alert in alerts)

    def told(self, keys: Collection[Key]) -> dict[Key, Alert]:
        return {key: self._alerts[key] for key in keys if key in self._alerts}

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        due = [
            one
            for one in self._alerts.values()
            if one.channel == channel and one.state == "waiting" and _ready(one) <= now
        ]
        return sorted(due, key=lambda one: (one.due or _NEVER, one.key))[:limit]

    def due_channels(self, now: datetime) -> list[str]:
        return sorted({one.channel for one in self._alerts.values() if one.state == "waiting" and _ready(one) <= now})

    def alerts(
        self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
    ) -> list[Alert]:
        asked = {"rule": rule, "channel": channel, "state": state}
        wanted = [(name, value) for name, value in asked.items() if value]
        found = [
            one
            for one in self._alerts.values()
            if all(getattr(one, name) == value for name, value in wanted) and (not but or one.channel != but)
        ]
        ordered = sorted(found, key=lambda one: one.key)
        return sorted(ordered, key=lambda one: one.made or _NEVER, reverse=True)[:limit]

    def alert_counts(self) -> dict[tuple[str, str], int]:
        return dict(Counter((one.channel, one.state) for one in self._alerts.values()))

    def _put_alert(self, alert: Alert) -> None:
        self._alerts.setdefault(alert.key, alert)


class _Stories:
    """As they are to be taken."""

    def __init__(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> None:
        self._copies = {one.story: stories[one.story].copies if one.story in stories else 1 for one in documents}
        self._names = {alias: story.id for story in stories.values() for alias in story.aliases}

    def with_copies(self, amount: Amount) -> OfStories:
        return OfStories(frozenset(story for story, copies in self._copies.items() if amount.holds(copies)))

    def called(self, story: str) -> str:
        return self._names.get(story, story)


def _ready(alert: Alert) -> datetime:
    return max(alert.due or _NEVER, alert.next_try or _NEVER)
