"""Stories as messages and press reviews show them: the article, the passage that was asked for, source and copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.alerts import Copy, Entry, Piece, Section, question
from monitor.query import Node
from monitor.records import Alert, Document, Rule, Story
from monitor.sources import CREDITED, AgencyTable
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.passages import passages
from monitor.store.port import Snippet, Store
from monitor.store.stemming import stem

OTHERS = 5  # copies named with an entry
MEMBERS = 50  # of a story that are looked at for them


@dataclass(frozen=True)
class Shown:
    """How entries are made. `page`: base address of the monitor's own page; empty: none is linked."""

    agencies: AgencyTable
    page: str = ""
    zone: str = "UTC"


def sections_of(store: Store, alerts: Sequence[Alert], rules: Mapping[str, Rule], shown: Shown) -> list[Section]:
    """What the alerts tell, by rule in the order of their names, stories newest first.

    An article that is gone, and a rule that was removed meanwhile, leave what is known without them.
    """
    documents = store.documents({alert.article for alert in alerts if alert.article})
    of_rule: dict[str, list[Alert]] = {}
    for alert in alerts:
        of_rule.setdefault(alert.rule, []).append(alert)
    made = []
    for id, theirs in of_rule.items():
        rule = rules.get(id) or Rule(id)
        found = [documents[alert.article] for alert in theirs if alert.article in documents]
        asked = question(rule, shown.zone) if rule.query else None
        entries = entries_of(store, found, asked, shown)
        made.append(Section(rule.name, rule.query, tuple(entries)))
    return sorted(made, key=lambda section: section.rule)


def entries_of(store: Store, documents: Sequence[Document], asked: Node | None, shown: Shown) -> list[Entry]:
    """One for each document, newest first, with what its story is by now."""
    stories = store.stories({document.story for document in documents})
    members = store.members({story.id for story in stories.values() if story.copies > 1})
    around = store.documents({id for ids in members.values() for id in ids[:MEMBERS]})
    marker = Marker(ask(asked), stem) if asked is not None else None
    ordered = sorted(documents, key=lambda one: (one.story_time, one.id), reverse=True)
    return [
        _entry(
            document,
            story := stories.get(document.story),
            [around[id] for id in members.get(story.id if story else "", ())[:MEMBERS] if id in around],
            marker,
            shown,
        )
        for document in ordered
    ]


def _entry(
    document: Document, story: Story | None, members: Sequence[Document], marker: Marker | None, shown: Shown
) -> Entry:
    article, source, language = document.article, document.source, document.language.code
    marks = marker.marks(article.text, "text", language) if marker is not None else []
    others = [one for one in members if one.id != document.id and one.article.role == "article"][:OTHERS]
    id = story.id if story is not None else document.story
    return Entry(
        title=article.title or article.url,
        site=article.site,
        url=article.url,
        at=document.story_time,
        story=id,
        article=document.id,
        passages=tuple(_pieces(one) for one in passages(article.text, marks)),
        kind=source.kind,
        agencies=tuple(_name(shown.agencies, one.id) for one in source.agencies if one.confidence >= CREDITED),
        credited=source.credited,
        licensed=source.licensed,
        origin=source.origin.url or source.origin.site,
        withdrawn=document.withdrawn,
        copies=story.copies if story is not None else 1,
        others=tuple(Copy(one.article.title, one.article.site, one.article.url, one.story_time) for one in others),
        language=language,
        page=f"{shown.page.rstrip('/')}/stories/{id}" if shown.page else "",
    )


def _pieces(snippet: Snippet) -> tuple[Piece, ...]:
    made, at = [], 0
    for start, end in snippet.marks:
        made += [Piece(snippet.text[at:start]), Piece(snippet.text[start:end], marked=True)]
        at = end
    made.append(Piece(snippet.text[at:]))
    return tuple(piece for piece in made if piece.text)


def _name(table: AgencyTable, id: str) -> str:
    return table[id].name if id in table else id
