"""The filer: takes the inbox in order, in batches, through match, trace and write.

One filer per store at a time (it holds the lease).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from monitor.errors import LeaseLost, StoreBusy, StoreError, StoreFull, StoreReadOnly
from monitor.filing.aside import Aside
from monitor.filing.batch import prepare
from monitor.filing.decided import apply_decisions
from monitor.filing.desk import Desk
from monitor.filing.heartbeat import renewed
from monitor.filing.relicensing import apply_licences
from monitor.filing.waiting import Waiting, WaitNote
from monitor.filing.writing import write
from monitor.holders import holder_name
from monitor.records import Changes, Filed, InboxItem
from monitor.settings import FilingSettings
from monitor.store.leasing import take_lease
from monitor.store.port import FILER_LEASE, Ships, Store

log = logging.getLogger(__name__)

IDLE_WAIT = 0.3  # seconds between two looks at an empty inbox
# The same of a store elsewhere, for which each look is work of some milliseconds.
IDLE_WAIT_ELSEWHERE = 1.0
NOTICED = 0.1  # seconds, at most, until a filer that rests notices that it is to hurry
# A batch that is not full is followed by a pause of so many times what it took, and of so many seconds at most: each
# batch costs a store some thirty requests, however small it is.
PAUSE, LONGEST_PAUSE = 2.0, 2.0
STANDBY_LOOKS = 15  # of a stand-by at the lease, in the time for which it is given


@dataclass(frozen=True, slots=True)
class Tally:
    """What one batch came to."""

    stored: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def all(self) -> int:
        return self.stored + self.updated + self.unchanged


def file_batch(store: Store, limit: int, holder: str = "", desk: Desk | None = None) -> Tally:
    """File the first waiting items. Zero everywhere when nothing waits. Repeats the writing after a Conflict.

    With `holder`, raises LeaseLost and writes nothing when somebody else holds the lease by now. `desk` is kept from
    batch to batch.
    """
    return file_items(store, store.take(limit), holder, desk or Desk())


def file_items(store: Store, items: Sequence[InboxItem], holder: str, desk: Desk) -> Tally:
    """These alone, in this order."""
    if not items:
        return Tally()
    # Prepared once: after a call that stopped half-way, what it wrote would be taken for what was known before.
    changes = desk.tell(store, replace(prepare(store, items, desk), holder=holder))
    write(store, changes)
    results = [filed.result for filed in changes.filed]
    return Tally(results.count("stored"), results.count("updated"), results.count("unchanged"))


def retry_aside(store: Store, desk: Desk, settings: FilingSettings, aside: Aside) -> tuple[int, int]:
    """Take in what was put aside: how many of how many went in. Raises StoreBusy while another filer is at work."""
    filer = Filer(store, settings, desk=desk, aside=aside)
    return filer.retry()


def file_decisions(store: Store, desk: Desk, settings: FilingSettings) -> bool:
    """Take up what people decided, if no other filer is at work; False when one is, which does it."""
    filer = Filer(store, settings, desk=desk)
    return filer.once()


class Filer:
    """Files what arrives until told to stop. Waits as a stand-by while another filer holds the lease."""

    def __init__(
        self,
        store: Store,
        settings: FilingSettings,
        *,
        holder: str = "",
        desk: Desk | None = None,
        aside: Aside | None = None,
        note: WaitNote | None = None,
    ) -> None:
        """`aside`: where an article goes that a fault of the program keeps out; without, the fault ends the filer.
        `note`: where it is noted why filing does not get on.
        """
        self._store, self._settings, self._desk, self._aside = store, settings, desk or Desk(), aside
        self.holder = holder or holder_name()
        self._licences: Mapping[str, str] | None = None  # those that the articles were last written by
        self._unprojected = 0
        self._projected_at = time.monotonic()
        self._renewed_at = 0.0
        self._waiting = Waiting(note, self.holder, IDLE_WAIT)
        self._hurried = threading.Event()
        self._idle = IDLE_WAIT_ELSEWHERE if isinstance(store, Ships) else IDLE_WAIT
        # What is waited for. A store in a folder that is full or read-only is this machine's own fault, which somebody
        # has to put right, and told by ending; one elsewhere is others' as well.
        self._passing: tuple[type[StoreError], ...] = (
            (StoreBusy, StoreFull, StoreReadOnly) if isinstance(store, Ships) else (StoreBusy,)
        )

    def run(
        self,
        stop: threading.Event,
        *,
        until_idle: bool = False,
        on_batch: Callable[[Tally], None] | None = None,
    ) -> int:
        """File until `stop` is set (or, with `until_idle`, until nothing waits). Number of filed items.

        A store that is busy or does not answer is waited for, and so is one elsewhere that is full or read-only: told
        once, and tried again at longer and longer intervals, with the lease kept where it can be. Raises StoreFull and
        StoreReadOnly of a store in a folder, and with `until_idle` all of these errors: what waits in the inbox stays
        there.
        """
        filed = 0
        try:
            while not stop.is_set():
                try:
                    if not self._hold():
                        if until_idle and not self._store.waiting():
                            break
                        stop.wait(max(IDLE_WAIT, self._settings.lease_seconds / STANDBY_LOOKS))
                        continue
                    began = time.monotonic()
                    with renewed(self._store, FILER_LEASE, self.holder, self._settings.lease_seconds):
                        tally = self._at_work()
                        filed += tally.all
                        if on_batch and tally.all:
                            on_batch(tally)
                        self._project(force=False)
                except self._passing as error:
                    if until_idle:
                        raise
                    self._waiting.because(error)
                    # So short that the lease is kept: nobody else could write either, and each holder looks through
                    # all that the one before it may have left.
                    stop.wait(self._waiting.rest(self._settings.lease_seconds / 3))
                    continue
                self._waiting.over()
                if not tally.all:
                    if until_idle:
                        break
                    self._rest(stop, self._idle, in_a_hurry=IDLE_WAIT)
                elif tally.all < self._settings.batch and not until_idle:
                    self._rest(stop, self._pause(time.monotonic() - began))
        except StoreError as error:
            self._waiting.because(error, tell=False)
            raise
        finally:
            self._end()
        return filed

    def hurry(self) -> None:
        """Somebody waits for what is left: look often, and rest no more after small batches. Called from any thread."""
        self._hurried.set()

    def _rest(self, stop: threading.Event, seconds: float, *, in_a_hurry: float = 0.0) -> None:
        """For so long, until it is stopped, or until it is to hurry."""
        if self._hurried.is_set():
            stop.wait(in_a_hurry)
            return
        until = time.monotonic() + seconds
        left = seconds
        while left > 0 and not self._hurried.is_set() and not stop.wait(min(left, NOTICED)):
            left = until - time.monotonic()

    def _pause(self, spent: float) -> float:
        return min(PAUSE * spent, LONGEST_PAUSE, self._settings.lease_seconds / 3)

    def _at_work(self) -> Tally:
        """One batch; where nothing waits, what people decided. Nothing is read while a batch stands half written."""
        try:
            tally = self._file_one_batch()
            if not tally.all:
                self._apply_decisions()
                self._apply_licences()
                self._desk.look(self._store)
        except LeaseLost:
            log.warning("lease lost holder=%s", self.holder)
            self._renewed_at = 0.0
            return Tally()
        return tally

    def once(self) -> bool:
        """Take up decisions alone, and give the lease back. False when another filer has it."""
        try:
            if not self._hold():
                return False
            self._apply_decisions()
        except StoreBusy as error:  # whoever files next does it
            log.warning("decisions wait reason=%s", error.message)
            return True
        except LeaseLost:
            self._renewed_at = 0.0
            return False
        else:
            return True
        finally:
            self._end()

    def retry(self) -> tuple[int, int]:
        """What is aside once more: how many of how many went in."""
        letters = list(self._aside.letters()) if self._aside else []
        if not letters:
            return 0, 0
        try:
            if not self._hold():
                raise StoreBusy("another filer is at work", hint="stop it, then try again")
            done = 0
            for file, letter in letters:
                try:
                    file_items(self._store, [InboxItem(0, letter.analysis)], self.holder, self._desk)
                except StoreError:
                    raise
                except Exception as error:  # the same fault again: it stays where it is
                    log.error("still not taken in file=%s reason=%s", file, error)
                    continue
                file.unlink(missing_ok=True)
                done += 1
                self._unprojected += 1
            return done, len(letters)
        finally:
            self._end()

    def _batch(self) -> Tally:
        try:
            return file_batch(self._store, self._settings.batch, self.holder, self._desk)
        except StoreError:
            raise
        except Exception:  # a defect of ours must cost the one article that brings it out, not all that follow
            if self._aside is None:
                raise
            log.exception("a batch failed, its articles are filed one by one")
            return self._one_by_one(self._aside)

    def _one_by_one(self, aside: Aside) -> Tally:
        tallies = []
        for item in self._store.take(self._settings.batch):
            try:
                tallies.append(file_items(self._store, [item], self.holder, self._desk))
            except StoreError:
                raise
            except Exception as error:
                aside.put(item, error)
                write(self._store, Changes(filed=(Filed(item.number, "", "unchanged"),), holder=self.holder))
                tallies.append(Tally(unchanged=1))
        return Tally(*(sum(getattr(one, name) for one in tallies) for name in ("stored", "updated", "unchanged")))

    def _file_one_batch(self) -> Tally:
        tally = self._batch()
        self._unprojected += tally.all  # what did not change is counted to its run
        if tally.all:
            log.debug("filed stored=%d updated=%d unchanged=%d", tally.stored, tally.updated, tally.unchanged)
        return tally

    def _apply_licences(self) -> None:
        """Once after the start, and after each change of the licences."""
        states = self._desk.rules.licence_states()
        if states == self._licences:
            return
        if changed := apply_licences(self._store, self._desk, self.holder):
            log.info("licences changed articles=%d", changed)
            self._unprojected += changed
        self._licences = states

    def _apply_decisions(self) -> None:
        if apply_decisions(self._store, self._desk, self.holder):
            self._unprojected += 1

    def _hold(self) -> bool:
        """Have the lease, renewed when a third of it is over."""
        now = time.monotonic()
        if now - self._renewed_at < self._settings.lease_seconds / 3:
            return True
        held = take_lease(self._store, FILER_LEASE, self.holder, self._settings.lease_seconds)
        if held and not self._renewed_at:  # who had it before did perhaps not come to it
            self._unprojected += 1
        self._renewed_at = now if held else 0.0
        return held

    def _project(self, *, force: bool) -> None:
        waited = time.monotonic() - self._projected_at
        due = self._unprojected >= self._settings.project_every or waited >= self._settings.project_seconds
        if self._unprojected and (force or due):
            self._store.refresh()
            self._unprojected, self._projected_at = 0, time.monotonic()

    def _end(self) -> None:
        if not self._renewed_at:
            return
        try:
            self._project(force=True)
        except self._passing as error:
            log.warning("what was filed last is found later reason=%s", error.message)
        with suppress(*self._passing):  # then it runs out
            self._store.release(FILER_LEASE, self.holder)
