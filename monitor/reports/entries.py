"""Stories as messages and press reviews show them: the article, the passage that was asked for, source and copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from monitor.alerts import Copy, Entry, Notice, Piece, Section, question
from monitor.codec import decode
from monitor.query import Node
from monitor.records import Alert, Document, Rule, Story
from monitor.reports.withdrawn import taken_back
from monitor.sources import CREDITED, AgencyTable
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.passages import passages
from monitor.store.port import Snippet, Store
from monitor.store.stemming import stem

STORIES = 100  # of one message; of more the number is told
OTHERS = 5  # copies named with an entry
MEMBERS = 50  # of a story that are looked at for them
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Shown:
    """How entries are made. `page`: base address of the monitor's own page; empty: none is linked."""

    agencies: AgencyTable
    page: str = ""
    zone: str = "UTC"


def sections_of(store: Store, alerts: Sequence[Alert], rules: Mapping[str, Rule], shown: Shown) -> list[Section]:
    """What the alerts tell, by rule in the order of their names: each story once, newest first, no more than STORIES.

    An article that is gone, and a rule that was removed meanwhile, leave what is known without them.
    """
    groups = _by_story(store, alerts)
    documents = store.documents({one.article for _, theirs in groups[:STORIES] for one in theirs if one.article})
    made = []
    for id in dict.fromkeys(one.rule for one in alerts):
        rule = rules.get(id) or Rule(id)
        found: dict[str, tuple[str, ...]] = {}
        for known, theirs in groups[:STORIES]:
            told = sorted((documents[one.article] for one in theirs if one.article in documents), key=lambda d: d.age)
            if known == id and told:
                found[told[0].id] = tuple(one.id for one in told[1:])
        asked = question(rule, shown.zone) if rule.query else None
        entries = entries_of(
            store, [documents[first] for first in found], asked, shown, found, withdrawn=rule.withdrawn
        )
        more = sum(known == id for known, _ in groups[STORIES:])
        made.append(Section(rule.name, rule.query, tuple(entries), more, shown.page if more else ""))
    return sorted(made, key=lambda section: section.rule)


def _by_story(store: Store, alerts: Sequence[Alert]) -> list[tuple[str, list[Alert]]]:
    """Of each rule, those of one story (by the id that it has now) together; newest first, with the rule's id."""
    stories = store.stories({one.story for one in alerts if one.story})
    groups: dict[tuple[str, str], list[Alert]] = {}
    for one in alerts:
        story = stories[one.story].id if one.story in stories else one.story or one.article
        groups.setdefault((one.rule, story), []).append(one)
    ordered = sorted(groups.items(), key=lambda group: max(one.made or _NEVER for one in group[1]), reverse=True)
    return [(rule, theirs) for (rule, _), theirs in ordered]


def entries_of(
    store: Store,
    documents: Sequence[Document],
    asked: Node | None,
    shown: Shown,
    told: Mapping[str, Sequence[str]] = MappingProxyType({}),
    *,
    withdrawn: bool = False,
) -> list[Entry]:
    """One for each document, newest first, with what its story is by now. `told`: copies that it stands for, by id;
    `withdrawn`: with what was taken back and it still runs.
    """
    gone = taken_back(store, documents) if withdrawn else {}
    stories = store.stories({document.story for document in documents})
    members = store.members({story.id for story in stories.values() if story.copies > 1})
    ids = {
        document.id: dict.fromkeys([*told.get(document.id, ()), *_members(document, stories, members)])
        for document in documents
    }
    around = store.documents({id for theirs in ids.values() for id in theirs})
    marker = _marker(asked)
    return [
        _entry(
            document,
            stories.get(document.story),
            [around[id] for id in ids[document.id] if id in around],
            max(OTHERS, len(told.get(document.id, ()))),
            marker,
            shown,
            gone.get(document.id, ()),
        )
        for document in _newest_first(documents)
    ]


def feed_entries(store: Store, alerts: Sequence[Alert], rule: Rule, shown: Shown) -> list[Entry]:
    """As `entries_of`, without what a feed has no place for: the copies."""
    documents = store.documents({alert.article for alert in alerts if alert.article})
    marker = _marker(question(rule, shown.zone) if rule.query else None)
    gone = taken_back(store, list(documents.values())) if rule.withdrawn else {}
    entries = [_entry(one, None, (), 0, marker, shown, gone.get(one.id, ())) for one in documents.values()]
    entries += [_noted(alert, decode(Notice, alert.note)) for alert in alerts if alert.note]
    return sorted(entries, key=lambda one: (one.at, one.article), reverse=True)


def _noted(alert: Alert, notice: Notice) -> Entry:
    """What there is to tell of a day."""
    said = tuple((Piece(line),) for line in notice.lines)
    return Entry(notice.title, "", "", alert.made or _NEVER, alert.subject, "", said)


def _members(document: Document, stories: Mapping[str, Story], members: Mapping[str, Sequence[str]]) -> Sequence[str]:
    story = stories.get(document.story)
    return members.get(story.id, ())[:MEMBERS] if story is not None else ()


def _marker(asked: Node | None) -> Marker | None:
    return Marker(ask(asked), stem) if asked is not None else None


def _newest_first(documents: Iterable[Document]) -> list[Document]:
    return sorted(documents, key=lambda one: (one.story_time, one.id), reverse=True)


def _entry(
    document: Document,
    story: Story | None,
    members: Sequence[Document],
    others_named: int,
    marker: Marker | None,
    shown: Shown,
    gone: Sequence[Document] = (),
) -> Entry:
    article, source, language = document.article, document.source, document.language.code
    marks = marker.marks(article.text, "text", language) if marker is not None else []
    named = {document.id, *(one.id for one in gone)}
    others = [one for one in members if one.id not in named and one.article.role == "article"][:others_named]
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
        others=tuple(_copy(one, one.article.site, one.story_time) for one in others),
        language=language,
        page=f"{shown.page.rstrip('/')}/stories/{id}" if shown.page else "",
        taken_back=tuple(_copy(one, _name(shown.agencies, one.article.site), one.last_seen) for one in gone[:OTHERS]),
    )


def _copy(document: Document, by: str, at: datetime) -> Copy:
    """What was taken back was seen last when that was said."""
    return Copy(document.article.title or document.article.url, by, document.article.url, at)


def _pieces(snippet: Snippet) -> tuple[Piece, ...]:
    made, at = [], 0
    for start, end in snippet.marks:
        made += [Piece(snippet.text[at:start]), Piece(snippet.text[start:end], marked=True)]
        at = end
    made.append(Piece(snippet.text[at:]))
    return tuple(piece for piece in made if piece.text)


def _name(table: AgencyTable, id: str) -> str:
    return table[id].name if id in table else id
