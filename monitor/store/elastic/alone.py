"""One process at a time replaces indices: a note of who does, with a time-out, taken by compare-and-set."""

from __future__ import annotations

import os
import time
from types import TracebackType

from monitor.errors import StoreBusy, StoreReadOnly
from monitor.holders import holder_name, is_dead
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.reading import Found, Reader
from monitor.store.elastic.writing import Actions, migration_key, settle

_SECONDS = 60.0  # that one holds it without a sign of life
FOR_THE_LAST = 600.0  # the same while an index takes no writes, and the note can't be renewed
_KEY = "replacing"


class Alone:
    """Entering takes it, and raises StoreBusy while another process has it. A dead one of this machine has not."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection, self._index = connection, names.write("notes")
        self._actions = Actions(names)
        self._reader = Reader(connection, names)
        self._holder = f"{holder_name()}#{os.urandom(4).hex()}"  # two threads are two, as well
        self._until = float("-inf")

    def __enter__(self) -> Alone:
        self._take(_SECONDS)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        found = self._note()
        if found is not None and found.source["value"] == self._holder:
            self._put(found, 0.0)

    def renew(self, seconds: float = _SECONDS) -> None:
        """Often, and cheap. Raises StoreBusy when another has taken it over meanwhile."""
        if time.monotonic() + seconds / 2 > self._until:
            self._take(seconds)

    def _take(self, seconds: float) -> None:
        found = self._note()
        if found is not None:
            holder, until = found.source["value"], found.source["until"] / 1e6
            if holder != self._holder and until > time.time() and not is_dead(holder.partition("#")[0]):
                raise _busy(holder.partition("#")[0])
        try:
            taken = self._put(found, seconds)
        except StoreReadOnly:
            # It ended in the moment in which the notes themselves take no writes.
            if self._reader.get("notes", migration_key("notes")) is None:
                raise
            self._connection.call(
                lambda client: client.indices.put_settings(index=self._index, settings={"index.blocks.write": None})
            )
            taken = self._put(found, seconds)
        if not taken:
            raise _busy("another process")
        self._until = time.monotonic() + seconds

    def _note(self) -> Found | None:
        return self._reader.get("notes", _KEY)

    def _put(self, found: Found | None, seconds: float) -> bool:
        """False when another wrote it since it was found."""
        source = {
            "kind": "lease",
            "name": _KEY,
            "value": self._holder if seconds else "",
            "until": int((time.time() + seconds) * 1e6) if seconds else 0,
            "epoch": 0,
        }
        return settle(self._connection, self._actions.replace("notes", _KEY, source, found))


def _busy(holder: str) -> StoreBusy:
    return StoreBusy(
        f"an index is being replaced by {holder}",
        hint="wait until it is done; what was cut short is completed by `monitor store migrate`",
    )
