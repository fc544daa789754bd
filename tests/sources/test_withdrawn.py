"""Notices that a text is taken back, and texts that only use the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources import is_withdrawal


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Berichtigung: Zahl der Räte", ""),
        ("Zurückgezogen: Brücke in Oderfeld", ""),
        ("KILL: Bridge in Larkmere", ""),
        ("AP KILL - Bridge in Larkmere", ""),
        ("CORRECTED-UPDATE 2-Bank profit", ""),
        ("Haber iptali: köprü", ""),
        ("Rectificación: el puente", ""),
        ("Опровержение: мост", ""),
        ("更正：新桥", ""),
        ("Brücke in Oderfeld", "Die dpa-Meldung «Brücke in Oderfeld» (16.00 Uhr) wird zurückgezogen."),
        ("Brücke in Oderfeld", "Diese Meldung wurde zurückgezogen."),
        ("Bridge", "This story has been withdrawn by the agency."),
        ("Bridge", "The agency has withdrawn its story about a bridge."),
        ("Pont", "Cette dépêche a été annulée."),
        ("Köprü", "Bu haber ajans tarafından geri çekilmiştir."),
        ("Мост", "Материал отозван агентством."),
    ],
)
def test_a_notice(title: str, text: str) -> None:
    assert is_withdrawal(title, text)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Zurückgezogen lebte der Autor", "Er mied die Stadt."),
        ("Kill Bill kehrt zurück", ""),
        ("Korrektur der Rentenpolitik gefordert", ""),
        ("Correction facility opened", ""),
        ("Minister tritt zurück", "Er hat seinen Antrag zurückgezogen, sagte er am Montag."),
        ("Troops withdrawn from the border", "The army has withdrawn its troops."),
        ("Brücke", "Erster Absatz. " * 60 + "Diese Meldung wurde zurückgezogen."),
        ("", ""),
    ],
)
def test_the_words_alone_are_no_notice(title: str, text: str) -> None:
    assert not is_withdrawal(title, text)


@given(st.text(), st.text())
def test_any_text_is_judged(title: str, text: str) -> None:
    assert is_withdrawal(title, text) in (True, False)
