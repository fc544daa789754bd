"""Articles that come without a page: WordPress posts, feed items, plain text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.errors import ExtractionError
from monitor.extract import extract
from monitor.records import Caption, ExtractionRules, Hint, Page, SourceLink
from tests.extract.making import FETCHED, PROSE, fragment, page

CLEAN = "\n\n".join(PROSE)
POST = "".join(f"<p>{paragraph}</p>\n" for paragraph in PROSE)


def test_a_post_gets_title_date_and_authors_from_its_hint() -> None:
    written = datetime(2025, 3, 1, 9, tzinfo=UTC)
    article = extract(
        fragment(POST, title="Keeper leaves", published_at=written, authors=("By Ann Lee",), language="en-GB")
    )
    assert (article.title, article.text) == ("Keeper leaves", CLEAN)
    assert (article.published_at, article.published_how) == (written, "wordpress")
    assert article.authors == ("Ann Lee",)
    assert article.html_lang == "en-GB"
    assert article.kind == "fragment"


@pytest.mark.parametrize(
    "debris",
    [
        "<div class='sharedaddy sd-sharing-enabled'><h3>Share this:</h3><a href='#'>Facebook</a></div>",
        "<div id='jp-relatedposts'><h3>Related</h3><p>Harbour board elects a new chairwoman after a dispute.</p></div>",
        "<div class='yarpp-related'><h3>More posts</h3><ol><li><a href='/1'>Harbour board elects</a></li></ol></div>",
        "<div class='addtoany_share_save_container'><a href='#'>Share</a></div>",
        "<form class='newsletter'><p>Get our stories every Friday in your inbox.</p></form>",
        "<script>var x = 'a very long script that is no text at all';</script><style>p { color: red }</style>",
        "<p>The post <a href='/a'>Keeper leaves</a></p>".replace("The post ", ""),
    ],
)
def test_plugin_debris_is_not_in_the_text(debris: str) -> None:
    assert extract(fragment(POST + debris, title="Keeper leaves")).text == CLEAN


def test_class_names_that_cover_the_whole_post_are_not_believed() -> None:
    assert extract(fragment(f"<div class='comment teaser widget'>{POST}</div>", title="Keeper leaves")).text == CLEAN


def test_captions_and_source_links_of_a_post_are_kept_apart() -> None:
    figure = (
        "<figure class='wp-block-image'><img src='a.jpg'><figcaption>The lamp. Foto: Ann Lee/dpa</figcaption></figure>"
    )
    source = "<p>Quelle: <a href='https://origin.example/x'>Origin</a></p>"
    article = extract(fragment(figure + POST + source, title="Keeper leaves"))
    assert article.text == CLEAN
    assert article.captions == (Caption("The lamp.", "Foto: Ann Lee/dpa", "figure"),)
    assert article.source_links == (SourceLink("https://origin.example/x", "Quelle: Origin"),)


def test_rules_take_things_out_of_a_post() -> None:
    assert (
        extract(
            fragment(f"{POST}<p class='promo-x'>Buy our lamps, they are the best.</p>", title="K"),
            ExtractionRules(remove=(".promo-x",)),
        ).text
        == CLEAN
    )


def test_an_excerpt_is_too_short() -> None:
    with pytest.raises(ExtractionError) as caught:
        extract(fragment("<p>The keeper of Cape Merrow has retired [&hellip;]</p>", title="Keeper leaves"))
    assert caught.value.reason == "too-short"


def test_a_date_in_the_future_is_dropped() -> None:
    article = extract(fragment(POST, title="K", published_at=datetime(2031, 1, 1, tzinfo=UTC), modified_at=FETCHED))
    assert (article.published_at, article.published_how) == (None, "")
    assert article.modified_at == FETCHED


def test_plain_text_is_divided_by_empty_lines() -> None:
    wrapped = "\n \n".join(p.replace(", ", ",\n") for p in PROSE)
    article = extract(page(wrapped, kind="text", via="import", hint=Hint(title="Keeper leaves")))
    assert article.text == CLEAN
    assert article.title == "Keeper leaves"


def test_plain_text_without_empty_lines_is_divided_by_line() -> None:
    assert extract(
        page("\n".join([*PROSE, *(p.replace("keeper", "guard") for p in PROSE)]), kind="text")
    ).text.startswith(CLEAN)


def test_windows_line_ends_are_read() -> None:
    assert extract(page("\r\n\r\n".join(PROSE), kind="text")).text == CLEAN


def test_the_title_of_plain_text_is_its_first_line() -> None:
    article = extract(page("Keeper leaves Cape Merrow\n\n" + CLEAN, kind="text"))
    assert (article.title, article.text) == ("Keeper leaves Cape Merrow", CLEAN)


def test_markup_in_plain_text_stays_text() -> None:
    text = CLEAN.replace("keeper", "<b>keeper</b>")
    assert extract(page(text, kind="text")).text == text


def test_a_source_line_of_plain_text_is_set_apart() -> None:
    article = extract(page(CLEAN + "\n\nQuelle: Meridian News", kind="text"))
    assert article.text == CLEAN
    assert [(line.text, line.where) for line in article.lines] == [("Quelle: Meridian News", "source")]


def test_an_empty_text_is_refused() -> None:
    with pytest.raises(ExtractionError) as caught:
        extract(page("  \n\n ", kind="text"))
    assert caught.value.reason == "empty"


def test_an_imported_text_may_be_older_than_the_web_but_not_dated_by_an_empty_field() -> None:
    text = " ".join(["Der Hafen wird tiefer gebaggert, und die Fähre fährt wieder."] * 5).encode()
    for year, month, expected in ((1987, 3, 1987), (1970, 1, None)):
        at = datetime(year, month, 1, tzinfo=UTC)
        made = Page("https://a.example/1", "a", text, FETCHED, kind="text", hint=Hint(published_at=at), via="import")
        found = extract(made).published_at
        assert (found.year if found else None) == expected
        assert extract(replace(made, via="feed")).published_at is None
