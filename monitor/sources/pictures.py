"""Who took a picture, from its caption: the credit where it was split off, else the caption's end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monitor.records import Caption
from monitor.sources.agencies import AgencyTable
from monitor.sources.naming import UNNAMED, Named
from monitor.sources.wording import PICTURE

CREDIT = 0.95  # the credit of a caption: 99 % right on 206 pages; half: recall .055 there, docs/matching.md
TAIL = 0.8  # the end of a caption without a credit of its own; half: .945
_TAIL = 90  # characters at a caption's end in which its credit stands
_BRACKET = 60  # characters between an opening bracket and the name
# "Keystone pipeline": the name goes on.
_GOES_ON = re.compile(r"\s*(?:XL|pipeline|station|bank|college|party)\b|['’]s\s+[a-z]", re.IGNORECASE)
_INTRODUCED = re.compile(r"(?:[/|©]|\bvia|\b(?:foto|photo|bild|image|quelle|credit)s?\s*:?)\s*$", re.IGNORECASE)
_PROSE = re.compile(r"\b[a-z]{4,}\s+[a-z]{3,}")
_FULL_STOP = re.compile(r"[.!?。…”\"]\s*$")
_EDGES = " .)]"


def read_captions(captions: tuple[Caption, ...], table: AgencyTable) -> Iterator[tuple[Named, str, float]]:
    """Agency, quote and weight of each picture's credit."""
    for caption in captions:
        credited = [one for one in table.find(caption.credit) if one.how != UNNAMED] if caption.credit else []
        for one in credited:
            if not _GOES_ON.match(caption.credit, one.end):
                yield one, caption.credit, CREDIT
        if not credited and caption.text:
            for one in _at_end(caption.text, table):
                yield one, caption.text[-160:], TAIL


def _at_end(text: str, table: AgencyTable) -> list[Named]:
    found = [one for one in table.find(text) if one.how != UNNAMED and one.end >= len(text) - _TAIL]
    return [one for one in found if _is_credited(one, text[: one.start], text[one.end :])]


def _is_credited(one: Named, before: str, after: str) -> bool:
    """In a bracket of its own, after a sign or a label, before a slash and a name, or alone after the full stop."""
    at = max(before.rfind("("), before.rfind("["))
    if at > max(before.rfind(")"), before.rfind("]")):
        opening = before[at + 1 :]
        if len(opening) <= _BRACKET and (PICTURE.search(opening + after[:40]) or not _PROSE.search(opening)):
            return True
    if _INTRODUCED.search(before) or (re.match(r"\s*/\s*[^\s/]", after) and len(after) <= _BRACKET):
        return True
    return not after.strip(_EDGES) and (bool(_FULL_STOP.search(before)) or not before.strip())
