"""The languages that are stemmed, and their stems: the same in every store, by Snowball.

Words of others (Polish, Czech and Ukrainian among them) are found by their folded form alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import tantivy

STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hu": "hungarian", "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese",
    "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish",
}  # fmt: skip


def stem(language: str, words: Sequence[str]) -> list[str] | None:
    """As the stores find them; None where there is no stemmer for the language."""
    if language not in STEMMERS:
        return None
    stems: list[str] = stemmer(language).analyze(" ".join(words))
    return stems


@cache
def stemmer(language: str) -> tantivy.TextAnalyzer:
    """Of words with blanks between them."""
    one = tantivy.Filter.stemmer(STEMMERS[language])
    return tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(one).build()
