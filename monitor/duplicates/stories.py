"""The stories that articles belong to, kept up as they arrive."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from monitor.duplicates.cluster import NEAR_KINDS, Link, Seat, Spans, inside, partition, seat
from monitor.duplicates.cohesion import cohesive
from monitor.duplicates.pairs import Pair, Texts
from monitor.duplicates.settings import MatchSettings
from monitor.duplicates.story_records import described, joined_by, united
from monitor.duplicates.view import View
from monitor.records import Document, Duplicate, Edge, Story
from monitor.text import digest

# Articles of stories that are divided anew together. Of larger stories only those near the article that arrived are:
# its partners, their parents and the roots; the others stay with their root.
MOST_MEMBERS = 64  # 16 and 256 give the same stories, docs/matching.md
LINKS = ("exact", "near", "contained")
_NONE = Duplicate()


class Stories:
    """Puts each article of a batch into its story, and others where that changes theirs."""

    def __init__(self, view: View, texts: Texts, settings: MatchSettings) -> None:
        self._view, self._texts, self._settings = view, texts, settings

    def settle(self, document: Document, pairs: Sequence[Pair], known: Document | None) -> None:
        """`known`: the article as it was filed before."""
        if (
            known is None and self._view.story(document.story) is not None
        ):  # its own id, left by it and lived in by others
            document = replace(document, story=self._minted(document.id))
        partners = self._view.documents([pair.other for pair in pairs if pair.kind in LINKS])
        verbs = self._view.decisions([document.id, *partners])
        decided = any(document.id in pair for pair in verbs)
        earlier = {id: one for id, one in partners.items() if one.age < document.age}
        plain = len(earlier) == len(partners) or _repeats(pairs, partners, earlier)
        links = [pair for pair in pairs if pair.other in earlier]
        if known is None and not decided and plain and self._attach(document, links, earlier):
            return
        self._divide(document, known, partners, {id for pair in verbs if document.id in pair for id in pair})

    def _attach(self, document: Document, pairs: Sequence[Pair], partners: Mapping[str, Document]) -> bool:
        """The common case: it comes after all that it matches, and joins one story or none."""
        links = sorted(
            (pair.link(self._settings, from_mine=True) for pair in pairs), key=lambda link: partners[link.parent].age
        )
        groups = {id: one.story for id, one in partners.items()}
        found = seat(
            document.id,
            links,
            self._size(document) if links else 0,
            groups,
            lambda link: inside(link, partners[link.parent].part, self._cohesive),
            lambda article, group: False,
        )
        if found.near:
            return False
        if found.link is None:
            if (document.is_root, document.duplicate, document.part, document.also_in) != (True, _NONE, (), ()):
                document = replace(document, is_root=True, duplicate=_NONE, part=(), also_in=())
            self._view.put(document)
            self._view.put_story(described(document.story, document, [document], None))
            return True
        story = self._view.story(found.group)
        if story is None:
            return False
        self._view.put(
            replace(
                document,
                story=found.group,
                is_root=False,
                duplicate=_duplicate(found.link, pairs),
                part=found.part,
                also_in=found.also,
            )
        )
        self._view.put_story(joined_by(story, document))
        return True

    def _divide(
        self, document: Document, known: Document | None, partners: Mapping[str, Document], named: Collection[str]
    ) -> None:
        """Divide the stories that the article touches anew."""
        self._view.put(document)
        touched = {one.story for one in partners.values()} | {document.story}
        touched |= {one.story for one in self._view.documents(named).values()}
        touched = self._called_now(touched)
        touched |= self._called_now(self._linked(touched))
        members = self._view.members(sorted(touched))
        ids = {document.id} | {id for own in members.values() for id in own}
        before = {id: story for story, own in members.items() for id in own}
        within = ids if len(ids) <= MOST_MEMBERS else self._near(document, partners, touched, named)
        documents = self._view.documents(sorted(within))
        seats, edges = self._seats(documents, ids)
        names = self._names(seats, before, touched, document, known)
        self._write(documents, seats, names, edges)
        by_old = {alias: name for name, aliases in names.values() for alias in aliases}
        outside = {id for id in ids - documents.keys() if before[id] in by_old}
        for one in self._view.documents(sorted(outside)).values():
            self._view.put(replace(one, story=by_old[one.story]))
        self._record(touched, names, before, documents)

    def _called_now(self, stories: Iterable[str]) -> set[str]:
        """An article goes on naming a second story as that was called, where it was taken into another since."""
        stories = set(stories)
        self._view.fetch_stories(stories)
        return {self._view.called_now(id) for id in stories}

    def _linked(self, touched: Iterable[str]) -> set[str]:
        """The second stories of members: without them, an article made of two would lose its link to the other."""
        ids = [id for own in self._view.members(sorted(touched)).values() for id in own]
        if len(ids) > MOST_MEMBERS:
            return set()
        return {story for one in self._view.documents(ids).values() for story in one.also_in}

    def _near(
        self, document: Document, partners: Mapping[str, Document], touched: Iterable[str], named: Collection[str]
    ) -> set[str]:
        roots = {story.root for id in touched if (story := self._view.story(id))}
        parents = {one.duplicate.of for one in partners.values() if one.duplicate.of}
        return {document.id, *partners, *roots, *parents, *named}

    def _seats(self, documents: Mapping[str, Document], ids: Collection[str]) -> tuple[dict[str, Seat], list[Edge]]:
        ordered = sorted(documents.values(), key=lambda one: one.age)
        place = {one.id: at for at, one in enumerate(ordered)}
        edges = [edge for edge in self._view.edges_among(documents.keys()) if edge.kind in LINKS]
        links: dict[str, list[Link]] = {}
        for edge in edges:
            one, other = documents[edge.article], documents[edge.other]
            pair = self._texts.again(edge, one, other)
            link = pair.link(self._settings, from_mine=place[one.id] > place[other.id])
            links.setdefault(link.child, []).append(link)
        for one in documents.values():
            if not one.is_root and one.duplicate.of in ids and one.duplicate.of not in documents:
                links.setdefault(one.id, []).append(self._stand_in(one, documents))
        for own in links.values():
            own.sort(key=lambda link: place[link.parent])
        verbs = self._view.decisions(documents.keys())
        return partition(
            [one.id for one in ordered],
            links,
            {one.id: self._size(one) for one in ordered},
            self._cohesive,
            apart=[pair for pair, verb in verbs.items() if verb == "split"],
            together=[pair for pair, verb in verbs.items() if verb == "merge"],
        ), edges

    def _stand_in(self, document: Document, documents: Mapping[str, Document]) -> Link:
        """The root, for a parent that is left out of the dividing."""
        story = self._view.story(document.story)
        root = story.root if story and story.root in documents else document.id
        whole = ((0, self._size(document)),)
        kept = document.duplicate
        return Link(document.id, root, kept.kind, kept.containment * self._size(document), document.part or whole, ())

    def _names(
        self,
        seats: Mapping[str, Seat],
        before: Mapping[str, str],
        touched: Iterable[str],
        document: Document,
        known: Document | None,
    ) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Id and aliases of each group's story. A story goes on where its root is; the oldest of several survives."""
        claims: dict[str, list[Story]] = {}
        for id in sorted(touched):
            story, own = self._view.story(id), [one for one in before if before[one] == id]
            if story is not None and story.id == id and (story.root in seats or own):
                heir = story.root if story.root in seats else min(own)
                claims.setdefault(seats[heir].group if heir in seats else heir, []).append(story)
        names: dict[str, tuple[str, tuple[str, ...]]] = {}
        for group in sorted({found.group for found in seats.values()}):
            claimed = sorted(claims.get(group, ()), key=lambda story: (story.first, story.id))
            if claimed:
                lost = [name for story in claimed[1:] for name in (story.id, *story.aliases)]
                names[group] = claimed[0].id, tuple(dict.fromkeys([*claimed[0].aliases, *lost]))
            else:
                names[group] = self._minted(group), ()
        return names

    def _minted(self, article: str) -> str:
        """A new id; the article's first one, unless a story has gone on under it."""
        name, count = digest("story", article), 1
        while self._view.story(name) is not None:
            count += 1
            name = digest("story", article, str(count))
        return name

    def _write(
        self,
        documents: Mapping[str, Document],
        seats: Mapping[str, Seat],
        names: Mapping[str, tuple[str, tuple[str, ...]]],
        edges: Sequence[Edge],
    ) -> None:
        for id, one in documents.items():
            found = seats[id]
            root = found.group == id
            also = tuple(sorted(names[group][0] for group in found.also))
            duplicate = Duplicate() if root else _by_edge(id, found, edges, seats)
            self._view.put(
                replace(
                    one, story=names[found.group][0], is_root=root, duplicate=duplicate, part=found.part, also_in=also
                )
            )

    def _record(
        self,
        touched: set[str],
        names: Mapping[str, tuple[str, tuple[str, ...]]],
        before: Mapping[str, str],
        divided: Mapping[str, Document],
    ) -> None:
        """The records of the stories after dividing. `divided`: the articles as they were before."""
        for group, (name, aliases) in names.items():
            was = {name, *aliases}
            now = self._view.documents([id for id in divided if self._view.story_now(id) == name])
            left = any(before[id] in was and id not in now for id in divided if id in before)
            joined = [one for id, one in now.items() if before.get(id) not in was]
            root = now[group]
            old = [story for id in sorted(touched & was) if (story := self._view.story(id)) and story.id == id]
            if old and not left and len(before) > MOST_MEMBERS:
                story = united(name, root, joined, old)
            else:
                members = self._view.documents(self._view.members([name])[name])
                story = described(name, root, list(members.values()), self._view.story(name))
            self._view.put_story(replace(story, aliases=aliases))
        kept = {name for name, _ in names.values()} | {alias for _, aliases in names.values() for alias in aliases}
        for name in sorted(touched - kept):
            gone = self._view.story(name)
            if gone is not None and gone.id == name:
                self._view.put_story(replace(gone, copies=0, sites=()))

    def _cohesive(self, link: Link, part: Spans) -> bool:
        parent = self._view.document(link.parent)
        return parent is not None and cohesive(parent.article.text, part, link.parent_spans)

    def _size(self, document: Document) -> int:
        return len(self._texts.of(document).words)


def _repeats(pairs: Sequence[Pair], partners: Mapping[str, Document], earlier: Collection[str]) -> bool:
    """Does it say word for word what an earlier member of the one story says that it matches? Then it changes nothing
    there: what it would link is linked already. A dispatch comes so from dozens of sites, dated to the same minute.
    """
    told = any(pair.kind == "exact" and pair.other in earlier and not partners[pair.other].part for pair in pairs)
    return told and len({one.story for one in partners.values()}) == 1


def _duplicate(link: Link, pairs: Iterable[Pair]) -> Duplicate:
    pair = next(pair for pair in pairs if pair.other == link.parent)
    return Duplicate(pair.kind, pair.other, pair.own, pair.kept)


def _by_edge(id: str, found: Seat, edges: Sequence[Edge], seats: Mapping[str, Seat]) -> Duplicate:
    """The edge by which the article is in its story: to its parent, else the strongest to another member."""
    best = Duplicate("decision", found.group)
    for edge in edges:
        if id not in (edge.article, edge.other):
            continue
        mine = edge.article == id
        other = edge.other if mine else edge.article
        own, kept = (edge.containment, edge.reverse) if mine else (edge.reverse, edge.containment)
        if found.link is not None and other == found.link.parent:
            return Duplicate(edge.kind, other, own, kept)
        if (
            found.link is None
            and edge.kind in NEAR_KINDS
            and seats[other].group == found.group
            and own > best.containment
        ):
            best = Duplicate(edge.kind, other, own, kept)
    if found.link is not None:
        return Duplicate(found.link.kind, found.link.parent)
    return best
