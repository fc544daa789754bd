"""Hostile and broken pages cost a refusal at most, never another error, and leave no control character behind."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.errors import ExtractionError
from monitor.extract import extract
from monitor.records import Article, ExtractionRules
from tests.extract.making import PROSE, fixture, fixtures, html, page, story

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
REASONS = {"not-html", "empty", "too-short", "no-text", "bad-encoding", "not-article", "too-deep"}
BODIES = [fixture(name)[0] for name in fixtures()]


def tried(body: bytes, **fields: str) -> Article | None:
    try:
        article = extract(page(body, **fields))
    except ExtractionError as error:
        if error.reason not in REASONS:
            raise
        return None
    assert not CONTROL.search(article.text.replace("\n\n", " "))
    for text in (article.title, article.description, *article.authors, *(c.text + c.credit for c in article.captions)):
        assert not CONTROL.search(text)
    return article


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_pages_are_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from(BODIES)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body)))
        to = min(len(body), at + data.draw(st.integers(0, 300)))
        body[at:to] = data.draw(
            st.one_of(
                st.binary(max_size=20),
                st.sampled_from(
                    [b"<", b">", b'"', b"</div>", b"<div>", b"<!--", b"&#0;", b"&#xD800;", b"\x00", b"<table>", b"<a>",
                     b"<form>", b"\xff\xfe", b"<script>", b"</body>", b"<h1>", b'<base href="//x">', b"<p hidden>",
                     b"&amp", b"<![CDATA["]
                ),
            )
        )  # fmt: skip
    tried(bytes(body), kind=data.draw(st.sampled_from(["page", "fragment", "text"])))


@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from(["page", "fragment", "text"]),
    st.sampled_from(["", "text/html; charset=utf-16", "x"]),
)
def test_random_bytes_are_read_or_refused(body: bytes, kind: str, content_type: str) -> None:
    tried(body, kind=kind, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        story(after="<p>" + "x " * 2_000_000 + "</p>"),
        story(after="<p>" + "y" * 5_000_000 + "</p>"),
        story(after="<a href='x'>" * 20_000),
        story(after="<br>" * 100_000),
        story(after="<p>a</p>" * 20_000),
        story(after="<div class='" + "share-" * 50_000 + "'>x</div>"),
        story(after="<table><tr><td>" * 80 + "x"),
        story(head="<meta name='description' content='" + "d" * 1_000_000 + "'>"),
        story(head="<title>" + "t - " * 200_000 + "</title>", title=""),
        story(title="h " * 200_000),
        story(head='<script type="application/ld+json">' + '{"a":[' * 100_000 + "</script>"),
        html("<script>" + '"' + "a\\" * 500_000 + "</script>"),
        html("<script>" + '"' * 500_000 + "</script>"),
        story(before="<time datetime='" + "1" * 100_000 + "'>x</time>" * 50),
        story(head="<meta name='author' content='" + "(" * 100_000 + "'>"),
        story(before="<p class='byline'>" + "By " * 30 + "mit Material " * 5_000 + "</p>"),
        story(after="<figure><figcaption>" + "A. " * 300 + "</figcaption></figure>" * 500),
        story(after="Foto: " * 100_000),
        story(after="<p>" + "A/" * 50_000 + "</p>"),
        story(after="<p>" + "1 de " * 50_000 + "</p>"),
    ],
    ids=lambda body: str(len(body)),
)  # fmt: skip
def test_large_and_repetitive_pages_end_soon(body: str) -> None:
    began = time.process_time()
    tried(body.encode())
    assert time.process_time() - began < 10  # seconds; the dearest takes about 2


def test_links_and_lines_are_bounded_on_a_page_of_nothing_else() -> None:
    after = "<p>Quelle: <a href='https://o.example/{}'>x</a></p>"
    article = tried(story(after="".join(after.format(n) for n in range(3000))).encode())
    assert article is not None
    assert len(article.source_links) <= 10
    assert len(article.lines) <= 40


def test_many_captions_are_bounded() -> None:
    figures = "".join(
        f"<figure><img src='{n}.jpg'><figcaption>Picture {n}. Foto: Ann/dpa</figcaption></figure>" for n in range(500)
    )
    article = tried(story(before=figures).encode())
    assert article is not None
    assert len(article.captions) <= 60


def test_rules_of_any_form_raise_nothing() -> None:
    rules = ExtractionRules(*[("***", "a[", "\x00", "//p")] * 5, time_zone="No/Where", language="??")
    assert extract(page(story()), rules).words > 20


def test_prose_in_an_unknown_element_is_found() -> None:
    body = "".join(f"<x-paragraph>{p}</x-paragraph>" for p in PROSE)
    assert "thirty-one winters" in extract(page(html(f"<h1>Keeper leaves</h1><x-story>{body}</x-story>"))).text
