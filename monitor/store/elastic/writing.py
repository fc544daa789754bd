"""Writing: fenced, so that a filer that was stopped past its lease does no harm, and put off while an index moves.

A fenced document's version is external: the number of the lease's holder so far (the epoch) above, a clock below. A
write of an earlier holder to what a later one wrote is refused by the engine itself, and so is an older write of the
same one. Other documents have the engine's own versions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.errors import MappingConflict, RecordRefused, StoreBusy, StoreReadOnly
from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.dead import DeadLetters, Retried
from monitor.store.elastic.mapping import KINDS, Names
from monitor.store.elastic.reading import Found, Reader
from monitor.store.elastic.refusals import of_request
from monitor.store.elastic.setup import conflict, indices

log = logging.getLogger(__name__)

# Of a version: milliseconds since 1970 fit until the year 2039, 4 million holders above them.
_CLOCK_BITS = 41
PATIENCE = 120.0  # seconds that a write waits for an index that moves
_LOOK_AGAIN = 0.2
# What an engine calls it when a document does not fit the fields of an index.
_ADDED = "strict_dynamic_mapping_exception"
_UNFIT = frozenset({_ADDED, "document_parsing_exception", "mapper_parsing_exception"})


@dataclass(frozen=True, slots=True)
class Fence:
    """Versions of one epoch; ascending."""

    epoch: int

    def version(self) -> int:
        return max(1, self.epoch) << _CLOCK_BITS | _clock.now()


class _Clock:
    """Milliseconds that never go back in this process."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def now(self) -> int:
        with self._lock:
            self._last = max(self._last, time.time_ns() // 1_000_000)
            return self._last


_clock = _Clock()


class Actions:
    """What is to be written, by the kinds' write aliases."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def put(self, kind: str, key: str, source: Mapping[str, Any], version: int | None = None) -> Action:
        """`version`: of a fenced document."""
        action = self._action("index", kind, key) | {"_source": source}
        return action if version is None else action | {"version": version, "version_type": "external_gte"}

    def create(self, kind: str, key: str, source: Mapping[str, Any]) -> Action:
        """Refused as a conflict where it is already."""
        return self._action("create", kind, key) | {"_source": source}

    def replace(self, kind: str, key: str, source: Mapping[str, Any], found: Found | None) -> Action:
        """Refused as a conflict when it is no longer as it was found (None: not there)."""
        if found is None:
            return self.create(kind, key, source)
        seen = {"if_seq_no": found.seq_no, "if_primary_term": found.primary_term}
        return {**self.put(kind, key, source), **seen}

    def delete(self, kind: str, key: str, version: int | None = None) -> Action:
        action: dict[str, Any] = {"_op_type": "delete", "_index": self._names.write(kind), "_id": key}
        return action if version is None else action | {"version": version, "version_type": "external_gte"}

    def _action(self, type: str, kind: str, key: str) -> dict[str, Any]:
        """An engine would make an index of the alias's name where the alias is missing, of whatever it guesses."""
        return {"_op_type": type, "_index": self._names.write(kind), "_id": key, "require_alias": True}


class Writer(Actions):
    """Writes them. With a `conflict` of the indices nothing is written: it is raised until it is not there any more."""

    def __init__(
        self, connection: Connection, names: Names, dead: DeadLetters, conflict: MappingConflict | None = None
    ) -> None:
        super().__init__(names)
        self._connection = connection
        self._reader = Reader(connection, names)
        self._conflict = conflict
        self.dead = dead

    def settle(self, action: Action) -> bool:
        """`settle`, put off while the index moves. Raises MappingConflict where not the document is to blame but the
        index.
        """
        return not self.write_own([action])

    def write(self, actions: Sequence[Action], *, refresh: bool = False) -> list[Refused]:
        """In their order, as far as they go to one index. The conflicts are returned; what is refused for itself is
        put aside as a dead letter.

        Raises MappingConflict where not the documents are to blame but the index: then it is as if nothing was written.
        """
        if not actions:
            return []
        refused = self._driven(actions, refresh)
        self._demand_fitting_indices(actions, refused)
        conflicts = [one for one in refused if one.conflict]
        if len(conflicts) < len(refused):
            by_id = {(action["_index"], action["_id"]): action for action in actions}
            self.dead.bury([(by_id[one.index, one.id], one) for one in refused if not one.conflict], self._standing)
        return conflicts

    def write_own(self, actions: Sequence[Action]) -> list[Refused]:
        """What the program can't do without: the conflicts are returned, and a refusal is an error, as of `settle`."""
        refused = self._driven(actions, refresh=False)
        self._demand_fitting_indices(actions, refused, least=1)
        for one in refused:
            _settled([one], self._connection.where)
        return refused

    def retry_dead(self) -> Retried:
        """Have everything that was put aside written again; what is refused again stays there."""
        return self.dead.retry(lambda action: self._driven([action], refresh=False), self._standing)

    def conflict(self) -> MappingConflict | None:
        """Looked at again where there was one: somebody may have put it right."""
        if self._conflict is not None:
            self._conflict = conflict(indices(self._connection, self._names))
        return self._conflict

    def _demand_fitting_indices(self, actions: Sequence[Action], refused: Sequence[Refused], least: int = 2) -> None:
        """`least`: documents that an index has to refuse, and none to take, until a field is none of theirs."""
        unfit = [one for one in refused if one.kind in _UNFIT]
        if not unfit:
            return
        self._conflict = conflict(indices(self._connection, self._names))
        if self._conflict is not None:
            raise self._conflict
        # A field that the program does not write: something adds it to every document, an ingest pipeline say.
        added = Counter(one.index for one in unfit if one.kind == _ADDED)
        put = Counter(action["_index"] for action in actions if "_source" in action)
        for index, number in added.items():
            if number == put[index] >= least:
                reason = next(one.reason for one in unfit if one.index == index)
                raise of_request(self._connection.where, _ADDED, f"{index} takes none of {number}: {reason}", 400)

    def _driven(self, actions: Sequence[Action], refresh: bool) -> list[Refused]:
        """An index that is about to be replaced takes nothing for a moment: then the same again."""
        if (wrong := self.conflict()) is not None:
            raise wrong
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self._connection.bulk(actions, refresh=refresh)
            except StoreReadOnly as error:
                if not self._is_moving({str(action["_index"]) for action in actions}):
                    raise
                if time.monotonic() > until:
                    raise StoreBusy(
                        f"an index is being replaced for more than {PATIENCE:g} seconds: {error.message}",
                        hint="`monitor store migrate` completes what was cut short",
                    ) from error
            log.info("writing waits for an index that moves")
            time.sleep(_LOOK_AGAIN)

    def _standing(self, actions: Sequence[Action]) -> list[Found | None]:
        return list(self._reader.standing((action["_index"], action["_id"]) for action in actions))

    def _is_moving(self, aliases: set[str]) -> bool:
        """Is one of the indices about to be replaced, or was it just now? A note of one that is replaced already says
        no more than that its writer was killed then.
        """
        kinds = [kind for kind in KINDS if self._names.write(kind) in aliases]
        noted = self._reader.many("notes", [migration_key(kind) for kind in kinds])  # before the blocks: see the last
        blocks = self._reader.blocks(*sorted(aliases))
        if any(found.source["value"]["old"] in blocks for found in noted.values()):
            return True
        return not any(blocks.values())


def settle(connection: Connection, action: Action) -> bool:
    """Write this one alone, which is the program's own: False on a conflict. Raises RecordRefused when it is refused
    for itself.
    """
    return _settled(connection.bulk([action]), connection.where)


def _settled(refused: Sequence[Refused], where: str) -> bool:
    if refused and not refused[0].conflict:
        raise RecordRefused(
            f"{where}: {refused[0].id} of {refused[0].index} is refused: {refused[0].reason}",
            hint="`monitor store check` looks at the indices",
        )
    return not refused


def migration_key(kind: str) -> str:
    """Of the note that an index of this kind is being replaced."""
    return f"migration:{kind}"
