"""Notices that a text is taken back, and texts that only use the words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sources import is_withdrawal, takes_back


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
        ("Meldung zurückgezogen: Brücke in Oderfeld", ""),
        ("Widerruf der Meldung: Brücke in Oderfeld", ""),
        ("ANNULATION DE DÉPÊCHE", ""),
        ("Annulation de la dépêche : un pont à Brest", ""),
        ("Dépêche annulée - un pont à Brest", ""),
        ("Anulación de noticia: el puente", ""),
        ("Отмена сообщения: мост", ""),
        ("İptal edilen haber: köprü", ""),
        ("Withdrawn story: bridge in Larkmere", ""),
        ("WITHDRAWN - Bridge in Larkmere", ""),
        ("Achtung Redaktionen: Die Meldung zur Brücke wird zurückgezogen", ""),
        ("Attention editors: the item on the bridge is killed", ""),
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
        ("Annulation : le festival de Brest n'aura pas lieu", ""),
        ("Annulé : le concert de samedi", ""),
        ("Withdrawal: US troops leave Kabul", ""),
        ("Отмена: концерт в Москве не состоится", ""),
        ("Anulación: la justicia tumba la ley", ""),
        ("Anulado - el gol del derbi", ""),
        ("Widerruf: Hersteller ruft Butter zurück", ""),
        ("İptal: köprü seferleri", ""),
        ("Zrušeno: koncert v parku", ""),
        ("Retrait de l'article 49 : le gouvernement cède", ""),
        ("Achtung Autofahrer: Führerscheine werden zurückgezogen", ""),
        ("", ""),
    ],
)
def test_the_words_alone_are_no_notice(title: str, text: str) -> None:
    assert not is_withdrawal(title, text)


@pytest.mark.parametrize(
    ("headline", "note"),
    [
        ("KILL: Hafen wird tiefer", ""),
        ("BULLETIN KILL - Hafen", ""),
        ("AP Mandatory Kill: Harbour", ""),
        ("+++ Zurückgezogen: Hafen", ""),
        ("ZURÜCKGEZOGEN", ""),
        ("Withdrawn: Harbour to be deepened", ""),
        ("Story withdrawn - Harbour", ""),
        ("ANNULATION DE DÉPÊCHE", ""),
        ("Anulada la noticia: el puerto", ""),
        ("Hafen wird tiefer", "KILL: die Quelle hat ihre Aussage widerrufen"),
        ("Hafen wird tiefer", "Diese Meldung wird zurückgezogen."),
        ("Harbour to be deepened", "ATTENTION EDITORS - this item has been withdrawn"),
        ("Port", "Attention rédactions : dépêche annulée"),
    ],
)
def test_a_dispatch_that_takes_one_back(headline: str, note: str) -> None:
    assert takes_back(headline, note)


@pytest.mark.parametrize(
    ("headline", "note"),
    [
        ("Retrait des troupes russes de Kherson", ""),
        ("Kill Bill returns to cinemas", ""),
        ("KILL BILL RETURNS TO CINEMAS", ""),
        ("Retirada de tropas rusas de Jersón", ""),
        ("Anulado el gol del Barcelona en el derbi", ""),
        ("İptal edilen uçuşlar yeniden başlıyor", ""),
        ("Withdrawn Toyota cars reach scrapyards", ""),
        ("Zurückziehung der Truppen abgeschlossen", ""),
        ("Zurückgezogen lebte der Autor", ""),
        ("Отозвано 3000 автомобилей", ""),
        ("Wycofanie wojsk: koniec operacji", ""),
        ("Berichtigung: Zahl der Räte", ""),  # put right, not taken back
        ("CORRECTED-Bank profit", "Corrects second paragraph"),
        ("Harbour", "This story replaces one that was withdrawn"),
        ("Hafen", "Diese Meldung ersetzt die Fassung, die zurückgezogen wurde"),
        ("", ""),
    ],
)
def test_a_dispatch_about_something_else(headline: str, note: str) -> None:
    assert not takes_back(headline, note)


@given(st.text(), st.text())
def test_any_text_is_judged(title: str, text: str) -> None:
    assert is_withdrawal(title, text) in (True, False)
    assert takes_back(title, text) in (True, False)
