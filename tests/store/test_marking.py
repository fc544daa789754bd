"""What of a text is marked: by the quick way of usual scripts as by the slow one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.query import Term, parse
from monitor.store import marking
from monitor.store.asked import ask
from monitor.store.marking import Marker
from monitor.store.stemming import STEMMERS, stem

# Whose stems do not begin as they do, or have letters that fold to several.
ODD = [
    "gemacht", "macht", "gedaan", "Ärzte", "Aerzte", "Arzt", "Öl", "Oel", "ölig", "über", "ueber", "Übermut",
    "straße", "Strasse", "Straßen", "aß", "ass", "Æon", "aeon", "œuvre", "Œuvres", "oeuvre", "dying", "die", "dies",
    "lying", "sky", "skies", "gently", "İstanbul", "istanbul", "ıstanbul", "IŞIK", "ışık", "ile", "ille", "anneau",
    "Łódź", "lodz", "þing", "thing", "½", "1", "12½", "x²", "ΐλη", "αϊτός", "αητός", "мова", "ёлка", "елка", "ґанок",
    "snake_case", "_privat", "don't", "l'été", "naïve",
]  # fmt: skip
texts = st.lists(
    st.one_of(
        st.sampled_from(ODD), st.text(alphabet="abenrstßäøœıİ_'½ ", max_size=6), st.sampled_from(["“", "–", "…"])
    ),
    min_size=1,
    max_size=12,
).map(" ".join)


def marked(text: str, query: str, language: str) -> list[str]:
    marker = Marker(ask(parse(query)), stem)
    return [text[start:end] for start, end in marker.marks(text, "text", language)]


@pytest.mark.parametrize(
    ("language", "query", "text", "expected"),
    [
        ("nl", "macht", "Hij heeft het gemacht.", ["gemacht"]),
        ("de", "Ärzte", "Aerzte und ein Arzt, keine Arznei", ["Aerzte", "Arzt"]),
        ("en", "ability", "Abilities, able, unable", ["Abilities"]),
        ("fr", "œuvre", "Les Œuvres, une oeuvre", ["Œuvres", "oeuvre"]),
        ("tr", "ışık", "IŞIK ve ışıklar, ısı", ["IŞIK", "ışıklar"]),
        ("xx", "case", "snake_case in einem Wort", ["case"]),
        ("xx", "strasse", "Straße, STRASSE und Strass", ["Straße", "STRASSE"]),
        ("de", '"neue Straße"', "Die neue Straße, der neuen Straße", ["neue Straße"]),
        ("xx", "str*", "Straße “Strom” –Ästrid", ["Straße", "Strom"]),
    ],
)
def test_words_of_the_query_are_marked(language: str, query: str, text: str, expected: list[str]) -> None:
    assert marked(text, query, language) == expected


@given(texts, st.sampled_from([*ODD, "ab", "s"]), st.sampled_from([*STEMMERS, "xx"]))
@example("Aerzte", "Ärzte", "de")
@example("gemacht", "macht", "nl")
@example("aßx", "ass", "xx")
def test_the_quick_way_finds_what_the_slow_one_finds(text: str, word: str, language: str) -> None:
    quick = Marker(ask(Term(None, word)), stem).marks(text, "text", language)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(marking, "_is_usual", lambda _: False)
        slow = Marker(ask(Term(None, word)), stem).marks(text, "text", language)
    assert quick == slow
