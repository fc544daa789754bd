"""Dead letters: documents that the engine refuses, one file each with the reason, in a folder of this machine.

The others of their batch pass. People look, put right what was wrong, and have them written again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.errors import StoreError
from monitor.letters import letter_files, put_letter, read_letters
from monitor.store.elastic.bulk import Action, Refused
from monitor.store.values import micros
from monitor.text import digest

log = logging.getLogger(__name__)

FOLDER = "engine"


@dataclass(frozen=True, slots=True)
class Letter:
    """`action` as the engine got it; None where it can't be written as JSON, and can't be tried again."""

    at: datetime
    kind: str
    reason: str
    action: dict[str, Any] | None
    unwritable: str = ""  # what there is of such a one, for people


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of trying again."""

    written: int
    outdated: int  # the engine has something newer of the same id by now: nothing to do any more
    left: int

    @property
    def tried(self) -> int:
        return self.written + self.outdated + self.left


class DeadLetters:
    """Files of one folder; several processes may write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER

    def __len__(self) -> int:
        return len(letter_files(self.folder))

    def bury(self, refused: Sequence[tuple[Action, Refused]]) -> None:
        """On the disk when it returns. Raises StoreError when this machine can't write it."""
        at = datetime.now(UTC)
        for action, why in refused:
            id = f"{action['_index']} {action['_id']}"
            self._put(self.folder / f"{micros(at):017}-{digest(id, size=8)}.json", action, why, at)
            log.error("refused by the engine index=%s id=%s reason=%s", action["_index"], action["_id"], why.reason)

    def retry(self, write: Callable[[Sequence[Action]], list[Refused]]) -> Retried:
        """Have them all written again, in their order; `write` gives those that are refused again."""
        counts = {"written": 0, "outdated": 0}
        left = 0
        for file, letter in read_letters(Letter, letter_files(self.folder)):
            refused = write([letter.action]) if letter.action is not None else None
            if refused is None:
                left += 1
            elif refused and not refused[0].conflict:
                left += 1
                put_letter(file, replace(letter, kind=refused[0].kind, reason=refused[0].reason))
            else:
                file.unlink(missing_ok=True)
                counts["outdated" if refused else "written"] += 1
        return Retried(**counts, left=left)

    def _put(self, file: Path, action: Action, why: Refused, at: datetime) -> None:
        letter = Letter(at, why.kind, why.reason, dict(action))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                put_letter(file, letter)
            except (TypeError, ValueError):  # the reason why it was refused
                put_letter(file, replace(letter, action=None, unwritable=repr(dict(action))))
        except OSError as error:
            raise StoreError(f"{file} can't be written: {error.strerror or error}") from error
