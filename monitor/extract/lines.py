"""Visible lines outside the text that may say who wrote it: bylines, source and copyright lines, trailers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.extract import marks
from monitor.extract.authors import is_byline
from monitor.extract.blocks import Block
from monitor.extract.interface import is_interface
from monitor.extract.labels import is_source_label, starts_with_source_label
from monitor.extract.place import KEY, Place, squeeze
from monitor.records import Line
from monitor.text import clean

_MOST = 40
_LONGEST = 300  # characters
_AFTER = 16  # lines after the text: 4 find 94 % of trailing credits, none 79 %
_BYLINE = 120  # characters; the longest of 206 pages has 96
_BEFORE = 20  # lines between the title and the text, from the text backwards
_DENSE = 0.8  # share of link text from which a line is a link list's
_NEVER = marks.MENU | marks.FORM | marks.HIDDEN
_COPYRIGHT = re.compile(
    r"©|\bcopyright\b|\(c\)\s*\d{4}|\ball rights reserved\b|\balle rechte vorbehalten\b", re.IGNORECASE
)
# "BERLIN (dpa) -", "PARIS, 5. Juni (Reuters) –" standing alone before the text.
_DATELINE = re.compile(r"^[^\W\d_][^.!?]{1,60}\(?[^.!?()]{0,40}\)?\s*[-–—:]+\s*$")


def find_lines(blocks: Sequence[Block], place: Place, text: str, captions: set[int]) -> list[Line]:
    """In the page's order, at most forty. `captions` are numbers of lines that belong to pictures."""
    whole = squeeze(text)
    paragraphs, told = set(whole.split("\n\n")), set(text.split("\n\n"))
    found: dict[str, Line] = {}
    after = 0
    for block in blocks[max(0, place.title - 8) :]:
        if block.flags & _NEVER or not block.text or len(block.text) > _LONGEST:
            continue
        after += block.number > place.end
        if len(found) >= _MOST or after > _AFTER * 4:
            break
        if block.text in told:
            continue
        where = _where(block, place, after)
        if not where or block.number in captions or len(block.text) < 2 or is_interface(block.text):
            continue
        key = squeeze(block.text)
        if key not in paragraphs and (len(key) < KEY or key not in whole):
            shown = clean(block.text)
            found.setdefault(shown, Line(shown, where))
    return list(found.values())


def _where(block: Block, place: Place, after: int) -> str:
    if block.flags & marks.FIGURE and block.box.in_figure():
        return ""
    text = block.text
    near = place.title - 3 <= block.number <= place.end or 0 < after <= _AFTER
    if not near:
        far = block.flags & marks.SOURCE and starts_with_source_label(text)
        return "source" if far else "copyright" if _COPYRIGHT.search(text) else ""
    clear = not block.flags & marks.DEBRIS
    if (block.flags & marks.SOURCE and clear) or starts_with_source_label(text) or is_source_label(text):
        return "source"
    if block.flags & marks.BYLINE and clear:
        return "byline"
    if block.flags & marks.COPYRIGHT or _COPYRIGHT.search(text):
        return "copyright"
    if clear and is_byline(text):
        return "byline"
    if not clear or block.flags & marks.HEADING or block.link_chars > len(text) * _DENSE:
        return ""
    if block.number < place.start:
        if block.number <= place.title or place.start - block.number > _BEFORE:
            return ""
        if len(text) > _BYLINE:
            return ""  # a standfirst
        return "dateline" if _DATELINE.match(text) else "byline"
    return "trailer" if after else ""
