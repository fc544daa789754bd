"""Strangers' texts, made fit for a message: nothing in them does more than to be read.

HTML is escaped by its templates. A chat has no escape that all of them know, and reads signs in plain text too: names
of people and channels, emphasis, links. There such signs are written with others that look like them, or are parted by
a blank of no width.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_TITLE = 300  # characters
_LONGEST_ADDRESS = 2000
_SPACES = re.compile(r"\s+")
# Signs that turn the direction of what follows, and other marks that are not seen (Unicode 15, Bidi_Control and
# Default_Ignorable), but for the joiners that Persian, Indic scripts and emoji are written with.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_NO_LETTERS = ("Cc", "Zl", "Zp", "Cs", "Co", "Cn")  # control, line and paragraph separators, surrogates, no characters

_NOBODYS = re.compile(r"https?://[^/?#]*\.invalid([:/?#]|$)", re.IGNORECASE)  # RFC 6761
_LOOKALIKES = str.maketrans("*_`~|<>[]\\", "∗ˍˋ∼∣‹›［］∖")
_PARTED = re.compile(r"([@#&](?=[\w#]|$)|:(?=[^\W\d]|/|$))")  # @all, #channel, &commat;, :smile:, https://
_BLOCK = re.compile(r"^\s*(?=[-+=#]|\d+[.)])")  # what a line that begins so becomes: a list, a heading
_BREAK = "\u200b"
_IN_ADDRESS = {sign: f"%{ord(sign):02X}" for sign in "@*~|`[]\\!'()"}


def clean(text: str, longest: int = LONGEST_TITLE) -> str:
    """One line of visible letters, cut at a word with "…"."""
    line = visible(text).strip()
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip() + "…"


def visible(text: str) -> str:
    """The letters that are seen, each white space as one blank."""
    shown = "".join(" " if unicodedata.category(one) in _NO_LETTERS else one for one in text)
    return _SPACES.sub(" ", _UNSEEN.sub("", shown))


def unmarked(text: str) -> str:
    """A line for a chat: it calls nobody, and no sign in it is markup."""
    return _BLOCK.sub(rf"\g<0>{_BREAK}", _PARTED.sub(rf"\1{_BREAK}", text.translate(_LOOKALIKES)))


def web_address(url: str) -> str:
    """Only what a browser opens as a page; an address of another kind, with a user in it, or that nobody can have (as
    that of a dispatch which is on no page) is left out.
    """
    url = clean(url, _LONGEST_ADDRESS)
    if _NOBODYS.match(url):
        return ""
    return url if re.match(r"https?://[^\s<>\"'()/?#@\\]+([/?#][^\s<>\"'()]*)?$", url) else ""


def chat_address(url: str) -> str:
    """`web_address` without the signs that a chat may read, which mean the same with a percent sign."""
    return "".join(_IN_ADDRESS.get(sign, sign) for sign in web_address(url))
