"""A filer that the store lets do nothing: told once, tried again less and less often, and noted for `monitor status`.

The note is a file of this machine, since a store that takes nothing takes no note of it either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.codec import decode
from monitor.errors import MonitorError, StoreBusy, StoreError
from monitor.letters import put_letter

log = logging.getLogger(__name__)

FILE_NAME = "filing.json"
LONGEST_REST = 10.0  # seconds


@dataclass(frozen=True, slots=True)
class Wait:
    """Filing does not get on since then. `holder`: the filer that said so last; it may have ended. `lasting`: it takes
    somebody to end it.
    """

    since: datetime
    reason: str
    holder: str
    lasting: bool = False


class WaitNote:
    """Safe to use from several processes; the one that wrote last is right. A note that can't be written is told in the
    log and does without.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME

    def read(self) -> Wait | None:
        """None where filing gets on, or nobody knows better."""
        try:
            return decode(Wait, self._file.read_bytes())
        except (OSError, MonitorError):
            return None

    def put(self, reason: str, holder: str, *, lasting: bool) -> None:
        """It lasts since it was first noted, by whichever filer."""
        before = self.read()
        since = before.since if before is not None else datetime.now(UTC)
        try:
            put_letter(self._file, Wait(since, reason, holder, lasting))
        except OSError as error:
            log.debug("not noted that filing waits file=%s reason=%s", self._file, error)

    def forget(self) -> None:
        """Filing gets on."""
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            log.debug("not noted that filing gets on file=%s reason=%s", self._file, error)


class Waiting:
    """Of one filer. `note`: None keeps none."""

    def __init__(self, note: WaitNote | None, holder: str, first_rest: float) -> None:
        self._note, self._holder, self._first = note, holder, first_rest
        self._rest = first_rest
        self._reason = ""
        self._clean = False  # no note stands, not even an earlier filer's

    def because(self, error: StoreError, *, tell: bool = True) -> None:
        """`tell`: in the log; once, not with each attempt."""
        if error.message == self._reason:
            return
        if tell:
            log.warning("filing waits reason=%s", error.message)
        self._reason, self._clean = error.message, False
        if self._note is not None:
            self._note.put(error.message, self._holder, lasting=not isinstance(error, StoreBusy))

    def over(self) -> None:
        self._reason, self._rest = "", self._first
        if not self._clean and self._note is not None:
            self._note.forget()
        self._clean = True

    def rest(self, most: float) -> float:
        """Seconds before the next attempt: each time twice as many, and `most` at most."""
        rest = min(self._rest, LONGEST_REST, most)
        self._rest *= 2
        return rest
