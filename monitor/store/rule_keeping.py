"""Rules of a store that matches them in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from monitor.query import Node
from monitor.records import Document, Rule, Story
from monitor.store.port import RuleHit
from monitor.store.rule_index import RuleIndex


class KeptRules:
    """The rules and their questions, and an index of them that is made when it is asked for."""

    def __init__(self, rules: Mapping[str, tuple[Rule, Node]]) -> None:
        self.rules = dict(rules)
        self._index: RuleIndex | None = None

    def put(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        """The index is made again only where a question is another."""
        for rule, node in rules:
            known = self.rules.get(rule.id)
            if known is None or known[1] != node:
                self._index = None
            self.rules[rule.id] = rule, node

    def remove(self, ids: Sequence[str]) -> None:
        for id in ids:
            if self.rules.pop(id, None) is not None:
                self._index = None

    def matching(
        self, documents: Sequence[Document], stories: Mapping[str, Story], now: datetime | None = None
    ) -> list[RuleHit]:
        """As the port's `match_rules`."""
        if self._index is None:
            self._index = RuleIndex({id: node for id, (_, node) in sorted(self.rules.items())})
        now = now or datetime.now(UTC)
        on = {id for id, (rule, _) in self.rules.items() if rule.is_on(now)}
        return [hit for hit in self._index.matching(documents, stories) if hit.rule in on]
