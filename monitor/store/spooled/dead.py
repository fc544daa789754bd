"""Dead letters: what the remote store will not take, one file each, with the reason. People look and try again."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.codec import encode
from monitor.errors import StoreError
from monitor.letters import letter_files, put_letter, read_letters
from monitor.records import Outcome, Run, SourceState, UrlState
from monitor.store.embedded.database import translated
from monitor.store.spooled.queue import Entry, Kind, Record
from monitor.text import digest

log = logging.getLogger(__name__)

FOLDER = "dead"


@dataclass(frozen=True, slots=True)
class Letter:
    """One of the four records is there, as the kind says."""

    reason: str
    at: datetime
    kind: Kind
    url: UrlState | None = None
    outcome: Outcome | None = None
    source: SourceState | None = None
    run: Run | None = None

    @property
    def record(self) -> Record:
        record = self.url or self.outcome or self.source or self.run
        if record is None:
            raise StoreError("a dead letter holds no record")
        return record


class DeadLetters:
    """What this machine could not ship. Files in folders below it are the remote store's own, which puts single
    documents aside there, and are not counted as these.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def __len__(self) -> int:
        return len(letter_files(self.folder))

    def of_store(self) -> int:
        """How many the remote store has put aside below; also while it does not answer."""
        return len(letter_files(self.folder, "*/*.json"))

    def bury(self, entry: Entry, reason: str) -> None:
        """On the disk when it returns. The same entry again replaces its file."""
        record = entry.record
        letter = Letter(
            reason,
            datetime.now(UTC),
            entry.kind,
            url=record if isinstance(record, UrlState) else None,
            outcome=record if isinstance(record, Outcome) else None,
            source=record if isinstance(record, SourceState) else None,
            run=record if isinstance(record, Run) else None,
        )
        data = encode(record)
        file = self.folder / f"{entry.number:012}-{digest(data.decode(), size=4)}.json"
        try:
            self.folder.mkdir(exist_ok=True)
            put_letter(file, letter)
        except OSError as error:
            raise translated(error, file) from error
        log.error("refused by the store, put aside file=%s reason=%s", file, reason)

    def letters(self) -> Iterator[tuple[Path, Letter]]:
        """In the order in which they were gathered. A file that can't be read is told and left."""
        return read_letters(Letter, letter_files(self.folder))
