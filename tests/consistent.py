"""What must agree in a store, whatever was killed on the way: articles, revisions, counts, and stories as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from monitor.records import Revision
from monitor.store.port import Store


def agree(store: Store, story_of: Mapping[str, str]) -> None:
    """Each story is as its members are."""
    documents = store.documents(story_of)
    stories = store.stories(set(story_of.values()))
    members: dict[str, list[str]] = {}
    for id, story in story_of.items():
        members.setdefault(story, []).append(id)
    assert set(stories) == set(members)
    for id, own in members.items():
        story, ordered = stories[id], sorted((documents[one].story_time, documents[one].first_seen, one) for one in own)
        assert story.id == id
        assert story.copies == len(own)
        assert story.root == ordered[0][2]
        assert [one for one in own if documents[one].is_root] == [story.root]
        assert (story.first, story.last) == (ordered[0][0], ordered[-1][0])
        assert set(story.sites) == {documents[one].article.site for one in own}
    assert {id: sorted(found) for id, found in store.members(members).items()} == {
        id: sorted(own) for id, own in members.items()
    }
    for edges in store.edges(story_of).values():
        assert all({edge.article, edge.other} <= set(story_of) for edge in edges)


def whole(store: Store, ids: Collection[str]) -> dict[str, str]:
    """Story by article, after a look at all that must agree: each article once, at its first revision, nothing waits.

    The runs together have stored each once.
    """
    assert store.waiting() == 0
    read = [(one.id, one.revision, one.story) for one in store.scan()]
    found = Counter(id for id, *_ in read)
    assert found == Counter(list(ids)), f"not there once: {sorted(set(ids) ^ found.keys())[:20]} of {len(ids)}"
    assert {revision for _, revision, _ in read} == {1}
    assert sorted(one.article_id for _, one in store.every(Revision)) == sorted(ids)
    stories = {id: story for id, _, story in read}
    agree(store, stories)
    runs = store.runs(limit=1000)
    assert (sum(run.stored for run in runs), sum(run.updated for run in runs)) == (len(ids), 0)
    return stories


def parted(stories: Mapping[str, str]) -> set[frozenset[str]]:
    """The partition, whatever the stories are called."""
    found: dict[str, set[str]] = {}
    for id, story in stories.items():
        found.setdefault(story, set()).add(id)
    return {frozenset(own) for own in found.values()}


def share_alike(one: Mapping[str, str], other: Mapping[str, str]) -> float:
    """Share of the articles that are in the same story in both, where each story is the same as one other at most: that
    with which it has the most articles in common.
    """
    assert set(one) == set(other)
    pairs = Counter((one[id], other[id]) for id in one)
    taken: set[str] = set()
    mine: set[str] = set()
    same = 0
    for (story, theirs), number in pairs.most_common():
        if story not in mine and theirs not in taken:
            mine.add(story)
            taken.add(theirs)
            same += number
    return same / len(one)
