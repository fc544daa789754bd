"""Visible lines near the text and outside it that may say who wrote it: bylines, source and copyright lines, trailers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.extract import marks
from monitor.extract.blocks import Block
from monitor.extract.body import Place, squeeze
from monitor.extract.labels import is_source_label, starts_with_source_label
from monitor.records import Line
from monitor.text import clean

_MOST = 40
_LONGEST = 300  # characters
_AFTER = 16  # lines after the text: 4 find 94 % of trailing credits, none 79 %
_BEFORE = 12  # lines between the title and the text, from the text backwards
_MARKED = marks.BYLINE | marks.SOURCE | marks.COPYRIGHT
_NEVER = marks.MENU | marks.FORM | marks.HIDDEN
_COPYRIGHT = re.compile(r"©|\bcopyright\b|\(c\)\s*\d{4}|\ball rights reserved\b|\balle rechte vorbehalten\b", re.IGNORECASE)
# "BERLIN (dpa) -", "PARIS, 5. Juni (Reuters) –" standing alone before the text.
_DATELINE = re.compile(r"^[^\W\d_][^.!?]{1,60}\(?[^.!?()]{0,40}\)?\s*[-–—:]+\s*$")


def find_lines(blocks: Sequence[Block], place: Place, text: str, captions: set[int]) -> list[Line]:
    """In the page's order, at most forty. `captions` are numbers of lines that belong to pictures."""
    whole = squeeze(text)
    found: dict[str, Line] = {}
    after = 0
    for block in blocks[max(0, place.title - 8) :]:
        if block.number > place.end:
            after += not block.flags & _NEVER and bool(block.text)
        if len(found) >= _MOST or (after > _AFTER * 4):
            break
        if block.number in captions or not block.text or squeeze(block.text) in whole:
            continue
        where = _where(block, place, after)
        shown = clean(block.text)
        if where and 1 < len(shown) <= _LONGEST:
            found.setdefault(shown, Line(shown, where))
    return list(found.values())


def _where(block: Block, place: Place, after: int) -> str:
    if block.flags & _NEVER or block.flags & marks.FIGURE:
        return ""
    text = block.text
    dense = block.link_chars > len(text) * 0.8
    near = place.title - 3 <= block.number <= place.end or 0 < after <= _AFTER
    labelled = starts_with_source_label(text) or is_source_label(text)
    if labelled and (near or block.flags & marks.SOURCE):
        return "source"
    if near and block.flags & marks.SOURCE and not block.flags & marks.DEBRIS:
        return "source"
    if near and block.flags & marks.BYLINE and not block.flags & marks.DEBRIS:
        return "byline"
    if _COPYRIGHT.search(text) or (block.flags & marks.COPYRIGHT and near):
        return "copyright"
    if not near or block.flags & (marks.DEBRIS | marks.HEADING) or dense:
        return ""
    if block.number < place.start:
        if block.number <= place.title or place.start - block.number > _BEFORE:
            return ""
        return "dateline" if _DATELINE.match(text) else "byline"
    return "trailer" if after else ""
