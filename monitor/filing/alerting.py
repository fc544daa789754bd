"""What a batch has to tell: rules held against what it changed. Reads the store, writes nothing.

The alerts are written with the batch, before its inbox items count as filed: a filer that dies in between files the
batch again, and what was told by then is known by its key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rapidfuzz.distance import Indel

from monitor.alerts import Match, alerts, earlier_keys, question, story_names
from monitor.query import Bool, Node, Range
from monitor.records import Alert, Changes, Document, Edge, Rule, SourceTrace, Story
from monitor.sources import CREDITED, reuses
from monitor.sources.surroundings import holders
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.port import Store
from monitor.store.stemming import stem

MOST_MEMBERS = 500  # of one story that are held against rules when it grows past a number that rules name
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Watch:
    """The rules as they are now, with what follows from all of them. `zone`: of cadences where a rule names none."""

    rules: Mapping[str, Rule]
    zone: str = "UTC"
    bounds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # by rule: numbers of copies it turns on

    @classmethod
    def of(cls, rules: Iterable[Rule], zone: str) -> Watch:
        kept = {rule.id: rule for rule in rules}
        found: dict[str, tuple[float, ...]] = {}
        for rule in kept.values():
            bounds = {float(rule.min_copies)} - {1.0}
            if "copies" in rule.query.lower():  # to read thousands of questions takes seconds
                bounds |= set(_amounts(question(rule, zone)))
            if bounds:
                found[rule.id] = tuple(sorted(bounds))
        return cls(kept, zone, found)


class NewRule(Exception):
    """An article answers a rule that is not among those of the watch."""


@dataclass(frozen=True, slots=True)
class _Held:
    """An article that is held against the rules. `former`: as it could be told of before; itself where the batch does
    not write it, but something about it became another.
    """

    document: Document
    former: Document | None


def to_tell(store: Store, changes: Changes, watch: Watch, now: datetime, *, fresh: bool = False) -> tuple[Alert, ...]:
    """Alerts of the batch that were not told before. Raises NewRule, but for a watch that is `fresh`."""
    on = [rule for rule in watch.rules.values() if rule.is_on(now)]
    if not on or not (changes.documents or changes.stories):
        return ()
    stored = store.documents([one.id for one in changes.documents])
    before = {id: one for id, one in stored.items() if _is_told(one)}  # no page behind somebody's link
    stories = {one.id: one for one in changes.stories}
    told = store.stories(list(stories))
    changed = [one for one in changes.documents if _is_told(one) and _differs(before.get(one.id), one)]
    held = {one.id: _Held(one, before.get(one.id)) for one in changed}
    touched = _of_grown(store, changes, told, {bound for rule in on for bound in watch.bounds.get(rule.id, ())}, held)
    if any(rule.withdrawn for rule in on):
        touched += _of_taken_back(store, changes, stored, held)
    held |= {one.id: _Held(one, one) for one in touched}
    if not held:
        return ()
    missing = {one.document.story for one in held.values()} - set(stories)
    stories |= store.stories(missing) if missing else {}
    hits = store.match_rules([one.document for one in held.values()], stories)
    if not fresh and any(hit.rule not in watch.rules for hit in hits):
        raise NewRule
    found = [(watch.rules[hit.rule], held[hit.article_id]) for hit in hits if hit.rule in watch.rules]
    matches = list(_matches(store, changes, watch, found, stories, told))
    return _not_told(store, alerts(matches, now, watch.zone), matches)


def _matches(
    store: Store,
    changes: Changes,
    watch: Watch,
    found: Sequence[tuple[Rule, _Held]],
    stories: Mapping[str, Story],
    told: Mapping[str, Story],
) -> Iterator[Match]:
    """`told`: the batch's stories as they were."""
    taken_back = _copies_of_withdrawn(store, _once(one.document for rule, one in found if rule.withdrawn), changes)
    formers = _once(one.former for _, one in found)
    missing = {one.story for one in formers} - set(told)
    told = {**told, **(store.stories(missing) if missing else {})}
    answered = {(hit.rule, hit.article_id) for hit in (store.match_rules(formers, told) if formers else ())}
    # As the store has it: what is taken back in the batch was not before.
    asked = _once(one.former for rule, one in found if rule.withdrawn)
    taken_back_before = _copies_of_withdrawn(store, asked, Changes())
    for rule, one in found:
        document, former = one.document, one.former
        if not _is_about(rule, document, taken_back):
            continue
        copies = _copies(stories.get(document.story))
        if former is not None and _copies(told.get(former.story)) >= rule.min_copies:
            before = (rule.id, document.id) in answered and _is_about(rule, former, taken_back_before)
            if before and not _is_added(rule, former, document, watch.zone):
                continue
        yield Match(rule, document, copies, story_names(document, stories.get(document.story)), former is None)


def _once(documents: Iterable[Document | None]) -> list[Document]:
    return list({one.id: one for one in documents if one is not None}.values())


def _not_told(store: Store, made: Sequence[Alert], matches: Sequence[Match]) -> tuple[Alert, ...]:
    """Without those that were told before, under whatever name of their story."""
    names: dict[str, set[str]] = {}
    for match in matches:
        names.setdefault(match.document.story, set()).update(match.names)
    keys = {alert.key: [alert.key, *earlier_keys(alert, names.get(alert.story, ()))] for alert in made}
    known = store.told([key for several in keys.values() for key in several]) if keys else {}
    return tuple(alert for alert in made if not any(key in known for key in keys[alert.key]))


# --- what changed ----------------------------------------------------------------------------------------------------


def _is_told(document: Document) -> bool:
    return document.article.role == "article"


def _differs(former: Document | None, document: Document) -> bool:
    """Is anything another that a rule can ask for?"""
    return former is None or _seen(former) != _seen(document)


def _seen(document: Document) -> tuple[object, ...]:
    article = document.article
    return (
        document.text_hash,
        article.title,
        article.authors,
        article.url,
        document.language.code,
        document.story,
        _of_source(document.source),
        document.withdrawn,
    )


def _of_source(source: SourceTrace) -> tuple[object, ...]:
    agencies = tuple(sorted(one.id for one in source.agencies if one.confidence >= CREDITED))
    origin = source.origin
    told = (source.kind, source.credited, source.uncredited_reuse, source.licensed, source.photo_agencies)
    return (agencies, *told, origin.url, origin.article_id, origin.site)


def _of_grown(
    store: Store, changes: Changes, told: Mapping[str, Story], bounds: Collection[float], known: Collection[str]
) -> list[Document]:
    """Members of the stories whose copies came to a number, or fell below one, that rules name."""
    grown = [
        story.id
        for story in changes.stories
        if any((_copies(told.get(story.id)) >= bound) != (story.copies >= bound) for bound in bounds)
    ]
    if not grown:
        return []
    written = {one.id: one for one in changes.documents}
    ids = {one for members in store.members(grown).values() for one in members[:MOST_MEMBERS]}
    found = store.documents(ids - set(written)) | {
        id: one for id, one in written.items() if id in ids or one.story in grown
    }
    return [one for id, one in sorted(found.items()) if id not in known and one.story in grown and _is_told(one)]


def _of_taken_back(
    store: Store, changes: Changes, stored: Mapping[str, Document], known: Collection[str]
) -> list[Document]:
    """Copies of what the batch says is withdrawn."""
    fresh = [one for one in changes.documents if one.withdrawn and not (one.id in stored and stored[one.id].withdrawn)]
    around = {id for ids in _around(store, fresh, changes).values() for id in ids}
    ids = around.difference(known, [one.id for one in changes.documents])
    return [one for _, one in sorted(store.documents(ids).items()) if _is_told(one)] if ids else []


def _copies(story: Story | None) -> int:
    return story.copies if story is not None else 1


def _amounts(node: Node) -> Iterator[float]:
    """Numbers around which a question's answer turns."""
    if isinstance(node, Bool):
        for one in (*node.must, *node.should, *node.must_not):
            yield from _amounts(one)
    elif isinstance(node, Range) and node.field == "copies":
        for bound in (node.low, node.high):
            if isinstance(bound, int | float):
                yield from (float(bound), float(bound) + 1)


# --- whether it is for the rule --------------------------------------------------------------------------------------


def is_about(store: Store, rule: Rule, documents: Sequence[Document], changes: Changes) -> list[Document]:
    """Of articles that answer a rule's question, those that it is about beyond that; `changes`: not written yet."""
    taken_back = _copies_of_withdrawn(store, documents, changes) if rule.withdrawn else set()
    return [one for one in documents if _is_about(rule, one, taken_back)]


def _is_about(rule: Rule, document: Document, taken_back: Collection[str]) -> bool:
    """Beyond its question: what no search can ask for."""
    if rule.reused_from and not any(reuses(document, agency) for agency in rule.reused_from):
        return False
    return not rule.withdrawn or document.id in taken_back


def _copies_of_withdrawn(store: Store, asked: Sequence[Document], changes: Changes) -> set[str]:
    """Which of the articles run a text that was taken back, and are not taken back themselves."""
    around = _around(store, [one for one in asked if not one.withdrawn], changes)
    batch = {one.id: one for one in changes.documents}
    found = store.documents({id for ids in around.values() for id in ids} - set(batch)) | batch
    return {id for id, ids in around.items() if any(one in found and found[one].withdrawn for one in ids)}


def _around(store: Store, asked: Sequence[Document], changes: Changes) -> dict[str, list[str]]:
    """Members of each article's story, and others that hold a good part of it, as they are after the batch."""
    if not asked:
        return {}
    members = store.members({one.story for one in asked})
    edges = store.edges({one.id for one in asked})
    fresh: dict[str, list[str]] = {}
    for one in changes.documents:
        fresh.setdefault(one.story, []).append(one.id)
    return {
        one.id: [
            *members.get(one.story, ())[:MOST_MEMBERS],
            *fresh.get(one.story, ()),
            *holders(one.id, [*edges.get(one.id, ()), *_edges_of(one.id, changes)]),
        ]
        for one in asked
    }


def _edges_of(id: str, changes: Changes) -> list[Edge]:
    return [edge for edge in changes.edges if id in (edge.article, edge.other)]


def _is_added(rule: Rule, former: Document, document: Document, zone: str) -> bool:
    """Is what the rule asks for in what was added?"""
    if former.text_hash == document.text_hash:
        return False
    marker, language = Marker(ask(question(rule, zone)), stem), document.language.code
    texts = (
        ("title", former.article.title, document.article.title),
        ("text", former.article.text, document.article.text),
    )
    return any(_overlap(marker.marks(new, field, language), added(old, new)) for field, old, new in texts if old != new)


def added(old: str, new: str) -> list[tuple[int, int]]:
    """Spans of the new text whose words the old one does not have there."""
    before = [match[0] for match in _WORD.finditer(old)]
    found = list(_WORD.finditer(new))
    spans = []
    for step in Indel.opcodes(before, [match[0] for match in found]):
        if step.tag == "insert" and step.dest_start < step.dest_end:
            spans.append((found[step.dest_start].start(), found[step.dest_end - 1].end()))
    return spans


def _overlap(marks: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < end and begin < stop for start, stop in marks for begin, end in spans)
