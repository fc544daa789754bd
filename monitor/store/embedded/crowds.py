"""Hashes that very many articles hold, by the rule of `Lookups.candidates`: counted exactly. Pure.

For the probes alone with a hash that has more entries than MOST_HOLDERS in the weeks of the window, old ones among
them. Who holds such hashes is read once for a batch, and which of them are present articles is asked once. Probes with
the same such hashes, as copies of one text have, are counted together. What one probe shares is then a matter of its
other hashes: of the heavy ones their number by article is known.

There is no limit beyond which the rule changes. A hash of 200,000 articles takes 8 bytes for each in memory, less than
the runs that it is read from, and of each batch the time to ask which are present: 2 us for each.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy
from numpy.typing import NDArray

from monitor.store.embedded.sorted_runs import Hashes, Numbers, SortedRun, Times
from monitor.store.port import MIN_SHARED

Counts: TypeAlias = NDArray[numpy.int64]
Present: TypeAlias = Callable[[Collection[int]], Collection[int]]  # of prints those that an article has now
Heavy: TypeAlias = tuple[int, ...]  # numbers of hashes among those of `Holders`


class Windows(NamedTuple):
    """Of each probe, in microseconds; both ends included."""

    since: Times
    until: Times


class Sharing(NamedTuple):
    """Who shares how many hashes with which probe."""

    probe: Counts
    print: Numbers
    time: Times
    shared: Counts


class Light(NamedTuple):
    """As `Sharing`, of all hashes but the heavy ones, by probe; `place`: among `Holders`, -1 where it is not there."""

    probe: Counts
    print: Numbers
    time: Times
    shared: Counts
    place: Counts


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """The present articles that hold any of the heavy hashes, by story time; each is known by its place in this order.

    `of_hash`: of each hash the places of those that hold it, ascending. `of_run`: of each run, of each owner its place.
    """

    prints: Numbers
    times: Times
    of_hash: list[Counts]
    of_run: list[Counts]


def holders(runs: Sequence[SortedRun], hashes: Hashes, present: Present) -> Holders:
    """Of distinct hashes in ascending order."""
    found = [[run.owners[low:high] for low, high in _bounds(run, hashes)] for run in runs]
    owners = [numpy.unique(numpy.concatenate(of_run)) for of_run in found]
    prints = numpy.concatenate([run.prints[some] for run, some in zip(runs, owners, strict=True)])
    times = numpy.concatenate([run.times[some] for run, some in zip(runs, owners, strict=True)])
    alive = numpy.flatnonzero(_are_in(prints, present(prints.tolist())))
    order = alive[numpy.argsort(times[alive], kind="stable")]
    places = numpy.full(len(prints), -1, dtype=numpy.int64)
    places[order] = numpy.arange(len(order))
    of_run = [numpy.full(len(run.prints), -1, dtype=numpy.int64) for run in runs]
    for to, some, own in zip(of_run, owners, numpy.split(places, numpy.cumsum([*map(len, owners)])[:-1]), strict=True):
        to[some] = own
    of_hash = []
    for held in zip(*found, strict=True):
        own = numpy.sort(numpy.concatenate([to[some] for to, some in zip(of_run, held, strict=True)]))
        of_hash.append(own[numpy.searchsorted(own, 0) :])
    return Holders(prints[order], times[order], of_hash, of_run)


class Crowds:
    """Of probes with heavy hashes: which of those count, and who shares how many then."""

    def __init__(self, among: Holders, inside: Windows, light: Light, most_holders: int, present: Present) -> None:
        self._among = among
        self._light = light
        self._most = most_holders
        self._present = present
        self._low = numpy.searchsorted(among.times, inside.since)  # where each probe's window begins and ends
        self._high = numpy.searchsorted(among.times, inside.until, side="right")

    def sharing(self, heavy: Mapping[int, Heavy]) -> Iterator[Sharing]:
        """By probe its heavy hashes."""
        counting: dict[int, Heavy] = {}
        for hashes, probes in _together(heavy):
            counting.update(self._that_count(hashes, probes))
        for hashes, probes in _together(counting):
            counts, several = self._counted(hashes)
            for probe in probes:
                yield self._shared(probe, counts, several)

    def _that_count(self, hashes: Heavy, probes: Sequence[int]) -> Iterator[tuple[int, Heavy]]:
        """Of each of the probes, which all have these."""
        low, high = self._low[probes], self._high[probes]
        of_hash = [self._among.of_hash[number] for number in hashes]
        held = numpy.array([numpy.searchsorted(one, high) - numpy.searchsorted(one, low) for one in of_hash])
        too_many = (held > self._most).T
        counts, several = self._counted(hashes if too_many.any() else ())
        for probe, dropped in zip(probes, too_many, strict=True):
            crowded = dropped.any() and self._is_crowded(probe, counts, several)
            yield probe, tuple(n for n, many in zip(hashes, dropped, strict=True) if not (many and crowded))

    def _counted(self, hashes: Heavy) -> tuple[Counts, Counts]:
        """How many of the hashes each article holds, a 0 behind the last; the places of those that hold enough."""
        counts = numpy.zeros(len(self._among.prints) + 1, dtype=numpy.int64)
        for number in hashes:
            counts[self._among.of_hash[number]] += 1
        return counts, numpy.flatnonzero(counts >= MIN_SHARED)

    def _is_crowded(self, probe: int, counts: Counts, several: Counts) -> bool:
        """Do more than so many share with it, as long as every hash counts?"""
        own = len(self._inside(several, probe))
        if own > self._most:
            return True
        light = self._of(probe)
        more = (light.shared + counts[light.place] >= MIN_SHARED) & (counts[light.place] < MIN_SHARED)
        if own + int(more.sum()) <= self._most:
            return False
        unsure = light.print[more & (light.place < 0)].tolist()
        return own + int(more.sum()) - len(unsure) + len(self._present(unsure)) > self._most

    def _shared(self, probe: int, counts: Counts, several: Counts) -> Sharing:
        light = self._of(probe)
        shared = light.shared + counts[light.place]
        enough = shared >= MIN_SHARED
        own = numpy.setdiff1d(self._inside(several, probe), light.place)
        return Sharing(
            numpy.full(int(enough.sum()) + len(own), probe, dtype=numpy.int64),
            numpy.concatenate([light.print[enough], self._among.prints[own]]),
            numpy.concatenate([light.time[enough], self._among.times[own]]),
            numpy.concatenate([shared[enough], counts[own]]),
        )

    def _inside(self, places: Counts, probe: int) -> Counts:
        """Those of the probe's window."""
        low, high = numpy.searchsorted(places, (self._low[probe], self._high[probe]))
        return places[low:high]

    def _of(self, probe: int) -> Light:
        part = slice(*numpy.searchsorted(self._light.probe, (probe, probe + 1)).tolist())
        light = self._light
        return Light(light.probe[part], light.print[part], light.time[part], light.shared[part], light.place[part])


def _bounds(run: SortedRun, hashes: Hashes) -> Iterable[tuple[int, int]]:
    low, high = (numpy.searchsorted(run.hashes, hashes, side=side) for side in ("left", "right"))
    return zip(low.tolist(), high.tolist(), strict=True)


def _are_in(prints: Numbers, alive: Collection[int]) -> NDArray[numpy.bool_]:
    return numpy.isin(prints, numpy.fromiter(alive, dtype=numpy.uint32, count=len(alive)))


def _together(of_probe: Mapping[int, Heavy]) -> Iterable[tuple[Heavy, list[int]]]:
    """The probes that have the same hashes."""
    probes: dict[Heavy, list[int]] = {}
    for probe, hashes in of_probe.items():
        probes.setdefault(hashes, []).append(probe)
    return probes.items()
