"""Names of the authors, cleaned: no "By", no address, no role, nobody twice. Agencies stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from monitor.extract.banks import is_agency
from monitor.extract.labels import BY_WORDS
from monitor.text import clean

_MOST = 20
_STATED = 2000  # characters of one stated author that are looked at; a list of twenty names has 400
_BYLINE = 120  # characters of a line of names
_WORDS = 4  # of a name in a line that nothing but its words makes a byline
_LONGEST = 80  # characters of one name; longer ones are sentences
_BY = re.compile(
    rf"^(?:{'|'.join(sorted(map(re.escape, BY_WORDS), key=len, reverse=True))})(?:\s*[:：]\s*|\s+)", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|(?<!\w)@\w+", re.IGNORECASE)
_SPLIT = re.compile(
    r"\s*(?:;|\||•|·|\s/\s|\n|,\s+and\s|,\s+|\s+&\s+|\s+(?:and|und|et|y|e|en|og|och|ja|ve|i|и|та|with|mit)\s+)\s*",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:reporters?|correspondents?|editors?|editor[- ]in[- ]chief|staff|writers?|contributors?|journalists?|"
    r"columnists?|chief|senior|producer|redakteur(?:in)?|redaktor(?:in)?|korrespondent(?:in)?|chefredakteur(?:in)?|"
    r"ressortleiter(?:in)?|journaliste?|journalist(?:in)?|rédacteur|rédactrice|corresponsal|redactora?|periodista|"
    r"giornalista|inviato|muhabiri?|editörü?|корреспондент|редактор|журналист|published|updated|min read|minutes?)\b|"
    r"(?<=\s)(?:기자|특파원|記者|记者)|^(?:기자|記者|记者)\s",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{1,2}[./:]\d{1,2}|\b(?:19|20)\d\d\b")
# Whose material was used, to the end of the byline: "mit Material von dpa", "with files from AP". No author is named.
_MATERIAL = re.compile(
    r"[\s,;/(–-]{0,4}\b(?:"
    r"(?:mit|unter\s+Verwendung\s+von)\s+(?:[\w/-]{1,20}-)?(?:Agentur)?(?:Material|Informationen|Inhalten|Agenturen)\b|"
    r"with\s+(?:additional\s+)?(?:material|reporting|files|information|inputs?|reports|contributions?|agenc(?:y|ies))\b|"
    r"(?:avec|con|com|met)\s+(?:des\s+|l['’]|le\s+|las?\s+|as\s+)?(?:informations?|informaci[oó]n(?:es)?|informazioni|"
    r"informa[cç][aã]o|informações|informatie|agences?|agencias?|agências?|agenzie|material(?:e|en)?|contenuti)\b"
    r").*$",
    re.IGNORECASE | re.DOTALL,
)
# "unserer Redaktion", "our political correspondent Ann Lee": what is left of the desk is no name, of the person is.
_OUR = re.compile(
    r"^(?:unser(?:e[mnr]?)?|our|notre|nuestr[oa]|nostr[oa]|noss[oa]|onze|vår|vores|naszej?)\s+", re.IGNORECASE
)
# Left beside a role they are no name: "Political Editor".
_TOPICS = frozenset(
    {"political", "politics", "business", "sport", "sports", "news", "world", "foreign", "web", "online", "culture"}
    | {"the", "of", "for", "our", "and"}
)
# Behind a comma they are no further author.
_DEGREES = frozenset(
    {"ms", "rd", "rdn", "md", "phd", "mph", "jd", "esq", "cfa", "ba", "ma", "mba", "ph.d", "m.d", "dr"}
)
# Accounts that publish, not people.
_NOBODY = frozenset(
    {"admin", "administrator", "editor", "editorial", "root", "webmaster", "user", "none", "null", "n/a", "unknown"}
    | {"undefined", "author", "guest", "test", "redaktion online"}
)


def clean_authors(names: Iterable[str]) -> tuple[str, ...]:
    """Cleaned names in order, at most twenty."""
    found: dict[str, str] = {}
    for raw in names:
        for name in _SPLIT.split(_MATERIAL.sub("", _without_by(_ADDRESS.sub(" ", clean(raw[:_STATED]))))):
            name = _tidy(name)
            if name and name.casefold() not in found:
                found[name.casefold()] = name
    return tuple(found.values())[:_MOST]


def _without_by(text: str) -> str:
    previous = None
    text = text.strip(" -–—:|/")
    while text != previous:
        previous, text = text, _BY.sub("", text).strip(" -–—:|")
    return text


def _tidy(name: str) -> str:
    name = _without_by(re.sub(r"\s*\([^)]*\)?\s*$", "", name)).strip(" .,-–—:|*\"'“”„")
    if _OUR.match(name):
        name = _person_of(name)
    if not 2 <= len(name) <= _LONGEST or not any(c.isalpha() for c in name) or _DATE.search(name):
        return ""
    if name.casefold() in _NOBODY or name.casefold() in _DEGREES or len(name.split()) > 7:
        return ""
    if not _ROLE.search(name):
        return name
    rest = " ".join(_ROLE.sub(" ", name).split()).strip(" ,-–")
    words = [word for word in rest.split() if word.casefold() not in _TOPICS]
    return rest if words and any(not word[:1].islower() for word in words) else ""


def _person_of(desk: str) -> str:
    """ "our political correspondent Ann Lee" -> "Ann Lee"; a single word names a desk."""
    _our, _role, *rest = [*desk.split(), "", ""]
    words = [word for word in rest if word and not word.islower()]
    return " ".join(words) if len(words) > 1 else ""


def is_byline(text: str) -> bool:
    """A line of names that only says who wrote: "Von Jörg Maß, Berlin", "Von unserer Redaktion, mit Material von X"."""
    if len(text) > _BYLINE or not _BY.match(text.strip()):
        return False
    whole = _without_by(text)
    rest = _MATERIAL.sub("", whole)
    names = [name for name in _SPLIT.split(rest) if name]
    if len(names) < 2 and rest == whole:  # "Von Berlin" may be a headline's beginning
        return False
    return bool(names) and all(_is_name(_OUR.sub("", name).split()) for name in names)


def _is_name(words: Sequence[str]) -> bool:
    return 1 <= len(words) <= _WORDS and all(word[0].isupper() or is_agency(word) for word in words)
