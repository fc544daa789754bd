"""The language is the text's; page and site are asked where the text can't tell."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.language import detect, normalise
from monitor.language.detection import SHORT
from monitor.records import Article, Language

GERMAN = "Die Bürgermeister der Hafenstadt und der Inselgemeinde haben am Dienstag einen Vertrag unterzeichnet."
ENGLISH = (
    "The ferry carried passengers across the bay again on Saturday, nine years after a storm destroyed its landing."
)

TEXTS = {
    "tr": ("Kıyıya vuran bir konteynerden çıkan yüzlerce çocuk kitabı, küçük bir köy okulunun boş raflarını doldurdu."),
    "ru": ("Городской совет одобрил строительство пешеходного моста через реку, автомобилям въезд будет запрещён."),
    "uk": "Міська рада ухвалила будівництво пішохідного мосту через річку, автомобілям в'їзд буде заборонено.",
    "ar": "أعاد سكان القرية الحياة إلى شبكة من قنوات الري الحجرية التي حفرها أجدادهم قبل أكثر من ثلاثة قرون.",
    "fa": ("ساکنان روستا شبکه‌ای از کانال‌های آبیاری سنگی را که نیاکانشان سه قرن پیش کنده بودند دوباره زنده کردند."),
    "he": "תושבי הכפר החזירו לחיים רשת של תעלות השקיה מאבן שאבותיהם חפרו לפני יותר משלוש מאות שנה.",
    "el": "Οι κάτοικοι του χωριού έδωσαν ξανά ζωή στα παλιά πέτρινα κανάλια που είχαν σκάψει οι πρόγονοί τους.",
    "ja": (
        "山あいの無人駅に三十年ぶりに急行列車が停車した。ホームには朝早くから住民ら約二百人が集まり、旗を振っ"
        "て出迎えた。"
    ),
    "ko": (
        "산골의 무인역에 삼십 년 만에 급행열차가 멈춰 섰다. 이른 아침부터 주민 이백여 명이 모여 깃발을 "
        "흔들며 승객을 맞이하며 환호했다. 열차는 내년까지 운행한다."
    ),
    "zh": (
        "山区的无人车站三十年来第一次停靠了快车。清晨起约二百名居民聚集在站台上，挥舞着自制的旗帜迎接乘客，孩"
        "子们还送上了鲜花，列车将运行到明年三月，每逢周末往返一次。"
    ),
    "az": (
        "Kənd sakinləri əcdadlarının üç əsr əvvəl qazdığı daş arxları yenidən bərpa etdilər və bağlara su verdilər."
    ),
    "kk": ("Ауыл тұрғындары ата-бабалары үш ғасыр бұрын қазған тас арықтарды қайта қалпына келтіріп, бақтарды суарды."),
    "be": (
        "Жыхары вёскі аднавілі сетку каменных каналаў, якія іх продкі выкапалі больш за тры стагоддзі таму ўручную."
    ),
    "ka": ("სოფლის მცხოვრებლებმა აღადგინეს ქვის არხების ქსელი, რომელიც მათმა წინაპრებმა სამი საუკუნის წინ გათხარეს."),
    "hy": "Գյուղի բնակիչները վերականգնեցին քարե ջրանցքների ցանցը, որը նրանց նախնիները փորել էին երեք դար առաջ։",
    "hi": ("गाँव के लोगों ने पत्थर की उन नहरों को फिर से चालू किया जिन्हें उनके पूर्वजों ने तीन सौ साल पहले खोदा था।"),
}


def article(text: str, lang: str = "", title: str = "") -> Article:
    return Article("a", "https://news.example/a", "news", title, text, datetime(2026, 1, 1, tzinfo=UTC), html_lang=lang)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("de", GERMAN),
        ("en", ENGLISH),
        *TEXTS.items(),
    ],
)  # fmt: skip
def test_the_text_decides(code: str, text: str) -> None:
    found = detect(article(text, lang="en"), site_language="fr")
    assert (found.code, found.method) == (code, "text")
    assert found.confidence > 0.6


def test_the_interface_around_the_text_does_not_count() -> None:
    assert detect(article(GERMAN, lang="tr"), site_language="tr").code == "de"


@pytest.mark.parametrize("text", ["", "11", "OK", "Kısa bir not.", "12:0 — 3:1 (4)"])
def test_a_short_text_falls_back_to_the_page_then_to_the_site(text: str) -> None:
    assert len(text) < SHORT
    assert detect(article(text, lang="de-AT"), site_language="fr") == Language("de", 0.5, "html")
    assert detect(article(text), site_language="fr-CH") == Language("fr", 0.3, "site")


def test_nothing_to_go_by_is_undetermined() -> None:
    assert detect(article("42")) == Language("und", 0.0, "none")
    assert detect(article("!!!", lang="x-default"), site_language="??") == Language()


def test_a_short_text_alone_is_better_than_nothing() -> None:
    found = detect(article("Der Vertrag wurde gestern unterzeichnet."))
    assert (found.code, found.method) == ("de", "text")
    assert found.confidence <= 0.5


def test_the_title_helps_a_short_text() -> None:
    assert detect(article("Der Vertrag gilt ab morgen.", lang="en", title=GERMAN)).code == "de"


@pytest.mark.parametrize(("lang", "expected"), [("gl", "gl"), ("sr-Latn", "sr"), ("eu", "eu"), ("en", "de")])
def test_a_language_without_a_profile_is_believed_of_the_page(lang: str, expected: str) -> None:
    assert detect(article(GERMAN, lang=lang)).code == expected


def test_nguni_languages_are_not_taken_for_swahili() -> None:
    zulu = (
        "UMongameli uthe ukuthi uhulumeni uzosiza abantu ngoba isimo sinzima kakhulu, futhi wathi imindeni "
        "izothola ukudla kanye namanzi."
    )
    assert detect(article(zulu, lang="en")).code == "zu"


@pytest.mark.parametrize(
    ("tag", "code"),
    [("de-AT", "de"), ("zh-CN", "zh"), ("zh_Hant_TW", "zh"), ("nb-NO", "no"), ("iw", "he"), ("eng", "en"), ("EN", "en"),
     ("", ""), ("x-default", ""), ("english", ""), ("und", ""), ("12", ""), ("fil", "tl"), (" tr ", "tr")],
)  # fmt: skip
def test_tags_become_iso_codes(tag: str, code: str) -> None:
    assert normalise(tag) == code


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=8), st.text(max_size=8))
def test_any_text_has_an_answer(text: str, lang: str, site: str) -> None:
    found = detect(article(text, lang=lang), site_language=site)
    assert 0 <= found.confidence <= 1
    assert found.code == "und" or (found.code.isalpha() and found.code.islower())
    assert (found.code == "und") == (found.method == "none")


def test_the_answer_is_the_same_in_every_process() -> None:
    text = "Rio de la Plata, Montevideo, Buenos Aires e Porto Alegre: la conferenza internazionale"
    program = (
        "from datetime import datetime, UTC; from monitor.language import detect; from monitor.records import Article;"
        f"print(detect(Article('a','u','s','',{text!r},datetime(2026,1,1,tzinfo=UTC))))"
    )
    answers = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(3)
    }
    assert answers == {f"{detect(article(text))}\n"}
