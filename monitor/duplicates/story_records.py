"""What the record of a story says of its members. Hidden articles (reference wires, sources) are not counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.records import Document, Story


def described(name: str, root: Document, members: Sequence[Document], old: Story | None) -> Story:
    """The record of a story with these members, from nothing but them; agencies and aliases are the old one's."""
    articles = [one for one in members if one.article.role == "article"]
    return Story(
        id=name,
        root=root.id,
        copies=len(articles),
        first=min(one.story_time for one in members),
        last=max(one.story_time for one in members),
        sites=tuple(sorted({one.article.site for one in articles})),
        agencies=old.agencies if old else (),
        aliases=old.aliases if old else (),
        title=root.article.title,
    )


def united(name: str, root: Document, joined: Sequence[Document], old: Sequence[Story]) -> Story:
    """The records of stories that became one, with those that joined: without reading all members of a large story."""
    articles = [one for one in joined if one.article.role == "article"]
    oldest = next((story for story in old if story.id == name), old[0])
    return replace(
        oldest,
        id=name,
        root=root.id,
        copies=sum(story.copies for story in old) + len(articles),
        first=root.story_time,
        last=max([story.last for story in old] + [one.story_time for one in joined]),
        sites=tuple(sorted({site for story in old for site in story.sites} | {one.article.site for one in articles})),
        agencies=tuple(dict.fromkeys(agency for story in (oldest, *old) for agency in story.agencies)),
        title=root.article.title,
    )


def joined_by(story: Story, document: Document) -> Story:
    counts = document.article.role == "article"
    return replace(
        story,
        copies=story.copies + counts,
        first=min(story.first, document.story_time),
        last=max(story.last, document.story_time),
        sites=tuple(sorted({*story.sites, document.article.site})) if counts else story.sites,
    )
