"""A whole page gives the article alone: no interface, no neighbours, paragraphs kept."""

from __future__ import annotations

import pytest

from monitor.errors import ExtractionError
from monitor.extract import extract, understand
from monitor.records import ExtractionRules
from tests.extract.making import PROSE, fixture, fixtures, html, page, story

CLEAN = "\n\n".join(PROSE)


@pytest.mark.parametrize(
    "debris",
    [
        "<div class='breadcrumbs'><a href='/'>Home</a> › <a href='/n'>News</a> › Keeper leaves Cape Merrow</div>",
        "<p>Home News Keeper leaves Cape Merrow</p>",
        "<p>Keeper leaves Cape Merrow</p>",
        "<p>11</p><p>0</p>",
        "<p>1.2k shares</p>",
        "<div class='share'><span>Share this</span><a href='#'>Facebook</a></div>",
        "<p>Lesedauer: 4 Minuten</p>",
        "<p>3 min read</p>",
        "<p class='byline'>By Ann Lee</p><p class='date'>1 March 2025, 09:00</p>",
        "<p>Advertisement</p>",
        "<p>LIVE</p>",
    ],
)
def test_nothing_of_the_interface_above_the_text_is_in_it(debris: str) -> None:
    body = f"<article><h1>Keeper leaves Cape Merrow</h1>{debris}{''.join(f'<p>{p}</p>' for p in PROSE)}</article>"
    assert extract(page(html(body))).text == CLEAN


@pytest.mark.parametrize(
    "debris",
    [
        "<p>LEAVE A REPLY</p><p>Please enter your comment!</p><p>Please enter your name here</p>",
        "<h3>Yorum Yap</h3>",
        "<p>Kaynak</p>",
        "<p>Quelle: ORF</p>",
        "<p>Tags: <a href='/t/a'>lamp</a>, <a href='/t/b'>cape</a></p>",
        "<p>© 2025 Cape Courier</p>",
        "<h3>Related articles</h3><ul><li><a href='/1'>Harbour board elects a new chairwoman</a></li></ul>",
        "<h3>Mehr zum Thema</h3><p><a href='/1'>Hafenrat wählt neue Vorsitzende nach langem Streit</a></p>",
        "<div class='comments'><p>I will miss her reports, they were the best thing on the radio all week.</p></div>",
        "<div class='newsletter-box'><p>Get the best stories of the week in your inbox every Friday morning.</p></div>",
        "<p>Read also: <a href='/1'>Harbour board elects a new chairwoman</a></p>",
    ],
)
def test_nothing_of_the_interface_below_the_text_is_in_it(debris: str) -> None:
    body = f"<article><h1>Keeper leaves Cape Merrow</h1>{''.join(f'<p>{p}</p>' for p in PROSE)}{debris}</article>"
    assert extract(page(html(body))).text == CLEAN


def test_paragraphs_are_kept_and_repeated_ones_are_not() -> None:
    text = extract(page(story(after=f"<p>{PROSE[0]}</p>"))).text
    assert text == CLEAN


def test_lists_and_quotes_belong_to_the_text() -> None:
    more = (
        "<blockquote><p>The sea is never still, she wrote in 1998.</p></blockquote>"
        "<ul><li>Four hundred diaries</li><li>Two volunteers once a month</li></ul><p>She moves inland.</p>"
    )
    body = story().replace("</div></article>", f"{more}</div></article>")
    text = extract(page(body)).text
    assert "The sea is never still" in text
    assert "Four hundred diaries\n\nTwo volunteers once a month" in text


def test_soft_hyphens_are_not_in_the_text() -> None:
    assert "lighthouse" in extract(page(story().replace("lighthouse", "light&shy;house"))).text


def test_a_paragraph_hidden_for_readers_who_have_not_registered_is_read() -> None:
    hidden = story().replace(f"<p>{PROSE[2]}", f"<p style='display:none'>{PROSE[2]}")
    assert extract(page(hidden)).text == CLEAN


def test_a_standfirst_that_the_description_repeats_belongs_to_the_text() -> None:
    lead = "After thirty-one winters the keeper of Cape Merrow hands over to a solar lamp and two volunteers."
    head = f'<meta name="description" content="{lead}">'
    body = f"<header><h1>Keeper leaves</h1><p class='lead'>{lead}</p></header>" + story().partition("</h1>")[2]
    assert extract(page(html(body, head))).text.startswith(lead)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("byline", "<p class='byline'>Associated Press</p>"),
        ("source", "<p class='article-source'>Meridian News</p>"),
        ("dateline", "<p>PORT HALLORAN (Meridian) -</p>"),
    ],
)
def test_lines_above_the_text_that_may_say_who_wrote_it_are_kept(where: str, line: str) -> None:
    lines = extract(page(story(line))).lines
    assert where in {found.where for found in lines}


def test_lines_below_the_text_are_kept_as_trailers_and_bounded() -> None:
    after = "<div class='note'>With files from Meridian News</div>" + "".join(
        f"<div>line {n} of many</div>" for n in range(500)
    )
    lines = extract(page(story(after=after))).lines
    assert any(line.text == "With files from Meridian News" and line.where == "trailer" for line in lines)
    assert len(lines) <= 40
    assert all(len(line.text) <= 300 for line in lines)


def test_copyright_lines_are_kept_and_menus_are_not() -> None:
    after = (
        "<footer>© 2025 Cape Courier. All rights reserved.</footer><nav><p>Reuters news from around the world</p></nav>"
    )
    lines = extract(page(story(after=after))).lines
    assert [(line.text, line.where) for line in lines] == [("© 2025 Cape Courier. All rights reserved.", "copyright")]


def test_the_sites_selectors_find_the_body_and_take_things_out() -> None:
    advert = "<p class='ad'>Buy lamps here and now, best lamps of the coast.</p>"
    first = f"<div class='x'><p>{PROSE[0]}</p>{advert}<p>{PROSE[1]}</p></div>"
    body = html(f"<h1>Keeper leaves</h1>{first}<div class='y'><p>{PROSE[2]}</p></div>")
    rules = ExtractionRules(body=(".x",), remove=(".ad",))
    assert extract(page(body), rules).text == "\n\n".join(PROSE[:2])


@pytest.mark.parametrize("selector", [".absent", "p[", "::before", "a:visited", "", "p:nth-child(x)", "*|*|*"])
def test_a_selector_that_is_wrong_or_finds_nothing_falls_back(selector: str) -> None:
    rules = ExtractionRules(
        body=(selector,), remove=(selector,), title=(selector,), byline=(selector,), caption=(selector,)
    )
    assert extract(page(story()), rules).text == CLEAN


def test_removing_the_whole_page_is_refused() -> None:
    assert extract(page(story()), ExtractionRules(remove=("html", "body"))).text == CLEAN


def test_a_home_page_is_no_article() -> None:
    teasers = "".join(
        f"<h3><a href='/{n}'>Headline number {n} about the coast and its people</a></h3><p>{PROSE[n % 3]}</p>"
        for n in range(12)
    )
    with pytest.raises(ExtractionError) as caught:
        extract(page(html(f"<h1>Cape Courier</h1>{teasers}"), url="https://news.example/"))
    assert caught.value.reason == "not-article"


def test_a_page_built_by_script_is_read_from_its_data() -> None:
    body, expected = fixture("state-cs")
    assert extract(page(body)).text == "\n\n".join(expected["text"])


def test_the_text_of_json_ld_helps_where_the_page_shows_none() -> None:
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"Keeper leaves","articleBody":"'
        + "\\n".join(PROSE)
        + '"}</script>'
    )
    assert extract(page(html("<div id='app'></div>", head))).text == CLEAN


def test_structured_data_are_kept_as_they_are() -> None:
    head = (
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","articleSection":"Coast",'
        '"keywords":"lamp, cape",'
        '"publisher":{"name":"Cape Courier"},"copyrightHolder":{"name":"Meridian News"}}</script>'
    )
    structured = extract(page(story(head=head))).structured
    assert (structured.section, structured.keywords) == ("Coast", ("lamp", "cape"))
    assert (structured.publisher, structured.copyright) == ("Cape Courier", "Meridian News")


@pytest.mark.parametrize("name", fixtures())
def test_the_same_page_gives_the_same_article(name: str) -> None:
    body, expected = fixture(name)
    made = [extract(page(body, url=expected["url"])) for _ in range(2)]
    assert made[0] == made[1]


def test_the_lines_of_the_page_can_be_handed_on() -> None:
    reading = understand(page(story("<p class='byline'>By Ann Lee</p>")))
    assert [block.text for block in reading.blocks][: reading.place.start] == [
        "Keeper leaves Cape Merrow",
        "By Ann Lee",
    ]
    assert reading.blocks[reading.place.start].text == PROSE[0]
    assert reading.blocks[reading.place.end].text == PROSE[-1]
