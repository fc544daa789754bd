"""Made streams in which agencies' texts are reused, credited or not, quoted, linked, and told by others first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.duplicates import Matcher, MemoryLookup, compare
from monitor.records import Comparison, Document, Edge, SourceLink
from monitor.sources import CREDITED, Context, TraceSettings, find_origin, join, load_agencies, local_evidence
from tests.quality.republishing import BATCH, START, Item, Source, World

AGENCIES = ("dpa", "reuters", "afp")
NAMES = {"dpa": "dpa", "reuters": "Reuters", "afp": "AFP"}
DOMAINS = {"dpa": "www.dpa.com", "reuters": "www.reuters.com", "afp": "www.afp.com"}
KEPT = (0.15, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0)
QUOTES = ((12, 50), (12, 250), (20, 18), (20, 50), (25, 18), (25, 250), (40, 50), (40, 250))  # words: quoted, own
OWN_WORDS = 1.5  # for each reused word, in an article that is more than what it reuses
COLUMNS = {
    "reuse_found": "uncredited reuse found",
    "reuse_false": "falsely found",
    "named_story": "agency named through the story",
    "named_part": "where that is a part of the article",
    "named_link": "through a link to the stored page",
    "named_owner": "through a link to the agency's site",
    "named_reference": "through its own dispatch",
    "named_reference_part": "where that is a part",
    "named_dispatch_late": "where that is dated up to 2.5 h later",
    "named_false": "falsely named",
}


@dataclass(frozen=True)
class Case:
    """An article and what is true of it. `reuses`: the agency whose text it is without saying so."""

    document: Document
    how: str  # dispatch | reuse | credited | quote | note (more quoted than own) | own | background | first | rewritten
    agency: str = ""
    through: str = ""  # one of COLUMNS' named_: by what the agency can be known

    @property
    def reuses(self) -> bool:
        """A source link is a credit."""
        return self.how == "reuse" and self.through != "link"


class AgencyStream:
    """A stream, matched once; its traces are made anew for each measurement."""

    def __init__(self, sources: Sequence[Source], seed: int = 7) -> None:
        self._world = World(seed, sources, sites=12)
        plain = [one for one in sources if not _credits(one)]
        self._cases = [case for number, source in enumerate(plain) for case in self._made(number, source)]
        matcher, lookup = Matcher(), MemoryLookup()
        documents = sorted((case.document for case in self._cases), key=lambda one: (one.story_time, one.id))
        for at in range(0, len(documents), BATCH):
            lookup.file(matcher.place(lookup, documents[at : at + BATCH]))
        self._lookup = lookup
        self._compared: dict[tuple[str, str], Comparison] = {}

    def measure(self, settings: TraceSettings) -> dict[str, float]:
        """By COLUMNS. Reuse falsely found and agencies falsely named are counts, the others shares."""
        flags: list[tuple[Case, bool, bool]] = []
        table = load_agencies()
        known = {
            one.id: replace(one, local_evidence=local_evidence(one.article, one.language.code, table).evidence)
            for one in self._lookup.all()
        }
        for case in self._cases:
            document = known[case.document.id]
            context = self._context(document, known, settings)
            origin = find_origin(document, context)
            trace = join(document, context, origin, self._comparison(document, known.get(origin.article_id)))
            named = {one.id for one in trace.agencies if one.confidence >= CREDITED}
            right = case.agency in named if case.agency else not named
            flags.append((case, trace.uncredited_reuse, right or case.how == "note"))
        reuse = [flag for case, flag, _ in flags if case.reuses]
        found = {"reuse_found": sum(reuse) / len(reuse)}
        found["reuse_false"] = float(sum(flag for case, flag, _ in flags if not case.reuses))
        for through in ("story", "part", "link", "owner", "reference", "reference_part", "dispatch_late"):
            named_right = [right for case, _, right in flags if case.through == through]
            found[f"named_{through}"] = sum(named_right) / (len(named_right) or 1)
        found["named_false"] = float(sum(not right for case, _, right in flags if not case.agency))
        return {name: round(value, 4) for name, value in found.items()}

    def _context(self, document: Document, known: dict[str, Document], settings: TraceSettings) -> Context:
        edges = [edge for edge in self._lookup.edges([document.id]).get(document.id, ()) if edge.kind != "quote"]
        matched = {_other(edge, document.id): edge for edge in edges}
        links = {link.url for link in document.article.source_links}
        return Context(
            members=tuple(
                one
                for one in known.values()
                if one.story == document.story and one.id != document.id and one.article.role == "article"
            ),
            linked=tuple(one for one in known.values() if one.article.url in links),
            references=tuple(
                (known[id], edge) for id, edge in matched.items() if known[id].article.role == "reference"
            ),
            elsewhere=tuple(known[id] for id in matched if known[id].story in document.also_in),
            matches=tuple(edges),
            settings=settings,
        )

    def _comparison(self, document: Document, origin: Document | None) -> Comparison | None:
        if origin is None:
            return None
        key = document.id, origin.id
        if key not in self._compared:
            self._compared[key] = compare(document.article.text, origin.article.text)
        return self._compared[key]

    def _made(self, number: int, source: Source) -> Iterator[Case]:
        """Of every fourth text nobody is an agency; of the others one third each is known by story, link, dispatch."""
        world, rng = self._world, self._world.rng
        at = START + timedelta(hours=rng.uniform(0, 100))
        plain = world.original(source, at)
        if number % 4 == 3:
            yield Case(_document(plain), "first")
            for hours in (1, 2):
                yield Case(_document(world.copy(plain, at + timedelta(hours=hours))), "own")
            late = world.copy(plain, at + timedelta(hours=4), keep=1.0)  # an agency takes it over
            yield Case(_document(late, credit=AGENCIES[number % 3]), "credited", AGENCIES[number % 3])
            return
        agency, through = AGENCIES[number % 3], ("story", "link", "reference")[number // 4 % 3]
        dispatch = _document(plain, credit=agency)
        if through == "reference":
            dispatch = _document(replace(plain, site=agency), role="reference")
            early = world.copy(plain, at - timedelta(hours=rng.uniform(0.5, 2.5)), keep=1.0)  # of its first version
            yield Case(_document(early), "reuse", agency, "dispatch_late")
            if number % 8 < 4:  # the agency has it from there
                yield Case(_document(world.copy(plain, at - timedelta(hours=rng.uniform(5, 15)), keep=1.0)), "first")
        yield Case(dispatch, "dispatch", agency)
        link = SourceLink(dispatch.article.url, "Quelle")
        for keep in rng.sample(KEPT, 4):
            copied = world.copy(plain, at + timedelta(hours=rng.uniform(0.5, 20)), keep=keep)
            yield Case(_document(copied, link=link if through == "link" else None), "reuse", agency, through)
        copied = world.copy(plain, at + timedelta(hours=rng.uniform(0.5, 20)), keep=0.85)
        yield Case(_document(copied, credit=agency), "credited", agency)
        if through != "link":
            part = world.copy(plain, at + timedelta(hours=5), keep=0.85)
            own = self._own_words(source, int(OWN_WORDS * len(part.text.split())))
            part = replace(part, text=f"{part.text}\n\n{own}")
            yield Case(_document(part), "reuse", agency, {"story": "part"}.get(through, "reference_part"))
        else:
            item = replace(world.original(source, at), text=self._own_words(source, 200), site="own.example")
            url = f"https://{DOMAINS[agency]}/report/{number}"
            yield Case(_document(item, link=SourceLink(url, "Quelle")), "rewritten", agency, "owner")
        for case in self._strangers(number, source, at):
            yield replace(case, document=_linked(case.document, link)) if case.how == "background" else case

    def _strangers(self, number: int, source: Source, at: datetime) -> Iterator[Case]:
        """Other people's reports and notes that quote a sentence of it, or link to it for background."""
        world, rng = self._world, self._world.rng
        words, later = source.text.split(), at + timedelta(hours=3)
        for quoted, length in QUOTES:
            start = rng.randrange(max(1, len(words) - quoted))
            quote = " ".join(words[start : start + quoted])
            own = self._own_words(source, length).split()
            text = " ".join([*own[: length // 2], quote, *own[length // 2 :]])
            item = replace(world.original(source, later), title=own[0], text=text, site=f"quoting{number % 7}.example")
            yield Case(_document(item), "quote" if quoted < length else "note")
        yield Case(_document(world.bulletin(later)), "background")

    def _own_words(self, source: Source, count: int) -> str:
        """Nobody's text, of single words of another one in the language."""
        same = [one for one in self._world.sources if one.language == source.language and one is not source]
        words = self._world.rng.choice(same or self._world.sources).text.split()
        return " ".join(self._world.rng.choice(words) for _ in range(count))


def _credits(source: Source) -> bool:
    """Does the text credit an agency as it stands?"""
    item = Item("a", "a.example", source.title, source.text, source.language, START, "lone")
    return any(
        one.kind == "text" for one in local_evidence(_document(item).article, source.language, load_agencies()).evidence
    )


def _document(item: Item, *, credit: str = "", link: SourceLink | None = None, role: str = "article") -> Document:
    text = f"{item.text}\n\n({NAMES[credit]})" if credit else item.text
    document = replace(item, text=text).document()
    article = replace(
        document.article, url=f"https://{item.site}/{item.id}", site=item.site, words=len(text.split()), role=role
    )
    document = replace(document, article=article)
    return _linked(document, link) if link else document


def _linked(document: Document, link: SourceLink) -> Document:
    return replace(document, article=replace(document.article, source_links=(link,)))


def _other(edge: Edge, id: str) -> str:
    return edge.other if edge.article == id else edge.article
