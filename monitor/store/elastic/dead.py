"""Dead letters: documents that the engine refuses, one file each with the reason, in a folder of this machine.

The others of their batch pass. People look, put right what was wrong, and have them written again, where nobody wrote
the same id since: a version of the program's tells the engine, or the letter tells what stood under the id when it was
put aside. It is told by a digest, as an engine's own number of a document becomes another one when the index moves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from monitor.errors import StoreError
from monitor.letters import letter_files, put_letter, read_letters
from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.reading import Found
from monitor.store.values import micros
from monitor.text import digest

log = logging.getLogger(__name__)

FOLDER = "engine"

Write = Callable[[Action], list[Refused]]
Standing = Callable[[Sequence[Action]], list[Found | None]]  # what is now under the ids of these


@dataclass(frozen=True, slots=True)
class Letter:
    """`action` as the engine got it; None where it can't be written as JSON, and can't be tried again.

    `stood`: digest of what was under its id then, where it has no version of the program's; empty: nothing was. Letters
    from before this was noted are taken for such ones: whatever is there now may be newer than they are.
    """

    at: datetime
    kind: str
    reason: str
    action: dict[str, Any] | None
    unwritable: str = ""  # what there is of such a one, for people
    stood: str = ""


@dataclass(frozen=True, slots=True)
class Retried:
    """What came of trying again."""

    written: int
    outdated: int  # the engine has something else of the same id by now: nothing to do any more
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

    def bury(self, refused: Sequence[tuple[Action, Refused]], standing: Standing) -> None:
        """On the disk when it returns. Raises StoreError when this machine can't write it, and what `standing` does."""
        at = datetime.now(UTC)
        over = [action for action, _ in refused if _is_free(action) and action["_op_type"] == "index"]
        stood = {_name(action): _mark(found) for action, found in zip(over, standing(over), strict=True)}
        for action, why in refused:
            name = _name(action)
            letter = Letter(at, why.kind, why.reason, dict(action), stood=stood.get(name, ""))
            self._put(self.folder / f"{micros(at):017}-{name}.json", letter)
            log.error("refused by the engine index=%s id=%s reason=%s", action["_index"], action["_id"], why.reason)

    def retry(self, write: Write, standing: Standing) -> Retried:
        """Have them all written again, in their order; `write` gives the reason where it is refused again."""
        counts = {"written": 0, "outdated": 0}
        left = 0
        for file, letter in read_letters(Letter, letter_files(self.folder)):
            if letter.action is None:
                left += 1
                continue
            free = _is_free(letter.action)
            refused = self._over(file, letter.stood, letter.action, write, standing) if free else write(letter.action)
            if refused and not refused[0].conflict:
                left += 1
                put_letter(file, replace(letter, kind=refused[0].kind, reason=refused[0].reason))
            else:
                file.unlink(missing_ok=True)
                counts["written" if refused == [] else "outdated"] += 1
        return Retried(**counts, left=left)

    def _over(self, file: Path, stood: str, action: Action, write: Write, standing: Standing) -> list[Refused] | None:
        """Written over what stood there. None when something else stands there, before or afterwards."""
        wanted = _digest(action["_source"])
        (found,) = standing([action])
        if _mark(found) == stood and stood != wanted:
            refused = write(_guarded(action, found))
            if refused and not refused[0].conflict:
                return refused
            (found,) = standing([action])  # a conflict may be with this one itself: an answer was lost
        if _mark(found) != wanted:
            return None
        # Others of the id that were put aside later, over the same, are newer than this one.
        later = (one for one in letter_files(self.folder, f"*-{_name(action)}.json") if one.name > file.name)
        for other, letter in read_letters(Letter, later):
            if letter.stood == stood:
                put_letter(other, replace(letter, stood=wanted))
        return []

    def _put(self, file: Path, letter: Letter) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                put_letter(file, letter)
            except (TypeError, ValueError):  # the reason why it was refused
                put_letter(file, replace(letter, action=None, unwritable=repr(letter.action)))
        except OSError as error:
            raise StoreError(f"{file} can't be written: {error.strerror or error}") from error


def _is_free(action: Action) -> bool:
    """Nothing in it tells the engine whether what it has is newer."""
    return "_source" in action and not action.keys() & {"version", "if_seq_no"}


def _guarded(action: Action, found: Found | None) -> Action:
    """Refused as a conflict where it is not as it was found."""
    if found is None:
        return {**action, "_op_type": "create"}
    return {**action, "if_seq_no": found.seq_no, "if_primary_term": found.primary_term}


def _name(action: Action) -> str:
    return digest(f"{action['_index']} {action['_id']}", size=8)


def _mark(found: Found | None) -> str:
    return _digest(found.source) if found is not None else ""


def _digest(source: Mapping[str, Any]) -> str:
    return digest(orjson.dumps(source, option=orjson.OPT_SORT_KEYS))
