"""What the parts of the store share."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from monitor.records import Changes
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.known import Known
from monitor.store.elastic.reading import Found, Reader, portions
from monitor.store.elastic.recent import Recent
from monitor.store.elastic.setup import Layout
from monitor.store.elastic.writing import Writer
from monitor.store.rule_keeping import KeptRules

TAG_BITS = 10
_STEMMED_AT_ONCE = 5000  # words; an engine takes 10,000
_FILED = ("articles", "edges", "stories", "notes")


class Numbers:
    """Ascending numbers of this process: microseconds since 1970, and below them a tag, so that two processes hardly
    ever make the same.
    """

    def __init__(self) -> None:
        self._last = 0
        self._tag = int.from_bytes(os.urandom(2)) & (1 << TAG_BITS) - 1
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns() // 1000)
            return self._last << TAG_BITS | self._tag


class Part:
    """Base of the parts of the store."""

    def __init__(
        self,
        connection: Connection,
        layout: Layout,
        reader: Reader,
        writer: Writer,
        *,
        stemming: bool,
        percolating: bool = False,
    ) -> None:
        self._connection = connection
        self._layout = layout  # of the indices that are made; `stemming` is that of the present one
        self._names = layout.names
        self._reader = reader
        self._writer = writer
        self.stemming = stemming
        self.percolating = percolating  # the index of rules holds questions that the engine itself asks
        self._numbers = Numbers()
        self._recent = Recent()
        self._known = Known()
        self._in_doubt = False  # a batch may stand half written, and searches may not see all of it; see `filing`
        self._begun: Changes | None = None  # the batch that this process began last and has not ended
        self._filer = ""  # who took the filer's lease last in this process
        self._epochs: dict[str, int] = {}  # of the filer's lease, by holders of this process
        self._taken: OrderedDict[int, tuple[str, Found]] = OrderedDict()  # inbox items by number: id, as it was then
        self._counted_anew: set[str] = set()  # runs whose documents do not show their counts yet
        self._counts_in_doubt = False  # another filed before: what it did not come to show is not among these
        self._languages: set[str] = set()  # of the articles
        self._kept_rules = KeptRules()  # those that the engine does not hold itself, as of the writing of this note
        self._rules_written: str | None = None
        self._rules_looked_at = float("-inf")
        self._filing = threading.RLock()  # what is filed is in `_recent` or has been refreshed, at any moment

    def _see_everything(self) -> None:
        """Searches see what was filed so far, by whomever."""
        with self._filing:
            self._reader.refresh(*_FILED)
            self._recent.clear()

    def _engine_stems(self, language: str, words: Sequence[str]) -> list[str]:
        """As the engine stems them, which is not in every word as `monitor.store.stemming` does. Raises AccessRefused:
        who may read and write an index may not ask how it stems, unless a role says so.
        """
        return [one for part in portions(words, _STEMMED_AT_ONCE) for one in self._stemmed_at_once(language, part)]

    def _stemmed_at_once(self, language: str, words: Sequence[str]) -> list[str]:
        index, text = self._names.write("articles"), " ".join(words)
        made = self._connection.call(
            lambda client: client.indices.analyze(index=index, analyzer=f"stems_{language}", text=text).body
        )
        return [str(one["token"]) for one in made["tokens"]]
