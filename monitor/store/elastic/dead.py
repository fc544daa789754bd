"""Dead letters: documents that the engine refuses, as lines of JSON with the reason, in a folder of this machine.

The others of their batch pass. People look, put right what was wrong, and have them written again.
"""

from __future__ import annotations

import fcntl
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson

from monitor.errors import StoreError
from monitor.store.elastic.bulk import Action, Refused

log = logging.getLogger(__name__)

FILE_NAME = "engine.jsonl"


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of trying again."""

    written: int
    outdated: int  # the engine has something newer of the same id by now: nothing to do any more
    left: int


class DeadLetters:
    """One file; several processes may write."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE_NAME

    def __len__(self) -> int:
        return sum(1 for _ in self._lines()) if self.file.is_file() else 0

    def bury(self, refused: Sequence[tuple[Action, Refused]]) -> None:
        """On the disk when it returns. Raises StoreError when this machine can't write it."""
        at = datetime.now(UTC).isoformat()
        lines = [
            orjson.dumps({"at": at, "kind": why.kind, "reason": why.reason, "action": action})
            for action, why in refused
        ]
        with self._locked("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))
        for action, why in refused:
            log.error("refused by the engine index=%s id=%s reason=%s", action["_index"], action["_id"], why.reason)

    def retry(self, write: Callable[[Sequence[Action]], list[Refused]]) -> Retried:
        """Have them all written again; `write` gives those that are refused again."""
        if not self.file.is_file():
            return Retried(0, 0, 0)
        with self._locked("r+b") as file:
            letters = [orjson.loads(line) for line in file if line.strip()]
            again = {(one.index, one.id): one for one in write([letter["action"] for letter in letters])}
            left = []
            outdated = 0
            for letter in letters:
                why = again.get((letter["action"]["_index"], letter["action"]["_id"]))
                if why is not None and why.conflict:
                    outdated += 1
                elif why is not None:
                    left.append(letter | {"kind": why.kind, "reason": why.reason})
            file.seek(0)
            file.truncate()
            file.write(b"".join(orjson.dumps(letter) + b"\n" for letter in left))
        return Retried(len(letters) - outdated - len(left), outdated, len(left))

    def _lines(self) -> Iterator[bytes]:
        with self.file.open("rb") as file:
            yield from file

    @contextmanager
    def _locked(self, mode: str) -> Iterator[IO[Any]]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with self.file.open(mode) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield file
        except OSError as error:
            raise StoreError(f"{self.file} can't be written: {error.strerror or error}") from error
