"""Stories, and what they are called: each alias is a note that points to its story.

Notes of aliases are refreshed when they are written, which is at merges alone: so a search for all names of a story
misses none. A pointer that is right means that everything which its merge changed is done, for it is written last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from monitor.errors import QueryError
from monitor.records import Story
from monitor.store.asked import Amount, OfStories
from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.documents import key, story, story_document
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.naming import Naming, merging
from monitor.store.elastic.parts import Part
from monitor.store.elastic.reading import EVERYTHING, Query, all_of, any_of, column, portions
from monitor.store.values import plain
from monitor.text import digest

MOST_STORIES = 100_000  # that one query can name
_ALIAS: Query = {"term": {"kind": "alias"}}
_MEMBERS_AT_ONCE = 100
_DELETED_AT_ONCE = 1000


class Stories(Part):
    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        return {asked: story(source) for asked, source in self._resolved(ids, ["record"]).items()}

    def called(self, story: str) -> str:
        return self._targets([story]).get(story, story)

    def with_copies(self, amount: Amount) -> OfStories:
        """Most stories have one copy: where those are asked for too, the others are named."""
        others = amount.holds(1)
        bounds = {}
        if amount.low is not None:
            bounds["gte" if amount.include_low else "gt"] = amount.low
        if amount.high is not None:
            bounds["lte" if amount.include_high else "lt"] = amount.high
        inside: Query = {"range": {"copies": bounds}} if bounds else EVERYTHING
        query: Query = {"bool": {"must_not": [inside]}} if others else inside
        self._reader.refresh("stories")
        hits = self._reader.hits("stories", query, ["id"], fields=["id"], limit=MOST_STORIES + 1, page=10_000)
        found = frozenset(column(hit, "id") for hit in hits)
        if len(found) > MOST_STORIES:
            message = f"more than {MOST_STORIES:,} stories would have to be told apart by their copies"
            raise QueryError(message, text=amount.field, column=0, hint=f"ask for more, for example {amount.field}:>=5")
        return OfStories(found, others)

    def _copies(self, ids: Collection[str]) -> dict[str, int]:
        return {asked: int(source["copies"]) for asked, source in self._resolved(ids, ["copies"]).items()}

    def _resolved(self, ids: Collection[str], parts: Sequence[str]) -> dict[str, Source]:
        """Parts of the stories, by the id that was asked; a pointer goes before a story of the same id."""
        wanted = [("stories", key(id)) for id in ids] + [("notes", _pointer(id)) for id in ids]
        found = self._reader.mixed(wanted, [*parts, "target"])
        targets = {id: found["notes", _pointer(id)].source["target"] for id in ids if ("notes", _pointer(id)) in found}
        far = self._reader.many("stories", map(key, targets.values()), parts) if targets else {}
        resolved = {}
        for id in ids:
            one = far.get(key(targets[id])) if id in targets else found.get(("stories", key(id)))
            if one is not None:
                resolved[id] = one.source
        return resolved

    def _targets(self, ids: Iterable[str]) -> dict[str, str]:
        """Those that are aliases -> the stories that they resolve to."""
        pointers = {_pointer(id): id for id in ids}
        found = self._reader.many("notes", pointers, ["target"])
        return {pointers[one]: hit.source["target"] for one, hit in found.items()}

    def _aliases_of(self, stories: Iterable[str]) -> dict[str, list[str]]:
        """Story -> its aliases."""
        names: dict[str, list[str]] = {}
        for portion in portions(dict.fromkeys(stories), 1000):
            query = all_of(_ALIAS, any_of("target", portion))
            for hit in self._reader.hits("notes", query, ["name"], fields=["name", "target"]):
                names.setdefault(column(hit, "target"), []).append(column(hit, "name"))
        return names

    # --- writing -----------------------------------------------------------------------------------------------------

    def _file_stories(self, stories: Sequence[Story], version: int) -> list[Refused]:
        """Write them; what others wrote since is returned. An empty one goes."""
        if not stories:
            return []
        empty = {one.id for one in stories if not one.copies and not self._has_member(one.id)}
        naming = self._named(stories, empty)
        put = [self._writer.put("stories", key(one.id), story_document(one), version) for one in naming.kept()]
        absorbed = self._reader.many("stories", map(key, set(naming.gone()) - empty), [])
        dropped = {*absorbed, *(key(id) for id in naming.gone() if id in empty)}
        return [
            *self._writer.write(put),
            *self._writer.write(self._pointed(naming.changed(direct=False), version), refresh=True),
            *self._writer.write(self._pointed(naming.changed(direct=True), version), refresh=True),
            *self._writer.write([self._writer.delete("stories", one, version) for one in sorted(dropped)]),
        ]

    def _named(self, stories: Sequence[Story], empty: Collection[str]) -> Naming:
        pointers = self._targets({id for one in stories for id in (one.id, *one.aliases)})
        kept = [one for one in stories if one.id not in empty]
        asked = [*empty, *merging(kept, pointers)]
        for target, aliases in (self._aliases_of(asked) if asked else {}).items():
            pointers |= dict.fromkeys(aliases, target)
        naming = Naming(pointers)
        for one in stories:
            if one.id in empty:
                naming.take_away(one.id)
            else:
                naming.keep(one)
        return naming

    def _pointed(self, targets: Mapping[str, str | None], version: int) -> list[Action]:
        actions = []
        for alias, target in targets.items():
            if target is None:
                actions.append(self._writer.delete("notes", _pointer(alias), version))
            else:
                source = {"kind": "alias", "name": plain(alias), "target": plain(target)}
                actions.append(self._writer.put("notes", _pointer(alias), source, version))
        return actions

    def _has_member(self, story: str) -> bool:
        """Does any article, a hidden one too, belong to it now? A search says who may, and each is then asked for."""
        if self._recent.in_story(story):
            return True
        query: Query = {"term": {"story": plain(story)}}
        hits = self._reader.hits("articles", query, ["id"], fields=["id"], page=_MEMBERS_AT_ONCE)
        for portion in portions((hit for hit in hits if not self._recent.has(column(hit, "id"))), _MEMBERS_AT_ONCE):
            found = self._reader.many("articles", [hit["_id"] for hit in portion], ["story"])
            if any(one.source["story"] == plain(story) for one in found.values()):
                return True
        return False

    def _forget_stories(self, version: int) -> None:
        """All of them; aliases go on."""
        self._reader.refresh("stories")
        for portion in portions(
            self._reader.hits("stories", EVERYTHING, ["id"], page=_DELETED_AT_ONCE), _DELETED_AT_ONCE
        ):
            self._writer.write([self._writer.delete("stories", hit["_id"], version) for hit in portion])


def _pointer(alias: str) -> str:
    return digest("alias", alias)
