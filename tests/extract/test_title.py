"""The title is the visible heading, without the site's name."""

from __future__ import annotations

import pytest

from monitor.extract import extract
from monitor.extract.title import title_of_lines, without_site
from monitor.records import ExtractionRules
from tests.extract.making import html, page, story


def title(h1: str, element: str, head: str = "", **fields: str) -> str:
    return extract(page(story(title=h1, head=f"<title>{element}</title>{head}"), **fields)).title


@pytest.mark.parametrize(
    "suffix",
    [" | Cape Courier", " - Cape Courier", " – Cape Courier", " :: Cape Courier", " » Cape Courier",
     " - News - Cape Courier", " | Local | Cape Courier", " • Cape Courier Online"],
)  # fmt: skip
def test_the_sites_suffix_is_cut(suffix: str) -> None:
    head = '<meta property="og:site_name" content="Cape Courier">'
    assert title("", f"Keeper leaves Cape Merrow{suffix}", head) == "Keeper leaves Cape Merrow"


def test_the_sites_prefix_is_cut() -> None:
    head = '<meta property="og:site_name" content="Cape Courier">'
    assert title("", "Cape Courier: Keeper leaves", head) == "Cape Courier: Keeper leaves"
    assert title("", "Cape Courier | Keeper leaves Cape Merrow", head) == "Keeper leaves Cape Merrow"


def test_a_dash_within_the_title_stays() -> None:
    head = '<meta property="og:site_name" content="Cape Courier">'
    text = "Keeper leaves - and nobody follows"
    assert title(text, f"{text} - Cape Courier", head) == text
    assert title("", f"{text} - Cape Courier", head) == text


def test_the_host_names_the_site_where_nothing_else_does() -> None:
    assert title("", "Keeper leaves | SN.at", url="https://www.sn.at/a/b") == "Keeper leaves"
    assert title("", "Keeper leaves – DiePresse.com", url="https://www.diepresse.com/1/b") == "Keeper leaves"


def test_the_shown_heading_goes_before_the_one_for_search_engines() -> None:
    assert (
        title("Keeper leaves Cape Merrow for good", "Cape Merrow: keeper leaves")
        == "Keeper leaves Cape Merrow for good"
    )


def test_a_heading_that_is_the_sites_logo_is_not_the_title() -> None:
    body = "<h1>Cape Courier</h1>" + story().partition("<body>")[2].replace("h1", "h2")
    head = (
        '<title>Keeper leaves Cape Merrow - Cape Courier</title><meta property="og:site_name" content="Cape Courier">'
    )
    assert extract(page(html(body, head))).title == "Keeper leaves Cape Merrow"


def test_a_kicker_glued_to_the_heading_is_cut() -> None:
    h1 = "<span class='kicker'>Coast</span><span>Keeper leaves Cape Merrow</span>"
    head = '<meta property="og:site_name" content="Cape Courier">'
    assert title(h1, "Keeper leaves Cape Merrow | Cape Courier", head) == "Keeper leaves Cape Merrow"


def test_a_kicker_with_a_colon_elsewhere_gets_it() -> None:
    h1 = "<span>Coast </span><span>Keeper leaves Cape Merrow</span>"
    head = '<meta property="og:title" content="Coast: Keeper leaves Cape Merrow">'
    assert title(h1, "", head) == "Coast: Keeper leaves Cape Merrow"


def test_soft_hyphens_and_entities_are_gone() -> None:
    assert title("Kee&shy;per &amp; lamp leave Cape", "") == "Keeper & lamp leave Cape"


def test_the_sites_own_selector_wins() -> None:
    body = story(before="<p class='real'>The keeper goes</p>")
    assert extract(page(body), ExtractionRules(title=(".real",))).title == "The keeper goes"
    assert extract(page(body), ExtractionRules(title=(".absent",))).title == "Keeper leaves Cape Merrow"


def test_text_without_markup_gives_its_first_line() -> None:
    assert title_of_lines(["Home News Keeper leaves", "Keeper leaves", "11", "The keeper left."]) == "Keeper leaves"
    assert title_of_lines(["Keeper leaves Cape Merrow", "The keeper left."]) == "Keeper leaves Cape Merrow"
    assert title_of_lines(["The keeper left on Monday.", "Nobody came."]) == ""
    assert title_of_lines([]) == ""


def test_without_site_never_empties_a_title() -> None:
    assert without_site("Cape Courier", {"capecourier"}) == "Cape Courier"
    assert without_site(" | ", {"x"}) == "|"
