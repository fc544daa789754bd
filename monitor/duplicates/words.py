"""A text as words that can be compared: folded, numbered, with its credits and datelines set aside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitor.text import folded_tokens

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]

SEED_WORDS = 3  # alignment starts from runs of three equal words; at 2 wire precision .970, at 4 .945: docs/matching.md
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)  # golden ratio, xxHash64

# "BERLIN (dpa) - ", "LONDON, March 3 (Reuters) – ", "(dpa/lno) ": the place the report was sent from, and who sent it.
_DATELINE = re.compile(r"\s*[^\n(.!?:]{0,60}\([^()\n]{2,40}\)\s*(?:[-–—―:]{1,2}\s+|\n)")
# A last line or parenthesis that is nobody's sentence: "(dpa)", "© dpa-infocom, dpa:240516-99-53606/3".
_TRAILER = re.compile(
    r"\s*(?:\n[ \t]*(?:©|\(c\))[^\n]{0,120}|\n[^\n]{0,60}\w:\d{6}[^\n]{0,40}|[(\[][^()\[\]\n]{2,40}[)\]])\s*$"
)
TRAILERS = 3  # lines of that kind at the end, at most; flat from 1 to 6

# Scripts without spaces that `monitor.text` leaves in one piece: Thai, Lao, Myanmar, Khmer.
_UNSPACED = re.compile(r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")
_MARK = r"\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3"
_CLUSTER = re.compile(f"[^{_MARK}][{_MARK}]*")
_PAIR = re.compile(
    r"[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)


@dataclass(frozen=True)
class Words:
    """A text as numbers, one per word (about 20 kB for 400 words with all that is derived): thousands are kept.

    `places`: the words' numbers in the whole text; what was left out makes a jump.
    """

    codes: Codes = field(repr=False)
    places: Places = field(repr=False)
    numeric: NDArray[np.bool_] = field(repr=False)  # which words are numbers
    unit: int = 1  # words per counted word: 2 where most are overlapping pairs of characters

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def size(self) -> float:
        """Length in words of a language that has them."""
        return len(self.codes) / self.unit

    @cached_property
    def numbers_before(self) -> list[int]:
        """How many of the words before each place are numbers; one more entry than there are words."""
        return [0, *np.cumsum(self.numeric).tolist()]

    @cached_property
    def seeds(self) -> Codes:
        return grams(self.codes, SEED_WORDS)

    @cached_property
    def seed_order(self) -> Places:
        return np.argsort(self.seeds, kind="stable")

    @cached_property
    def sorted_seeds(self) -> tuple[Codes, Places, Places]:
        """The different seeds ascending, where each begins in `seed_order`, and how often it comes."""
        seeds = self.seeds[self.seed_order]
        first = np.flatnonzero(np.concatenate(([True], seeds[1:] != seeds[:-1]))) if len(seeds) else self.seed_order
        return seeds[first], first, np.diff(np.append(first, len(seeds)))

    def keep(self, mask: NDArray[np.bool_]) -> Words:
        """The words where the mask is set."""
        return Words(self.codes[mask], self.places[mask], self.numeric[mask], self.unit)


def read_words(text: str) -> Words:
    """Words without dateline, credits and trailer."""
    return numbered(*read_tokens(text))


def read_tokens(text: str) -> tuple[list[str], int]:
    """The words that `read_words` numbers, and how many words of the whole text stand before them."""
    start, end = core(text)
    return split(text[start:end] if start or end < len(text) else text), _words_up_to(text, start)


def before(text: str) -> int:
    """Words of the dateline, that stand before the first one that `read_words` numbers."""
    return _words_up_to(text, _start(text))


def _words_up_to(text: str, start: int) -> int:
    return len(split(text[:start])) if start else 0


def numbered(tokens: Sequence[str], first: int) -> Words:
    """The tokens as Words; the first of them is the text's word number `first`."""
    numeric = np.zeros(len(tokens), np.bool_)
    numeric[[at for at, token in enumerate(tokens) if not token.isalpha() and any(map(str.isdigit, token))]] = True
    return Words(encode(tokens), np.arange(first, first + len(tokens), dtype=np.int64), numeric, unit_of(tokens))


def split(text: str) -> list[str]:
    """Folded words; scripts without spaces as overlapping pairs of characters."""
    tokens = folded_tokens(text)
    if text.isascii() or not _UNSPACED.search(text):
        return tokens
    return [piece for token in tokens for piece in (_pairs(token) if _UNSPACED.search(token) else (token,))]


def is_unspaced(token: str) -> bool:
    """Is it a piece of Thai, Lao, Myanmar or Khmer? CJK is another matter: there a pair is a word."""
    return not token.isascii() and _UNSPACED.search(token) is not None


def _pairs(token: str) -> Sequence[str]:
    clusters = _CLUSTER.findall(token)
    return [a + b for a, b in pairwise(clusters)] or [token]


def unit_of(tokens: Sequence[str]) -> int:
    sample = "".join(tokens[:400:4])
    return 2 if not sample.isascii() and len(_PAIR.findall(sample)) * 2 > len(sample) else 1


def core(text: str) -> tuple[int, int]:
    """Where the text proper begins and ends (character offsets), dateline and trailers set aside."""
    start, end = _start(text), len(text)
    for _ in range(TRAILERS):
        tail = max(start, end - 240)  # a trailer is short, and the pattern looks back from every line
        trailer = _TRAILER.search(text[tail:end])
        if trailer is None or tail + trailer.start() <= start:
            break
        end = tail + trailer.start()
    return start, end


def _start(text: str) -> int:
    dateline = _DATELINE.match(text)
    return dateline.end() if dateline else 0


def encode(tokens: Sequence[str]) -> Codes:
    """A number per word, the same on every machine and in every release of Python."""
    if not tokens:
        return np.empty(0, dtype=np.uint64)
    return np.array([*map(crc32, "\n".join(tokens).encode("utf-8", "surrogatepass").split(b"\n"))], dtype=np.uint64)


def grams(codes: Codes, size: int) -> Codes:
    """A hash for each run of `size` words; empty when there are fewer."""
    count = len(codes) - size + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    total = np.zeros(count, dtype=np.uint64)
    for at in range(size):
        total = (total + codes[at : at + count]) * _ODD[at % 3]
        total ^= total >> np.uint64(29)
    return mix(total)


def mix(values: Codes) -> Codes:
    """Finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the result hangs on every bit given."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
