"""The passages of a text that are shown for a hit."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.store.port import Snippet

PASSAGES = 3  # of one text
LENGTH = 200  # characters of a passage: two lines of a terminal
BEFORE = 60  # characters shown before the first match
LOOKED_AT = 8  # passages of a text that compete: a common word matches in all of it
STRETCH = 20  # characters that a cut may move to reach the end of a word


def passages(text: str, marks: Sequence[tuple[int, int]]) -> tuple[Snippet, ...]:
    """The passages with the most matches, in the order of the text; its beginning when nothing in it matched."""
    if not marks:
        lead = text[: _cut_after(text, 0, LENGTH)].rstrip()
        return (Snippet(lead),) if lead else ()
    found: list[Snippet] = []
    at = behind = 0
    while at < len(marks) and len(found) < LOOKED_AT:
        start = _cut_before(text, max(behind, marks[at][0] - BEFORE), marks[at][0])
        end = max(_cut_after(text, start, start + LENGTH), min(marks[at][1], start + 2 * LENGTH))
        inside = []
        while at < len(marks) and marks[at][0] < end:
            inside.append((marks[at][0] - start, min(marks[at][1], end) - start))
            at += 1
        found.append(Snippet(text[start:end], tuple(inside)))
        behind = end
    best = sorted(range(len(found)), key=lambda number: (-len(found[number].marks), number))[:PASSAGES]
    return tuple(found[number] for number in sorted(best))


def _cut_before(text: str, start: int, match: int) -> int:
    """Forward to the beginning of a paragraph or a word, never behind the match."""
    paragraph = text.rfind("\n", start, match)
    if paragraph >= 0:
        return paragraph + 1
    if start == 0 or text[start - 1].isspace():
        return start
    for here in range(start, min(start + STRETCH, match)):
        if text[here].isspace():
            return here + 1
    return start


def _cut_after(text: str, start: int, end: int) -> int:
    """Back to the end of a paragraph or a word."""
    paragraph = text.find("\n", start, end)
    if paragraph - start >= LENGTH // 2:
        return paragraph
    if end >= len(text) or text[end].isspace():
        return min(end, len(text))
    for here in range(end, max(end - STRETCH, start), -1):
        if text[here].isspace():
            return here
    return end
