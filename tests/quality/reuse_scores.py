"""How well made streams are matched: pairs, origins, bulletins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

from monitor.duplicates import Matcher, MemoryLookup
from tests.quality.republishing import BATCH, Item

LONG_ENOUGH = 60  # kept words from which a copy has to be found


@dataclass(frozen=True, slots=True)
class Scores:
    precision: float
    recall: float
    origin: float  # share of the copies with kept words enough whose story's root is their original
    late_origin: float  # of those whose original arrived after a copy
    found: Mapping[str, float]  # by how much is kept: share of copies in their original's story
    false_per_bulletin: float
    merged_right: float  # in their main story, and not in one with the other
    wrong: tuple[tuple[Item, Item], ...] = ()


def matched(items: Sequence[Item]) -> MemoryLookup:
    matcher, lookup = Matcher(), MemoryLookup()
    for at in range(0, len(items), BATCH):
        lookup.file(matcher.place(lookup, [item.document() for item in items[at : at + BATCH]]))
    return lookup


def partition(lookup: MemoryLookup) -> dict[str, str]:
    return {one.id: one.story for one in lookup.all()}


def score(items: Sequence[Item], lookup: MemoryLookup) -> Scores:
    story = partition(lookup)
    roots = {one.id: one.root for one in lookup.all_stories()}
    by_id = {item.id: item for item in items}
    together = sum(comb(n, 2) for n in Counter(story.values()).values())
    true = sum(comb(n, 2) for n in Counter(item.main for item in items).values())
    right = sum(comb(n, 2) for n in Counter((item.main, story[item.id]) for item in items).values())
    copies = [item for item in items if item.kind == "copy" and item.parts[item.main] >= LONG_ENOUGH]
    arrival = {item.id: at for at, item in enumerate(items)}
    first_copy: dict[str, int] = {}
    for item in items:
        if item.parts:
            first_copy.setdefault(item.main, arrival[item.id])
    late = [item for item in copies if first_copy[item.main] < arrival[item.main]]
    merged = [item for item in items if item.kind == "merged"]
    return Scores(
        precision=right / together if together else 1.0,
        recall=right / true if true else 1.0,
        origin=_share([roots[story[item.id]] == item.main for item in copies]),
        late_origin=_share([roots[story[item.id]] == item.main for item in late]),
        found=_by_kept(items, story),
        false_per_bulletin=_false_of_bulletins(items, story),
        merged_right=_share(
            [
                story[m.id] == story[m.main] and all(story[m.id] != story[o] for o in m.parts if o != m.main)
                for m in merged
            ]
        ),
        wrong=_examples(by_id, story),
    )


def _by_kept(items: Sequence[Item], story: Mapping[str, str]) -> dict[str, float]:
    found: dict[str, list[bool]] = defaultdict(list)
    for item in items:
        if item.kind == "copy":
            hit = story[item.id] == story[item.main]
            if item.parts[item.main] < LONG_ENOUGH:
                found["fewer than 60 words"].append(hit)
            else:
                found["15 %" if item.kept < 0.3 else "30 % and more"].append(hit)
    return {name: _share(hits) for name, hits in sorted(found.items())}


def _false_of_bulletins(items: Sequence[Item], story: Mapping[str, str]) -> float:
    bulletins = [item for item in items if item.kind == "bulletin"]
    sizes, of_bulletins = Counter(story.values()), Counter(story[item.id] for item in bulletins)
    pairs = sum(comb(n, 2) for n in of_bulletins.values())
    pairs += sum(sizes[story[item.id]] - of_bulletins[story[item.id]] for item in bulletins)
    return pairs / (len(bulletins) or 1)


def _examples(items: Mapping[str, Item], story: Mapping[str, str]) -> tuple[tuple[Item, Item], ...]:
    members: dict[str, list[str]] = defaultdict(list)
    for id, name in story.items():
        members[name].append(id)
    wrong = []
    for ids in members.values():
        mains = Counter(items[id].main for id in ids)
        if len(mains) > 1:
            most = mains.most_common(1)[0][0]
            keeper = next(items[id] for id in ids if items[id].main == most)
            wrong += [(keeper, items[id]) for id in ids if items[id].main != most]
    return tuple(wrong)


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 1.0


def same_stories(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Share of the articles that have the very same company in both partitions."""
    first, second = _company(one), _company(other)
    return _share([first[id] == second[id] for id in one])


def _company(partition: Mapping[str, str]) -> dict[str, frozenset[str]]:
    members: dict[str, set[str]] = defaultdict(set)
    for id, story in partition.items():
        members[story].add(id)
    frozen = {story: frozenset(ids) for story, ids in members.items()}
    return {id: frozen[story] for id, story in partition.items()}
