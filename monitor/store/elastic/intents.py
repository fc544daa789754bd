"""What a filer is about to write, noted before its first write: an engine has no transaction over several documents."""

from __future__ import annotations

from monitor.records import Changes
from monitor.store.elastic.bulk import Refused
from monitor.store.elastic.encoding import Source, packed, unpacked
from monitor.store.elastic.parts import Part
from monitor.text import digest

_PIECE = 500_000  # characters; a proxy takes 1 MB per request where nobody told it otherwise
_LEVEL = 3  # of zstd: 200 articles, 2.4 MB, become 0.5 MB in 12 ms; level 1 takes as long and leaves 0.8


class Intents(Part):
    def _intend(self, changes: Changes, version: int) -> list[Refused]:
        """When it returns without a conflict, `_intended` gives the batch. The pieces are told apart by the version.

        Raises StoreError where the engine refuses the note.
        """
        text = packed(changes, _LEVEL)
        pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
        notes = [_note(str(version), piece, len(pieces)) for piece in pieces]
        return self._writer.write_own(
            [self._writer.put("notes", _key(number), note, version) for number, note in enumerate(notes)]
        )

    def _intended(self) -> Changes | None:
        """The batch that was not written to its end; None where there is none, or its note is not whole: then nothing
        of it was written. Raises StoreCorrupt.
        """
        first = self._reader.get("notes", _key(0))
        if first is None or not first.source["count"]:
            return None
        keys = [_key(number) for number in range(first.source["count"])]
        found = self._reader.many("notes", keys, ["name", "value"])
        pieces = [found[key].source for key in keys if key in found]
        if len(pieces) < len(keys) or {piece["name"] for piece in pieces} != {first.source["name"]}:
            return None
        return unpacked(Changes, "".join(piece["value"] for piece in pieces))

    def _forget_intent(self, version: int) -> list[Refused]:
        return self._writer.write([self._writer.put("notes", _key(0), _note("", "", 0), version)])


def _key(number: int) -> str:
    return digest("batch", str(number))


def _note(name: str, value: str, count: int) -> Source:
    return {"kind": "batch", "name": name, "value": value, "count": count}
