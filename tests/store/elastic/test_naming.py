"""What a batch does to the names of stories: the same as in the in-memory store, told as changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.records import Changes, Story
from monitor.store.elastic.naming import Naming, merging
from monitor.store.memory import MemoryStore
from tests.articles import NOW

NAMES = ["s1", "s2", "s3", "s4"]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    id = draw(st.sampled_from(NAMES))
    aliases = draw(st.lists(st.sampled_from([name for name in NAMES if name != id]), max_size=2, unique=True))
    return Story(id, "a", draw(st.integers(0, 2)), NOW, NOW, aliases=tuple(aliases))


@given(st.lists(st.lists(stories(), max_size=3), max_size=4))
def test_batches_come_to_the_same_as_in_memory(batches: list[list[Story]]) -> None:
    model = MemoryStore()
    kept: dict[str, Story] = {}
    pointers: dict[str, str] = {}
    for batch in batches:
        model.file(Changes(stories=tuple(batch)))
        naming = Naming(pointers)
        for story in batch:
            if story.copies:
                naming.keep(story)
            else:
                naming.take_away(story.id)
        for id in naming.gone():
            kept.pop(id, None)
        kept |= {story.id: story for story in naming.kept()}
        for direct in (False, True):
            for alias, target in naming.changed(direct=direct).items():
                if target is None:
                    del pointers[alias]
                else:
                    pointers[alias] = target
        resolved = {asked: kept.get(pointers.get(asked, asked)) for asked in NAMES}
        assert {asked: story for asked, story in resolved.items() if story} == model.stories(NAMES)


def test_only_new_aliases_are_looked_into() -> None:
    story = Story("s1", "a", 3, NOW, NOW, aliases=("s2", "s3"))
    assert merging([story], {"s2": "s1", "s3": "s9"}) == ["s3"]
