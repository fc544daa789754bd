"""Links that a label calls the source of the article."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from monitor.errors import FetchError
from monitor.extract import marks
from monitor.extract.blocks import Anchor, Block
from monitor.extract.labels import ends_with_source_label, is_source_label, starts_with_source_label
from monitor.extract.place import Place
from monitor.records import SourceLink
from monitor.text import clean
from monitor.urls import normalise

_MOST = 10
_AFTER = 40  # lines after the text within which a source link stands
_LISTED = 8  # lines after a line "Sources" that its list may have
_PREFIX = 40  # characters that may precede the link in an entry of such a list ("nytimes.com: ...")
_NEVER = marks.MENU | marks.FORM | marks.HIDDEN
_SHARE = re.compile(
    r"^https?://(?:[\w.-]+\.)?(?:facebook\.com/(?:sharer|dialog|share)|(?:twitter|x)\.com/(?:intent|share|home)|wa\.me/|api\.whatsapp\.|"
    r"t\.me/share|telegram\.me/share|linkedin\.com/(?:share|cws)|pinterest\.[a-z.]+/pin/create|reddit\.com/submit|tumblr\.com/share|"
    r"plus\.google\.com/share|news\.google\.com/|vk\.com/share|getpocket\.com/|flipboard\.com/|line\.me/R/|social-plugins\.line\.me)",
    re.IGNORECASE,
)


def find_source_links(
    blocks: Sequence[Block], place: Place, captions: set[int], base: str, own: str
) -> list[SourceLink]:
    """In the page's order. `base` resolves relative links, `own` is the page's address."""
    found: dict[str, SourceLink] = {}
    for anchor, label in _labelled(blocks, place, captions):
        url = web_address(anchor.href, base)
        if url and url != own and not _SHARE.match(url) and _is_a_page(url):
            found.setdefault(url, SourceLink(url, clean(label)[:120]))
    return list(found.values())[:_MOST]


def sources_heading(blocks: Sequence[Block], place: Place) -> int | None:
    """Number of the last line within the text that is nothing but "Sources" and has no link itself."""
    for block in reversed(blocks[place.start : place.end + 1]):
        if is_source_label(block.text) and not block.anchors and not block.flags & _NEVER:
            return block.number
    return None


def web_address(href: str, base: str) -> str:
    """The absolute, normalised address; empty for anything that is not http(s) ("javascript:", "mailto:")."""
    href = href.strip()
    if not href or href.startswith("#"):
        return ""
    try:
        return normalise(href, base)
    except FetchError:
        return ""


def _is_a_page(url: str) -> bool:
    parts = urlsplit(url)
    return (bool(parts.hostname) and "." in (parts.hostname or "")) or (parts.port is not None)


def _labelled(blocks: Sequence[Block], place: Place, captions: set[int]) -> Iterator[tuple[Anchor, str]]:
    heading, left = "", 0  # a line that is nothing but the label, and how many lines it still rules
    for block in blocks[max(0, place.title - 4) : place.end + 1 + _AFTER]:
        if block.flags & _NEVER or block.number in captions:
            continue
        for anchor in block.anchors:
            if is_source_label(anchor.text) or starts_with_source_label(anchor.text):
                yield anchor, anchor.text
            elif ends_with_source_label(anchor.before):
                yield anchor, f"{anchor.before[-40:].rsplit('. ', 1)[-1]} {anchor.text}"
            elif left and len(anchor.before) <= _PREFIX:
                yield anchor, f"{heading} {anchor.text}"
        if is_source_label(block.text) and not block.anchors:
            heading, left = block.text, _LISTED
        elif left:
            left = left - 1 if block.box.tag == "li" or not block.text else 0
