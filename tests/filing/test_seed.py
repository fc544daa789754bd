"""The page it all began with, with and without the page behind its "Kaynak" link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from html import escape
from pathlib import Path

import pytest

from monitor.analysis import analyse
from monitor.records import Document, Outcome, Page, Status, UrlState
from monitor.store.memory import MemoryStore
from tests.filing.world import NOON, filed

COPY = "https://haber.example/de/russland-und-nordkorea"
ORIGIN = "https://quelle.example/politik/abkommen"


@pytest.fixture
def seed(shared: Path) -> list[str]:
    (file,) = (shared / "seed").glob("*.txt")
    return [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]


def copy(lines: Sequence[str]) -> Page:
    body = "".join(f"<p>{escape(line)}</p>\n" for line in lines).replace("Kaynak", f"<a href='{ORIGIN}'>Kaynak</a>")
    html = f"<html lang='tr'><head><meta charset='utf-8'></head><body>{body}</body></html>"
    return Page(COPY, "haber", html.encode(), NOON, content_type="text/html")


def original(lines: Sequence[str]) -> Page:
    story = [line for line in lines if len(line) > 100 and not line.startswith(("Home", "Der russische Präsident Wl"))]
    body = "".join(f"<p>{escape(line)}</p>" for line in story)
    html = f"<html lang='de'><body><article><h1>Abkommen mit Nordkorea</h1>{body}<p>(dpa)</p></article></body></html>"
    page = Page(ORIGIN, "quelle", html.encode(), NOON, content_type="text/html", role="source")
    return replace(page, fetched_at=NOON + timedelta(minutes=1))


def archived(*pages: Page) -> Document:
    store = MemoryStore()
    for page in pages:
        made = analyse(page)
        state = UrlState(page.site, page.url, Status.STORED, article_id=made.article.id)
        store.settle([Outcome(state, made, "run")])
    return next(document for document in filed(store).values() if document.article.url == COPY)


def test_alone_it_yields_the_picture_credit_and_the_link(seed: list[str]) -> None:
    trace = archived(copy(seed)).source
    assert trace.photo_agencies == ("dpa",)
    assert [one for one in trace.agencies if one.confidence >= 0.5] == []
    assert (trace.credited, trace.origin.url, trace.origin.how) == (False, ORIGIN, "link")
    (evidence,) = (one for one in trace.evidence if one.kind == "photo")
    assert "-/Kreml/dpa" in evidence.quote


@pytest.mark.parametrize("first", ["copy", "original"])
def test_with_the_page_behind_its_link_dpa_is_the_agency_of_the_text(seed: list[str], first: str) -> None:
    pages = [copy(seed), original(seed)]
    trace = archived(*(pages if first == "copy" else pages[::-1])).source
    assert [one.id for one in trace.agencies if one.confidence >= 0.5] == ["dpa"]
    assert trace.kind == "agency"
    assert trace.origin.article_id
    assert trace.share_kept is not None
    assert trace.share_kept > 0.9
    assert [(one.agency, one.url) for one in trace.evidence if one.kind == "link"] == [("dpa", ORIGIN)]
    assert trace.photo_agencies == ("dpa",)
