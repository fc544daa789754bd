"""A short line that may be nothing but a credit: "Von Max Muster, dpa", "(APA/Reuters, 5.6.)", "Quelle: ino/dpa".

A line counts only if nothing but agencies, names, initials, roles, dates and labels is in it: a bare token proves
nothing. Half of all such tokens on real pages are picture credits, mentions, teasers and other meanings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from monitor.sources.agencies import AgencyTable
from monitor.sources.naming import PICTURE, UNNAMED, WEAK, Named
from monitor.sources.wording import DATE, JOINER, LABEL, LISTED, MARK, OWN_WORDS, PARTICLES, PLACE_WORDS, RIGHTS, ROLE
from monitor.sources.wording import PICTURE as PICTURE_WORDS

LONGEST = 200  # characters; 96 is the longest byline of 206 pages
_MOST_WORDS = 5  # of one name of a person, a place or a paper
_MOST_SMALL = 4  # words without a capital in a picture's credit; a sentence has more
_ARTICLE = re.compile(
    rf"(?<!\w)(?:(?:the|die|der|den|la|le|el|agence|agencia|agenzia|agência|agencja|агентство|nachrichtenagentur|"
    rf"persbureau|news\s+agency)\s+|l['’])(?={MARK})",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*[|•·;,()\[\]{}（）【】「」<>»«\"“”„+&=*]\s*|\s+[-–—:]+\s*|[-–—:]+\s+|(?<=\d)\s*/\s*")
_INITIALS = re.compile(r"[a-zäöüß]{1,5}|[A-ZÄÖÜ]{1,4}|[a-zäöüß]{1,4}\.?-?[a-zäöüß]{0,4}\.?")
_SITE = re.compile(r"(?:https?://)?[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,7}|com\.tr)(?:/\S*)?", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+")
_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]{1,8}")  # a name without spaces or case
_UNCASED = re.compile(r"[\u0590-\u07ff\u0900-\u0dff\u10a0-\u10ff]")
_FIRST_LAST = re.compile(r"[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,3}")
_SIGN = re.compile(r"[\W_]*©|[\W_]*\(c\)")
_PRODUCT = re.compile(rf"(?<={MARK})-(?:meldung|bericht|text|mitteilung)\b", re.IGNORECASE)
_NUMBER = re.compile(r"[\d\W_]*")


class Credit(NamedTuple):
    """What a line says if it is a credit."""

    agencies: tuple[Named, ...]
    people: tuple[str, ...]  # names of persons, places and papers beside them
    own: bool  # the paper itself has a part in the text: "ntv.de", initials, "Redaktion"
    picture: bool
    labelled: bool  # begins with "Von", "Quelle:", ...
    bare: bool  # nothing but agencies


def read_credit(
    text: str, named: Sequence[Named], table: AgencyTable, *, byline: bool = False, language: str = ""
) -> Credit | None:
    """None when the line is no credit. `named` is `table.find(text)`; `byline`: it stands where authors are named."""
    if not named or len(text) > LONGEST or LISTED.match(text):
        return None
    rest = _masked(text, named)
    picture = bool(PICTURE_WORDS.search(rest)) or any(one.how == PICTURE for one in named)
    if picture:
        if sum(word[0].islower() for word in rest.split()) > _MOST_SMALL:
            return None
        return Credit(tuple(named), (), False, True, False, False)
    label = LABEL.match(rest)
    rest = rest[label.end() :] if label else rest
    rest = RIGHTS.sub(" ", _MAIL.sub(" ", DATE.sub(" , ", rest)))
    own, slashed = False, False
    people: list[str] = []
    for chunk in _SEPARATOR.split(rest):
        if not chunk.strip(" ./'’`-–—:_"):
            continue
        read = _chunk(chunk.strip(" .'’`-–—:_"), byline or bool(label), table, named)
        if read is None:
            return None
        own, slashed = own or read.own, slashed or read.slashed
        people.extend(read.people)
    if slashed or (_SIGN.match(text) and any(map(_FIRST_LAST.fullmatch, people))):  # "© Mia Lang, AGENCY"
        return Credit(tuple(named), tuple(people), own, True, False, False)
    bare = not people and not own
    return Credit(tuple(named), tuple(people), own, False, bool(label), bare)


def _masked(text: str, named: Sequence[Named]) -> str:
    parts, end = [], 0
    for one in named:
        parts += [text[end : one.start], MARK]
        end = one.end
    return _ARTICLE.sub("", "".join([*parts, text[end:]]))


class _Chunk(NamedTuple):
    own: bool = False
    people: tuple[str, ...] = ()
    slashed: bool = False  # "AGENCY/First Last", "First Last/AGENCY": a photographer


def _chunk(chunk: str, byline: bool, table: AgencyTable, named: Sequence[Named]) -> _Chunk | None:
    """One part between separators; None: it is more than a credit."""
    if _NUMBER.fullmatch(chunk):
        return _Chunk()
    own, slashed = False, False
    people: list[str] = []
    parts = [part.strip() for part in chunk.split("/")]
    photographer = len(parts) > 1 and (parts[0] == MARK or (MARK in parts and not byline))
    for part in parts:
        for piece in filter(None, map(str.strip, JOINER.split(part))):
            if piece == MARK:
                continue
            if MARK in piece:
                beside = _beside_name(piece, byline, named)
                if beside is None:
                    return None
                people += beside
            elif _is_own(piece):
                own = own or not table.is_desk(piece)
            elif _is_name(piece):
                slashed = slashed or (photographer and bool(_FIRST_LAST.fullmatch(piece)))
                people.append(piece)
            elif not ROLE.fullmatch(piece):
                return None
    return _Chunk(own, tuple(people), slashed)


def _is_own(piece: str) -> bool:
    """The paper's own part: "ntv.de", "Redaktion", initials ("ino", "kra Frankfurt")."""
    if _SITE.fullmatch(piece) or _INITIALS.fullmatch(piece):
        return True
    words = piece.split()
    if OWN_WORDS.search(piece):
        return len(words) <= _MOST_WORDS
    return len(words) == 2 and words[0].islower() and bool(_INITIALS.fullmatch(words[0])) and _is_name(words[1])


def _beside_name(piece: str, byline: bool, named: Sequence[Named]) -> list[str] | None:
    """Words around a name without a separator: "Tom Davies AGENCY", "AGENCY Auto Writer", "AGENCY in Valencia"."""
    before, _, after = _PRODUCT.sub("", piece).partition(MARK)
    after = ROLE.sub(" ", after.replace(MARK, " ")).strip(" .'’s") if after.strip() else ""
    before = ROLE.sub(" ", before).strip(" .")
    place = PLACE_WORDS.sub("", f"{after}") if after else ""
    if after and not (place != after and _is_name(place)):
        weak = any(one.how == WEAK for one in named)
        # "AP Dhillon" is a person, "dpa Berlin" a bureau.
        if weak or not byline or not _is_name(after) or len(after.split()) > 1:
            return None
    if before:
        unnamed = all(one.how == UNNAMED for one in named)
        if not (byline or unnamed) or not _is_name(before):
            return None
        return [before]
    return []


def _is_name(text: str) -> bool:
    """Of a person, a place or a paper: few words, each with a capital (where the script has them) or a particle."""
    words = text.replace("\u00a0", " ").split()
    if not 1 <= len(words) <= _MOST_WORDS:
        return False
    return all(_is_name_word(word) for word in words) and any(word.lower() not in PARTICLES for word in words)


def _is_name_word(word: str) -> bool:
    word = word.strip(".,'’\"-")
    if not word:
        return True
    if word.lower() in PARTICLES or _EAST.fullmatch(word) or _UNCASED.match(word):
        return True
    return word[0].isupper()


def accepted(
    named: Sequence[Named], table: AgencyTable, language: str, known: Collection[str] = ()
) -> tuple[Named, ...]:
    """Weak forms only where the language, another agency in the line or the full name elsewhere speaks for them."""
    strong = any(one.how not in (WEAK, UNNAMED) for one in named)
    return tuple(
        one for one in named if one.how != WEAK or strong or one.agency in known or table[one.agency].means(language)
    )
