"""Small things to remember, and what people decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from monitor.errors import Conflict
from monitor.records import Decision
from monitor.store.elastic.documents import key
from monitor.store.elastic.journal import decision, decision_document
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import all_of, any_of, column, portions
from monitor.store.values import plain
from monitor.text import digest

_TRIES = 20  # to write a number that others write
_COUNTER = "counter:decisions"


class Notes(Part):
    def note(self, name: str) -> str:
        found = self._reader.get("notes", _note(name))
        return str(found.source["value"]) if found else ""

    def put_note(self, name: str, value: str) -> None:
        source = {"kind": "note", "name": plain(name), "value": plain(value)}
        self._writer.write([self._writer.put("notes", _note(name), source)])

    # --- decisions ---------------------------------------------------------------------------------------------------

    def decide(self, decision: Decision) -> None:
        """Numbered anew when another one got a higher number before this one could be found by a search.

        Raises RecordRefused when the engine takes no number.
        """
        number = -1
        while number != self._decision_count():
            number = self._next_decision()
            made = decision_document(decision, number)
            self._writer.write([self._writer.put("decisions", key(decision.id), made)], refresh=True)

    def decisions(self, subject: str) -> list[Decision]:
        return self.decided([subject]).get(subject, [])

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        found: dict[str, list[Decision]] = {}
        for portion in portions(subjects, 1000):
            query = any_of("subject", [plain(one) for one in portion])
            for hit in self._reader.hits("decisions", query, ["number", "id"], parts=["record"]):
                made = decision(hit["_source"])
                found.setdefault(made.subject, []).append(made)
        return {subject: sorted(made, key=lambda one: (one.at, one.id)) for subject, made in found.items()}

    def new_decisions(self, after: int, limit: int) -> list[tuple[int, Decision]]:
        query = all_of({"range": {"number": {"gt": after}}})
        columns, parts = ["number"], ["record"]
        hits = self._reader.hits("decisions", query, ["number", "id"], fields=columns, parts=parts, limit=limit)
        return [(int(column(hit, "number")), decision(hit["_source"])) for hit in hits]

    def _decision_count(self) -> int:
        found = self._reader.get("notes", digest(_COUNTER))
        return int(found.source["count"]) if found else 0

    def _next_decision(self) -> int:
        for _ in range(_TRIES):
            found = self._reader.get("notes", digest(_COUNTER))
            count = int(found.source["count"]) + 1 if found else 1
            source: Mapping[str, Any] = {"kind": "counter", "name": _COUNTER, "count": count}
            if self._writer.settle(self._writer.replace("notes", digest(_COUNTER), source, found)):
                return count
        raise Conflict("others decide at the same moment", hint="try again")


def _note(name: str) -> str:
    return digest("note", name)
