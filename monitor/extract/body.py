"""The article's paragraphs: trafilatura on the parsed tree, then the debris that it leaves is taken off."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from monitor.extract import marks
from monitor.extract.blocks import Block, Lines
from monitor.extract.dates import parse_date
from monitor.extract.labels import is_interface, is_read_also, is_source_label, starts_with_source_label
from monitor.text import clean, count_words, fold

# It reports each page without text as a warning of its own; ours is the ExtractionError.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_BREAKS = frozenset({"p", "head", "item", "quote", "row", "list", "table", "code", "lb", "div", "body", "ab", "del"})
_MOST_PRUNED = 0.4  # share of the page's text that one element of debris may hold; more is a misleading name
_TOP = 8  # paragraphs at the top among which bylines, dates and the repeated title are looked for
_SHORT = 160  # characters of a line that may be a byline or a teaser
_DENSE = 0.8  # share of link text from which a short line is a link list's
_SAME = 40  # characters from which a repeated paragraph is a copy
_KEY = 24  # squeezed characters from which a line is found again in the text


class Paragraph(NamedTuple):
    """`block` is the line of the page it stands in, where it could be found."""

    text: str
    heading: bool = False
    block: Block | None = None


class Place(NamedTuple):
    """Numbers of the lines where the title stands, where the text begins, and where it ends (inclusive)."""

    title: int
    start: int
    end: int
    inside: frozenset[int]


def prune(lines: Lines) -> None:
    """Take share buttons, comment forms, related lists and the like out of the tree."""
    total = max((box.chars for box in lines.boxes), default=0)
    heads = {id(b) for block in lines.blocks if block.box.tag == "h1" for b in _ancestors(block)}
    for box in lines.boxes:
        if box.own & marks.PRUNE and not box.own & marks.BODY and box.parent is not None:
            parent = box.element.getparent()
            if parent is not None and box.chars <= total * _MOST_PRUNED and id(box) not in heads:
                box.element.drop_tree()


def _ancestors(block: Block) -> Iterable[object]:
    box = block.box
    while box.parent is not None:
        yield box
        box = box.parent


def extract_paragraphs(tree: HtmlElement) -> list[Paragraph]:
    """What trafilatura takes for the text, in order. It works on a copy of the tree."""
    try:
        # Any format but "python" spares a serialisation that is not needed here.
        found = trafilatura.bare_extraction(
            tree, fast=True, include_comments=False, with_metadata=False, output_format="txt"
        )
    except (ValueError, TypeError, AttributeError, IndexError, etree.LxmlError, RecursionError):
        return []  # it has no error class of its own; on a page that it can't read there is no text
    return _paragraphs(found.body) if found is not None and not isinstance(found, dict) else []


def _paragraphs(body: etree._Element) -> list[Paragraph]:
    made: list[Paragraph] = []
    parts: list[str] = []
    heading = 0

    def flush() -> None:
        text = clean("".join(parts))
        if text:
            made.append(Paragraph(text, heading > 0))
        parts.clear()

    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if tag in _BREAKS:
            flush()
        elif tag == "cell":
            parts.append(" ")
        if tag == "head":
            heading += 1 if event == "start" else -1
        text = element.text if event == "start" else element.tail
        if text:
            parts.append(text)
    flush()
    return made


def selected_paragraphs(lines: Lines, elements: Sequence[HtmlElement], skip: frozenset[int] | set[int]) -> list[Paragraph]:
    """The lines inside the elements: for the site's own selectors and for fragments that are article alone."""
    roots = [box for box in lines.boxes if any(box.element is element for element in elements)]
    out = marks.MENU | marks.FORM | marks.HIDDEN | marks.FIGURE | marks.CREDIT
    return [
        Paragraph(clean(block.text), bool(block.flags & marks.HEADING), block)
        for block in lines.blocks
        if block.text and block.number not in skip and not block.flags & out and any(block.box.within(r) for r in roots)
    ]


def squeeze(text: str) -> str:
    """Without white space: how lines of two readings of one page are compared."""
    return "".join(text.split())


def locate(blocks: Sequence[Block], paragraphs: Sequence[Paragraph], title: str) -> tuple[Place, list[Paragraph]]:
    """Where the text stands among the page's lines, and the paragraphs joined with their lines."""
    by_key: dict[str, list[Block]] = {}
    for block in blocks:
        by_key.setdefault(squeeze(block.text), []).append(block)
    whole = "\n".join(squeeze(p.text) for p in paragraphs)
    inside = frozenset(
        block.number
        for block in blocks
        if not block.flags & marks.MENU and len(key := squeeze(block.text)) >= _KEY and key in whole
    )
    last = 0
    joined = []
    for paragraph in paragraphs:
        twins = by_key.get(squeeze(paragraph.text), [])
        twin = next((b for b in twins if b.number >= last), None)
        if twin is None and len(twins) == 1:
            twin = twins[0]
        if twin is not None and len(paragraph.text) >= _KEY:
            last = twin.number
        joined.append(paragraph._replace(block=twin))
    head = _title_line(blocks, title, min(inside, default=len(blocks)))
    after = sorted(number for number in inside if number > head)
    place = Place(head, after[0] if after else min(head + 1, len(blocks)), after[-1] if after else len(blocks) - 1, inside)
    return place, joined


def _title_line(blocks: Sequence[Block], title: str, start: int) -> int:
    wanted = squeeze(fold(title))
    found = [b for b in blocks if b.flags & marks.HEADING and len(b.text) > 5 and squeeze(fold(b.text)) in wanted]
    first = [b.number for b in found if b.box.tag == "h1" and b.number <= start + 2] or [
        b.number for b in found if b.number <= start + 2
    ]
    return first[-1] if first else max(0, start - 12)


def tidy(paragraphs: Sequence[Paragraph], title: str, captions: Sequence[str], language: str) -> list[str]:
    """The texts without the title at the top, interface lines, captions, link lists, trailing labels."""
    known = [squeeze(fold(caption)) for caption in captions if len(caption) >= 12]
    seen: set[str] = set()
    kept: list[Paragraph] = []
    for paragraph in paragraphs:
        key = squeeze(fold(paragraph.text))
        if len(key) >= _SAME and key in seen:
            continue
        seen.add(key)
        if any(key == caption or (len(key) >= _SAME and key in caption) for caption in known):
            continue
        if _is_debris(paragraph):
            continue
        kept.append(paragraph)
    top = [p for n, p in enumerate(kept[:_TOP]) if not _is_top_debris(p, title, language, n)]
    kept = [*top, *kept[_TOP:]]
    while kept and _is_end_debris(kept[-1]):
        kept.pop()
    return [paragraph.text for paragraph in kept]


def _is_debris(paragraph: Paragraph) -> bool:
    text, block = paragraph.text, paragraph.block
    if (is_interface(text) and not text[:1].isdigit()) or not any(c.isalnum() for c in text):
        return True
    if block is None:
        return is_read_also(text) and len(text) < _SHORT
    if block.flags & (marks.MENU | marks.FORM) and len(text) < _SHORT:
        return True
    dense = block.link_chars >= len(block.text) * _DENSE and len(text) < _SHORT
    if is_read_also(text) and (block.link_chars or len(text) < _SHORT):
        return True
    return dense and bool(block.flags & (marks.DEBRIS | marks.ASIDE))


def _is_top_debris(paragraph: Paragraph, title: str, language: str, number: int) -> bool:
    text, block = paragraph.text, paragraph.block
    folded, heading = squeeze(fold(text)), squeeze(fold(title))
    if heading and (folded == heading or (len(text) <= len(title) + 80 and folded.endswith(heading))):
        return True
    if len(heading) > 20 and heading.startswith(folded) and len(folded) > 0.6 * len(heading):
        return True
    if is_interface(text):
        return True
    if block is not None and len(text) <= _SHORT:
        if block.flags & (marks.BYLINE | marks.DATE) and not _is_sentence(text):
            return True
        if block.link_chars >= len(block.text) * _DENSE and not _is_sentence(text):
            return True
    return number < 4 and _is_date_line(text, language)


def _is_date_line(text: str, language: str) -> bool:
    return len(text) <= 60 and any(c.isdigit() for c in text) and count_words(text) <= 9 and bool(parse_date(text, language=language))


def _is_sentence(text: str) -> bool:
    return text.rstrip("\"'”“»«)").endswith((".", "!", "?", "…", "。", "؟", "।", "！", "？")) and count_words(text) >= 6


def _is_end_debris(paragraph: Paragraph) -> bool:
    text, block = paragraph.text, paragraph.block
    if paragraph.heading or is_interface(text) or is_source_label(text) or is_read_also(text):
        return True
    if starts_with_source_label(text) and len(text) <= _SHORT:
        return True
    if text.startswith(("©", "Copyright", "(c)")) and len(text) <= _SHORT:
        return True
    if block is None or len(text) > _SHORT or _is_sentence(text):
        return False
    return block.link_chars >= len(block.text) * _DENSE or bool(block.flags & (marks.DEBRIS | marks.BYLINE | marks.FOOTER))
