"""A press review in its three forms: one entry for each story, in order, with its sources; titles are text alone."""

from __future__ import annotations

import email
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from docx import Document as open_docx
from lxml import etree, html

from monitor.alerts import Copy, Style
from monitor.query import Node, Term, parse
from monitor.records import AgencyCredit, Changes, Document, Origin, SourceTrace, Story
from monitor.reports import review as reviewing
from monitor.reports.entries import Shown
from monitor.reports.review import Review, as_html, as_mail, review
from monitor.reports.review_word import as_docx
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.alerts.test_hostile import HOSTILE
from tests.articles import NOW, document, later, revision

STYLE = Style("de", "Europe/Berlin")
WIRE = SourceTrace(
    "agency",
    (AgencyCredit("dpa", 0.95),),
    credited=True,
    origin=Origin("https://wire.example/1", site="wire", how="link"),
)
AGENCIES = load_agencies()
FORMS: dict[str, Callable[[Review, Style], bytes]] = {"html": as_html, "docx": as_docx, "mail": as_mail}


def story_of(*documents: Document) -> Story:
    first, last = min(one.story_time for one in documents), max(one.story_time for one in documents)
    return Story(documents[0].story, documents[0].id, len(documents), first, last)


def archive(*stories: tuple[Document, ...]) -> MemoryStore:
    made, store = [one for theirs in stories for one in theirs], MemoryStore(stem)
    store.file(
        Changes(
            revisions=tuple(map(revision, made)),
            documents=tuple(made),
            stories=tuple(story_of(*one) for one in stories),
        )
    )
    return store


def one(id: str, title: str, site: str, hours: int, story: str = "", **more: Any) -> Document:
    made = document(
        id, title, f"Der Deich bei {id} ist lang. Mehr davon.", at=later(hours=hours), story=story or f"s-{id}",
        site=site, url=f"https://{site}.example/{id}",
    )  # fmt: skip
    return replace(made, **more)


@pytest.fixture
def store() -> MemoryStore:
    copied = (
        one("copy1", "Deich von Kielburg hält", "kurier", 2, "wide", source=WIRE),
        one("copy2", "Kielburg: Der Deich hielt", "post", 3, "wide"),
        one("copy3", "Der Deich steht", "bote", 1, "wide"),
    )
    newest = one("late", "Streit um den Deich", "abend", 9)
    other = document("other", "Ein Fest", "Musik und Wein.", site="bote", at=later(hours=4))
    return archive(copied, (one("early", "Neuer Deich", "bote", -5),), (newest,), (other,))


def made(store: MemoryStore, order: str = "newest", query: str = "Deich", title: str = "Presseschau") -> Review:
    asked: Node = parse(query)
    return review(store, asked, title, query, NOW, Shown(AGENCIES, zone="Europe/Berlin"), order=order)


def titles_of(form: str, content: bytes) -> list[str]:
    if form == "docx":
        document = open_docx(io.BytesIO(content))
        return [one.text for one in document.paragraphs if one.style is not None and one.style.name == "Heading 2"]
    page = content if form == "html" else mail_of(content)[1].encode()
    return ["".join(one.itertext()) for one in html.fromstring(page).iter("h3")]


def mail_of(content: bytes) -> tuple[EmailMessage, str, str]:
    """The mail, its page and its plain text."""
    mail = email.message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert not mail.defects
    page, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert page is not None
    assert text is not None
    return mail, page.get_content(), text.get_content()


def text_of(form: str, content: bytes) -> str:
    """What is read, in one line."""
    if form == "docx":
        paragraphs = open_docx(io.BytesIO(content)).element.body.iter("{*}p")
        parts = ["".join(one.text or "" for one in paragraph.iter("{*}t")) for paragraph in paragraphs]
    elif form == "html":
        parts = [str(one) for one in html.fromstring(content).itertext()]
    else:
        parts = [mail_of(content)[2]]
    return " ".join(" ".join(parts).split())


@pytest.mark.parametrize("form", FORMS)
def test_each_story_has_one_entry_with_its_source_its_copies_and_links(store: MemoryStore, form: str) -> None:
    content = FORMS[form](made(store), STYLE)
    titles = titles_of(form, content)
    assert len(titles) == 3
    assert (titles[0], titles[2]) == ("Streit um den Deich", "Neuer Deich")
    assert "Ein Fest" not in text_of(form, content)
    shown = text_of(form, content)
    assert "3 Fundstellen" in shown
    for number, site in (("copy1", "kurier"), ("copy2", "post"), ("copy3", "bote"), ("late", "abend")):
        assert shown.count(f"https://{site}.example/{number}") >= 1
    for title in ("Deich von Kielburg hält", "Kielburg: Der Deich hielt", "Der Deich steht"):
        assert shown.count(title) == 1, title
    assert "Der Deich bei late ist lang." in shown
    assert "16.05.2024" in shown
    assert shown.count("Quelle:") == 3
    assert "Regel" not in shown


@pytest.mark.parametrize("form", FORMS)
def test_copies_that_are_not_named_are_counted(form: str) -> None:
    copies = [one(f"c{n}", "Deich hält", f"blatt{n}", n, "wide") for n in range(8)]
    dispatch = one("wire", "Deich hält", "wire", 0, "wide")
    dispatch = replace(dispatch, article=replace(dispatch.article, role="reference"))
    store = archive((*copies, dispatch))
    store.file(Changes(stories=(story_of(*copies),)))
    found = made(store)
    assert [(entry.copies, len(entry.others), entry.unnamed) for entry in found.entries] == [(8, 5, 2)]
    assert "und 2 weitere" in text_of(form, FORMS[form](found, STYLE))
    few = made(archive(tuple(copies[:6])))
    assert few.entries[0].unnamed == 0
    assert "weitere" not in text_of(form, FORMS[form](few, STYLE))


@pytest.mark.parametrize("form", FORMS)
def test_the_source_of_a_copy_is_named(form: str) -> None:
    store = archive((one("copy", "Deich hält", "kurier", 1, source=WIRE),))
    shown = text_of(form, FORMS[form](made(store), STYLE))
    assert (
        "Quelle: Agenturtext (Deutsche Presse-Agentur); gekennzeichnet Nennt als Quelle: https://wire.example/1"
        in shown
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("order", "sites"),
    [
        ("newest", ["abend", "post", "bote"]),
        ("oldest", ["bote", "bote", "abend"]),
        ("copies", ["post", "bote", "abend"]),
        ("site", ["abend", "bote", "post"]),
    ],
)
def test_stories_stand_in_the_order_that_was_asked_for(
    store: MemoryStore, form: str, order: str, sites: list[str]
) -> None:
    found = made(store, order)
    assert [entry.site for entry in found.entries] == sites
    assert titles_of(form, FORMS[form](found, STYLE)) == [entry.title for entry in found.entries]


@pytest.mark.parametrize("form", FORMS)
def test_stories_that_are_left_out_are_counted(store: MemoryStore, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviewing, "MOST", 2)
    found = made(store)
    assert (len(found.entries), found.more) == (2, 1)
    assert "+ 1 weitere Meldung" in text_of(form, FORMS[form](found, STYLE))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_title_changes_nothing_but_the_text_of_a_page(text: str) -> None:
    content = as_html(hostile(text), STYLE)
    assert signature(content) == signature(as_html(hostile("Harmlos"), STYLE))
    assert not re.search(rb"<(script|img|iframe|style)|javascript:[^\s<]*\"", content)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_title_changes_nothing_but_the_text_of_a_document(text: str) -> None:
    content = as_docx(hostile(text), STYLE)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.testzip() is None
        trees = {
            name: etree.fromstring(parts.read(name)) for name in parts.namelist() if name.endswith((".xml", ".rels"))
        }
    links = {
        str(link.get("Target"))
        for link in trees["word/_rels/document.xml.rels"]
        if link.get("TargetMode") == "External"
    }
    assert links == {"https://kurier.example/a", "https://post.example/b", "https://wire.example/1"}
    document = open_docx(io.BytesIO(content))
    assert [one.style.name for one in document.paragraphs if one.style is not None].count("Heading 2") == 1
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", text_of("docx", content))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_title_changes_nothing_but_the_text_of_a_mail(text: str) -> None:
    mail, page, _ = mail_of(as_mail(hostile(text), STYLE))
    wanted, harmless, _ = mail_of(as_mail(hostile("Harmlos"), STYLE))
    assert mail.keys() == wanted.keys()
    assert mail["Bcc"] is None
    assert "\n" not in str(mail["Subject"])
    assert [part.get_content_type() for part in mail.walk()] == [part.get_content_type() for part in wanted.walk()]
    assert signature(page.encode()) == signature(harmless.encode())


def hostile(text: str) -> Review:
    """The text as the title of the review and of two articles, and inside their texts."""
    first = one("a", text, "kurier", 2, "s", source=WIRE)
    store = archive((first, one("b", text, "post", 1, "s")))
    asked = Term("site", "kurier")
    return review(store, asked, text, text, NOW, Shown(AGENCIES))


def signature(page: bytes) -> list[tuple[str, tuple[str, ...]]]:
    """The elements with the places that they lead to; of marked passages there may be more or fewer."""
    return [
        (str(element.tag), tuple(f"{name}={value}" for name, value in element.attrib.items()))
        for element in html.fromstring(page).iter()
    ]


def test_a_mail_is_opened_to_be_sent_on(store: MemoryStore) -> None:
    mail, page, text = mail_of(as_mail(made(store, title="Deich & Meer"), STYLE))
    assert (mail["Subject"], mail["X-Unsent"]) == ("Deich & Meer", "1")
    assert mail["Date"].datetime == NOW
    assert "Deich &amp; Meer" in page
    assert "Deich & Meer" in text
    assert mail["From"] is None


@pytest.mark.parametrize("form", FORMS)
def test_a_review_has_its_date_and_says_when_nothing_was_found(store: MemoryStore, form: str) -> None:
    there, nothing = (text_of(form, FORMS[form](made(store, query=query), STYLE)) for query in ("Deich", "Komet"))
    for said in (there, nothing):
        assert "Stand: 16.05.2024 14:00 CEST" in said
    assert "Es wurde nichts gefunden." in nothing
    assert "nichts gefunden" not in there


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "de",
            "Presseschau Stand: 16.05.2024 14:00 CEST Gesucht: Deich Zeitraum: 14.05.2024 14:00 CEST bis "
            "16.05.2024 23:59 CEST 3 Meldungen Streit",
        ),
        (
            "en",
            "Presseschau As of 2024-05-16 14:00 CEST Asks for: Deich Period: 2024-05-14 14:00 CEST to "
            "2024-05-16 23:59 CEST 3 stories Streit",
        ),
    ],
)
def test_a_review_says_below_its_title_what_it_is_of(store: MemoryStore, form: str, language: str, said: str) -> None:
    found = replace(made(store), since=later(hours=-48), until=later(hours=10))  # the end of the day in Berlin
    assert said in text_of(form, FORMS[form](found, Style(language, "Europe/Berlin")))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("language", "title"), [("de", "Presseschau"), ("en", "Press review")])
def test_a_review_of_everything_is_called_what_it_is(store: MemoryStore, form: str, language: str, title: str) -> None:
    content = FORMS[form](made(store, query="", title=""), Style(language, "Europe/Berlin"))
    shown = text_of(form, content)
    assert title in shown
    assert not re.search("Gesucht|Asks for", shown)
    if form == "docx":
        assert all(one.text for one in open_docx(io.BytesIO(content)).paragraphs)
    else:
        page = content if form == "html" else mail_of(content)[1].encode()
        headings = [one for level in ("h1", "h2", "h3") for one in html.fromstring(page).iter(level)]
        assert all("".join(one.itertext()).strip() for one in headings)
    if form == "mail":
        assert mail_of(content)[0]["Subject"] == title


def test_a_review_of_one_story_says_so(store: MemoryStore) -> None:
    assert "1 Meldung " in text_of("html", as_html(made(store, query="Streit"), STYLE))


@pytest.mark.parametrize(("language", "code"), [("de", "de-DE"), ("en", "en-GB")])
def test_a_document_says_what_it_is_and_nothing_of_the_library(store: MemoryStore, language: str, code: str) -> None:
    document = open_docx(io.BytesIO(as_docx(made(store), Style(language))))
    about = document.core_properties
    assert (about.title, about.author, about.comments, about.language) == ("Presseschau", "Media monitor", "", code)
    assert about.created == about.modified == NOW
    assert document.styles.element.xpath("w:docDefaults//w:lang/@w:val") == [code]


def test_links_of_a_document_look_like_links_and_the_title_is_one(store: MemoryStore) -> None:
    document = open_docx(io.BytesIO(as_docx(made(store), STYLE)))
    headings = [one for one in document.paragraphs if one.style is not None and one.style.name == "Heading 2"]
    assert [[link.address for link in one.hyperlinks] for one in headings] == [
        ["https://abend.example/late"], ["https://post.example/copy2"], ["https://bote.example/early"]
    ]  # fmt: skip
    runs = [run for one in document.paragraphs for link in one.hyperlinks for run in link.runs]
    assert {run.style.name for run in runs if run.style is not None} == {"Hyperlink"}
    assert document.styles["Hyperlink"].font.underline  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", FORMS)
def test_a_review_has_the_storys_page_and_what_was_taken_back(store: MemoryStore, form: str) -> None:
    wire = Copy("Deich hielt nicht", "Deutsche Presse-Agentur", "https://wire.example/9", NOW)
    found = made(store, query="Streit")
    entry = replace(found.entries[0], taken_back=(wire,), page="https://monitor.example/stories/s-late")
    shown = text_of(form, FORMS[form](replace(found, entries=(entry,)), STYLE))
    assert "zurückgezogen: Deich hielt nicht, Deutsche Presse-Agentur, 16.05.2024 14:00 CEST" in shown
    assert "https://wire.example/9" in shown
    assert "Alle Fundstellen: https://monitor.example/stories/s-late" in shown


def test_a_review_of_all_times_says_until_when(store: MemoryStore) -> None:
    assert "Zeitraum: bis 16.05.2024 14:00 CEST" in text_of("html", as_html(made(store), STYLE))
