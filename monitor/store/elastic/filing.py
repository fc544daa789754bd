"""The filer's writing: one batch in the fixed order, and to its end, whatever becomes of who began it.

The batch is noted on the engine before its first write. Whoever files next writes what was cut short to its end before
reading anything: else it would take the half that is there for what was known before, articles without their story,
and count them as unchanged.

A filer that was stopped past its lease does no harm. One that takes over has its epoch in the lease before it looks at
the note, and its own version in the note after that. So the earlier one's note is either found, or refused, or the
earlier one finds the other's epoch when it looks at the lease between its note and its first write. What it writes
later, of a batch that was found, is refused, for the other has written it all. Of what the other has deleted since an
engine knows that for an hour alone, so who was away for a while looks at the lease again before it goes on.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from monitor import faultpoints
from monitor.errors import Conflict, LeaseLost, StoreBusy, StoreCorrupt, StoreError
from monitor.records import Changes, Document, InboxItem
from monitor.store.elastic.archive import Archive
from monitor.store.elastic.bulk import Refused
from monitor.store.elastic.intents import Intents
from monitor.store.elastic.outbox import Outbox
from monitor.store.elastic.recent import MOST
from monitor.store.elastic.writing import Fence
from monitor.store.port import FILER_LEASE

log = logging.getLogger(__name__)

_AWAY = 5.0  # seconds after which the lease is looked at again


class Filing(Archive, Outbox, Intents):
    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """With the filer's lease, a batch that was left half written is completed. Where that can't be done the lease
        is given back, and the error raised.
        """
        held = super().acquire(name, holder, seconds, now)
        if not held or name != FILER_LEASE:
            return held
        try:
            self._complete(holder)
        except LeaseLost:
            return False
        except StoreError:
            with suppress(StoreError):
                self.release(name, holder)
            raise
        return True

    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        self._complete(self._filer)
        return super().take(limit, after)

    def file(self, changes: Changes) -> None:
        if changes is not self._begun:
            self._complete(changes.holder)
        fence = self._fence(changes.holder)
        several = bool(changes.documents or changes.edges or changes.stories or changes.alerts)
        if several:
            self._begun, self._in_doubt = changes, True
        self._write_out(changes, fence, noted=several)
        if several:
            self._settled(fence)
        if len(self._recent) > MOST:
            self._see_everything()

    def _complete(self, holder: str) -> None:
        """Write to its end what was left half written, if that may be."""
        if not self._in_doubt:
            return
        fence = self._fence(holder)
        self._see_everything()
        left = None
        try:
            left = self._intended()
            if left is not None:
                log.info("completing a batch that was cut short articles=%d", len(left.documents))
                self._write_out(replace(left, holder=holder), fence, noted=False)
        except StoreCorrupt as error:  # of another version of the program
            log.error("a batch that was cut short can't be completed reason=%s", error.message)
        except Conflict as error:
            raise StoreBusy(f"a batch that was cut short is written by another: {error.message}") from error
        except StoreError:
            raise
        except Exception:  # a defect of ours must not keep out all that follow
            log.exception("a batch that was cut short can't be completed")
            self._complete_in_part(left, holder)
        self._settled(fence)

    def _complete_in_part(self, left: Changes | None, holder: str) -> None:
        """Without the articles that can't be made into documents. The items stay in the inbox: of those that are
        written each is found unchanged, and the others bring out the fault by themselves.
        """
        if left is None:
            return
        faulty = {one.id for one in left.documents if not self._can_be_made(one)}
        documents = tuple(one for one in left.documents if one.id not in faulty)
        edges = tuple(one for one in left.edges if not {one.article, one.other} & faulty)
        stories = tuple(one for one in left.stories if one.root not in faulty)
        revisions = tuple(one for one in left.revisions if one.article_id not in faulty)
        try:
            part = replace(
                left, revisions=revisions, documents=documents, edges=edges, stories=stories, filed=(), holder=holder
            )
            self._write_out(part, self._fence(holder), noted=False)
        except StoreError:
            raise
        except Exception:
            log.exception("not in part either")

    def _can_be_made(self, document: Document) -> bool:
        try:
            self._article(document, 0)
        except Exception:  # logged before
            return False
        return True

    def _settled(self, fence: Fence) -> None:
        """The batch at work is written to its end. What a later holder has noted stands."""
        self._forget_intent(fence.version())
        self._begun, self._in_doubt = None, False

    def _write_out(self, changes: Changes, fence: Fence, *, noted: bool) -> None:
        """`noted`: it is noted first."""
        holder = changes.holder

        def first() -> None:
            if noted:
                self._demand(self._intend(changes, fence.version()), holder)
                self._fence(holder)

        written = self._file_documents(changes.revisions, changes.documents, fence.version(), first)
        self._demand(written, holder)
        faultpoints.passing("while-filing")
        self._look_again(holder)
        self._demand(self._drop_outdated(changes.documents, changes.edges, fence.version()), holder)
        self._demand(self._file_edges(changes.edges, fence.version()), holder)
        self._look_again(holder)
        self._demand(self._file_stories(changes.stories, fence.version()), holder)
        self._demand(self._file_furniture(changes.furniture, fence.version()), holder)
        self.put_alerts(changes.alerts)
        if changes.filed:
            self._fence(holder)
            self._mark(changes.filed)

    def _look_again(self, holder: str) -> None:
        """Raises LeaseLost. By the clock on the wall: a machine that sleeps lets the other one stand still."""
        if abs(time.time() - self._looked_at) > _AWAY:
            self._fence(holder)

    def _demand(self, conflicts: Sequence[Refused], holder: str) -> None:
        """Nobody else wrote what was to be written. Raises LeaseLost, or Conflict where the lease is held."""
        if conflicts:
            self._fence(holder)
            first = conflicts[0]
            raise Conflict(
                f"{len(conflicts)} documents were written by another, the first is {first.id} of {first.index}"
            )
