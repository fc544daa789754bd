"""Fingerprints in the database: written with their batch, merged as they grow, searched for whole batches.

An article's fingerprint is known by the number of the change that filed it (`articles.print`). One that is filed
again with other hashes or another story time gets a new print; entries of the old one belong to nobody from then on,
and go when their run is merged.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy

from monitor.errors import StoreBusy
from monitor.records import Candidate, Probe
from monitor.store.embedded.database import Database
from monitor.store.embedded.packing import holes, moment, portions
from monitor.store.embedded.sharing import WEEK, Ranked, by_weeks, ranked, weeks, windows
from monitor.store.embedded.sorted_runs import Print, SortedRun, build, merge, pack, unpack
from monitor.store.port import MOST_HOLDERS

FANOUT = 4  # runs of one size that become one: each entry is written log4(articles of a week / of a batch) times
MOST_ENTRIES = 5_000_000  # of a run: 60 MB in memory; SQLite and one merge's memory set the limit
# Bytes of runs in memory: 460,000 articles of 90 hashes. The windows of a crawl's articles need a fortnight of that;
# articles from all over a larger archive in no order make runs be read again and again.
CACHE = 512_000_000
_TRIES = 5  # to read a set of runs while another process merges them

Fresh = list[tuple[int, SortedRun]]  # runs with their numbers, to be kept in memory once they are committed


class Fingerprints:
    """Of one process: what is in the database, and the runs it has in memory (one never changes)."""

    def __init__(self, database: Database, most_bytes: int = CACHE) -> None:
        self._database = database
        self._kept = _Kept(most_bytes)

    def write(self, connection: sqlite3.Connection, prints: Iterable[Print]) -> Fresh:
        """Add them to the runs of their weeks, in the caller's transaction. Pass the result to `written` after it."""
        by_week: dict[int, list[Print]] = {}
        for one in prints:
            if len(one.hashes):
                by_week.setdefault(one.time // WEEK, []).append(one)
        return [self._add(connection, week, build(of_week)) for week, of_week in by_week.items()]

    def written(self, fresh: Fresh) -> None:
        """The transaction is committed."""
        for number, run in fresh:
            self._kept.put(number, run)

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        """A few weeks at a time, so that a batch from all over the archive is never in memory at once."""
        answers: list[list[Candidate]] = [[] for _ in probes]
        for numbers in by_weeks(probes):
            asked = [probes[number] for number in numbers]
            found = ranked(self._runs(*weeks(windows(asked))), asked, MOST_HOLDERS, self._present)
            with self._database.reading() as connection:
                resolved = _resolved(connection, found, asked)
            for number, answer in zip(numbers, resolved, strict=True):
                answers[number] = answer
        return answers

    def _present(self, prints: Collection[int]) -> set[int]:
        with self._database.reading() as connection:
            return _alive(connection, prints)

    def _runs(self, first: int, last: int) -> list[tuple[int, SortedRun]]:
        """Those of these weeks, with their weeks."""
        listing = "SELECT number, week FROM fingerprints WHERE week BETWEEN ? AND ?"
        for _ in range(_TRIES):
            with self._database.reading() as connection:
                listed = connection.execute(listing, (first, last)).fetchall()
                runs = [(week, self._load(connection, number)) for number, week in listed]
            there = [(week, run) for week, run in runs if run is not None]
            if len(there) == len(runs):
                return there
        raise StoreBusy("the fingerprints are being merged all the time", hint="try again")

    def _load(self, connection: sqlite3.Connection, number: int) -> SortedRun | None:
        """None when it was merged meanwhile."""
        run = self._kept.get(number)
        if run is None:
            row = connection.execute("SELECT data FROM fingerprints WHERE number = ?", (number,)).fetchone()
            if row is None:
                return None
            run = unpack(row[0])
            self._kept.put(number, run)
        return run

    def _add(self, connection: sqlite3.Connection, week: int, arriving: SortedRun) -> tuple[int, SortedRun]:
        listing = "SELECT number, entries FROM fingerprints WHERE week = ? ORDER BY entries"
        merged = due(len(arriving), connection.execute(listing, (week,)).fetchall())
        if merged:
            runs = [run for number in merged if (run := self._load(connection, number)) is not None]
            alive = _alive(connection, [number for run in (*runs, arriving) for number in run.prints.tolist()])
            arriving = merge([*runs, arriving], alive)
            connection.execute(f"DELETE FROM fingerprints WHERE number IN ({holes(len(merged))})", merged)
            self._kept.drop(merged)
        return put(connection, week, arriving), arriving


def put(connection: sqlite3.Connection, week: int, run: SortedRun) -> int:
    """The number that the run got."""
    row = week, len(run), pack(run)
    query = "INSERT INTO fingerprints (week, entries, data) VALUES (?, ?, ?) RETURNING number"
    number: int = connection.execute(query, row).fetchone()[0]
    return number


def due(arriving: int, stored: Sequence[tuple[int, int]]) -> list[int]:
    """Numbers of the stored runs (number, entries; smallest first) that the arriving entries are merged with."""
    taken = 0
    total = arriving
    while True:
        same = [entries for _, entries in stored[taken:] if _size(entries) <= _size(total)]
        if len(same) < FANOUT - 1 or total + sum(same) > MOST_ENTRIES:
            return [number for number, _ in stored[:taken]]
        taken, total = taken + len(same), total + sum(same)


def _size(entries: int) -> int:
    """Runs of one size class differ by less than FANOUT times."""
    return (max(entries, 1).bit_length() - 1) // 2


def _alive(connection: sqlite3.Connection, prints: Collection[int]) -> set[int]:
    """Those that are an article's present ones."""
    alive: set[int] = set()
    for portion in portions(prints):
        query = f"SELECT print FROM articles WHERE print IN ({holes(len(portion))})"
        alive.update(number for (number,) in connection.execute(query, portion))
    return alive


def _resolved(connection: sqlite3.Connection, found: Ranked, probes: Sequence[Probe]) -> list[list[Candidate]]:
    """The articles: as many as each probe wants, the next ones in the place of prints that belong to nobody."""
    bounds = numpy.searchsorted(found.probe, numpy.arange(len(probes) + 1)).tolist()
    limits = [max(0, probe.limit) for probe in probes]
    resolved: list[list[tuple[int, Candidate]]] = [[] for _ in probes]
    articles: dict[int, _Found] = {}
    places = dict(enumerate(bounds[:-1]))  # of each probe that is not done, where its next rows are
    while places := {n: at for n, at in places.items() if at < bounds[n + 1] and len(resolved[n]) < limits[n]}:
        parts = {
            n: _first(found, at, min(at + limits[n] - len(resolved[n]), bounds[n + 1])) for n, at in places.items()
        }
        prints = set(numpy.concatenate([found.print[part] for part in parts.values()]).tolist())
        articles.update(_articles(connection, prints - articles.keys()))
        for number, part in parts.items():
            rows = zip(found.print[part].tolist(), found.rank[part].tolist(), found.shared[part].tolist(), strict=True)
            live = [(rank, articles[print], shared) for print, rank, shared in rows if print in articles]
            resolved[number] += [(rank, Candidate(*article, shared)) for rank, article, shared in live]
        places = {number: part.stop for number, part in parts.items()}
    for of_probe in resolved:
        of_probe.sort(key=lambda one: (one[0], one[1].id))
    return [[one for _, one in of_probe[:limit]] for of_probe, limit in zip(resolved, limits, strict=True)]


def _first(found: Ranked, start: int, end: int) -> slice:
    """These rows, and those behind that have the last one's rank (no two probes have the same)."""
    return slice(start, int(numpy.searchsorted(found.rank, found.rank[end - 1], side="right")))


_Found = tuple[str, str, str, datetime]  # id, story, site, story time


def _articles(connection: sqlite3.Connection, prints: Collection[int]) -> dict[int, _Found]:
    found: dict[int, _Found] = {}
    for portion in portions(prints):
        query = f"SELECT print, id, story, site, story_time FROM articles WHERE print IN ({holes(len(portion))})"
        rows = connection.execute(query, portion).fetchall()
        found.update((number, (id, story, site, moment(at))) for number, id, story, site, at in rows)
    return found


class _Kept:
    """Runs in memory, those asked for last; at most so many bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._bytes = 0
        self._runs: OrderedDict[int, SortedRun] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, number: int) -> SortedRun | None:
        with self._lock:
            run = self._runs.get(number)
            if run is not None:
                self._runs.move_to_end(number)
            return run

    def put(self, number: int, run: SortedRun) -> None:
        with self._lock:
            if number in self._runs:
                return
            self._runs[number] = run
            self._bytes += run.nbytes
            while self._bytes > self._most:
                self._bytes -= self._runs.popitem(last=False)[1].nbytes

    def drop(self, numbers: Iterable[int]) -> None:
        with self._lock:
            dropped = [run for number in numbers if (run := self._runs.pop(number, None)) is not None]
            self._bytes -= sum(run.nbytes for run in dropped)
