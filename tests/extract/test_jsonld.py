"""The JSON-LD of the page's own article is found, however it is nested, listed or broken."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.extract.jsonld import JsonLd, read_jsonld
from monitor.extract.parse import parse
from tests.extract.making import html, page

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Keeper leaves",
    "datePublished": "2025-03-01T10:00:00Z",
    "author": [{"@type": "Person", "name": "Ann Lee"}, "Reuters"],
    "publisher": {"@type": "Organization", "name": "Cape Courier"},
}


def read(*scripts: str, title: str = "", url: str = "") -> JsonLd:
    head = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return read_jsonld(parse(page(html("<p>x</p>", head))), title, url)


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([ARTICLE]),
        json.dumps({"@graph": [{"@type": "WebSite", "name": "Cape"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}),
        json.dumps({**ARTICLE, "@type": ["Article", "NewsArticle"]}),
        json.dumps({**ARTICLE, "@type": "http://schema.org/NewsArticle"}),
        "<!-- " + json.dumps(ARTICLE) + " -->",
        "//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>",
        json.dumps(ARTICLE)[:-1] + ",}",  # trailing comma
        json.dumps(ARTICLE).replace("Keeper leaves", "Keeper\n\tleaves"),  # raw line break in a string
        json.dumps(ARTICLE).replace('"', "&quot;"),
    ],
)
def test_every_usual_wrapping_is_read(script: str) -> None:
    data = read(script)
    assert (data.headline, data.published) == ("Keeper leaves", "2025-03-01T10:00:00Z")
    assert data.authors == ("Ann Lee", "Reuters")
    assert data.publisher == "Cape Courier"
    assert data.is_article


def test_authors_by_reference_are_followed() -> None:
    graph = [{"@type": "Person", "@id": "#p", "name": "Ann Lee"}, {**ARTICLE, "author": {"@id": "#p"}}]
    assert read(json.dumps({"@graph": graph})).authors == ("Ann Lee",)


def test_the_own_article_is_told_from_others_by_title_and_address() -> None:
    other = {**ARTICLE, "headline": "Another story", "url": "https://news.example/other", "author": "Other"}
    scripts = [json.dumps(other), json.dumps(ARTICLE)]
    assert read(*scripts, title="Keeper leaves | Cape Courier").authors == ("Ann Lee", "Reuters")
    assert read(*scripts, url="https://news.example/other").authors == ("Other",)


def test_entries_of_a_live_blog_are_not_the_article() -> None:
    update = {"@type": "BlogPosting", "headline": "18:05", "datePublished": "2025-03-02T18:05:00Z"}
    blog = {**ARTICLE, "@type": "LiveBlogPosting", "liveBlogUpdate": [update] * 5}
    assert read(json.dumps(blog)).published == ARTICLE["datePublished"]


def test_picture_credits_are_kept_from_the_authors() -> None:
    image = {"@type": "ImageObject", "url": "/i.jpg", "caption": "The lamp", "author": {"name": "AFP"}}
    data = read(json.dumps({**ARTICLE, "image": image}))
    assert data.image_captions == (("The lamp", "AFP"),)
    assert "AFP" not in data.authors


@pytest.mark.parametrize(
    "script",
    [
        "{", "null", "[]", "42", '"text"', "{}", "[" * 5000, '{"a":' * 5000, '{"@type": 7, "author": 8}',
        '{"@type":"Article","author":{"name":{"@value":3}},"image":[null,1],"keywords":{"a":1},"datePublished":[]}',
        '{"@type":"Article","headline":["A",["B"]],"publisher":[[{}]],"isBasedOn":{"@id":[]},"inLanguage":[1]}',
    ],
)  # fmt: skip
def test_broken_json_ld_is_passed_over(script: str) -> None:
    assert isinstance(read(script), JsonLd)


def test_huge_json_ld_is_bounded() -> None:
    nodes: list[Any] = [{"@type": "Thing", "items": [{"@type": "Thing"}] * 50}] * 3000
    assert read(json.dumps(nodes)) == JsonLd()
    assert read(json.dumps(ARTICLE), json.dumps({"x": "y" * 3_000_000})).headline == "Keeper leaves"
