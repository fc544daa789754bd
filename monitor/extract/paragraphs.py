"""The article's paragraphs: trafilatura on the parsed tree, relieved beforehand of what it would throw away."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import trafilatura
from lxml import etree
from lxml.html import HtmlElement

from monitor.extract import marks
from monitor.extract.blocks import Block, Box, Lines

# It reports each page without text as a warning of its own; ours is the ExtractionError.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# Elements that trafilatura drops in any case. Gone before it searches the tree, they save it a quarter of its time.
_DROPPED = (
    "nav", "aside", "footer", "menu", "button", "picture", "figcaption", "dialog", "label", "legend", "input",
    "fieldset", "option", "output", "param", "progress", "rp", "rt", "rtc", "source", "applet", "frame", "frameset",
)  # fmt: skip
_MOST_PRUNED = 0.4  # share of the page's text that one element of debris may hold; more is a misleading name
_FARM = 0.7  # share of link text from which what is called a menu or a teaser list is one
_FARM_MARKS = marks.MENU | marks.DEBRIS | marks.FOOTER | marks.ASIDE
_BREAKS = frozenset({"p", "head", "item", "quote", "row", "list", "table", "code", "lb", "div", "body", "ab", "del"})
_OUT = marks.MENU | marks.FORM | marks.HIDDEN | marks.FIGURE | marks.CREDIT
_PROSE_TAGS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "blockquote"})
_PROSE = 80  # characters of a line that counts as prose
_MOST_LINKED = 0.4  # share of link text in a line of prose


class Paragraph(NamedTuple):
    """`block` is the line of the page it stands in, where it could be found."""

    text: str
    heading: bool = False
    block: Block | None = None


def prune(tree: HtmlElement, lines: Lines) -> None:
    """Take share buttons, comment forms, menus, related lists and the like out of the tree.

    Single paragraphs of the body that are hidden wait for "read more" or a registration: they are shown.
    """
    most = max((box.chars for box in lines.boxes), default=0) * _MOST_PRUNED
    heads = {id(box) for block in lines.blocks if block.box.tag == "h1" for box in _around(block)}
    for box in lines.boxes:
        if _waits(box):
            for name in ("style", "hidden", "aria-hidden"):
                box.element.attrib.pop(name, None)
        if _is_prunable(box, most) and id(box) not in heads and box.element.getparent() is not None:
            box.element.drop_tree()
    etree.strip_elements(tree, *_DROPPED, with_tail=False)


def _is_prunable(box: Box, most: float) -> bool:
    farm = box.own & _FARM_MARKS and box.link_chars >= box.chars * _FARM
    return bool(farm or box.own & marks.PRUNE) and not box.own & marks.BODY and box.chars <= most


def _waits(box: Box) -> bool:
    if not box.own & marks.HIDDEN or box.tag not in _PROSE_TAGS:
        return False
    return bool(box.flags & marks.BODY) and not box.flags & marks.DEBRIS


def _around(block: Block) -> Iterable[Box]:
    box: Box | None = block.box
    while box is not None:
        yield box
        box = box.parent


def main_paragraphs(tree: HtmlElement) -> list[Paragraph]:
    """What trafilatura takes for the text, in order. It works on a copy of the tree."""
    try:
        # Any format but "python" spares a serialisation that is not needed here.
        found = trafilatura.bare_extraction(
            tree, fast=True, include_comments=False, with_metadata=False, output_format="txt"
        )
    except (ValueError, TypeError, AttributeError, IndexError, etree.LxmlError, RecursionError):
        return []  # it has no error class of its own; on a page that it can't read there is no text
    return _read(found.body) if found is not None and not isinstance(found, dict) else []


def _read(body: etree._Element) -> list[Paragraph]:
    made: list[Paragraph] = []
    parts: list[str] = []
    heading = 0

    def flush() -> None:
        text = " ".join("".join(parts).split())
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


def paragraphs_within(lines: Lines, elements: Sequence[HtmlElement]) -> list[Paragraph]:
    """The lines inside the elements, for the site's own selectors."""
    roots = [box for box in lines.boxes if any(box.element is element for element in elements)]
    return _lines_of(lines, roots)


def densest_paragraphs(lines: Lines) -> list[Paragraph]:
    """The lines of the element that has most prose for its own: where trafilatura finds no article."""
    scores: dict[int, float] = {}
    boxes: dict[int, Box] = {}
    for block in lines.blocks:
        if (
            len(block.text) < _PROSE
            or block.flags & (_OUT | marks.FOOTER)
            or block.link_chars > len(block.text) * _MOST_LINKED
        ):
            continue
        weight, box = float(len(block.text)), block.box.parent
        for _ in range(3):
            if box is None or box.tag == "html":
                break
            boxes[id(box)] = box
            scores[id(box)] = scores.get(id(box), 0.0) + weight
            weight, box = weight * 0.5, box.parent
    if not scores:
        return []
    return _lines_of(lines, [boxes[max(scores, key=lambda key: scores[key])]])


def _lines_of(lines: Lines, roots: Collection[Box]) -> list[Paragraph]:
    return [
        Paragraph(block.text, bool(block.flags & marks.HEADING), block)
        for block in lines.blocks
        if block.text and not block.flags & _OUT and any(block.box.within(root) for root in roots)
    ]


def is_dump(paragraphs: Sequence[Paragraph], lines: Lines) -> bool:
    """Did trafilatura give up and take the whole page? Then a paragraph runs menus and text together."""
    longest = max((len(block.text) for block in lines.blocks), default=0)
    glued = sum(len(p.text) for p in paragraphs if len(p.text) > 2 * _PROSE and len(p.text) > 1.2 * longest)
    return glued > 0.5 * sum(len(p.text) for p in paragraphs)
