"""What is told of made archives, held against a plain model: nothing lost, nothing twice, nothing that is no news.

Real filing: stories form, grow, merge and fall apart, articles are rewritten and move between them.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from monitor.alerts import FEED, question
from monitor.filing import Desk, file_batch
from monitor.filing.alerting import Watch, added, to_tell
from monitor.records import Alert, Changes, Document, Rule, Story
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from monitor.store.stemming import stem
from tests.filing.world import put, report

STEPS = 7
RULES = {
    rule.id: replace(rule, channels=("desk",), max_age=0.0)
    for rule in (
        Rule("word", query="musterwerk"),
        Rule("of-two", query="musterwerk", min_copies=2),
        Rule("of-three", query="musterwerk", min_copies=3),
        Rule("asked-three", query="musterwerk copies:>=3"),
        Rule("asked-few", query="musterwerk copies:<3"),
        Rule("but-not", query="musterwerk NOT probe"),
        Rule("each", query="musterwerk", each="copy"),
        Rule("each-of-two", query="musterwerk", each="copy", min_copies=2),
        Rule("site", sites=("site-1",)),
        Rule("agency", agencies=("dpa",)),
        Rule("agency-of-two", query="musterwerk", agencies=("dpa",), min_copies=2),
    )
}


@dataclass
class Archive:
    store: MemoryStore = field(default_factory=lambda: MemoryStore(stem))
    told: list[Alert] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        self.store.put_rules([(rule, question(rule))])

    def file(self) -> None:
        watch = Watch.of(self.store.rules(), "UTC")

        def tell(store: Store, changes: Changes) -> Changes:
            made = to_tell(store, changes, watch, datetime.now(UTC))
            self.told += [one for one in made if one.channel != FEED]
            return replace(changes, alerts=made)

        while file_batch(self.store, 100, "", Desk(tell=tell)).all:
            self.store.refresh()

    def articles(self) -> tuple[dict[str, Document], dict[str, Story]]:
        documents = {one.id: one for one in self.store.scan()}
        return documents, self.store.stories({one.story for one in documents.values()})

    def answers(self) -> set[tuple[str, str]]:
        """Rules with the articles that each is for now."""
        documents, stories = self.articles()
        hits = self.store.match_rules(list(documents.values()), stories)
        copies = {id: stories[one.story].copies if one.story in stories else 1 for id, one in documents.items()}
        return {(hit.rule, hit.article_id) for hit in hits if copies[hit.article_id] >= RULES[hit.rule].min_copies}


def text_of(number: int, dice: random.Random) -> list[str]:
    said = list(report(number, 8))
    if dice.random() < 0.25:  # one half of each of two reports
        said = said[:4] + list(report(dice.randint(0, 3), 8))[4:]
    if dice.random() < 0.2:
        said = said[:5]
    if dice.random() < 0.6:
        said.insert(dice.randint(0, len(said)), "Das Musterwerk in Oderfeld brennt.")
    if dice.random() < 0.3:
        said.insert(dice.randint(0, len(said)), "Es war nur eine Probe heute.")
    return ["Oderfeld (dpa) -", *said] if dice.random() < 0.3 else said


@pytest.mark.parametrize("seed", range(16))
def test_what_is_told_is_what_became_new_and_once(seed: int) -> None:
    dice, archive, hours = random.Random(seed), Archive(), 0.0
    keys: set[tuple[str, str, str, str]] = set()
    late = set(dice.sample(sorted(RULES), 4))  # rules that are added when much is there
    for step in range(STEPS):
        for id in () if step not in (0, 3) else late if step else RULES.keys() - late:
            archive.add(RULES[id])
        before, (former, _) = archive.answers(), archive.articles()
        for _ in range(dice.randint(1, 4)):
            hours += 0.1
            name = dice.choice("abcdefg")
            put(archive.store, name, text_of(dice.randint(0, 3), dice), site=f"site-{ord(name) % 3}", hours=hours)
        archive.told.clear()
        archive.file()
        now, (documents, stories) = archive.answers(), archive.articles()
        for alert in archive.told:
            assert alert.key not in keys
            keys.add(alert.key)
            assert (alert.rule, alert.article) in now
            if (alert.rule, alert.article) in before:
                assert _added(former[alert.article], documents[alert.article])
        for rule, id in now - before:
            assert _subjects(RULES[rule], documents[id], stories) & {key[2] for key in keys if key[0] == rule}


def _added(old: Document, new: Document) -> bool:
    text = new.article.text
    return any("musterwerk" in text[start:end].lower() for start, end in added(old.article.text, text))


def _subjects(rule: Rule, document: Document, stories: Mapping[str, Story]) -> set[str]:
    """Under one of which it was told by now."""
    if rule.each == "copy":
        return {f"article:{document.id}"}
    story = stories.get(document.story)
    return {f"story:{name}" for name in (document.story, *(story.aliases if story is not None else ()))}
