"""What a batch of stories does to stories and to what they are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitor.records import Story


class Naming:
    """`pointers`: alias -> story, as far as the batch may touch them."""

    def __init__(self, pointers: Mapping[str, str]) -> None:
        self._before = dict(pointers)
        self._pointers = dict(pointers)
        self._direct: set[str] = set()  # aliases that a story of the batch names itself
        self.stories: dict[str, Story | None] = {}  # None: it is one no more

    def keep(self, story: Story) -> None:
        """Its aliases resolve to it from now on, and so do those that resolved to one of them."""
        self.stories[story.id] = story
        self._pointers.pop(story.id, None)
        for alias in story.aliases:
            self.stories[alias] = None
            self._pointers[alias] = story.id
            self._direct.add(alias)
        for alias, target in self._pointers.items():
            if target in story.aliases:
                self._pointers[alias] = story.id

    def take_away(self, story: str) -> None:
        """With its aliases."""
        self.stories[story] = None
        for alias in [alias for alias, target in self._pointers.items() if target == story]:
            del self._pointers[alias]

    def kept(self) -> list[Story]:
        return [one for one in self.stories.values() if one is not None]

    def gone(self) -> list[str]:
        return [id for id, one in self.stories.items() if one is None]

    def changed(self, *, direct: bool) -> dict[str, str | None]:
        """New targets (None: no alias any more) of the aliases that stories of the batch name, or of all others."""
        aliases = (self._before | self._pointers).keys()
        new = {alias: self._pointers.get(alias) for alias in aliases if (alias in self._direct) is direct}
        return {alias: target for alias, target in new.items() if target != self._before.get(alias)}


def merging(stories: Sequence[Story], pointers: Mapping[str, str]) -> list[str]:
    """Aliases that do not resolve to their story yet: what resolves to them is to be looked up."""
    return [alias for story in stories for alias in story.aliases if pointers.get(alias) != story.id]
