"""What was crawled and what was refused. What a run stored is counted from the marks in the inbox.

A run's document shows the counts as they were when they were last looked at, for people who plot them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.errors import Conflict
from monitor.records import Rejection, Run
from monitor.store.elastic.documents import key
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.inbox import KEPT, Inbox
from monitor.store.elastic.journal import rejection, run, run_document
from monitor.store.elastic.reading import EVERYTHING, Found, Query, Sort, all_of
from monitor.store.values import plain

_RESULTS = ("stored", "updated", "unchanged")
_NEWEST: Sort = [{"started": "desc"}, {"id": "desc"}]
_TRIES = 10  # to write a run that others write
_TIDIED_EVERY = 3600.0  # seconds
_TIDIED_AT_ONCE = 20  # runs
_MOST_SITES = 10_000


class Runs(Inbox):
    _tidied_at = float("-inf")

    def put_run(self, run: Run) -> None:
        def write(found: Found | None) -> bool:
            source = {**(found.source if found else {}), "id": run.id}
            return self._write_run(run, found, _counts(source, self._of_runs([source])))

        self._until_written(run.id, write)

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        query: Query = {"term": {"site": plain(site)}} if site else EVERYTHING
        self._reader.refresh("runs")
        hits = self._reader.hits("runs", query, _NEWEST, parts=True, limit=limit)
        return self._with_counts([hit["_source"] for hit in hits])

    def run(self, run_id: str) -> Run | None:
        found = self._reader.get("runs", key(run_id))
        return self._with_counts([found.source])[0] if found else None

    def last_runs(self) -> dict[str, Run]:
        self._reader.refresh("runs")
        body = {
            "query": {"bool": {"must_not": [{"term": {"trigger": "import"}}]}},
            "sort": _NEWEST,
            "collapse": {"field": "site"},
            "size": _MOST_SITES,
        }
        hits = self._reader.search("runs", body)["hits"]["hits"]
        return {one.site: one for one in self._with_counts([hit["_source"] for hit in hits])}

    def rejections(self, run: str = "", site: str = "", limit: int = 100) -> list[Rejection]:
        named = {name: value for name, value in (("run", run), ("site", site)) if value}
        query = all_of(*({"term": {name: plain(value)}} for name, value in named.items()))
        self._reader.refresh("rejections")
        order: Sort = [{"number": "desc"}, {"id": "asc"}]
        hits = self._reader.hits("rejections", query if named else EVERYTHING, order, parts=["record"], limit=limit)
        return [rejection(hit["_source"]) for hit in hits]

    # --- counts ------------------------------------------------------------------------------------------------------

    def _with_counts(self, sources: Sequence[Source]) -> list[Run]:
        counted = self._of_runs(sources)
        return [_counting(run(source), _counts(source, counted)) for source in sources]

    def _of_runs(self, sources: Sequence[Source]) -> dict[str, dict[str, int]]:
        """What the marks that are there say."""
        return self._counted({source["id"]: source.get("closed", 0) for source in sources})

    def _write_run(self, run: Run, found: Found | None, counts: Mapping[str, int], **closing: Any) -> bool:
        """False when somebody wrote it since it was found."""
        old = found.source if found else {}
        closed = {name: old[name] for name in ("closed", "kept") if name in old} | closing
        return self._writer.settle(self._writer.replace("runs", key(run.id), run_document(run, counts) | closed, found))

    def _until_written(self, id: str, write: Callable[[Found | None], bool]) -> None:
        """Again with the run as it is then, while `write` says that somebody else was quicker. Raises Conflict."""
        for _ in range(_TRIES):
            if write(self._reader.get("runs", key(id))):
                return
        raise Conflict(f"the run {id} is written by others all the time", hint="try again")

    def _recount(self, ids: Iterable[str]) -> frozenset[str]:
        """Show in the runs' documents what was counted so far; which of them others were writing meanwhile."""
        found = self._reader.many("runs", map(key, ids))
        counted = self._of_runs([one.source for one in found.values()])
        written = {
            one.source["id"]: self._write_run(run(one.source), one, _counts(one.source, counted))
            for one in found.values()
        }
        return frozenset(id for id, done in written.items() if not done)

    def _tidy(self, now: datetime) -> None:
        """Count old marks for good and take them away: some runs a time, and not more often than once an hour."""
        if time.monotonic() - self._tidied_at < _TIDIED_EVERY:
            return
        self._tidied_at = time.monotonic()
        up_to = int((now - KEPT).timestamp())
        for id in self._runs_with_marks(None, up_to, _TIDIED_AT_ONCE):
            found = self._reader.get("runs", key(id))
            if found is None or self._close(found, up_to):
                self._forget_marks(id, up_to)

    def _close(self, found: Found, up_to: int) -> bool:
        """Marks up to then count by the run's document from now on."""
        source = found.source
        more = self._marked_between(source["id"], source.get("closed", 0), up_to)
        kept = _counts(source, {source["id"]: more})
        shown = _counts(source, self._of_runs([source]))
        return self._write_run(run(source), found, shown, closed=up_to, kept=kept)


def _counting(run: Run, counts: Mapping[str, int]) -> Run:
    return replace(run, stored=counts["stored"], updated=counts["updated"], unchanged=counts["unchanged"])


def _counts(source: Source, counted: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Of a run: what was counted for good, and the marks since."""
    kept, since = source.get("kept", {}), counted.get(source.get("id", ""), {})
    return {name: kept.get(name, 0) + since.get(name, 0) for name in _RESULTS}
