"""Stories as messages and press reviews show them: the article, the passage that was asked for, source and copies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType

from monitor.alerts import Copy, Entry, Notice, Piece, Section, question
from monitor.alerts.asking import LONGEST_QUESTION, asks
from monitor.codec import decode
from monitor.query import Node
from monitor.records import Alert, Document, Origin, Rule, SourceTrace, Story
from monitor.reports.withdrawn import taken_back
from monitor.sources import CREDITED, AgencyTable
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.passages import passages
from monitor.store.port import Snippet, Store
from monitor.store.stemming import stem
from monitor.urls import dispatch_at

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
    room = _shared({id: len(theirs) for id, theirs in groups.items()}, STORIES)
    named = {id: theirs[: room[id]] for id, theirs in groups.items()}
    documents = store.documents(
        {a.article for theirs in named.values() for story in theirs for a in story if a.article}
    )
    made = []
    for id, theirs in named.items():
        rule = rules.get(id) or Rule(id)
        found: dict[str, tuple[str, ...]] = {}
        for story in theirs:
            told = sorted((documents[one.article] for one in story if one.article in documents), key=lambda d: d.age)
            if told:
                found[told[0].id] = tuple(one.id for one in told[1:])
        asked = question(rule, shown.zone) if rule.query else None
        entries = entries_of(
            store, [documents[first] for first in found], asked, shown, found, withdrawn=rule.withdrawn
        )
        made.append(section_of(rule, entries, len(groups[id]) - len(theirs), shown))
    return sorted(made, key=lambda section: section.rule)


def section_of(rule: Rule, entries: Sequence[Entry], more: int, shown: Shown) -> Section:
    """`more`: stories that are left out; the rule's own page has them."""
    page = f"{shown.page.rstrip('/')}/alerts/{rule.id}" if more and shown.page else ""
    asked = asks(rule, rule.language, LONGEST_QUESTION)
    return Section(rule.name, rule.query, tuple(entries), more, page, rule.id, asked)


def _shared(sizes: Mapping[str, int], room: int) -> dict[str, int]:
    """How many each gets: as many as it has up to an equal share; what it leaves is shared among the others."""
    given = {}
    ascending = sorted(sizes, key=lambda name: sizes[name])
    for number, name in enumerate(ascending):
        given[name] = min(sizes[name], -(-room // (len(ascending) - number)))
        room -= given[name]
    return given


def _by_story(store: Store, alerts: Sequence[Alert]) -> dict[str, list[list[Alert]]]:
    """By rule those of one story (by the id that it has now) together; newest first."""
    stories = store.stories({one.story for one in alerts if one.story})
    groups: dict[tuple[str, str], list[Alert]] = {}
    for one in alerts:
        story = stories[one.story].id if one.story in stories else one.story or one.article
        groups.setdefault((one.rule, story), []).append(one)
    ordered: dict[str, list[list[Alert]]] = {}
    for (rule, _), theirs in groups.items():
        ordered.setdefault(rule, []).append(theirs)
    for of_rule in ordered.values():
        of_rule.sort(key=lambda group: max(one.made or _NEVER for one in group), reverse=True)
    return ordered


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
    copies = story.copies if story is not None else 1
    told = [document, *others, *(one for one in gone[:OTHERS] if one.article.role == "article")]
    id = story.id if story is not None else document.story
    names = {document.story, id, *(story.aliases if story is not None else ())}
    return Entry(
        title=article.title or article.url,
        site=article.site,
        url=article.url,
        at=document.story_time,
        story=id,
        article=document.id,
        passages=_passages(article.text, marks),
        kind=source.kind,
        agencies=_written_by(source, shown.agencies),
        credited=source.credited,
        licensed=source.licensed,
        origin=_origin(source.origin, shown.agencies),
        withdrawn=document.withdrawn,
        copies=copies,
        others=tuple(_other(one, shown.agencies) for one in others),
        language=language,
        page=f"{shown.page.rstrip('/')}/stories/{id}" if shown.page else "",
        taken_back=tuple(_copy(one, _name(shown.agencies, one.article.site), one.last_seen) for one in gone[:OTHERS]),
        origin_how=source.origin.how,
        unnamed=max(0, copies - sum(one.story in names for one in told)),
    )


def _origin(origin: Origin, table: AgencyTable) -> str:
    """Its address, or its site; of a dispatch that is on no page agency and number."""
    if (dispatch := dispatch_at(origin.url)) is not None:
        return f"{_name(table, dispatch[0])}, {dispatch[1]}"
    return origin.url or origin.site


def _written_by(source: SourceTrace, table: AgencyTable) -> tuple[str, ...]:
    return tuple(_name(table, one.id) for one in source.agencies if one.confidence >= CREDITED)


def _other(document: Document, table: AgencyTable) -> Copy:
    source = document.source
    return replace(
        _copy(document, document.article.site, document.story_time),
        agencies=_written_by(source, table),
        credited=source.credited,
        licensed=source.licensed,
    )


def _copy(document: Document, by: str, at: datetime) -> Copy:
    """What was taken back was seen last when that was said."""
    return Copy(document.article.title or document.article.url, by, document.article.url, at)


def _passages(text: str, marks: Sequence[tuple[int, int]]) -> tuple[tuple[Piece, ...], ...]:
    """With "…" where something of the text is left out: before, behind and between them."""
    shown = passages(text, marks)
    gaps, at = [], 0
    for one in shown:
        begin = text.index(one.text, at)
        gaps.append(bool(text[at:begin].strip()))
        at = begin + len(one.text)
    gaps.append(bool(text[at:].strip()))
    return tuple(_pieces(one, *gaps[number : number + 2]) for number, one in enumerate(shown))


def _pieces(snippet: Snippet, cut_before: bool, cut_behind: bool) -> tuple[Piece, ...]:
    made, at = [Piece("… ")] if cut_before else [], 0
    for start, end in snippet.marks:
        made += [Piece(snippet.text[at:start]), Piece(snippet.text[start:end], marked=True)]
        at = end
    made.append(Piece(f"{snippet.text[at:].rstrip()} …" if cut_behind else snippet.text[at:]))
    return tuple(piece for piece in made if piece.text)


def _name(table: AgencyTable, id: str) -> str:
    return table[id].name if id in table else id
