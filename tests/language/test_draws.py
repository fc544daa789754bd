"""The table of profiles answers as langdetect itself does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langdetect import LangDetectException
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

from monitor.language.draws import profiles

TEXTS = {
    "de": "Der Fährverkehr im Hafen von Oderfeld ruht seit dem Morgen, weil die Schleuse klemmt. Es wird GEBAUT.",
    "en": "The ferry has not left the harbour since this morning because the lock is stuck, the port office said.",
    "tr": "Liman yönetimi, IŞIKLI köprünün bu akşam yeniden açılacağını ve vapur seferlerinin süreceğini bildirdi.",
    "vi": "Bến phà đóng cửa từ sáng nay vì cửa âu thuyền bị kẹt, văn phòng cảng cho biết.",
    "ru": "Паром не выходит из гавани с утра, потому что шлюз заклинило, сообщили в администрации порта (АВС).",
    "fa": "کشتی از صبح امروز بندر را ترک نکرده است زیرا دریچه گیر کرده است، دفتر بندر گفت",
    "ro": "Feribotul nu a părăsit portul de dimineață, pentru că ecluza s-a blocat; țara așteaptă știri și vești.",
    "mixed": "Вчера in der Stadt: «Hello» 東京の新聞 한국어 www.example.org desk@example.org 2024",
    "digits": "1234 5678 - 90",
    "empty": "",
}


@pytest.fixture(scope="module")
def library() -> DetectorFactory:
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory


def of_the_library(factory: DetectorFactory, text: str, trials: int) -> list[tuple[str, float]]:
    detector = factory.create()
    detector.n_trial = trials
    detector.append(text)
    try:
        return [(found.lang, found.prob) for found in detector.get_probabilities()]
    except LangDetectException:
        return []


def same(mine: list[tuple[str, float]], other: list[tuple[str, float]]) -> bool:
    return [lang for lang, _ in mine] == [lang for lang, _ in other] and all(
        abs(a - b) < 1e-6 for (_, a), (_, b) in zip(mine, other, strict=True)
    )


@pytest.mark.parametrize("trials", [3, 7])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_known_languages_come_out_as_the_library_has_them(library: DetectorFactory, text: str, trials: int) -> None:
    assert same(profiles().rank(text, trials), of_the_library(library, text, trials))


def test_the_longest_text_is_cut_where_the_library_cuts_it(library: DetectorFactory) -> None:
    text = TEXTS["de"] * 150 + TEXTS["en"] * 400
    assert same(profiles().rank(text, 3), of_the_library(library, text, 3))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
def test_any_text_comes_out_as_the_library_has_it(text: str) -> None:
    factory = DetectorFactory()
    factory.word_lang_prob_map, factory.langlist = _plain_map(), profiles().languages
    factory.set_seed(0)
    assert same(profiles().rank(text, 3), of_the_library(factory, text, 3))


def _plain_map() -> dict[str, list[float]]:
    known = profiles()
    if not _PLAIN:
        _PLAIN.update({gram: known.table[row].tolist() for gram, row in known.rows.items()})
    return _PLAIN


_PLAIN: dict[str, list[float]] = {}
