"""Names of the authors, cleaned: no "By", no address, no role, nobody twice. Agencies stay."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.extract.labels import BY_WORDS
from monitor.text import clean

_MOST = 20
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
        for name in _SPLIT.split(_without_by(_ADDRESS.sub(" ", clean(raw)))):
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
    if not 2 <= len(name) <= _LONGEST or not any(c.isalpha() for c in name) or _DATE.search(name):
        return ""
    if name.casefold() in _NOBODY or name.casefold() in _DEGREES or len(name.split()) > 7:
        return ""
    if not _ROLE.search(name):
        return name
    rest = " ".join(_ROLE.sub(" ", name).split()).strip(" ,-–")
    words = [word for word in rest.split() if word.casefold() not in _TOPICS]
    return rest if words and any(not word[:1].islower() for word in words) else ""
