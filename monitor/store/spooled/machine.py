"""What the parts of the store share: this machine's copy and queue, the remote store, and who ships."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from monitor.errors import StoreError
from monitor.store.port import Shipping, Store
from monitor.store.spooled.local import LocalCopy
from monitor.store.spooled.passed import Passed
from monitor.store.spooled.remote import Remote
from monitor.store.spooled.shipping import LATER, Shipper

log = logging.getLogger(__name__)

AT_ONCE = 2.0  # seconds that a write spends on shipping before it leaves the rest to the background
AT_THE_END = 15.0  # seconds that closing spends on it before it leaves the rest to the next process


@dataclass(frozen=True, slots=True)
class _Here:
    copy: LocalCopy
    shipper: Shipper


class Machine(Passed):
    """Opens the folder when it is first needed, and ships what the parts leave in its queue."""

    def __init__(
        self,
        remote: Callable[[], Store],
        folder: Path,
        limit: int,
        *,
        kind: str = "remote",
        busy_timeout: float = 30.0,
    ) -> None:
        super().__init__(Remote(remote, on_silence=self._fell_silent, on_answer=self._answers_again))
        self._folder, self._limit, self._kind, self._busy_timeout = folder, limit, kind, busy_timeout
        self._opened: _Here | None = None
        self._opening = threading.Lock()
        self._gathers = False  # ships at the end, and tells how the remote store does

    def waiting(self, run: str = "") -> int:
        """Here and there. What is on its way may be counted twice for a moment, never not at all."""
        here = self._copy.waiting(run)
        # Another process of this machine, which reaches the store again, may have shipped what this one counted here.
        elsewhere = self._remote.silent and self._copy.trouble() is None
        try:
            return here + self._remote.ask(lambda store: store.waiting(run), probing=elsewhere)
        except LATER as error:
            if elsewhere:
                self._copy.note_trouble(error.message, answers=False)
            return here

    def shipping(self) -> Shipping:
        here = self._here()
        waiting, dead = here.copy.waiting(), len(here.shipper.dead)
        trouble = here.copy.trouble()
        if trouble is not None and not trouble.answers and self._remote.answered:
            here.copy.forget_trouble(only_silence=True)  # noted by a process that has ended
            trouble = None
        if trouble is None or (trouble.answers and not here.copy.length()):
            return Shipping(waiting, dead)
        return Shipping(waiting, dead, trouble.since, trouble.reason, trouble.answers)

    def keep_shipping(self) -> None:
        """Asks the remote store once, so that it is known whether it answers."""
        self._gathers = True
        self._here().shipper.start()
        self.waiting()

    def close(self) -> None:
        """Ships first what waits, where this process gathered, for AT_THE_END seconds at most."""
        if self._opened is not None:
            self._opened.shipper.close(AT_THE_END if self._gathers else 0.0)
        self._remote.close()
        if self._opened is not None:
            self._opened.copy.close()

    def _here(self) -> _Here:
        with self._opening:
            if self._opened is None:
                copy = LocalCopy(self._folder, busy_timeout=self._busy_timeout)
                self._opened = _Here(copy, Shipper(copy, self._remote, self._folder))
            return self._opened

    @property
    def _copy(self) -> LocalCopy:
        return self._here().copy

    def _ship(self) -> None:
        """At once where that is possible, in the background else."""
        self._gathers = True
        shipper = self._here().shipper
        if not shipper.ship(AT_ONCE):
            shipper.start()

    def _fell_silent(self, reason: str) -> None:
        level = logging.WARNING if self._gathers else logging.DEBUG  # others are told by the error
        log.log(level, "store does not answer, gathering goes on reason=%s", reason)
        try:
            self._copy.note_trouble(reason, answers=False)
        except StoreError as error:
            log.error("not noted that the store does not answer reason=%s", error.message)

    def _answers_again(self) -> None:
        log.info("store answers again")
        try:
            self._copy.forget_trouble(only_silence=True)
            self._here().shipper.wake()
        except StoreError as error:
            log.error("not noted that the store answers again reason=%s", error.message)
