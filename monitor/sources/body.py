"""Credits within the text: dateline, trailer, note, the signature of a wire's desk. Works on bare texts alike."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from monitor.sources.agencies import AgencyTable
from monitor.sources.credit_line import Credit, read_credit
from monitor.sources.dateline import read_dateline
from monitor.sources.naming import STRONG, UNNAMED, WEAK, Named
from monitor.sources.notes import LONGEST as LONGEST_NOTE
from monitor.sources.notes import enumerated, is_by_agency_staff, is_note, signature
from monitor.sources.wording import SOURCE_LABEL

# Weights, of how often the place was right on 206 labelled pages and the made-up cases of tests/quality. "Half": recall
# on the cases with half of it; up to .99 nothing changes: docs/matching.md.
TRAILER = 0.9  # a bracket at the end of one of the last paragraphs: all; half: .898
GLUED = 0.85  # a name alone after the last full stop: 1 of 1, and 3 captions where it stood elsewhere; half: .951
ALONE = 0.85  # a last paragraph that is nothing but a credit; half: .849
NOTE = 0.9  # "Mit Material von ...": all; half: .845
REPORTING_BY = 0.8  # the desk's signature in brackets, without the agency's name; half: .993
REPORTING_BY_OPEN = 0.6  # no case hangs on it alone
# The same bracket higher up: of one item of a live blog, or the source of a statement. Double: precision .993 on the
# cases, .973 on the pages.
EARLIER = 0.35
MENTION = 0.05  # below what is shown
INLINE = 0.6  # a name alone between two paragraphs: the credit of a picture that stood there; half: 9 cases wrong

_MOST = 200  # names at either end of a text that are looked at
_CROWD = 12  # names in one paragraph
_LAST = 4  # paragraphs from the end in which a trailer counts in full: in 34 of 63 results or tables follow the credit
_TOP = 3  # paragraphs at the top that may carry a dateline or a byline
_WHOLE = 120  # characters of a paragraph that is a credit alone
_RESULT = 80  # characters of a line of results
_CAPTION = 400  # characters of a caption that was printed as a paragraph
_BRACKET = re.compile(r"[(\[（【]([^()\[\]（）【】]{2,120})[)\]）】]?[\s.]*$")
_SENTENCE_END = re.compile(r"[.!?…\"”“»)。]\s*(?P<tail>[^.!?…\"”“»。]{2,60})$")
_STATED = (".", "!", "?", "”", "“", '"', "»")


class Found(NamedTuple):
    """One place in the text that names agencies. `kind`: text | photo | mention."""

    named: tuple[Named, ...]
    kind: str
    where: str
    weight: float
    quote: str
    credit: Credit | None = None


def read_body(text: str, table: AgencyTable) -> Iterator[Found]:
    """In the text's order, one for each place; names that stand anywhere else are mentions."""
    named = table.find(text)
    signature = _signature(text, table)
    if signature is not None:
        yield signature
    if not named:
        return
    if len(named) > 2 * _MOST:
        named = [*named[:_MOST], *named[-_MOST:]]
    paragraphs = _paragraphs(text)
    last = _last_prose(paragraphs)
    starts = [start for start, _ in paragraphs]
    for number, group in groupby(named, key=lambda one: bisect_right(starts, one.start) - 1):
        start, paragraph = paragraphs[number]
        inside = tuple(one._replace(start=one.start - start, end=one.end - start) for one in group)
        yield from _read_paragraph(paragraph, inside, table, _Spot(number, len(paragraphs), last))


class _Spot(NamedTuple):
    number: int
    of: int
    last: int  # number of the last paragraph that is no line of a table

    @property
    def at_end(self) -> bool:
        return self.number > self.last - _LAST and self.number >= self.of // 2

    @property
    def is_last(self) -> bool:
        return self.number >= self.last


def _paragraphs(text: str) -> list[tuple[int, str]]:
    found, at = [], 0
    for part in text.split("\n"):
        if part.strip():
            found.append((at, part))
        at += len(part) + 1
    return found


def _last_prose(paragraphs: Sequence[tuple[int, str]]) -> int:
    """The last paragraph before the lines of results that may end the text."""
    number = len(paragraphs) - 1
    while (
        number > 0
        and len(paragraphs[number][1]) <= _RESULT
        and not re.search(r"[.!?)\]”\"…]\s*$", paragraphs[number][1])
    ):
        number -= 1
    return number


def _read_paragraph(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Iterator[Found]:
    taken: set[int] = set()
    named = named if len(named) <= _CROWD else (*named[:1], *named[-1:])  # no credit lists so many
    for reader in (_note, _whole, _dateline, _trailer, _bare_end):
        left = tuple(one for one in named if one.start not in taken)
        if left and (found := reader(text, left, table, spot)) is not None:
            yield found
            taken.update(one.start for one in found.named)
    for one in named:
        if one.start not in taken and one.how not in (WEAK, UNNAMED):
            yield Found((one,), "mention", "text", MENTION, _around(text, one))


def _whole(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Found | None:
    """A paragraph that is nothing but a credit: a byline on top, a trailer at the end, a picture's in between."""
    top = spot.number < _TOP and not spot.is_last
    if len(text) > _WHOLE:
        return None
    credit = read_credit(text, named, table, byline=top)
    if credit is None:
        return None
    if credit.picture:
        return Found(credit.agencies, "photo", "caption", INLINE, text.strip(), credit)
    unnamed = all(one.how == UNNAMED for one in named)
    if credit.labelled or not unnamed:
        if top and (credit.labelled or spot.number == 0 or credit.people):
            return Found(credit.agencies, "text", "byline", ALONE, text.strip(), credit)
        # A bare name with prose below it is the credit of a picture that stood there.
        closes = spot.is_last or not credit.bare or bool(re.search(r"[()\[\]/（）【】]", text))
        if (spot.at_end and closes) or SOURCE_LABEL.match(text):
            return Found(
                credit.agencies, "text", "source" if credit.labelled else "trailer", ALONE, text.strip(), credit
            )
        if credit.bare:
            return Found(credit.agencies, "photo", "caption", INLINE, text.strip(), credit)
    return None


def _dateline(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Found | None:
    found = read_dateline(text, named) if spot.number < _TOP else None
    if found is None:
        return None
    named = tuple(one._replace(how=STRONG) for one in found.named) if found.sure else found.named
    return Found(named, "text", "dateline", found.weight, found.quote)


def _note(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Found | None:
    """ "Mit Material von ...", "... contributed to this report": near the end, or above the text."""
    if spot.number and spot.number < spot.last - _LAST:
        return None
    for one in named:
        if is_note(text, one, last=spot.is_last):
            group = enumerated(text, named, one)
            where = "reporting" if is_by_agency_staff(text, group) else "note"
            quote = text.strip() if len(text) <= LONGEST_NOTE else _sentence(text, one)
            return Found(group, "text", where, NOTE, quote)
    return None


def _trailer(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Found | None:
    """A bracket at the paragraph's end in which only a credit stands."""
    found = _BRACKET.search(text)
    if found is None:
        return None
    shift = found.start(1)
    inside = [one for one in named if one.start >= shift and one.end <= found.end(1)]
    moved = [one._replace(start=one.start - shift, end=one.end - shift) for one in inside]
    credit = read_credit(found[1], moved, table) if moved else None
    if credit is None:
        return None
    if credit.picture:
        return Found(tuple(inside), "photo", "caption", INLINE, found[0].strip(), credit)
    if any(one.how == UNNAMED for one in inside) and not spot.at_end:
        return None
    # "... he said (AGENCY, 5 May)." belongs to the statement, "... he said. (AGENCY)" to the text.
    inside_sentence = found[0].rstrip().endswith(".") and not text[: found.start()].rstrip().endswith(_STATED)
    in_full = spot.is_last or (spot.at_end and not inside_sentence)
    # "Why they sold [AGENCY]" is an entry of a list of links.
    entry = found[0].lstrip()[0] == "[" and not text[: found.start()].rstrip().endswith(_STATED)
    # "near the college (PA)." and "told the paper (via AGENCY)." are of the sentence even there.
    doubtful = inside_sentence and (credit.labelled or all(one.how == WEAK for one in inside))
    weight = EARLIER if entry or doubtful or not in_full else TRAILER
    return Found(tuple(inside), "text", "trailer", weight, found[0].strip(), credit)


def _bare_end(text: str, named: tuple[Named, ...], table: AgencyTable, spot: _Spot) -> Found | None:
    """ "... into the country. AGENCY" at the very end of the text, also glued to the full stop; higher up a caption."""
    found = _SENTENCE_END.search(text)
    if found is None:
        return None
    start = found.start("tail")
    inside = tuple(one for one in named if one.start >= start)
    if not inside:
        return None
    tail = found["tail"]
    moved = [one._replace(start=one.start - start, end=one.end - start) for one in inside]
    credit = read_credit(tail, moved, table)
    if credit is None or credit.people:
        return None
    if all(one.how == UNNAMED for one in inside) and not re.match(r"\s*[-–—]", tail):
        return None
    if credit.picture or not spot.is_last:
        return Found(inside, "photo", "caption", INLINE, tail.strip(), credit) if len(text) <= _CAPTION else None
    return Found(inside, "text", "trailer", GLUED, tail.strip(), credit)


def _signature(text: str, table: AgencyTable) -> Found | None:
    """ "(Reporting by X; Editing by Y)": the desk of Reuters signs so, unless it names another agency."""
    found = signature(text)
    if not found:
        return None
    others = tuple(one for one in table.find(found) if one.how not in (WEAK, UNNAMED))
    if "reuters" not in table and not others:
        return None
    named = others or (Named("reuters", 0, 0, STRONG, False),)
    weight = REPORTING_BY if found[0] in "([" else REPORTING_BY_OPEN
    return Found(named, "text", "reporting", weight, found)


def _around(text: str, one: Named, width: int = 60) -> str:
    start = max(0, text.rfind(" ", 0, max(0, one.start - width)) + 1) if one.start > width else 0
    end = text.find(" ", min(len(text), one.end + width))
    return text[start : end if end > 0 else len(text)].strip()


def _sentence(text: str, one: Named) -> str:
    start = max((text.rfind(mark, 0, one.start) for mark in (". ", "! ", "? ", "\n", "(")), default=-1)
    start = start + 1 if start >= 0 else 0
    end = min((at for mark in (". ", "! ", "? ", ")") if (at := text.find(mark, one.end)) >= 0), default=len(text))
    return text[start : end + 1].strip()
