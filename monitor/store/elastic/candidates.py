"""Who shares fingerprints with an article: one request with several searches for a whole batch.

A clause of constant score for each hash, so that the score is the number of shared ones. Where more than MOST_HOLDERS
articles may share with a probe, the engine is made to see all that was filed, once for the batch, and asked again:
which hashes count for nothing is said on exact numbers.

Unlike the embedded store, of a text with more than MOST_HASHES hashes (5,000 words) the lowest alone are asked for: an
engine takes 1,024 clauses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitor.records import Candidate, Probe
from monitor.store.elastic.documents import hash_key
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import Hit, Query, column
from monitor.store.port import MIN_SHARED, MOST_HOLDERS
from monitor.store.values import micros, moment

MOST_HASHES = 1000
# Of all searches in one request, 80 bytes each: managed engines take 10 MB. A batch of 200 articles has 30,000.
CLAUSES_AT_ONCE = 60_000
# Hits beyond the probe's limit that are asked for at once: of those that share as many hashes, the nearest in time are
# wanted, and that the engine can't tell.
_SPARE = 20
_MORE = (1000, 10_000)  # hits asked for when that was not enough; an engine gives 10,000 at most
_COLUMNS = ("id", "story", "site", "micros.published")
_ONLY = "responses.hits.total,responses.hits.hits._score,responses.hits.hits.fields"
_HELD = "responses.aggregations"


@dataclass(frozen=True, slots=True)
class _Asked:
    probe: Probe
    size: int


class Candidates(Part):
    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        answers: dict[int, list[Candidate]] = {}
        asked = {n: _Asked(_reduced(probe), probe.limit + _SPARE) for n, probe in enumerate(probes)}
        crowded = self._answer(asked, answers, MOST_HOLDERS)
        if crowded and len(self._recent):
            self._see_everything()
            crowded = self._answer(crowded, answers, MOST_HOLDERS)
        if crowded:
            self._answer(self._without_furniture(crowded), answers)
        return [answers.get(n, []) for n in range(len(probes))]

    def _answer(
        self, asked: Mapping[int, _Asked], answers: dict[int, list[Candidate]], most: int | None = None
    ) -> dict[int, _Asked]:
        """Adds the answers. Those that more than `most` articles may share with have none: they are given back."""
        crowded: dict[int, _Asked] = {}
        asked = {n: one for n, one in asked.items() if _can_answer(one.probe)}
        for size in (*_MORE, 0):
            again: dict[int, _Asked] = {}
            for n, answer in self._ask(asked).items():
                one, total = asked[n], answer["total"]["value"]
                mine = self._recent.sharing(one.probe)
                if most is not None and total + len(mine) > most:
                    crowded[n] = one
                    continue
                found = [_candidate(hit) for hit in answer.get("hits", ())]
                answers[n] = self._recent.laid(mine, found, one.probe)[: one.probe.limit]
                if size and not _is_complete(found, total, answers[n], one):
                    again[n] = replace(one, size=size)
            asked = again
            if not asked:
                break
        return crowded

    def _ask(self, asked: Mapping[int, _Asked]) -> dict[int, Any]:
        answers: dict[int, Any] = {}
        for part in _requests(asked):
            bodies = [_search(asked[n]) for n in part]
            found = self._reader.several("articles", bodies, only=_ONLY)
            answers |= {n: one["hits"] for n, one in zip(part, found, strict=True)}
        return answers

    def _without_furniture(self, asked: Mapping[int, _Asked]) -> dict[int, _Asked]:
        """Without the hashes that more than MOST_HOLDERS articles of the window hold."""
        rare: dict[int, _Asked] = {}
        for part in _requests(asked):
            bodies = [_holders(asked[n].probe) for n in part]
            for n, answer in zip(part, self._reader.several("articles", bodies, only=_HELD), strict=True):
                held = answer["aggregations"]["held"]["buckets"]
                probe = asked[n].probe
                hashes = tuple(one for one in probe.hashes if held[hash_key(one)]["doc_count"] <= MOST_HOLDERS)
                rare[n] = replace(asked[n], probe=replace(probe, hashes=hashes))
        return rare


def _requests(asked: Mapping[int, _Asked]) -> Iterator[list[int]]:
    """Their numbers, by requests: all in one, as long as that is not too large."""
    part: list[int] = []
    clauses = 0
    for number, one in asked.items():
        if part and clauses + len(one.probe.hashes) > CLAUSES_AT_ONCE:
            yield part
            part, clauses = [], 0
        part.append(number)
        clauses += len(one.probe.hashes)
    if part:
        yield part


def _reduced(probe: Probe) -> Probe:
    """Each hash once, and not more than an engine takes."""
    return replace(probe, hashes=tuple(sorted(set(probe.hashes))[:MOST_HASHES]))


def _can_answer(probe: Probe) -> bool:
    return len(probe.hashes) >= MIN_SHARED and probe.limit > 0 and probe.since <= probe.until


def _search(asked: _Asked) -> dict[str, Any]:
    probe = asked.probe
    clauses = [{"constant_score": {"filter": {"term": {"hashes": hash_key(number)}}}} for number in probe.hashes]
    # No filter, which engines look at last: so no hash is looked up in a segment without articles of the window. In an
    # archive of five months that is half of the time, and it does not grow with it.
    window = {"constant_score": {"filter": _window(probe), "boost": 0}}
    return {
        "query": {"bool": {"must": [window], "should": clauses, "minimum_should_match": MIN_SHARED}},
        "size": asked.size,
        "_source": False,
        "stored_fields": "_none_",  # for the id of each hit the engine would unpack the articles around it
        "docvalue_fields": list(_COLUMNS),
        "track_total_hits": MOST_HOLDERS + 1,
    }


def _holders(probe: Probe) -> dict[str, Any]:
    """How many articles of the window hold each of its hashes."""
    filters = {hash_key(number): {"term": {"hashes": hash_key(number)}} for number in probe.hashes}
    return {
        "query": {"bool": {"filter": [_window(probe)]}},
        "size": 0,
        "track_total_hits": False,
        "aggs": {"held": {"filters": {"filters": filters}}},
    }


def _window(probe: Probe) -> Query:
    return {"range": {"micros.published": {"gte": micros(probe.since), "lte": micros(probe.until)}}}


def _candidate(hit: Hit) -> Candidate:
    at = moment(column(hit, "micros.published"))
    return Candidate(column(hit, "id"), column(hit, "story"), column(hit, "site"), at, round(hit["_score"]))


def _is_complete(found: Sequence[Candidate], total: int, answer: Iterable[Candidate], asked: _Asked) -> bool:
    """Can no article that was not given belong to the answer? All that share more than the last one given are there."""
    given = list(answer)
    is_counted = total <= MOST_HOLDERS  # up to there alone
    if (is_counted and len(found) >= total) or len(found) < asked.size:
        return True
    return len(given) >= asked.probe.limit and given[-1].shared > found[-1].shared
