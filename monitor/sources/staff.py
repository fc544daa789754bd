"""Did the paper's own people write it, or take part? Decides between agency and mixed, own and unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from monitor.records import Article, Evidence
from monitor.sources.agencies import AgencyTable
from monitor.sources.credit_line import Credit, read_credit
from monitor.sources.wording import OWN_WORDS
from monitor.text import fold

AGENCY, MIXED, OWN, UNKNOWN = "agency", "mixed", "own", "unknown"
# Where a credit stands, authors named beside it are the agency's own.
_WHOLE_TEXT = frozenset({"dateline", "reporting", "own-site"})
_SITE = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}", re.IGNORECASE)
_WITH = re.compile(r"\b(?:with|mit|avec|con|com|met|med|ve|z|s|and|und|et|y|e|og|och)\b", re.IGNORECASE)
_LETTERS = re.compile(r"[\W_]+")


def kind_of(article: Article, evidence: Sequence[Evidence], credited: Collection[str], table: AgencyTable) -> str:
    """agency | mixed (note or own byline beside it) | own (a byline, no agency) | unknown. `credited`: ids."""
    if not credited:
        return OWN if any(name and not table.find(name) for name in article.authors) else UNKNOWN
    speaking = [one for one in evidence if one.agency in credited and one.kind == "text"]
    if any(one.where == "note" for one in speaking):
        return MIXED
    whole = any(one.where in _WHOLE_TEXT for one in speaking)
    return MIXED if has_own_part(article, table, authors=not whole) else AGENCY


def has_own_part(article: Article, table: AgencyTable, *, authors: bool = True) -> bool:
    """An own byline or desk beside the agency: "ntv.de, ino/dpa", or an author whom no line gives to the agency."""
    theirs: set[str] = set()
    for text in _lines(article):
        credit = read_credit(text, table.find(text), table, byline=True)
        if credit is None or credit.picture:
            continue
        if credit.own or _is_joined(text, credit):
            return True
        if credit.people and text.find(credit.people[-1]) < credit.agencies[-1].start:  # "Ann Lee and Ben Fox, AGENCY"
            theirs.update(map(_plain, credit.people))
    return authors and any(
        _is_staff(name, article, table) and not any(_plain(name) in one or one in _plain(name) for one in theirs)
        for name in article.authors
    )


def _lines(article: Article) -> Iterator[str]:
    yield from article.structured.jsonld_authors
    yield from article.structured.meta_authors
    yield from (line.text for line in article.lines if line.where in ("byline", "source", "trailer"))
    paragraphs = [part for part in article.text.split("\n") if part.strip()]
    yield from (part for part in (*paragraphs[:2], *paragraphs[-3:]) if len(part) <= 120)
    if paragraphs and (bracket := re.search(r"[(\[]([^()\[\]]{2,80})[)\]]\.?$", paragraphs[-1])):
        yield bracket[1]


def _is_joined(text: str, credit: Credit) -> bool:
    """ "Ann Lee with AGENCY", "Ann Lee and AGENCY": she is not the agency's, as in "Ann Lee, AGENCY"."""
    if not credit.people:
        return False
    last = text.find(credit.people[-1]) + len(credit.people[-1])
    return bool(_WITH.search(text[last : credit.agencies[-1].start]))


def _is_staff(name: str, article: Article, table: AgencyTable) -> bool:
    """A person or a desk; the paper's own name says no more than its masthead."""
    if table.find(name):
        return False
    if OWN_WORDS.search(name) and re.search(r"reda[kc]", name, re.IGNORECASE):
        return True
    if _SITE.fullmatch(name) or len(name.split()) < 2:
        return False
    plain = _plain(name)
    for masthead in (article.structured.publisher, article.site):
        known = _plain(masthead)
        if known and (plain in known or known in plain):
            return False
    return plain not in _plain(article.url)


def _plain(text: str) -> str:
    return _LETTERS.sub("", fold(text))
