"""The rules of a folder brought into the store, while a program runs and people write them."""

from __future__ import annotations

import logging
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from monitor.alerts import RuleFile, load_rules, question
from monitor.errors import LeaseLost, RuleError, StoreBusy, StoreCorrupt, StoreError, StoreFull, StoreReadOnly
from monitor.filing.alerting import NewRule, Watch, to_tell
from monitor.query import Node
from monitor.records import Changes, Rule
from monitor.store.asked import ask
from monitor.store.port import Store
from monitor.yamlfile import stamp

log = logging.getLogger(__name__)

NUMBER = ".folder"  # file with the folder's own number
_ZONE = "rules:zone"  # note: the settings' zone with which the questions were kept
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
        self._refused: frozenset[str] = frozenset()  # ids that a rule of another origin had
        self._number = ""
        self._told: set[str] = set()
        self._zone_kept = False

    def bring_in(self, store: Store) -> list[RuleError]:
        """Write what is new or another, take away what is gone; what is wrong with files. Does nothing while no file
        changed.
        """
        self._keep_zone(store)
        state = stamp(self.folder)
        if state == self._state and not self._refused:
            return []
        if self._is_away():
            told = f"{self.folder} is not there any more: its rules stay as they were"
            return [RuleError(told, hint="`monitor alerts remove` takes away what is not wanted")]
        self._read_number()
        known = {rule.id: rule for rule in store.rules()}
        if state == self._state and all(id in known and not self.is_ours(known[id]) for id in self._refused):
            return []
        files, errors = load_rules(self.folder, asked_question)
        written, refused = self._written(files, known)
        if written:
            store.put_rules([(rule, question(rule, self._zone)) for rule in written])
        there = {path.name.removesuffix(".yaml") for path in self.folder.glob("*.yaml")}
        gone = [rule.id for rule in known.values() if self.is_ours(rule) and rule.id not in there]
        if gone:
            store.remove_rules(gone)
        for rule in written:
            log.info("rule taken in rule=%s", rule.id)
        for id in gone:
            log.info("rule removed rule=%s", id)
        self._state, self._refused = state, frozenset(refused)
        return [*errors, *refused.values()]

    def tell(self, errors: list[RuleError]) -> None:
        """Each once, in the log."""
        for error in errors:
            if error.message not in self._told:
                self._told.add(error.message)
                log.warning("rule not taken in reason=%s%s", error.message, f" hint={error.hint}" if error.hint else "")

    def _is_away(self) -> bool:
        """Was it there before, and is it not mounted, or being replaced? A folder without a rule whose number is gone,
        too, is none that somebody emptied, whatever else lies in it.
        """
        if self._state is None:
            return False
        if not self.folder.is_dir():
            return True
        return bool(self._number) and not (self.folder / NUMBER).exists() and not any(self.folder.glob("*.yaml"))

    def _keep_zone(self, store: Store) -> None:
        """Where the settings' zone is another than it was, dates in the rules' questions mean other times now."""
        if self._zone_kept:
            return
        kept = store.note(_ZONE)
        if kept and kept != self._zone:
            rules = [(rule, question(rule, self._zone)) for rule in store.rules() if not rule.time_zone]
            turned = [pair for pair in rules if pair[1] != question(pair[0], kept)]
            if turned:
                store.put_rules(turned)
        if kept != self._zone:
            store.put_note(_ZONE, self._zone)
        self._zone_kept = True

    def _written(self, files: dict[str, RuleFile], known: dict[str, Rule]) -> tuple[list[Rule], dict[str, RuleError]]:
        written: list[Rule] = []
        refused: dict[str, RuleError] = {}
        for id, file in files.items():
            rule, old = file.rule(id, self._origin(id), self._zone), known.get(id)
            if old is not None and not self.is_ours(old):
                by = f"it is from {old.origin}" if old.origin else "it was added by a command"
                hint = f"give the file another name; `monitor alerts remove {id}` takes that rule away"
                refused[id] = RuleError(f"{self.folder / id}.yaml: there is a rule {id!r} already; {by}", hint=hint)
                continue
            if old is not None:  # what commands said of it goes on to hold
                rule = replace(
                    rule,
                    switched_off=old.switched_off,
                    silenced_until=old.silenced_until,
                    changed_at=old.changed_at,
                )
            if rule != old:
                written.append(replace(rule, changed_at=datetime.now(UTC)))
        return written, refused

    def _origin(self, id: str) -> str:
        return f"{self.folder.name}/{id}.yaml{self._mark()}"

    def is_ours(self, rule: Rule) -> bool:
        """Is it from a file of this folder?"""
        return bool(rule.origin) and rule.origin.endswith(f"/{rule.id}.yaml{self._mark()}")

    def _mark(self) -> str:
        """By which the folder is known, wherever it is moved and by whatever machine it is read: a number in a file.
        Where none can be written, machine and path.
        """
        if not self._number:
            self._read_number()
        return f" of folder {self._number or f'{socket.gethostname()}:{self.folder.absolute()}'}"

    def _read_number(self) -> None:
        """The one that is there by now; where all files were replaced, the one that was."""
        file = self.folder / NUMBER
        try:
            if not file.exists():
                with suppress(FileExistsError), file.open("x", encoding="utf-8") as out:
                    out.write(f"{self._number or uuid.uuid4().hex[:8]}\n")
            self._number = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            self._number = ""


# Not the fault of a rule: articles can't be filed then either, and the filer waits, or says why it ends.
_OF_THE_STORE = (StoreBusy, StoreFull, StoreReadOnly, StoreCorrupt, LeaseLost)


class Teller:
    """Adds to a batch of the filer what it has to tell. Rules are read again every few seconds."""

    def __init__(self, folder: RuleFolder, zone: str) -> None:
        self._folder, self._zone = folder, zone
        self._watch: Watch | None = None
        self._looked_at = self._brought_at = float("-inf")

    def __call__(self, store: Store, changes: Changes) -> Changes:
        if not (changes.documents or changes.stories):
            return changes
        now = datetime.now(UTC)
        try:
            made = to_tell(store, changes, self._now(store), now)
        except NewRule:  # somebody added it a moment ago
            made = to_tell(store, changes, self._now(store, again=True), now, fresh=True)
        return replace(changes, alerts=made)

    def look(self, store: Store) -> None:
        """While nothing is filed: are the files others by now?"""
        if time.monotonic() - self._brought_at > LOOK_AGAIN:
            self._folder.tell(self._brought_in(store))

    def _now(self, store: Store, *, again: bool = False) -> Watch:
        """`again`: as they are at this moment. So it is where no rule is on."""
        watch = self._watch
        again = again or watch is None or not any(one.is_on(datetime.now(UTC)) for one in watch.rules.values())
        if watch is None or again or time.monotonic() - self._looked_at > LOOK_AGAIN:
            self._folder.tell(self._brought_in(store))
            rules = store.rules()
            if watch is None or {rule.id: rule for rule in rules} != watch.rules:
                watch = self._watch = Watch.of(rules, self._zone)
            self._looked_at = time.monotonic()
        return watch

    def _brought_in(self, store: Store) -> list[RuleError]:
        """A store that refuses a rule keeps no article out: the rules stay as they are there."""
        self._brought_at = time.monotonic()
        try:
            return self._folder.bring_in(store)
        except _OF_THE_STORE:
            raise
        except StoreError as error:
            told = f"the store refuses the rules of {self._folder.folder}: {error.message}"
            return [RuleError(told, hint=error.hint)]
