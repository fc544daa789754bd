"""Documents that this process read or wrote lately, so that the filer need not unpack them again and again."""

from __future__ import annotations

from monitor.records import Document

MOST = 1500  # of about 10 kB each, and as many of the generation before


class Kept:
    """By id, at a change: another process's write makes what is kept here a miss. Safe to use from several threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[str, tuple[int, Document]] = {}
        self._old: dict[str, tuple[int, Document]] = {}

    def get(self, id: str, change: int) -> Document | None:
        """As it was written by that change; None where that is not known."""
        found = self._young.get(id)
        if found is None and (found := self._old.get(id)) is not None:
            self.put(*found)
        return found[1] if found is not None and found[0] == change else None

    def put(self, change: int, document: Document) -> None:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[document.id] = change, document
