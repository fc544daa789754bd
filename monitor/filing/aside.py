"""Analyses that the filer could not take in for a fault of the program: put aside with the reason, so that the others
pass and nothing is lost. `monitor store retry-dead` tries them again, as a rule with a later version.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.errors import MonitorError, StoreError
from monitor.letters import letter_files, put_letter, read_letters
from monitor.records import Analysis, InboxItem

log = logging.getLogger(__name__)

_ENDING = ".json"


@dataclass(frozen=True, slots=True)
class Letter:
    """One analysis that was put aside, and why."""

    reason: str
    at: datetime
    analysis: Analysis


class Aside:
    """A folder with one file for each; it is made when the first is put in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, item: InboxItem, error: Exception) -> None:
        """Durable when it returns. Raises StoreError where it cannot be written: then nothing may be taken out."""
        article = item.analysis.article
        reason = error.message if isinstance(error, MonitorError) else f"{type(error).__name__}: {error}"
        letter = Letter(reason, datetime.now(UTC), item.analysis)
        file = self.folder / f"filing-{item.number}-{article.id[:40]}{_ENDING}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            put_letter(file, letter)
        except OSError as cause:
            raise StoreError(f"{file} can't be written: {cause.strerror or cause}") from cause
        log.error("article put aside id=%s file=%s reason=%s", article.id, file, reason)

    def letters(self) -> Iterator[tuple[Path, Letter]]:
        """In order of their names; what can't be read is told in the log and left where it is."""
        return read_letters(Letter, self._files())

    def __len__(self) -> int:
        return len(self._files())

    def _files(self) -> list[Path]:
        return letter_files(self.folder, f"filing-*{_ENDING}")
