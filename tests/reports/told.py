"""An archive of stories about a fire, and alerts that tell of them."""

from __future__ import annotations

from monitor.alerts import question
from monitor.records import Alert, Rule
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import NOW, changes, document

SHOWN = Shown(load_agencies(), "https://monitor.example")


def archive(*rules: Rule, count: int = 4) -> MemoryStore:
    """With as many stories."""
    store = MemoryStore(stem)
    store.put_rules([(rule, question(rule)) for rule in rules])
    store.file(changes(*(document(f"a{n}", f"Feuer {n}", f"Das Feuer {n} brennt.") for n in range(count))))
    return store


def alert(number: int, *, rule: str = "fire", channel: str = "hook", digest: str = "") -> Alert:
    return Alert(
        rule, channel, f"story:story-a{number}", made=NOW, due=NOW, digest=digest, story=f"story-a{number}",
        article=f"a{number}",
    )  # fmt: skip
