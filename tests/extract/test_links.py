"""Links whose label says "source" are found in many languages; everything else is left alone."""

from __future__ import annotations

import pytest

from monitor.extract import extract
from monitor.extract.labels import SOURCE_WORDS, ends_with_source_label, is_source_label, starts_with_source_label
from monitor.records import Article, Hint, SourceLink
from tests.extract.making import page, story

TARGET = "https://origin.example/story-1"
WORDS = sorted({(language, word) for language, words in SOURCE_WORDS.items() for word in words})


def links(after: str, **fields: object) -> tuple[SourceLink, ...]:
    return read(after, **fields).source_links


def read(after: str, **fields: object) -> Article:
    return extract(page(story(after=after), **fields))


def test_there_are_labels_for_at_least_twenty_languages() -> None:
    assert len(SOURCE_WORDS) >= 40


@pytest.mark.parametrize(("language", "word"), WORDS)
def test_the_label_is_known_alone_before_a_link_and_in_front_of_a_name(language: str, word: str) -> None:
    assert is_source_label(word)
    assert is_source_label(f"[{word}:]")
    assert is_source_label(word.upper()) or language == "tr"
    assert starts_with_source_label(f"{word}: ORF")
    assert ends_with_source_label(f"... end. ({word}: ")


@pytest.mark.parametrize(
    "text",
    ["Resources", "Sourcebook: new", "Die Quelle des Flusses", "He cited sources", "Fontes", "Virus: neue Welle"],
)
def test_words_that_only_look_like_it_are_no_label(text: str) -> None:
    assert not starts_with_source_label(text)
    assert text == "Fontes" or not is_source_label(text)


@pytest.mark.parametrize(
    ("after", "label"),
    [
        (f"<p><a href='{TARGET}'>Kaynak</a></p>", "Kaynak"),
        (f"<p>Quelle: <a href='{TARGET}'>Origin Daily</a></p>", "Quelle: Origin Daily"),
        (f"<p>(Source: <a href='{TARGET}'>Origin</a>)</p>", "(Source: Origin"),
        (f"<p><strong>Источник:</strong> <a href='{TARGET}'>Origin</a></p>", "Источник: Origin"),
        (
            f"<div><span class='source'>Bron:</span> <a class='source-link' href='{TARGET}'>Origin</a></div>",
            "Bron: Origin",
        ),
        (f"<p><a href='{TARGET}'>Quelle: Origin Daily</a></p>", "Quelle: Origin Daily"),
        (f"<h4>Sources</h4><ul><li><a href='{TARGET}'>Origin</a></li></ul>", "Sources Origin"),
        (f"<p>来源：<a href='{TARGET}'>原站</a></p>", "来源：原站"),
        (f"<p><a href='{TARGET}?utm_source=x#top'>Fuente</a></p>", "Fuente"),
        ("<p><a href='//origin.example/story-1'>Fuente</a></p>".replace("//", "https://"), "Fuente"),
    ],
)
def test_a_labelled_link_is_found(after: str, label: str) -> None:
    found = links(after)
    assert [(link.url, link.how) for link in found] == [(TARGET, "label")]
    assert found[0].label.replace(" ", "") == label.replace(" ", "")


def test_a_relative_source_link_is_resolved_against_the_page() -> None:
    assert links("<p><a href='../b/other'>Kaynak</a></p>")[0].url == "https://news.example/b/other"


def test_a_base_on_another_host_does_not_bend_links() -> None:
    head = "<base href='https://evil.example/'>"
    found = extract(page(story(after="<p><a href='/b'>Kaynak</a></p>", head=head))).source_links
    assert [link.url for link in found] == ["https://news.example/b"]


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "mailto:a@b.example", "data:text/html,x", "ftp://origin.example/x", "#top", "", "http://", "https://[bad",
     "https://www.facebook.com/sharer/sharer.php?u=x", "https://twitter.com/intent/tweet?x", "https://wa.me/?text=x",
     "https://news.example/a/story", "http://" + "a" * 3000 + ".example/"],
)  # fmt: skip
def test_what_is_no_page_is_no_source(href: str) -> None:
    assert links(f'<p><a href="{href}">Kaynak</a></p>') == ()


@pytest.mark.parametrize(
    "after",
    [
        f"<nav><a href='{TARGET}'>Source</a></nav>",
        f"<p>He is a source of joy for <a href='{TARGET}'>many people on the coast</a> of Merrow.</p>",
        f"<figure><img src='x.jpg'><figcaption>Lamp. Quelle: <a href='{TARGET}'>AFP</a></figcaption></figure>",
    ],
)
def test_menus_sentences_and_picture_sources_are_no_source_links(after: str) -> None:
    assert links(after) == ()


def test_the_label_is_not_left_in_the_text() -> None:
    article = read(f"<p>Quelle: <a href='{TARGET}'>Origin</a></p><p>Kaynak</p>")
    assert "Quelle" not in article.text
    assert "Kaynak" not in article.text
    assert {line.where for line in article.lines if "Quelle" in line.text or "Kaynak" in line.text} == {"source"}


def test_metadata_that_point_to_another_host_are_source_links() -> None:
    head = (
        f"<link rel='canonical' href='{TARGET}'><meta name='original-source' content='{TARGET}?a=1'>"
        f"<meta name='syndication-source' content='https://news.example/self'>"
        '<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","isBasedOn":{"@id":"https://origin.example/b"}}</script>'
    )
    article = extract(page(story(head=head), hint=Hint(source_url="https://feed.example/f", source_name="Feed")))
    assert {(link.how, link.url) for link in article.source_links} == {
        ("canonical", TARGET),
        ("original-source", f"{TARGET}?a=1"),
        ("isBasedOn", "https://origin.example/b"),
        ("feed", "https://feed.example/f"),
    }
    assert article.url == "https://news.example/a/story"
    assert article.canonical_url == TARGET
