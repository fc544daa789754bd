"""Press reviews: which entries, in which order, with what, in each of the three forms."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from docx import Document as Word
from lxml import html

from monitor.alerts import Style
from monitor.query import Term
from monitor.records import Changes, Story
from monitor.reports.entries import Shown
from monitor.reports.review import Review, as_docx, as_html, as_mail, review
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import NOW, changes, document

SHOWN = Shown(load_agencies(), "https://monitor.example")
SITES = {"a": "kurier", "b": "bote", "c": "anzeiger", "d": "post", "e": "blatt"}
URLS = {f"https://{site}.example/{id}" for id, site in SITES.items()}
HOSTILE = '<b>Feuer</b> "><script>alert(1)</script> *laut* \u202egnal\r\nBcc: all@example.org'


def at(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


@pytest.fixture
def store() -> MemoryStore:
    """Three stories that answer, one of them in three copies, and one that does not."""
    store = MemoryStore(stem)
    store.file(
        changes(
            document("a", "Feuer im Hafen", "Das Feuer im Hafen brennt.", at=at(5), story="s", site="kurier"),
            document("b", "Feuer im Hafen", "Das Feuer im Hafen brennt.", at=at(4), story="s", site="bote"),
            document("c", "Feuer im Hafen", "Das Feuer im Hafen brennt.", at=at(3), story="s", site="anzeiger"),
            document("d", HOSTILE, f"Ein Feuer. {HOSTILE}", at=at(2), site="post"),
            document("e", "Feuer gelöscht", "Das Feuer ist aus.", at=at(1), site="blatt"),
            document("f", "Wetter", "Morgen scheint die Sonne.", at=at(1), site="blatt"),
        )
    )
    store.file(Changes(stories=(Story("s", "a", 3, at(5), at(3), sites=("anzeiger", "bote", "kurier")),)))
    return store


def made(store: MemoryStore, order: str = "newest") -> Review:
    return review(store, Term(None, "feuer"), "Feuer und Rauch", "feuer", NOW, SHOWN, order=order)


@pytest.mark.parametrize(
    ("order", "sites"),
    [
        ("newest", ["blatt", "post", "anzeiger"]),
        ("oldest", ["kurier", "post", "blatt"]),
        ("copies", ["anzeiger", "post", "blatt"]),
        ("site", ["anzeiger", "blatt", "post"]),
    ],
)
def test_each_story_is_one_entry_in_the_order_that_is_asked_for(
    store: MemoryStore, order: str, sites: list[str]
) -> None:
    found = made(store, order)
    assert [one.site for one in found.entries] == sites
    story = next(one for one in found.entries if one.copies > 1)
    assert story.copies == 3
    assert {story.site, *(one.site for one in story.others)} == {"kurier", "bote", "anzeiger"}


def test_a_page_has_every_story_with_passage_source_and_links(store: MemoryStore) -> None:
    page = html.fromstring(as_html(made(store), Style("de")).decode())
    text = " ".join(page.text_content().split())
    assert text.index("Feuer gelöscht") < text.index("Feuer im Hafen")
    assert text.count("Feuer im Hafen brennt") == 1
    assert text.count("Quelle") >= 3
    assert "Wetter" not in text
    links = {one.get("href") for one in page.iter("a")}
    assert links >= URLS
    assert any(one.startswith("https://monitor.example/") for one in links)
    assert {mark.text_content() for mark in page.iter("mark", "b", "strong")} >= {"Feuer"}


def test_a_strange_title_is_text_in_every_form(store: MemoryStore) -> None:
    found = made(store)
    page = as_html(found, Style()).decode()
    assert html.fromstring(page).xpath("//script") == []
    assert "\u202e" not in page
    mail = message_from_bytes(as_mail(found, Style()), policy=policy.default)
    assert "Bcc" not in mail
    word = Word(io.BytesIO(as_docx(found, Style())))
    heading = next(one.text for one in word.paragraphs if "script" in one.text)
    assert "<script>alert(1)</script>" in heading
    assert "\n" not in heading
    assert "\u202e" not in heading


def test_a_document_has_headings_marked_passages_sources_and_links(store: MemoryStore) -> None:
    word = Word(io.BytesIO(as_docx(made(store), Style("de"))))
    heads = [one.text for one in word.paragraphs if one.style.name.startswith("Heading")]  # type: ignore[union-attr]
    assert heads[0] == "Feuer und Rauch"
    assert heads[1] == "Feuer gelöscht"
    assert heads[3] == "Feuer im Hafen"
    assert len(heads) == 4
    assert {run.text for one in word.paragraphs for run in one.runs if run.bold} == {"Feuer"}
    assert sum(one.text.startswith("Quelle: ") for one in word.paragraphs) == 3
    links = {one.target_ref for one in word.part.rels.values() if one.is_external}
    assert links >= URLS


def test_a_mail_can_be_opened_and_sent_on(store: MemoryStore) -> None:
    mail = message_from_bytes(as_mail(made(store), Style("en")), policy=policy.default)
    assert mail["Subject"] == "Feuer und Rauch"
    assert (mail["To"], mail["From"], mail["X-Unsent"]) == (None, None, "1")
    plain, page = (mail.get_body((kind,)) for kind in ("plain", "html"))  # type: ignore[attr-defined]
    assert "Feuer gelöscht" in plain.get_content()
    assert re.search(r"3 cop", plain.get_content())
    assert "Feuer gelöscht" in page.get_content()


def test_of_what_does_not_fit_the_number_is_told(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.reports.review.MOST", 2)
    found = made(store)
    assert (len(found.entries), found.more) == (2, 1)
