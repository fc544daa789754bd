"""Captions and their credits are kept apart from the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.extract import extract
from monitor.extract.credits import ends_as_caption, split_credit
from monitor.records import Caption, ExtractionRules
from tests.extract.making import PROSE, fragment, html, page, story


@pytest.mark.parametrize(
    ("text", "caption", "credit"),
    [
        (
            "Der Präsident nimmt an einem Treffen teil. -/Kreml/dpa",
            "Der Präsident nimmt an einem Treffen teil.",
            "-/Kreml/dpa",
        ),
        ("The lamp at night. Uncredited/AP/dpa", "The lamp at night.", "Uncredited/AP/dpa"),
        ("Die Lampe. Foto: Max Muster/dpa", "Die Lampe.", "Foto: Max Muster/dpa"),
        ("Die Lampe (Foto: Max Muster)", "Die Lampe", "(Foto: Max Muster)"),
        ("Bild: Christoph Soeder/dpa", "", "Bild: Christoph Soeder/dpa"),
        ("The lamp. © Reuters", "The lamp.", "© Reuters"),
        ("The lamp. (Photo by Ann Lee / AFP)", "The lamp.", "(Photo by Ann Lee / AFP)"),
        ("The lamp. (AP Photo/Ann Lee)", "The lamp.", "(AP Photo/Ann Lee)"),
        ("Le phare. Photo : Bastien Roux", "Le phare.", "Photo : Bastien Roux"),
        ("Fenerin ışığı. Fotoğraf: AA", "Fenerin ışığı.", "Fotoğraf: AA"),
        ("Маяк ночью. Фото: РИА Новости", "Маяк ночью.", "Фото: РИА Новости"),
        ("The lamp. Max Muster/dpa-Zentralbild/dpa", "The lamp.", "Max Muster/dpa-Zentralbild/dpa"),
        ("The lamp. picture alliance/dpa", "The lamp.", "picture alliance/dpa"),
        ("The lamp. picture alliance / dpa", "The lamp.", "picture alliance / dpa"),
        ("Fenerin ışığı yandı. Anadolu Ajansı", "Fenerin ışığı yandı.", "Anadolu Ajansı"),
        ("Die Lampe am Abend.Getty Images", "Die Lampe am Abend.", "Getty Images"),
        ("The lamp. Ann Lee, Associated Press", "The lamp.", "Ann Lee, Associated Press"),
        ("The lamp. Ann Lee via Reuters", "The lamp.", "Ann Lee via Reuters"),
        ("등대가 켜졌다. 연합뉴스", "등대가 켜졌다.", "연합뉴스"),
        ("등대가 켜졌다. [사진 출처 = 항만청]", "등대가 켜졌다.", "[사진 출처 = 항만청]"),
        ("La lámpara del cabo EFE/ J.J. Luz", "La lámpara del cabo", "EFE/ J.J. Luz"),
        ("The lamp. (Ann Lee/CBC)", "The lamp.", "(Ann Lee/CBC)"),
        ("Der Abgeordnete Max Muster (CDU/CSU)", "Der Abgeordnete Max Muster (CDU/CSU)", ""),
        ("The keeper spoke to Reuters", "The keeper spoke to Reuters", ""),
        ("The keeper left. She was tt of the crew", "The keeper left. She was tt of the crew", ""),
        ("Die Lampe brennt. ino/dpa", "Die Lampe brennt. ino/dpa", ""),
        ("The lamp on the cape in winter", "The lamp on the cape in winter", ""),
        ("He said it was and/or is closed", "He said it was and/or is closed", ""),
    ],
)
def test_a_credit_is_split_from_its_caption(text: str, caption: str, credit: str) -> None:
    assert split_credit(text) == (caption, credit)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_split_without_an_error(text: str) -> None:
    caption, credit = split_credit(text)
    assert len(caption) + len(credit) <= len(text)
    ends_as_caption(text)


@pytest.mark.parametrize(
    "text",
    ["The harbour board thanked her (dpa).", "It is closed. dpa/lno", "Quelle: dpa", "She spoke to AP and AFP.",
     "(Reporting by Colm Adair; Editing by Ruth Osei)", "ino/dpa", "Mit Material von dpa"],
)  # fmt: skip
def test_a_credit_for_the_text_is_no_caption(text: str) -> None:
    assert not ends_as_caption(text)


TEXT, CREDIT = "The lamp at night.", "Photo: Ann Lee/AP"
FIGURES = [
    (f"<figure><img src='a.jpg'><figcaption>{TEXT} <span>{CREDIT}</span></figcaption></figure>", "figure"),
    (f"<figure><figcaption>{TEXT}</figcaption><span class='credit'>{CREDIT}</span></figure>", "figure"),
    (f"<figure><span class='copyright'>{CREDIT}</span><figcaption>{TEXT}</figcaption></figure>", "figure"),
    (f"<div class='wp-caption'><img src='a.jpg'><p class='wp-caption-text'>{TEXT} {CREDIT}</p></div>", "class"),
    (f"<div class='pic'><img src='a.jpg' width='640'><br>{TEXT} {CREDIT}</div>", "class"),
    (f"<p>{TEXT} {CREDIT}</p>", "text"),
    (f"<p><img src='a.jpg' alt='{TEXT} {CREDIT}'></p>", "alt"),
]


@pytest.mark.parametrize(("figure", "where"), FIGURES)
def test_captions_are_found_in_every_usual_form(figure: str, where: str) -> None:
    body = f"<article><h1>Keeper leaves</h1><p>{PROSE[0]}</p>{figure}<p>{PROSE[1]}</p><p>{PROSE[2]}</p></article>"
    article = extract(page(html(body)))
    assert article.captions == (Caption(TEXT, CREDIT, where),)
    assert article.text == "\n\n".join(PROSE)


def test_a_caption_class_used_for_typography_is_not_believed() -> None:
    article = extract(page(story("<p class='text caption2'>Bron: BELGA</p>")))
    assert article.captions == ()
    assert any(line.text == "Bron: BELGA" and line.where == "source" for line in article.lines)


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("credit", ["-/Hafenamt/dpa", "Hafenamt/dpa", "picture alliance/dpa"])
@pytest.mark.parametrize("names", ["", " class='caption-text'", " class='wp-caption-text'"])
@pytest.mark.parametrize("picture", ["<img src='a.jpg'>", "<a href='/a.jpg'><img src='a.jpg'></a>"])
def test_the_line_below_a_picture_that_stands_alone_is_its_caption(
    place: int, credit: str, names: str, picture: str
) -> None:
    paragraphs = [f"<p>{paragraph}</p>" for paragraph in PROSE]
    paragraphs.insert(place, f"<p>{picture}</p><p{names}>{TEXT} {credit}</p>")
    content = "".join(paragraphs)
    for made in (page(html(f"<article><h1>Keeper leaves</h1>{content}</article>")), fragment(content, title="Keeper")):
        article = extract(made)
        assert article.captions == (Caption(TEXT, credit, "class"),)
        assert article.text == "\n\n".join(PROSE)
        assert article.lines == ()


@pytest.mark.parametrize("credit", ["dpa/AFP", "JW/AFP", "ino/dpa", "(dpa/lno)", "dpa"])
def test_a_paragraph_below_a_picture_that_credits_its_text_stays_text(credit: str) -> None:
    told = f"{PROSE[0]} {credit}"
    article = extract(page(html(f"<article><h1>Keeper leaves</h1><p><img src='a.jpg'></p><p>{told}</p><p>{PROSE[1]}</p>"
                                f"<p>{PROSE[2]}</p></article>")))  # fmt: skip
    assert article.captions == ()
    assert article.text == "\n\n".join((told, *PROSE[1:]))


def test_the_only_paragraph_of_a_notice_stays_its_text() -> None:
    notice = " ".join(PROSE[:2])
    article = extract(fragment(f"<p><img src='a.jpg'></p><p>{notice} Hafenamt/dpa</p>", title="Keeper leaves"))
    assert article.text.startswith(notice)
    assert article.captions == ()


@pytest.mark.parametrize(
    ("credit", "where"),
    [("(dpa)", "trailer"), ("dpa", "trailer"), ("© dpa-infocom, dpa:240516-99-53606/3", "copyright")],
)
@pytest.mark.parametrize("form", ["<div class='story-credit'>{}</div>", "<p><span class='credits'>{}</span></p>"])
def test_a_credit_line_without_a_picture_is_the_texts(credit: str, where: str, form: str) -> None:
    line, prose = form.format(credit), "".join(f"<p>{paragraph}</p>" for paragraph in PROSE)
    inside = html(f"<article><h1>Keeper leaves</h1><div class='article-body'>{prose}{line}</div></article>")
    for made in (page(inside), page(story(after=line)), fragment(prose + line, title="Keeper leaves")):
        article = extract(made)
        assert article.captions == ()
        assert article.text == "\n\n".join(PROSE)
        assert [(shown.text, shown.where) for shown in article.lines] == [(credit, where)]


def test_a_credit_line_right_below_a_picture_is_the_pictures() -> None:
    lead = "<div class='lead'><img src='a.jpg' width='640'></div><div class='credit'>Ann Lee/AP</div>"
    assert extract(page(story(lead))).captions == (Caption("", "Ann Lee/AP", "class"),)


def test_an_avatar_a_logo_and_a_teaser_give_no_caption() -> None:
    face = "<img class='avatar' src='a.jpg' alt='Ann Lee, our correspondent on the coast'>"
    teaser = "<a href='/x'><img src='t.jpg' width='300' alt='Harbour board elects a new chairwoman'></a>"
    before, after = f"<div class='author'>{face}Ann Lee</div>", f"<div>{teaser}<h3>Board elects</h3></div>"
    assert extract(page(story(before, after))).captions == ()


def test_json_ld_supplies_credits_that_the_page_does_not_show() -> None:
    data = '{"@type":"Article","headline":"x","image":{"@type":"ImageObject","creditText":"AFP"}}'
    head = f'<script type="application/ld+json">{data}</script>'
    assert extract(page(story(head=head))).captions == (Caption("", "AFP", "json-ld"),)


def test_the_sites_own_selector_finds_captions_and_keeps_them_from_the_text() -> None:
    line = "A view of the cape in the evening light of March, seen from the boat"
    before = f"<p class='x9'>{line}. Photo: Ann Lee</p>"
    article = extract(page(story(before)), ExtractionRules(caption=(".x9",)))
    assert article.captions[0] == Caption(f"{line}.", "Photo: Ann Lee", "site-rule")
    assert line not in article.text


SHAPES = {
    "inside a button that opens the picture": (
        "<button class='lightbox'><img src='a.jpg' width='900'><p class='caption-title'>The lamp at night"
        "<cite class='caption-credit'>(Image: Ann Lee/AFP)</cite></p></button>",
        Caption("The lamp at night", "(Image: Ann Lee/AFP)", "class"),
    ),
    "a figcaption below misnamed elements": (
        "<div class='menu avatar'><figure><img src='a.jpg' width='900'><figcaption><span>The lamp at night</span> "
        "<span class='caption__credit'>Photograph: Ann Lee/Reuters</span></figcaption></figure></div>",
        Caption("The lamp at night", "Photograph: Ann Lee/Reuters", "figure"),
    ),
    "an agency's name alone below the caption": (
        "<div class='x1'><img src='a.jpg' width='900'><div class='x2'>Keepers at the lamp</div>"
        "<div class='x3'>REUTERS</div></div>",
        Caption("Keepers at the lamp", "REUTERS", "class"),
    ),
    "the credit in the picture's title only": (
        "<div class='caption'><img src='a.jpg' width='900' alt='The lamp' title='The lamp | AP/Ann Lee'>"
        "<p>The lamp at night</p></div>",
        Caption("The lamp at night", "AP/Ann Lee", "class"),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_credit_is_found_in_more_shapes(shape: str) -> None:
    markup, expected = SHAPES[shape]
    article = extract(page(story(before=markup)))
    assert expected in article.captions
    assert article.text == "\n\n".join(PROSE)
