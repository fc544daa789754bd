"""The article in the data of a page that a browser would only build by script (React, Next.js, Nuxt state)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from monitor.errors import ExtractionError
from monitor.extract.blocks import read_lines
from monitor.extract.paragraphs import Paragraph
from monitor.extract.parse import parse_bytes
from monitor.text import clean

_SHORTEST = 400  # characters of a string that can be an article
_LARGEST = 3_000_000  # characters of a script that is searched
_NESTED = 2  # JSON within strings of JSON
_STRING = re.compile(rf'"((?:[^"\\]|\\.){{{_SHORTEST},}}+)"', re.DOTALL)
_PARAGRAPHS = re.compile(r"</p>|<br\s*/?>|</div>", re.IGNORECASE)
_SENTENCE = re.compile(r"\w[.!?。]['\"”“»]?(?:\s|<)")


def state_paragraphs(tree: HtmlElement) -> list[Paragraph]:
    """Paragraphs of the string that reads most like an article; empty when none does."""
    best = ""
    for script in tree.iter("script"):
        text = script.text
        if not text or script.get("src") or len(text) > _LARGEST:
            continue
        for value in _strings(text, _NESTED):
            if _weight(value) > _weight(best):
                best = value
    return _paragraphs(best) if best else []


def _strings(text: str, depth: int) -> Iterator[str]:
    for match in _STRING.finditer(text):
        try:
            value = json.loads(match[0], strict=False)
        except ValueError:
            continue
        yield value
        if depth > 1 and '"' in value:
            yield from _strings(value, depth - 1)


def _weight(text: str) -> int:
    """Length, if it has sentences and is markup of paragraphs or plain prose; code and JSON have neither."""
    if text.count('":') > 20 or text.count("{") > len(text) / 200 or len(_SENTENCE.findall(text)) < 3:
        return 0
    return len(text)


def _paragraphs(text: str) -> list[Paragraph]:
    if not _PARAGRAPHS.search(text):
        return [Paragraph(line) for part in text.split("\n") if (line := clean(part))]
    try:
        tree = parse_bytes(b"<html><body>" + text.encode("utf-8", "replace"))
    except ExtractionError:
        return []
    return [Paragraph(clean(block.text)) for block in read_lines(tree).blocks if block.text]
