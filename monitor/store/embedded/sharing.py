"""Which fingerprints of sorted runs share hashes with what is looked for: a whole batch at once. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy
from numpy.typing import NDArray

from monitor.records import Probe
from monitor.store.embedded.crowds import Counts, Crowds, Heavy, Holders, Light, Present, Sharing, Windows, holders
from monitor.store.embedded.packing import micros
from monitor.store.embedded.sorted_runs import Hashes, Numbers, SortedRun, Times
from monitor.store.port import MIN_SHARED

WEEK = 604_800_000_000  # microseconds: runs are kept by the week of story time
_WEEKS = 2  # in which the windows of probes that are looked at together begin
_OWNER = 0xFFFFFFFF  # the low half of a pair
_AT_ONCE = 4_000_000  # entries of runs that are looked at together: about 200 MB

Bools: TypeAlias = NDArray[numpy.bool_]


class Needles(NamedTuple):
    """The probes' distinct hashes in ascending order, and whose each is."""

    hashes: Hashes
    probe: Counts


class Ranked(NamedTuple):
    """As `Sharing`, best first within a probe. `rank` is the same where an id alone can tell two apart."""

    probe: Counts
    rank: Counts
    print: Numbers
    shared: Counts


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where in a run needles were found: `count` entries from `low`."""

    number: int  # of the run among all
    run: SortedRun
    needle: Counts
    low: Counts
    count: Counts


def windows(probes: Sequence[Probe]) -> Windows:
    since = numpy.array([micros(probe.since) for probe in probes], dtype=numpy.int64)
    return Windows(since, numpy.array([micros(probe.until) for probe in probes], dtype=numpy.int64))


def weeks(inside: Windows) -> tuple[int, int]:
    """First and last that any of them touches."""
    return int(inside.since.min()) // WEEK, int(inside.until.max()) // WEEK


def by_weeks(probes: Sequence[Probe]) -> list[list[int]]:
    """Numbers of the probes that look into neighbouring weeks, together; those that can find nothing are left out."""
    inside = windows(probes)
    first, last = (inside.since // WEEK).tolist(), (inside.until // WEEK).tolist()
    asking = [n for n, probe in enumerate(probes) if probe.hashes and probe.limit > 0 and probe.since <= probe.until]
    parts: list[list[int]] = []
    for number in sorted(asking, key=lambda n: (first[n], last[n])):
        if not parts or first[number] - first[parts[-1][0]] >= _WEEKS:
            parts.append([])
        parts[-1].append(number)
    return parts


def needles(probes: Sequence[Probe]) -> Needles:
    distinct = [numpy.unique(numpy.array(probe.hashes, dtype=numpy.uint64)) for probe in probes]
    hashes = numpy.concatenate([numpy.empty(0, numpy.uint64), *distinct])
    owner = numpy.repeat(numpy.arange(len(probes), dtype=numpy.int64), [len(one) for one in distinct])
    order = numpy.argsort(hashes, kind="stable")  # neighbours in a run are then asked for one after the other
    return Needles(hashes[order], owner[order])


def ranked(
    runs: Sequence[tuple[int, SortedRun]], probes: Sequence[Probe], most_holders: int, present: Present
) -> Ranked:
    """Of runs and their weeks, by the rule of `Lookups.candidates`. Old prints are among them."""
    inside = windows(probes)
    parts = list(_sharing(runs, needles(probes), inside, most_holders, present))
    none = numpy.empty(0, numpy.int64)
    parts.append(Sharing(none, numpy.empty(0, numpy.uint32), none, none))
    probe, owner, time, shared = (numpy.concatenate(columns) for columns in zip(*parts, strict=True))
    distance = numpy.abs((time - inside.since[probe]) - (inside.until[probe] - time))
    order = numpy.lexsort((-time, distance, -shared, probe))
    keys = [column[order] for column in (probe, shared, distance, time)]
    differs = numpy.ones(len(order), dtype=numpy.int64)
    differs[1:] = numpy.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return Ranked(probe[order], numpy.cumsum(differs), owner[order], shared[order])


def _sharing(
    runs: Sequence[tuple[int, SortedRun]], asked: Needles, inside: Windows, most_holders: int, present: Present
) -> Iterator[Sharing]:
    """What each run says: a fingerprint is in one run alone, so nothing has to be added up over runs."""
    places, held = _places(runs, asked, inside)
    light = held <= most_holders
    if held[light].sum() > _AT_ONCE and asked.probe.min() < asked.probe.max():
        middle = (asked.probe.min() + asked.probe.max()) // 2
        for half in (asked.probe <= middle, asked.probe > middle):
            yield from _sharing(runs, Needles(asked.hashes[half], asked.probe[half]), inside, most_holders, present)
        return
    if not light.all():
        apart = numpy.isin(asked.probe, asked.probe[~light])
        heavy = Needles(asked.hashes[~light], asked.probe[~light])
        hashes = numpy.unique(heavy.hashes)
        among = holders([run for _, run in runs], hashes, present)
        crowds = Crowds(among, inside, _light(places, light & apart, asked, inside, among), most_holders, present)
        yield from crowds.sharing(_by_probe(heavy.probe, numpy.searchsorted(hashes, heavy.hashes)))
        light &= ~apart
    for place in places:
        yield _plain(place, light, asked, inside)


def _by_probe(probe: Counts, number: Counts) -> dict[int, Heavy]:
    """The numbers, ascending already, by probe."""
    order = numpy.argsort(probe, kind="stable")
    probes, first = numpy.unique(probe[order], return_index=True)
    parts = numpy.split(number[order], first[1:])
    return {one: tuple(part.tolist()) for one, part in zip(probes.tolist(), parts, strict=True)}


def _places(runs: Sequence[tuple[int, SortedRun]], asked: Needles, inside: Windows) -> tuple[list[_Place], Counts]:
    """Where the needles are, and how many entries each has in all."""
    first, last = (inside.since // WEEK)[asked.probe], (inside.until // WEEK)[asked.probe]
    held = numpy.zeros(len(asked.hashes), dtype=numpy.int64)
    places = []
    for number, (week, run) in enumerate(runs):
        needle = numpy.flatnonzero((first <= week) & (week <= last))
        wanted = asked.hashes[needle]
        low = numpy.searchsorted(run.hashes, wanted)
        found = run.hashes[numpy.minimum(low, len(run) - 1)] == wanted
        needle, low, wanted = needle[found], low[found], wanted[found]
        if len(needle):
            count = numpy.searchsorted(run.hashes, wanted, side="right") - low
            held[needle] += count
            places.append(_Place(number, run, needle, low, count))
    return places, held


def _light(places: Sequence[_Place], which: Bools, asked: Needles, inside: Windows, among: Holders) -> Light:
    none = numpy.empty(0, numpy.int64)
    parts = [Light(none, numpy.empty(0, numpy.uint32), none, none, none)]
    for place in places:
        pairs, shared = _pairs(place, which, asked, inside)
        parts.append(Light(*_named(place, pairs), shared, among.of_run[place.number][pairs & _OWNER]))
    probe, prints, time, shared, at = (numpy.concatenate(columns) for columns in zip(*parts, strict=True))
    order = numpy.argsort(probe, kind="stable")
    return Light(probe[order], prints[order], time[order], shared[order], at[order])


def _plain(place: _Place, which: Bools, asked: Needles, inside: Windows) -> Sharing:
    pairs, shared = _pairs(place, which, asked, inside)
    enough = shared >= MIN_SHARED
    return Sharing(*_named(place, pairs[enough]), shared[enough])


def _pairs(place: _Place, which: Bools, asked: Needles, inside: Windows) -> tuple[Counts, Counts]:
    """Probes (in the high bits) and owners in the run that hold any of these needles, and how many of them."""
    kept = which[place.needle]
    needle, low, count = place.needle[kept], place.low[kept], place.count[kept]
    before = numpy.cumsum(count) - count
    entries = numpy.arange(int(count.sum())) + numpy.repeat(low - before, count)
    owner, probe = place.run.owners[entries].astype(numpy.int64), numpy.repeat(asked.probe[needle], count)
    time = place.run.times[owner]
    within = (inside.since[probe] <= time) & (time <= inside.until[probe])
    pairs, shared = numpy.unique(probe[within] << 32 | owner[within], return_counts=True)
    return pairs, shared


def _named(place: _Place, pairs: Counts) -> tuple[Counts, Numbers, Times]:
    owner = pairs & _OWNER
    return pairs >> 32, place.run.prints[owner], place.run.times[owner]
