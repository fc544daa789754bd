"""Fingerprints of a text: winnowed hashes (Schleimer, Wilkerson, Aiken 2003), hashes of its title, exact hash.

Pure, and stable over processes, machines and releases of Python: fingerprints are stored and looked up for years.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

from monitor.duplicates.words import Codes, Words, encode, grams, mix, read_tokens, split, unit_of
from monitor.records import Fingerprint
from monitor.text import digest

# What their neighbours do: docs/matching.md. No other is seen to change a story at half or double.
GRAM_WORDS = 5  # k 3 to 5 are within .002 of each other on 1,500 German copies; longer ones make fewer chance hits
WINDOW = 8  # about 90 hashes for 400 words; 4 to 8 are within .002, 16 loses .005 of the wire's copies
SHORT_WORDS, SHORT_WINDOW = 100, 4  # a short text has few hashes to be found by; a smaller window only adds hashes
PAIR_GRAM, PAIR_WINDOW = 9, 12  # scripts without spaces: ten characters, about as rare as five words
MOST_HASHES = 400  # the smallest are kept: two long texts keep the same ones; flat from 200 to 800
EXACT_WORDS = 60  # shorter whole texts are consent walls, paywall stubs and notices, the same for strangers
TITLE_WORDS = 7  # the longest of a title; 21 pairs at most
TITLE_LETTERS = 4  # shorter words of a title are mostly grammar


def fingerprint(title: str, text: str, language: str = "") -> Fingerprint:
    """Fingerprint of an article. `language` decides nothing today: folding and pairs are the same for all."""
    tokens, _ = read_tokens(text)
    unit = unit_of(tokens)
    exact = digest("\x1f".join(tokens), size=16) if len(tokens) / unit >= EXACT_WORDS else ""
    hashes = np.concatenate((_winnowed(encode(tokens), unit), title_hashes(title)))
    return Fingerprint(exact=exact, hashes=tuple(hashes.tolist()))


def winnow(words: Words) -> Codes:
    """The smallest hash of every window, ascending, lowest bit clear. At least one for a text of five words."""
    return _winnowed(words.codes, words.unit)


def _winnowed(codes: Codes, unit: int) -> Codes:
    size, window = (PAIR_GRAM, PAIR_WINDOW) if unit == 2 else (GRAM_WORDS, WINDOW)
    if len(codes) / unit < SHORT_WORDS:
        window = SHORT_WINDOW
    hashes = grams(codes, size) & ~np.uint64(1)
    return np.unique(minima(hashes, min(window, len(hashes))))[:MOST_HASHES]


def minima(values: Codes, window: int) -> Codes:
    """The least of every `window` values in a row. Of what covers 1, 2, 4 ... values: a window is two of the last."""
    reach = 1
    while reach < window:
        step = min(reach, window - reach)
        values = np.minimum(values[:-step], values[step:])
        reach += step
    return values


def title_hashes(title: str) -> Codes:
    """A hash for each pair of telling words, ascending, lowest bit set: two shared hashes are three shared words."""
    tokens = split(title)
    if unit_of(tokens) == 2:
        hashes = grams(encode(tokens), 3)
    else:
        telling = sorted({token for token in tokens if len(token) >= TITLE_LETTERS}, key=lambda t: (-len(t), t))
        codes = np.sort(encode(telling[:TITLE_WORDS]))
        pairs = np.array(list(combinations(codes.tolist(), 2)), dtype=np.uint64).reshape(-1, 2)
        hashes = mix(mix(pairs[:, 0]) + pairs[:, 1])
    return np.unique(hashes | np.uint64(1))[:MOST_HASHES]
