"""Lower-casing, folding, words, CJK bigrams, hashing: one place for extraction, fingerprints and both stores.

Stores must not do this themselves: tantivy lower-cases "IŞIK" wrongly and keeps "北京日报" one token.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import compress
from operator import not_
from typing import NamedTuple

# A word: letters and digits of any script, with the combining marks that belong to it.
_WORD = re.compile(
    r"[^\W_][^\W_\u200d]*(?:[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u064b-\u065f\u0670"
    r"\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]+[^\W_]*)*"
)
# Scripts written without spaces that become pairs: Han, kana, half-width kana.
_CJK = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]+")
_CJK_ANY = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003134f]")
# Other scripts without spaces, which are left to what spaces there are, and how many characters (with their marks)
# make a word. Measured with the word boundaries of ICU 78 on translations of Debian's programs and on news of our own:
# Thai 3.8 and 4.1, Lao 4.5 (news alone), Khmer 4.6 and 6.0, Myanmar 3.9 and 4.6.
_UNSPACED = (
    (re.compile(r"[\u0e01-\u0e3a\u0e40-\u0e4e]+"), 4),
    (re.compile(r"[\u0e81-\u0ecf\u0edc-\u0edf]+"), 4.5),
    (re.compile(r"[\u1780-\u17d3\u17d7\u17dc\u17dd]+"), 5),
    (re.compile(r"[\u1000-\u103f\u1050-\u108f\u109a-\u109f\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa7f]+"), 4),
)
_UNSPACED_ANY = re.compile(r"[\u0e01-\u0edf\u1000-\u109f\u1780-\u17dd\ua9e0-\ua9fe\uaa60-\uaa7f]")
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u064b-\u065f\u0670]+")
_SPACE = re.compile(r"[ \t\r\f\v\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")

# Languages whose "I" is the capital of "ı" and "İ" that of "i" (Unicode SpecialCasing.txt: tr, az).
TURKIC = frozenset({"tr", "az"})
# Letters that have no canonical decomposition, folded as their readers type them without the key.
_FOLD = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "þ": "th",
    "ŋ": "n", "ə": "a", "ĸ": "k", "ŧ": "t", "ſ": "s", "ё": "е", "ґ": "г", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي",
    "ة": "ه", "ـ": None, "ς": "σ",
})  # fmt: skip
# What is no letter and no digit as a blank, byte by byte: cutting at blanks takes a third of the pattern's time. Sets
# of Western and Central Europe, Turkey, the Cyrillic ones, Greek and the Baltic ones; none has marks that combine.
_BLANKED = {
    charset: bytes(code if bytes([code]).decode(charset, "replace").isalnum() else 0x20 for code in range(256))
    for charset in ("cp1252", "cp1250", "cp1254", "cp1251", "cp1253", "cp1257")
}


class Word(NamedTuple):
    """A word and where it stands in the text it was read from."""

    text: str
    start: int
    end: int


def lower(text: str, language: str = "") -> str:
    """Lower-case by the language's rule: "IŞIK" is "ışık" in Turkish. NFC, so that lengths may differ from `text`."""
    if language in TURKIC:
        text = text.replace("I", "ı").replace("İ", "i")
    # "İ".lower() is "i" with a combining dot, which no reader types.
    return unicodedata.normalize("NFC", text.lower().replace("i\u0307", "i"))


def fold(text: str) -> str:
    """Lower-case text without diacritics: "größe" -> "grosse", "ışık" -> "isik". Same for every language."""
    text = lower(text)
    return text if text.isascii() else _without_marks(text)


def _without_marks(text: str) -> str:
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", plain.translate(_FOLD))


def words(text: str) -> Iterator[Word]:
    """Words as they stand, with offsets; runs of CJK characters become overlapping pairs (one alone stays one)."""
    for match in _WORD.finditer(text):
        if _CJK_ANY.search(match[0]):
            yield from _bigrams(match[0], match.start())
        else:
            yield Word(match[0], match.start(), match.end())


def _bigrams(run: str, start: int) -> Iterator[Word]:
    at = 0
    while at < len(run):
        cjk = _CJK.match(run, at)
        if cjk:
            last = cjk.end() - 1
            if last == at:
                yield Word(run[at], start + at, start + at + 1)
            for here in range(at, last):
                yield Word(run[here : here + 2], start + here, start + here + 2)
            at = cjk.end()
        else:
            following = _CJK_ANY.search(run, at)
            end = following.start() if following else len(run)
            yield Word(run[at:end], start + at, start + end)
            at = end


def tokens(text: str, language: str = "") -> list[str]:
    """Lower-cased words in order, CJK as bigrams: what is indexed and what is asked."""
    return _split(lower(text, language))


def folded_tokens(text: str) -> list[str]:
    """Folded words in order, CJK as bigrams: the neutral field. Independent of the language."""
    if text.isascii() or _CJK_ANY.search(text):  # half-width kana are two signs for one: fold before they are paired
        return _split(fold(text))
    return _folded(_split(lower(text)))


def both_tokens(text: str, language: str) -> tuple[list[str], list[str]]:
    """`tokens` and `folded_tokens` of a text, which is cut once where one cut serves both."""
    spoken = tokens(text, language)
    if text.isascii() and language not in TURKIC:
        return spoken, spoken
    if _CJK_ANY.search(text):
        return spoken, folded_tokens(text)
    return spoken, _folded(spoken)  # a Turkish "ı" is folded to the "i" that other languages make of "I"


def _folded(words: list[str]) -> list[str]:
    """Most words are ASCII, and stay as they are."""
    folded, shift = words[:], 0
    for at in compress(range(len(words)), map(not_, map(str.isascii, words))):
        parts = _folded_word(words[at])
        if len(parts) == 1:
            folded[at + shift] = parts[0]
        else:
            folded[at + shift : at + shift + 1] = parts
            shift += len(parts) - 1
    return folded


@lru_cache(maxsize=50_000)  # of some 100 bytes; of a news text's words that are not ASCII 95 in 100 were there before
def _folded_word(word: str) -> tuple[str, ...]:
    """As a rule one; "½" is folded to two."""
    return tuple(_split(_without_marks(word)))


def _split(text: str) -> list[str]:
    blanked = _blanked(text)
    return _split_any(text) if blanked is None else blanked.split()


def _blanked(text: str) -> str | None:
    """The words alone, for texts of the letters and signs of one of the sets; None for others."""
    if text.isascii():
        return text.encode().translate(_BLANKED["cp1252"]).decode()
    for charset, blanked in _BLANKED.items():
        with suppress(UnicodeEncodeError):
            return text.encode(charset).translate(blanked).decode(charset)
    return None


def _split_any(text: str) -> list[str]:
    found: list[str] = _WORD.findall(text)
    if not _CJK_ANY.search(text):
        return found
    return [word.text for token in found for word in ([Word(token, 0, 0)] if token.isascii() else _bigrams(token, 0))]


def count_words(text: str) -> int:
    """Words of the text; in scripts without spaces so many characters count as one word: two of CJK, four of Thai."""
    blanked = _blanked(text)
    if blanked is not None:
        return len(blanked.split())
    counted = 0
    if _UNSPACED_ANY.search(text):
        for script, per_word in _UNSPACED:
            counted += math.ceil(sum(map(len, script.findall(text))) / per_word)
            text = script.sub(" ", text)
    if _CJK_ANY.search(text):
        counted += (sum(map(len, _CJK.findall(text))) + 1) // 2
        text = _CJK.sub(" ", text)
    return counted + len(_WORD.findall(text))


def clean(text: str) -> str:
    """One line: control characters gone, white space folded, ends stripped. Lone surrogates become "?"."""
    if text.isprintable():  # no white space in it but blanks
        return " ".join(text.split())
    text = _CONTROL.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
    return _SPACE.sub(" ", text.replace("\n", " ")).strip()


def clean_paragraphs(paragraphs: Iterable[str]) -> str:
    """Each cleaned, empty ones left out, joined by one empty line."""
    return "\n\n".join(cleaned for paragraph in paragraphs if (cleaned := clean(paragraph)))


def digest(*parts: str | bytes, size: int = 10) -> str:
    """Hash of the parts (BLAKE2b, RFC 7693), `size` bytes as hexadecimal: ids of articles, texts, runs."""
    state = hashlib.blake2b(digest_size=size)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def text_hash(title: str, text: str) -> str:
    """Tells whether an article's text changed: blind to case of white space, not to punctuation."""
    return digest(" ".join(title.split()), " ".join(text.split()), size=16)
