"""The rules of a folder brought into the store, while a program runs and people write them."""

from __future__ import annotations

import logging
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.alerts import RuleFile, load_rules, question
from monitor.errors import RuleError
from monitor.filing.alerting import Watch, to_tell
from monitor.query import Node
from monitor.records import Changes, Rule
from monitor.store.asked import ask
from monitor.store.port import Store
from monitor.yamlfile import stamp

log = logging.getLogger(__name__)

LOOK_AGAIN = 5.0  # seconds between two looks at the folder and at the store's rules: 10,000 are read in 0.3 s


def asked_question(rule: Rule, zone: str = "UTC") -> Node:
    """`question`. Raises QueryError also where a store can't be asked it: one such rule must not keep articles out."""
    node = question(rule, zone)
    ask(node)
    return node


class RuleFolder:
    """One machine's files. A rule of another origin with the same id stays, and so does one whose file is wrong."""

    def __init__(self, folder: Path, zone: str) -> None:
        """`zone`: of dates and cadences where a rule names none."""
        self.folder, self._zone = folder, zone
        self._state: frozenset[tuple[str, int, int]] | None = None
        self._told: set[str] = set()

    def bring_in(self, store: Store) -> list[RuleError]:
        """Write what is new or another, take away what is gone; what is wrong with files. Does nothing while no file
        changed.
        """
        state = stamp(self.folder)
        if state == self._state:
            return []
        files, errors = load_rules(self.folder, asked_question)
        known = {rule.id: rule for rule in store.rules()}
        written, refused = self._written(files, known)
        if written:
            store.put_rules([(rule, question(rule, self._zone)) for rule in written])
        there = {path.name.removesuffix(".yaml") for path in self.folder.glob("*.yaml")}
        gone = [rule.id for rule in known.values() if self._is_ours(rule) and rule.id not in there]
        if gone:
            store.remove_rules(gone)
        for rule in written:
            log.info("rule taken in rule=%s", rule.id)
        for id in gone:
            log.info("rule removed rule=%s", id)
        self._state = None if refused else state  # a rule in their place may be taken away without a file changing
        return [*errors, *refused]

    def tell(self, errors: list[RuleError]) -> None:
        """Each once, in the log."""
        for error in errors:
            if error.message not in self._told:
                self._told.add(error.message)
                log.warning("rule not taken in reason=%s", error.message)

    def _written(self, files: dict[str, RuleFile], known: dict[str, Rule]) -> tuple[list[Rule], list[RuleError]]:
        written: list[Rule] = []
        refused: list[RuleError] = []
        for id, file in files.items():
            rule, old = file.rule(id, self._origin(id)), known.get(id)
            if old is not None and not self._is_ours(old):
                by = f"it is from {old.origin}" if old.origin else "it was added by a command"
                hint = "give the file another name" if old.origin else f"`monitor alerts remove {id}` takes that away"
                refused.append(RuleError(f"{self.folder / id}.yaml: there is a rule {id!r} already; {by}", hint=hint))
                continue
            if old is not None:  # what commands said of it goes on to hold
                silenced = rule.silenced_until or old.silenced_until
                rule = replace(rule, switched_off=old.switched_off, silenced_until=silenced, changed_at=old.changed_at)
            if rule != old:
                written.append(replace(rule, changed_at=datetime.now(UTC)))
        return written, refused

    def _origin(self, id: str) -> str:
        return f"{socket.gethostname()}:{self.folder / id}.yaml"

    def _is_ours(self, rule: Rule) -> bool:
        return rule.origin == self._origin(rule.id)


class Teller:
    """Adds to a batch of the filer what it has to tell. Rules are read again every few seconds."""

    def __init__(self, folder: RuleFolder, zone: str) -> None:
        self._folder, self._zone = folder, zone
        self._watch: Watch | None = None
        self._looked_at = float("-inf")

    def __call__(self, store: Store, changes: Changes) -> Changes:
        if not (changes.documents or changes.stories):
            return changes
        return replace(changes, alerts=to_tell(store, changes, self._now(store), datetime.now(UTC)))

    def _now(self, store: Store) -> Watch:
        if self._watch is None or time.monotonic() - self._looked_at > LOOK_AGAIN:
            self._folder.tell(self._folder.bring_in(store))
            rules = store.rules()
            if self._watch is None or {rule.id: rule for rule in rules} != self._watch.rules:
                self._watch = Watch.of(rules, self._zone)
            self._looked_at = time.monotonic()
        return self._watch
