"""A rule's RSS feed (RSS 2.0, with the dates of RFC 5322), as a file that any reader can be pointed at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from email.utils import format_datetime
from html import escape
from pathlib import Path

from lxml import etree

from monitor.alerts.cleaning import clean, web_address
from monitor.alerts.messages import Entry, source_line
from monitor.alerts.wording import words

ENTRIES = 50  # newest of a feed
GENERATOR = "media-monitor"
_NO_TAGS = str.maketrans("<>", "‹›")  # in titles, which some readers take for text and some for HTML


def rss(name: str, asks: str, entries: Sequence[Entry], home: str = "", language: str = "en") -> bytes:
    """Newest first, in their order. `asks`: what the rule asks for, in short; `home`: address of the monitor's own
    page.
    """
    said_so = words(language)
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", clean(name))
    _add(channel, "link", web_address(home) or "about:blank")
    _add(channel, "description", clean(asks or name, 1000))
    _add(channel, "generator", GENERATOR)
    for entry in entries[:ENTRIES]:
        item = etree.SubElement(channel, "item")
        _add(item, "title", clean(entry.title).translate(_NO_TAGS))
        if link := web_address(entry.url):
            _add(item, "link", link)
        shown = " ".join("".join(piece.text for piece in passage) for passage in entry.passages)
        shown = shown.replace("… …", "…")  # what is left out between two is said once in a line
        said = ": ".join(filter(None, (clean(entry.site), clean(shown, 1000))))
        said += f" ({said_so['source']}: {source_line(entry, said_so)})" if entry.site else ""
        said += "".join(
            f" ({said_so['taken_back']}: {clean(one.title)}, {clean(one.site)})" for one in entry.taken_back
        )
        _add(item, "description", escape(said))  # readers take it for HTML
        _add(item, "pubDate", format_datetime(entry.at))
        guid = etree.SubElement(item, "guid", isPermaLink="false")
        guid.text = clean(f"{entry.story}:{entry.article}")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def write_feed(file: Path, content: bytes) -> None:
    """The file appears whole, in the place of the one before. Raises OSError, also where the folder of its folder is
    not there: it may be away for a moment, and one made anew would be in its way.
    """
    file.parent.mkdir(exist_ok=True)
    partial = file.with_name(f".{file.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(file)


def written_feeds(folder: Path) -> Iterator[Path]:
    """Those of this program; what somebody else put there is none of them."""
    mark = f"<generator>{GENERATOR}</generator>".encode()
    for file in folder.glob("*.xml"):
        if mark in file.read_bytes():
            yield file


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
