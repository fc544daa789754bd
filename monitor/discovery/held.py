"""The content of a feed's entries, held apart while the feed is parsed.

A CDATA section is opaque to XML: nothing in it can change what the rest means. feedparser walks through each
character of it several times all the same, which is half of what reading a feed with whole articles costs.
"""

from __future__ import annotations

import re
from contextlib import suppress

from monitor.text import digest

_CONTENT = re.compile(
    r"(<content:encoded\b[^<>]{0,500}>\s*<!\[CDATA\[)(.*?)(\]\]>\s*</content:encoded\s*>)", re.DOTALL | re.IGNORECASE
)
# Windows-1252 characters under their old numbers, which Unicode keeps for control characters.
_OLD_NUMBERS = re.compile(r"[\x80-\x9f]")
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}


class Held:
    """`text` is the feed without the content; `back` gives it for what stands in its place."""

    def __init__(self, text: str) -> None:
        self._contents: list[str] = []
        self._mark = digest(text)  # no feed can name another entry's content
        self.text = _CONTENT.sub(self._hold, text)

    def _hold(self, found: re.Match[str]) -> str:
        self._contents.append(found[2])
        return f"{found[1]}{self._mark}:{len(self._contents) - 1}{found[3]}"

    def back(self, value: str) -> str:
        """The content that was held, with what feedparser mends in it; another value as it is."""
        mark, _, number = value.strip().partition(":")
        if mark != self._mark or not number.isdecimal():
            return value
        return _mended(self._contents[int(number)].strip())


def _mended(content: str) -> str:
    """UTF-8 that was taken for Latin-1 and written as UTF-8 again; Windows-1252 by its numbers."""
    if content.isascii():
        return content
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        content = content.encode("iso-8859-1").decode("utf-8")
    return content.translate(_WINDOWS) if _OLD_NUMBERS.search(content) else content
