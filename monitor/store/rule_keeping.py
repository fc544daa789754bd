"""Rules of a store that matches them in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from monitor.query import Node
from monitor.records import Document, Rule, Story
from monitor.store.port import RuleHit
from monitor.store.rule_index import RuleIndex


class KeptRules:
    """The rules with an index of their questions, which is made when it is asked for."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._questions: dict[str, Node] = {}
        self._index: RuleIndex | None = None

    def replace(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        """These and no others. The index is made again where a question is another, not for the rest of a rule."""
        questions = {rule.id: node for rule, node in rules}
        if questions != self._questions:
            self._questions, self._index = questions, None
        self._rules = {rule.id: rule for rule, _ in rules}

    def matching(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        """As the port's `match_rules`."""
        now = datetime.now(UTC)
        if not any(rule.is_on(now) for rule in self._rules.values()):
            return []
        index = self._index
        if index is None:
            index = self._index = RuleIndex(self._questions)
        return [hit for hit in index.matching(documents, stories) if self._rules[hit.rule].is_on(now)]
