"""One index in the place of another, while crawls and filers go on: a move.

The documents are copied in the order of the engine's own sequence numbers, so that what is written meanwhile comes
behind and is copied in its turn, by writes that never put an older version over a newer one. A pass goes on where all
operations had ended when the one before began, not behind the last that was found: see `sequences`. For the last of
them the old index takes no writes: writers wait (`Writer`), which is a second as a rule. Then the aliases change in one
step, and the old index goes. How far it came stands in a note: after a kill the same call goes on from there.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor import faultpoints
from monitor.errors import NotFound, StoreError
from monitor.store.elastic.alone import FOR_THE_LAST, Alone
from monitor.store.elastic.bulk import Action
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.fields import Difference, difference
from monitor.store.elastic.mapping import mappings
from monitor.store.elastic.reading import EVERYTHING, Hit, get_many, number_of
from monitor.store.elastic.refusals import other_fields
from monitor.store.elastic.sequences import complete, go_on_behind, ids_of, shards, written_after
from monitor.store.elastic.setup import Index, Layout
from monitor.store.elastic.writing import Actions, migration_key, settle

log = logging.getLogger(__name__)

Transform = Callable[[Source], Source]

_AT_ONCE = 500  # documents
_NEARLY = 1000  # documents written during one pass: then the last ones are copied while writers wait


@dataclass(frozen=True, slots=True)
class Progress:
    kind: str
    copied: int  # documents, those written again meanwhile counted again
    all: int


class Move:
    """Of the index of one kind. `transform`: of each source; `on_step` is told how far it is."""

    def __init__(
        self,
        connection: Connection,
        layout: Layout,
        kind: str,
        transform: Transform,
        alone: Alone,
        on_step: Callable[[Progress], None] | None,
    ) -> None:
        self._connection, self._layout, self._kind = connection, layout, kind
        self._transform, self._alone, self._on_step = transform, alone, on_step
        self._names = layout.names
        self._actions = Actions(layout.names)
        self._copied = 0

    def run(self, old: Index) -> int:
        """Number of documents in the new index."""
        state = self._begun(old)
        new = state["new"]
        log.info("index is replaced old=%s new=%s", old.name, new)
        while self._copy(state) > _NEARLY:
            pass
        self._sweep(old.name, new)  # most of what was taken away meanwhile, before writers have to wait
        self._alone.renew(FOR_THE_LAST)  # the note of it may lie in the index that takes no writes now
        self._call(lambda client: client.indices.add_block(index=old.name, block="write"))
        self._copy(state, noting=False)
        self._sweep(old.name, new)
        self._call(lambda client: client.indices.refresh(index=f"{old.name},{new}"))
        there, count = self._count(old.name), self._count(new)
        if there != count:
            self.forget()
            raise StoreError(
                f"the new index {new} has {count} documents, {old.name} has {there}",
                hint="nothing is lost, the old index is in use; try again",
            )
        faultpoints.passing("before-swap")
        self._swap(old.name, new)
        faultpoints.passing("after-swap")
        self.forget()
        return count

    def forget(self) -> None:
        """The note of it. A move that was cut short before the aliases changed is given up."""
        state = self._state()
        if state is None:
            return
        if self._exists(state["old"]):
            self._call(
                lambda client: client.indices.put_settings(index=state["old"], settings={"index.blocks.write": None})
            )
            self._remove(state["new"], keep=state["old"])
        self._connection.bulk([self._actions.delete("notes", migration_key(self._kind))])

    # --- state -------------------------------------------------------------------------------------------------------

    def _begun(self, old: Index) -> dict[str, Any]:
        """That of the run before, where it was of the same index; else a new one, with its index made."""
        state = self._state()
        if (
            state is not None
            and state["old"] == old.name
            and self._exists(state["new"])
            and not self._misfit(state["new"])
        ):
            return state
        if state is not None:
            self._remove(state["new"], keep=old.name)
        new = self._free_name(old)
        self._call(lambda client: client.indices.create(index=new))
        if (told := self._misfit(new)) is not None:
            self._remove(new, keep=old.name)
            raise other_fields(new, told)
        state = {"old": old.name, "new": new, "done": {}}
        self._keep(state)
        return state

    def _misfit(self, new: str) -> Difference | None:
        """Whether others made it what it is: with a template of theirs."""
        needed = mappings(
            self._kind,
            stemming=self._layout.stemming,
            percolating=self._layout.percolating,
            schema=self._layout.schema,
        )
        found = self._call(lambda client: client.indices.get_mapping(index=new).body)[new]["mappings"]
        return difference(needed["properties"], found.get("properties", {}))

    def _free_name(self, old: Index) -> str:
        version, number = self._layout.schema.version, 0
        if old.version == version:
            number = int(old.name.rpartition("-")[2])
        new = self._names.concrete(self._kind, version, number + 1)
        self._remove(new, keep=old.name)  # left by a run that was killed before it noted it
        return new

    def _state(self) -> dict[str, Any] | None:
        try:
            found = self._call(
                lambda client: client.get(index=self._names.read("notes"), id=migration_key(self._kind)).body
            )
        except NotFound:
            return None
        state: dict[str, Any] = found["_source"]["value"]
        return state

    def _keep(self, state: Mapping[str, Any]) -> None:
        source = {"kind": "migration", "name": self._kind, "value": dict(state)}
        settle(self._connection, self._actions.put("notes", migration_key(self._kind), source))

    # --- copying -----------------------------------------------------------------------------------------------------

    def _copy(self, state: dict[str, Any], *, noting: bool = True) -> int:
        """What was written since it came so far; number of documents.

        So far is where every operation had ended before the refresh: of two writers' operations the later one may be
        found first, and a pass that began behind it would leave the other out. What is above is copied again in the
        next pass, which changes nothing where nothing was written: its version is the same. The last pass, while the
        index takes no writes, finds all that there is.
        """
        old, new, done = state["old"], state["new"], state["done"]
        ended = complete(self._connection, old)  # before the refresh: what ends after it is not shown by it
        self._call(lambda client: client.indices.refresh(index=old))
        copied = 0
        for shard in shards(self._connection, old):
            seen = before = done.get(shard, -1)
            while hits := written_after(self._connection, old, shard, seen, _AT_ONCE):
                self._alone.renew()
                self._write([self._copy_of(new, hit) for hit in hits])
                seen = hits[-1]["sort"][0]
                done[shard] = go_on_behind(before, seen, ended.get(shard, -1))
                copied += len(hits)
                self._copied += len(hits)
                if noting:
                    self._keep(state)
                faultpoints.passing("while-migrating")
                if self._on_step:
                    self._on_step(Progress(self._kind, self._copied, self._count(old)))
        return copied

    def _copy_of(self, new: str, hit: Hit) -> Action:
        fenced = {"version": hit["_version"], "version_type": "external_gte"}
        return {"_index": new, "_id": hit["_id"], "_source": self._transform(hit["_source"]), **fenced}

    def _write(self, actions: list[Action]) -> None:
        refused = self._connection.bulk(actions)
        # Taken away and made again, so that its versions began anew: what comes later in the old index is right.
        again = {one.id for one in refused if one.conflict}
        unfenced = [{"_index": one["_index"], "_id": one["_id"], "_source": one["_source"]} for one in actions]
        refused = [one for one in refused if not one.conflict]
        refused += self._connection.bulk([one for one in unfenced if one["_id"] in again])
        if refused:
            first = refused[0]
            raise StoreError(
                f"{len(refused)} documents do not fit the new index {first.index}, the first is {first.id}: "
                f"{first.reason}",
                hint="nothing is lost, the old index is in use; correct what does not fit and migrate again",
            )

    def _sweep(self, old: str, new: str) -> None:
        """Take out of the new index what is no more in the old one."""
        self._call(lambda client: client.indices.refresh(index=f"{old},{new}"))
        if self._count(old) == self._count(new):
            return
        for ids in ids_of(self._connection, new):
            self._alone.renew()
            docs = [{"_index": old, "_id": id} for id in ids]
            gone = [one["_id"] for one in get_many(self._connection, docs, False) if not one["found"]]
            self._connection.bulk([{"_op_type": "delete", "_index": new, "_id": id} for id in gone])

    # --- indices -----------------------------------------------------------------------------------------------------

    def _swap(self, old: str, new: str) -> None:
        """In one step, the end of the old index with it: so never two indices are behind an alias, nor none."""
        read, write = self._names.read(self._kind), self._names.write(self._kind)
        self._call(
            lambda client: client.indices.update_aliases(
                actions=[
                    {"remove_index": {"index": old}},
                    {"add": {"index": new, "alias": read}},
                    {"add": {"index": new, "alias": write, "is_write_index": True}},
                ]
            )
        )

    def _count(self, index: str) -> int:
        return number_of(self._connection, index, EVERYTHING)

    def _exists(self, index: str) -> bool:
        return bool(self._call(lambda client: client.indices.exists(index=index).body))

    def _remove(self, index: str, *, keep: str) -> None:
        if index != keep and self._exists(index):
            self._call(lambda client: client.indices.delete(index=index))

    def _call(self, ask: Callable[[Any], Any]) -> Any:
        return self._connection.call(ask)
