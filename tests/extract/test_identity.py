"""An article goes by its own host's canonical address where that is believable."""

from __future__ import annotations

import pytest

from monitor.extract import extract
from monitor.extract.identity import identity, normalised
from monitor.urls import article_id
from tests.extract.making import page, story

HERE = "https://news.example/a/keeper-leaves-cape"


@pytest.mark.parametrize(
    ("fetched", "canonical", "expected"),
    [
        (HERE, "", HERE),
        (HERE, "https://www.news.example/a/keeper-leaves-cape", "https://www.news.example/a/keeper-leaves-cape"),
        (f"{HERE}/amp", HERE, HERE),
        (f"{HERE}?print=1", HERE, HERE),
        ("https://m.news.example/a/keeper-leaves-cape", HERE, HERE),
        (f"{HERE}/2", HERE, HERE),
        (HERE, "https://news.example/", HERE),  # the home page as the canonical of everything
        (HERE, "https://news.example/index.html", HERE),
        (HERE, "https://news.example/404", HERE),
        (HERE, "https://news.example/a", HERE),  # the section's page
        (HERE, "https://origin.example/a/keeper-leaves-cape", HERE),  # evidence, never identity
        ("https://news.example/article.php?id=4711", "https://news.example/article.php", "https://news.example/article.php?id=4711"),
        ("https://news.example/?p=88", "https://news.example/2025/keeper", "https://news.example/2025/keeper"),
    ],
)  # fmt: skip
def test_which_address_is_the_articles(fetched: str, canonical: str, expected: str) -> None:
    assert identity(fetched, canonical) == expected


def test_tracking_and_canonical_twins_have_one_id() -> None:
    head = f"<link rel='canonical' href='{HERE}'>"
    ids = {extract(page(story(head=head), url=url)).id for url in (HERE, f"{HERE}/amp", f"{HERE}?utm_source=x")}
    assert ids == {article_id(HERE)}


def test_the_final_address_after_redirects_counts() -> None:
    assert extract(page(story(), final_url="https://news.example/b?utm_medium=x")).url == "https://news.example/b"


def test_an_import_keeps_its_id_and_an_address_that_is_none() -> None:
    article = extract(page(story(), url="record 17", article_id="r17"))
    assert (article.id, article.url) == ("r17", "record 17")
    assert normalised("") == ""


@pytest.mark.parametrize("href", ["javascript:void(0)", "https://[", "", "   ", "tel:1"])
def test_a_canonical_that_is_no_address_is_ignored(href: str) -> None:
    article = extract(page(story(head=f"<link rel='canonical' href='{href}'>")))
    assert (article.url, article.canonical_url) == ("https://news.example/a/story", "")
