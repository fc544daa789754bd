"""What an article's own page says of its source: a pure function of the captured record.

Place decides, never a bare token: bare agency names on the visible page reach a precision of 0.32 to 0.45.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.records import Article, Evidence, Line
from monitor.sources.agencies import AgencyTable
from monitor.sources.body import read_body
from monitor.sources.credit_line import Credit, accepted, read_credit
from monitor.sources.naming import PICTURE, UNNAMED, WEAK, Named
from monitor.sources.pictures import read_captions
from monitor.sources.wording import RIGHTS, SOURCE_LABEL

# Weight of each place: how often it named the text's agency on 206 labelled pages, shaded for what few pages show.
# What is lost with half of it: recall on the 421 cases or the pages, docs/matching.md. Up to .99 nothing changes.
AUTHOR = 0.95  # JSON-LD or meta author: 32 of 32
BYLINE = 0.9  # half: recall .968 of the cases, .917 of the pages
SOURCE = 0.9  # half: .922 and .750
TRAILER = 0.75  # a bare name below the text can be a menu's; half: .986 of the cases
BRACKET = 0.9  # "(APA/dpa)" on a line of its own below the text
DATELINE = 0.95  # no case hangs on it alone
DISPATCH = 0.98  # the agency's own number: nobody else prints it
OWN_SITE = 0.95  # half: .997 of the cases
REFERENCE = 0.99  # an agency's own dispatch, imported as such: its publisher, author or site names it
PUBLISHER = 0.75  # JSON-LD publisher or copyright holder; no case hangs on it alone
COPYRIGHT = 0.7  # "© 2019 AGENCY. All rights reserved." below the text; half: .993 of the cases
_NAMES = 120  # characters of a line of names
_MOST = 60  # pieces of evidence of one article


@dataclass(frozen=True, slots=True)
class Local:
    """`dispatches`: the agencies' own numbers without the revision, "dpa:240516-99-53606"."""

    evidence: tuple[Evidence, ...] = ()
    dispatches: tuple[str, ...] = ()


def local_evidence(article: Article, language: str, table: AgencyTable) -> Local:
    """All evidence of the article itself, strongest first of each kind; `language` is its text's, ISO 639-1."""
    reader = _Reader(article, language, table)
    found = [
        *reader.own_site(),
        *reader.dispatched(),
        *reader.stated(),
        *reader.lines(),
        *reader.body(),
        *reader.photos(),
    ]
    return Local(_distinct(found), tuple(dict.fromkeys(reader.keys)))


def _distinct(found: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Each agency once per kind, place and quote; a mention only of agencies that nothing else speaks of."""
    kept: dict[tuple[str, str, str, str], Evidence] = {}
    for one in found:
        key = (one.kind, one.agency, one.where, one.quote)
        if key not in kept or kept[key].weight < one.weight:
            kept[key] = one
    once: dict[tuple[str, str, str], int] = {}
    result = []
    for one in sorted(kept.values(), key=lambda e: (_ORDER[e.kind], -e.weight)):
        place = (one.kind, one.agency, one.where if one.kind == "text" else "")
        once[place] = once.get(place, 0) + 1
        if once[place] <= (3 if one.kind != "mention" else 1):
            result.append(one)
    return tuple(result[:_MOST])


_ORDER = {"text": 0, "photo": 1, "mention": 2}


class _Reader:
    def __init__(self, article: Article, language: str, table: AgencyTable) -> None:
        self.article, self.language, self.table = article, language, table
        self.keys: list[str] = []
        self._full: frozenset[str] | None = None

    @property
    def full(self) -> frozenset[str]:
        """Agencies whose full name stands somewhere on the page: their weak forms are believed."""
        if self._full is None:
            article = self.article
            texts = [
                article.text, *article.authors, *article.structured.jsonld_authors, *article.structured.meta_authors,
                *(line.text for line in article.lines), *(f"{c.text} {c.credit}" for c in article.captions),
            ]  # fmt: skip
            named = self.table.find("\n".join(texts))
            self._full = frozenset(one.agency for one in named if one.full)
        return self._full

    def own_site(self) -> Iterator[Evidence]:
        article = self.article
        if owner := self.table.owner(article.url):
            yield Evidence("text", owner.id, article.url, "own-site", OWN_SITE, article.url)
        if article.role == "reference":
            for stated in (article.structured.publisher, *article.authors, article.site):
                if stated and (agency := self.table.resolve(stated)):
                    yield Evidence("text", agency.id, stated, "reference", REFERENCE)
                    break

    def dispatched(self) -> Iterator[Evidence]:
        texts = [("text", self.article.text), *((line.where, line.text) for line in self.article.lines)]
        for where, text in texts:
            for one in self.table.dispatches(text):
                self.keys.append(one.key)
                quote = text if where != "text" and len(text) <= 200 else text[one.start : one.end]
                yield Evidence("text", one.agency, quote, "dispatch-id", DISPATCH)

    def stated(self) -> Iterator[Evidence]:
        """Authors, publisher and copyright as JSON-LD, meta elements and the feed state them."""
        said = self.article.structured
        for names, where in (
            (said.jsonld_authors, "json-ld-author"),
            (said.meta_authors, "meta-author"),
            (self.article.authors, "author"),
        ):
            for name in names:
                yield from self._line(name, where, AUTHOR, byline=True)
        for name, where in ((said.publisher, "publisher"), (said.copyright, "copyright")):
            if name:
                yield from (e for e in self._line(name, where, PUBLISHER, byline=True) if e.kind == "text")

    def lines(self) -> Iterator[Evidence]:
        bare = [
            line
            for line in self.article.lines
            if line.where == "trailer"
            and (credit := self._read(line.text)) is not None
            and credit.bare
            and not credit.labelled
        ]
        menu = len({line.text for line in bare}) > 2  # a list of agencies is a menu
        for line in self.article.lines:
            if not (menu and line in bare):
                yield from self._one_line(line)

    def _one_line(self, line: Line) -> Iterator[Evidence]:
        where, text = line.where, line.text
        if where == "copyright":
            for one in self._accepted(self.table.find(text)):
                credit = read_credit(text, [one], self.table)
                if credit is not None or (RIGHTS.search(text) and text.find(";") < 0 and one.start <= 30):
                    yield Evidence("text", one.agency, text, where, COPYRIGHT)
            return
        if where == "trailer":
            bracket = text.lstrip()[:1] in ("(", "[", "（") or SOURCE_LABEL.match(text)
            yield from self._line(text, where, BRACKET if bracket else TRAILER, byline=False)
            if len(text) > 20:
                yield from self._prose(text, where)
            return
        weight = {"dateline": DATELINE, "source": SOURCE}.get(where, BYLINE)
        found = list(self._line(text, where, weight, byline=where != "source" or not SOURCE_LABEL.match(text)))
        yield from found or self._prose(text, where)

    def _prose(self, text: str, where: str) -> Iterator[Evidence]:
        """A note or a dateline on a line outside the text."""
        for found in read_body(text, self.table):
            if found.kind == "text" and found.where in ("note", "reporting", "dateline"):
                for one in self._accepted(found.named):
                    yield Evidence("text", one.agency, found.quote, found.where, found.weight)

    def body(self) -> Iterator[Evidence]:
        for found in read_body(self.article.text, self.table):
            for one in self._accepted(found.named):
                kind = "photo" if one.how == PICTURE and found.kind == "text" else found.kind
                yield Evidence(kind, one.agency, found.quote, found.where, found.weight)

    def photos(self) -> Iterator[Evidence]:
        for one, quote, weight in read_captions(self.article.captions, self.table):
            yield Evidence("photo", one.agency, quote, "caption", weight)

    def _read(self, text: str, *, byline: bool = False) -> Credit | None:
        named = self.table.find(text)
        if not named and byline and len(text) <= _NAMES:
            named = self.table.find_misspelt(text)
        return read_credit(text, named, self.table, byline=byline) if named else None

    def _line(self, text: str, where: str, weight: float, *, byline: bool) -> Iterator[Evidence]:
        credit = self._read(text, byline=byline)
        if credit is None:
            return
        for one in self._accepted(credit.agencies):
            if one.how == UNNAMED and where == "trailer" and credit.bare:
                continue  # "Agenturen": a section of the site
            if credit.picture and where == "trailer" and self.article.kind != "text":
                continue  # of a teaser's picture
            yield Evidence("photo" if credit.picture else "text", one.agency, text, where, weight)

    def _accepted(self, named: Iterable[Named]) -> tuple[Named, ...]:
        listed = tuple(named)
        if all(one.how != WEAK for one in listed):
            return listed
        return accepted(listed, self.table, self.language, self.full)
