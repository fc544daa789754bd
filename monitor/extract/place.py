"""Where the article's text stands among the lines of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monitor.extract import marks
from monitor.extract.blocks import Block
from monitor.extract.paragraphs import Paragraph
from monitor.text import fold

KEY = 24  # characters without spaces from which a line is found again in the text
_NEVER = marks.MENU | marks.FOOTER | marks.FORM
_DOUBTFUL = marks.DEBRIS | marks.ASIDE
_BACK = 12  # lines before the text where no heading is the title


class Place(NamedTuple):
    """Numbers of the lines where the title stands, where the text begins, and where it ends (inclusive)."""

    title: int
    start: int
    end: int
    inside: frozenset[int]


def squeeze(text: str) -> str:
    """Without spaces: how lines of two readings of one page are compared."""
    return text.replace(" ", "").replace("\u00a0", "")


def locate(blocks: Sequence[Block], paragraphs: Sequence[Paragraph], title: str) -> tuple[Place, list[Paragraph]]:
    """The place, and the paragraphs joined with their lines."""
    by_key: dict[str, list[Block]] = {}
    whole = "\n".join(squeeze(paragraph.text) for paragraph in paragraphs)
    inside: set[int] = set()
    doubtful: set[int] = set()
    for block in blocks:
        key = squeeze(block.text)
        by_key.setdefault(key, []).append(block)
        if len(key) >= KEY and not block.flags & _NEVER and key in whole:
            (doubtful if block.flags & _DOUBTFUL else inside).add(block.number)
    if len(doubtful) > len(inside):  # the article itself stands in what is called a teaser or an aside
        inside |= doubtful
    last = 0
    joined = []
    for paragraph in paragraphs:
        twins = by_key.get(squeeze(paragraph.text), ())
        twin = next((block for block in twins if block.number >= last), twins[0] if twins else None)
        if twin is not None and len(paragraph.text) >= KEY and twin.number >= last:
            last = twin.number
        joined.append(paragraph if paragraph.block is not None else paragraph._replace(block=twin))
    head = _title_line(blocks, title, min(inside, default=len(blocks)))
    after = [number for number in inside if number > head]
    start = min(after, default=min(head + 1, len(blocks)))
    return Place(head, start, max(after, default=len(blocks) - 1), frozenset(inside)), joined


def narrowed(place: Place, kept: Sequence[Paragraph]) -> Place:
    """The place of what remained of the text after tidying."""
    first, last = (kept[0].block, kept[-1].block) if kept else (None, None)
    start = first.number if first and first.number > place.title and len(first.text) >= KEY else place.start
    end = last.number if last and last.number >= start and len(last.text) >= KEY else place.end
    return place._replace(start=start, end=end)


def _title_line(blocks: Sequence[Block], title: str, start: int) -> int:
    wanted = squeeze(fold(title))
    found = [
        block
        for block in blocks[: start + 3]
        if block.flags & marks.HEADING and len(block.text) > 5 and squeeze(fold(block.text)) in wanted
    ]
    best = [block for block in found if block.box.tag == "h1"] or found
    return best[-1].number if best else max(0, start - _BACK)
