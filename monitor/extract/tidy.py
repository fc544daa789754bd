"""What extraction leaves around a text is taken off: repeated titles, interface lines, captions, link lists, labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from monitor.extract import marks
from monitor.extract.authors import clean_authors, is_byline
from monitor.extract.blocks import Block
from monitor.extract.dates import parse_date
from monitor.extract.interface import heads_teasers, is_interface, is_read_also, is_reading_time
from monitor.extract.labels import is_source_label, starts_with_source_label
from monitor.extract.paragraphs import Paragraph
from monitor.extract.place import Place, squeeze
from monitor.text import count_words, fold

_TOP = 8  # paragraphs at the top among which bylines, dates and the repeated title are looked for
_FRAGMENT = 30  # characters of a kicker, a place or an agency's name before the first paragraph
_SHORT = 160  # characters of a line that may be a byline or a teaser
_DENSE = 0.8  # share of link text from which a short line is a link list's
_LINK = 0.95  # share from which a paragraph of any length is a link
_TEASER = 0.3  # share that the lines below "Latest news" have; the article's own seldom reach it
_SAME = 40  # characters from which a repeated paragraph is a copy
_BREADCRUMB = 80  # characters before the title in a line of breadcrumbs
_SOURCE_ITEM = 200  # characters of one entry of a list of sources
_STATED = 60  # characters of a standfirst that the description has to repeat; it is often cut off
_NO_PROSE = (
    marks.MENU | marks.FORM | marks.FIGURE | marks.CREDIT | marks.BYLINE | marks.DATE | marks.HIDDEN | marks.HEADING
)
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "؟", "।", "！", "？")
_PLACEHOLDER = re.compile(r"^[\[\]{}$%#*_@]{2,}[^\s]*[\[\]{}$%#*_@]{2,}$")


class Told(NamedTuple):
    """What is known of the article when its text is tidied."""

    title: str
    authors: Sequence[str] = ()
    captions: Sequence[str] = ()  # kept apart: they go from the text
    language: str = ""
    sources_at: int | None = None  # number of the line that heads a list of sources


def tidy(paragraphs: Sequence[Paragraph], told: Told) -> list[Paragraph]:
    """The paragraphs that remain, in order."""
    kept = _without_copies(paragraphs, [squeeze(caption) for caption in told.captions if len(caption) >= 12])
    for number, paragraph in enumerate(kept):
        if heads_teasers(paragraph.text) and number and all(_is_teaser(p) for p in kept[number + 1 :]):
            kept = kept[:number]
            break
    kept = [paragraph for paragraph in kept if not _is_debris(paragraph)]
    kept = _without_lead(kept)
    top = [p for number, p in enumerate(kept[:_TOP]) if not _is_top_debris(p, told, number)]
    kept = _without_lead([*top, *kept[_TOP:]])
    while kept and _is_end_debris(kept[-1], told):
        kept.pop()
    return kept


def standfirst(blocks: Sequence[Block], place: Place, description: str, kept: Sequence[Paragraph]) -> list[str]:
    """The lines between title and text that the page's description repeats: extraction often leaves them out."""
    told = squeeze(fold(description))
    opening = squeeze(" ".join(p.text for p in kept[:2]))
    return [
        block.text
        for block in blocks[place.title + 1 : place.start]
        if len(block.text) >= _SAME
        and not block.flags & _NO_PROSE
        and squeeze(fold(block.text))[:_STATED] in told
        and squeeze(block.text) not in opening
    ]


def _without_copies(paragraphs: Sequence[Paragraph], captions: Sequence[str]) -> list[Paragraph]:
    seen: set[str] = set()
    kept = []
    for paragraph in paragraphs:
        key = squeeze(paragraph.text)
        if len(key) >= _SAME and key in seen:
            continue
        seen.add(key)
        if not any(key == caption or (len(key) >= _SAME and key in caption) for caption in captions):
            kept.append(paragraph)
    return kept


def _linked(block: Block) -> float:
    return block.link_chars / len(block.text) if block.text else 0.0


def _is_teaser(paragraph: Paragraph) -> bool:
    return paragraph.block is not None and (paragraph.heading or _linked(paragraph.block) >= _TEASER)


def _is_debris(paragraph: Paragraph) -> bool:
    text, block = paragraph.text, paragraph.block
    if (
        (not text[:1].isdigit() and is_interface(text))
        or not any(c.isalnum() for c in text)
        or _PLACEHOLDER.match(text)
    ):
        return True
    short = len(text) < _SHORT
    if block is None:
        return short and is_read_also(text)
    if short and block.flags & (marks.MENU | marks.FORM):
        return True
    if (short or block.link_chars) and is_read_also(text):
        return True
    return short and _linked(block) >= _DENSE and bool(block.flags & (marks.DEBRIS | marks.ASIDE))


def _is_top_debris(paragraph: Paragraph, told: Told, number: int) -> bool:
    text, block = paragraph.text, paragraph.block
    if len(text) <= len(told.title) + _BREADCRUMB and _repeats(squeeze(fold(text)), squeeze(fold(told.title))):
        return True
    if block is not None and block.box.tag == "h1" and told.title:
        return True
    if is_interface(text) or is_reading_time(text):
        return True
    if len(text) > _SHORT or is_sentence(text):
        return False
    if block is not None and (block.flags & (marks.BYLINE | marks.DATE) or _linked(block) >= _DENSE):
        return True
    if number < _TOP / 2 and (is_byline(text) or _is_date_line(text, told.language)):
        return True
    names = clean_authors([text]) if told.authors and len(text) <= _SHORT / 2 else ()
    return bool(names) and set(names) <= set(told.authors)


def _repeats(text: str, title: str) -> bool:
    """The title itself, breadcrumbs that end with it, or its greater part on a line of its own."""
    if not title or not text:
        return False
    return text.endswith(title) or (len(title) > 20 and title.startswith(text) and len(text) > 0.6 * len(title))


def _is_date_line(text: str, language: str) -> bool:
    dated = len(text) <= 60 and any(c.isdigit() for c in text) and count_words(text) <= 9
    return dated and parse_date(text, language=language) is not None


def is_sentence(text: str) -> bool:
    """Six words or more, with a full stop of any script."""
    return text.rstrip("\"'”“»«)]").endswith(_SENTENCE_ENDS) and count_words(text) >= 6


def _without_lead(kept: list[Paragraph]) -> list[Paragraph]:
    first = next((n for n, p in enumerate(kept) if not _is_lead_fragment(p, n)), len(kept))
    return kept[first:] if first < len(kept) else kept


def _is_lead_fragment(paragraph: Paragraph, number: int) -> bool:
    """A kicker, a place, an agency's name, an item of a menu: what stands before the first paragraph."""
    text, block = paragraph.text, paragraph.block
    if len(text) > _FRAGMENT or len(text.split()) > 4 or text.endswith(_SENTENCE_ENDS):
        return False
    return number < _TOP or (block is not None and _linked(block) >= _DENSE)


def _is_end_debris(paragraph: Paragraph, told: Told) -> bool:
    text, block = paragraph.text, paragraph.block
    if paragraph.heading or is_interface(text) or is_source_label(text) or is_read_also(text):
        return True
    if block is not None:
        listed = told.sources_at is not None and block.number > told.sources_at and block.box.tag == "li"
        if _linked(block) >= _LINK or (listed and len(text) <= _SOURCE_ITEM):
            return True
    if len(text) > _SHORT:
        return False
    if starts_with_source_label(text) or is_byline(text) or text.startswith(("©", "Copyright", "(c)")):
        return True
    if block is None or is_sentence(text):
        return False
    return _linked(block) >= _DENSE or bool(block.flags & (marks.DEBRIS | marks.BYLINE | marks.FOOTER | marks.CREDIT))
