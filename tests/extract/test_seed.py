"""The page it all began with: a German story on an aggregator with a Turkish interface."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from monitor.extract import extract
from monitor.language import detect
from monitor.records import Article
from tests.extract.making import FIXTURES, fixture, page

TITLE = "Russland und Nordkorea vereinbaren gegenseitige Unterstützung im Falle eines Angriffs"
KAYNAK = "https://origin.example/politik/abkommen"
DEBRIS = ("Kaynak", "LEAVE A REPLY", "Please enter", "Home Nachricht", "Kreml/dpa", TITLE)


@pytest.fixture
def seed(shared: Path) -> list[str]:
    """Lines of the text as it was extracted once, debris and all."""
    (file,) = (shared / "seed").glob("*.txt")
    return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def check(article: Article) -> None:
    paragraphs = article.text.split("\n\n")
    assert article.title == TITLE
    assert paragraphs[0].startswith("Die Staatschefs Russlands und Nordkoreas haben")
    assert paragraphs[-1].endswith("jegliche derartige Kooperation bestritten.")
    assert len(paragraphs) == 11
    assert not [debris for debris in DEBRIS if debris in article.text]
    assert [(caption.text[:24], caption.text[-5:], caption.credit) for caption in article.captions] == [
        ("Der russische Präsident ", "teil.", "-/Kreml/dpa")
    ]
    assert detect(article).code == "de"
    assert detect(article).method == "text"


def test_the_seed_in_the_shape_of_its_page(seed: list[str]) -> None:
    template, expected = fixture("aggregator-de")
    shape = template.decode()
    first, last = expected["text"][0], expected["captions"][0]
    start = shape.index(f"<p>{first}")
    end = shape.index("</p>", shape.index(last[0])) + len("</p>")
    story = [line for line in seed if len(line) > 40 and TITLE not in line]
    body = shape[:start] + "".join(f"<p>{escape(line)}</p>" for line in story) + shape[end:]
    article = extract(page(body.replace(expected["title"], TITLE), url=expected["url"]))
    check(article)
    assert [link.url for link in article.source_links] == expected["source_links"]
    assert article.source_links[0].label == "Kaynak"


@pytest.mark.parametrize("head", ["", f"<title>{TITLE}</title>", f"<title>{TITLE} | Haber</title>"])
@pytest.mark.parametrize("lang", ["", "tr", "de"])
def test_the_seed_in_hardly_any_markup(seed: list[str], head: str, lang: str) -> None:
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in seed).replace("Kaynak", f"<a href='{KAYNAK}'>Kaynak</a>")
    article = extract(page(f"<html lang='{lang}'><head><meta charset='utf-8'>{head}</head><body>{lines}</body></html>"))
    check(article)
    assert [(link.url, link.label) for link in article.source_links] == [(KAYNAK, "Kaynak")]


def test_the_seed_with_line_breaks_only(seed: list[str]) -> None:
    lines = "<br>\n".join(map(escape, seed)).replace("Kaynak", f"<a href='{KAYNAK}'>Kaynak</a>")
    article = extract(page(f"<html><body><div>{lines}</div></body></html>"))
    check(article)
    assert [link.url for link in article.source_links] == [KAYNAK]


LINK = f"<a href='{KAYNAK}'>Kaynak</a>"
COMMENTS = (
    "<div><h3>LEAVE A REPLY</h3><div>Please enter your comment!</div><div>Please enter your name here</div></div>"
)


def lead(breadcrumbs: str) -> str:
    return f"<div>{breadcrumbs}</div><h1>{TITLE}</h1><div><span>11</span><br><a href='#respond'>0</a></div>"


def caption_in_a_figure_at_the_end(prose: list[str], caption: str) -> str:
    figure = f"<figure><img src='a.jpg'><figcaption>{caption}</figcaption></figure>"
    paragraphs = "".join(f"<p>{line}</p>" for line in prose)
    return f"<article>{paragraphs}{figure}<div class='source'>{LINK}</div></article>"


def caption_below_the_lead_picture(prose: list[str], caption: str) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in prose)
    source = f"<p><strong>Kaynak:</strong> <a href='{KAYNAK}'>Origin</a></p>"
    return f"<div class='content'><p><img src='a.jpg'></p><p>{caption}</p>{paragraphs}{source}</div>"


def all_between_line_breaks(prose: list[str], caption: str) -> str:
    return f"<div>{'<br><br>'.join([*prose, caption, LINK])}<br><br></div>"


def a_cell_of_a_table(prose: list[str], caption: str) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in prose)
    source = f"<p><b>Kaynak</b>: <a href='{KAYNAK}'>Origin</a></p>"
    return f"<table><tr><td>{paragraphs}<p><em>{caption}</em></p>{source}</td></tr></table>"


def divisions_and_a_list(prose: list[str], caption: str) -> str:
    lines = "".join(f"<div><span>{line}</span></div>" for line in [*prose, caption])
    return f"<section>{lines}<ul><li>Kaynak</li><li><a href='{KAYNAK}'>Origin</a></li></ul></section>"


@pytest.mark.parametrize(
    "shape",
    [
        caption_in_a_figure_at_the_end,
        caption_below_the_lead_picture,
        all_between_line_breaks,
        a_cell_of_a_table,
        divisions_and_a_list,
    ],
)
def test_the_seed_in_other_shapes(seed: list[str], shape: Callable[[list[str], str], str]) -> None:
    prose = [escape(line) for line in seed[2:] if len(line) > 40 and not line.endswith("/dpa")]
    (caption,) = (escape(line) for line in seed if line.endswith("/dpa"))
    body = lead(escape(seed[0])) + shape(prose, caption) + COMMENTS
    article = extract(page(f"<html lang='tr'><head><meta charset='utf-8'></head><body>{body}</body></html>"))
    check(article)
    assert [link.url for link in article.source_links] == [KAYNAK]


def test_the_seed_as_plain_text(shared: Path) -> None:
    (file,) = (shared / "seed").glob("*.txt")
    article = extract(page(file.read_bytes(), kind="text"))
    check(article)
    assert [(line.text, line.where) for line in article.lines] == [("Kaynak", "source")]


def test_the_fixture_of_its_shape_is_there() -> None:
    assert (FIXTURES / "aggregator-de.html").is_file()
