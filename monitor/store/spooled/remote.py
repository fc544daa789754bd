"""The remote store, opened when it is first asked, and left alone for a while when it does not answer.

Without that every question of a crawl would wait for a time-out. Somebody tries again after half a second, then after
twice as long, up to half a minute.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from monitor.errors import StoreBusy, StoreUnreachable
from monitor.store.port import Store

T = TypeVar("T")

FIRST_REST = 0.5  # seconds
LONGEST_REST = 30.0


class Rest:
    """How long to leave something alone that failed: doubled with each failure."""

    def __init__(self) -> None:
        self._next, self._until = FIRST_REST, 0.0

    def failed(self) -> None:
        self._until = time.monotonic() + self._next
        self._next = min(2 * self._next, LONGEST_REST)

    def over(self) -> None:
        self._next, self._until = FIRST_REST, 0.0

    def left(self) -> float:
        """Seconds; 0 when it may be tried."""
        return max(0.0, self._until - time.monotonic())


class Remote:
    """Safe to use from several threads.

    `on_silence` is called with the reason when it no longer answers, `on_answer` when it does again. With
    `somebody_probes` set, only calls that probe reach a store that does not answer.
    """

    def __init__(
        self, opener: Callable[[], Store], *, on_silence: Callable[[str], None], on_answer: Callable[[], None]
    ) -> None:
        self._opener, self._on_silence, self._on_answer = opener, on_silence, on_answer
        self._store: Store | None = None
        self._opening = threading.Lock()
        self._silence: StoreBusy | None = None
        self._rest = Rest()
        self._ever = False
        self.somebody_probes = False

    @property
    def silent(self) -> bool:
        return self._silence is not None

    @property
    def answered(self) -> bool:
        """It answered this process when it was asked last."""
        return self._ever and self._silence is None

    @property
    def due(self) -> bool:
        """It does not answer and may be asked again."""
        return self._silence is not None and not self._rest.left()

    def ask(self, question: Callable[[Store], T], *, probing: bool = False, writing: bool = False) -> T:
        """Raises StoreBusy without asking while the store is left alone.

        A store that is too busy to answer a question is left alone as well; one that is too busy to take a write may
        be asked.
        """
        silence = self._silence
        if silence is not None and not probing and (self.somebody_probes or self._rest.left()):
            raise type(silence)(silence.message, hint=silence.hint)
        try:
            answer = question(self._opened())
        except StoreBusy as error:
            if not writing or isinstance(error, StoreUnreachable):
                self._fell_silent(error)
            raise
        self._answered()
        return answer

    def close(self) -> None:
        with self._opening:
            if self._store is not None:
                self._store.close()

    def _opened(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = self._opener()
            return self._store

    def _fell_silent(self, error: StoreBusy) -> None:
        first, self._silence = self._silence is None, error
        self._rest.failed()
        if first:
            self._on_silence(error.message)

    def _answered(self) -> None:
        self._ever = True
        self._rest.over()
        if self._silence is not None:
            self._silence = None
            self._on_answer()
