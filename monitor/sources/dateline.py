"""Datelines: "BERLIN (dpa) -", "(ANSA) - ROMA, 5 GIU", "МОСКВА, 5 июня. /ТАСС/.", "新华社北京6月5日电"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from monitor.sources.naming import UNNAMED, WEAK, Named
from monitor.sources.wording import DATE, PARTICLES

SURE = 0.95  # half: recall .704 of the labelled cases, docs/matching.md
LEAD = 0.6  # "AGENCY: ..." before the first sentence may be the one that is quoted; half: .997
_LATEST = 110  # characters within which a dateline's agency stands
_PLACE = 70  # characters of place and date before it
_PLACE_WORDS = 7
# The place may stand in the bracket, too: "(서울=연합뉴스)", "【ワシントンAFP時事】".
_OPEN = re.compile(r"[(\[（【/]\s*(?:[^()\[\]]{0,30}[=，,\s]\s*|[\u3040-\u30ff\u3400-\u9fff]{1,12})?$")
# Up to the closing bracket only a desk, a date or, in scripts without spaces, a reporter.
_CLOSE = re.compile(
    r"\s*(?:[,;/&+·-][^()\[\]（）【】]{0,28}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\d\s]{0,28})[)\]）】/]"
)
_DASH = re.compile(r"\s*(?:\.?\s?[-–—―]+|[:=]|电|電)")
_STOP = re.compile(r"\s*(?:[-–—―:=]|\.\s|\.?$|/)")
_JOINED = re.compile(r"(?:[,/–—-]|\bvia|\bfür|(?<=\d)\.|(?<=[^\W\d_]{3})\.)\s*$")
_TELEGRAM = re.compile(r"[^\s，。,.]{0,24}[电電]")  # "北京6月5日电"
_TOGETHER = re.compile(r"\s*[/,&+]\s*|\s+(?:und|and|et|y|e)\s+|\s*-\s*|")
_DESK = re.compile(r"(?:[-/][A-Za-zäöü]{2,12}){0,2}")
_SMALL = re.compile(r"[a-zà-ÿа-яёіїє]")


class Dateline(NamedTuple):
    named: tuple[Named, ...]
    quote: str
    weight: float
    sure: bool = False  # place, bracket and dash: what is in the bracket can only be an agency, in any language


def read_dateline(text: str, named: Sequence[Named]) -> Dateline | None:
    """The agencies of the paragraph's dateline, if it begins with one. `named` are its agencies in order."""
    first = named[0]
    if first.how == UNNAMED or first.start > _LATEST or first.start > _PLACE:
        return None
    group = [first]
    for one in named[1:]:
        if _TOGETHER.fullmatch(text[group[-1].end : one.start]):
            group.append(one)
    prefix, rest = text[: first.start], text[group[-1].end :]
    desk = _DESK.match(rest)
    rest = rest[desk.end() :] if desk else rest
    # "kna" in small letters has no other meaning in a dateline's place.
    weak = all(one.how == WEAK and not text[one.start : one.end].islower() for one in group)
    opened = _OPEN.search(prefix)
    if opened and (opened[0][0] != "/" or rest.lstrip()[:1] == "/"):  # "/ТАСС/", but "ODERFELD/dpa –"
        fits = _in_brackets(prefix[: opened.start()], opened[0], rest, weak=weak)
        closed = _CLOSE.match(rest)
        end = len(text) - len(rest) + (closed.end() if closed else 0)
        placed = bool(prefix[: opened.start()].strip())
        return Dateline(tuple(group), text[:end].strip(), SURE, sure=placed) if fits else None
    quote = text[: group[-1].end].strip()
    if not prefix.strip(" -–—（("):
        weight = _leading(rest, weak=weak)
        return Dateline(tuple(group), quote, weight) if weight else None
    joined = _JOINED.search(prefix)
    if joined is None or not is_place(prefix[: joined.start()]) or not _STOP.match(rest):
        return None
    if joined[0][0] == "." and not DATE.search(prefix):
        return None  # the end of a sentence
    # "ALLENTOWN, PA -" names a state.
    fits = not weak or joined[0][:3] == "via" or (joined[0][0] in "/-–—" and is_shouted(prefix))
    return Dateline(tuple(group), quote, SURE) if fits else None


def _in_brackets(place: str, opening: str, rest: str, *, weak: bool) -> bool:
    closed = _CLOSE.match(rest)
    if closed is None:
        return False
    after = rest[closed.end() :]
    dash = bool(_DASH.match(after))
    if place.strip():
        short = is_shouted(place) or len(place.split()) <= 2
        return is_place(place) and (dash or bool(DATE.search(place)) or (short and (not weak or is_shouted(place))))
    if (
        dash
        or opening[0] in "/（【"
        or "=" in opening + rest[: closed.end()]
        or re.match(r"\s*[A-ZÄÖÜ]{3}|\s*[.,]", after)
    ):
        return True
    return not weak and not re.match(r"\s*[a-zà-ÿ]", after)


def _leading(rest: str, *, weak: bool) -> float:
    """Weight of an agency that is the first word; 0: no dateline."""
    if _TELEGRAM.match(rest):
        return SURE
    if weak:
        return LEAD if re.match(r"\s+[-–—―]\s+[A-ZÀ-Þ]", rest) else 0.0
    if re.match(r"\s+[A-ZÄÖÜ]{4,}[.,]", rest):  # "dpa BERLIN."
        return SURE
    return LEAD if re.match(r"\s*[-–—―]+\s|\s*:\s", rest) else 0.0


def is_place(text: str) -> bool:
    """ "BERLIN", "ST. JOSEPH, Mich.", "Wien/Graz, 5. Juni": capitals and dates, no sentence."""
    words = [word for word in re.split(r"[\s,/.()–—-]+", DATE.sub(" ", text)) if word]
    if len(words) > _PLACE_WORDS:
        return False
    named = all(not word[0].islower() or word.lower() in PARTICLES for word in words)
    return named and (bool(words) or bool(DATE.search(text)))


def is_shouted(text: str) -> bool:
    return not _SMALL.search(DATE.sub("", text))
