"""Content held apart comes back as it was, and only to its own entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discovery.feed import parse_feed
from monitor.discovery.held import Held
from monitor.text import digest

HEAD = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'


def feed(*contents: str) -> str:
    items = (
        f"<item><title>{n}</title><link>https://blatt.example/{n}</link>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded></item>"
        for n, content in enumerate(contents)
    )
    return f"{HEAD}{''.join(items)}</channel></rss>"


def contents(text: str) -> list[str | None]:
    result = parse_feed("https://blatt.example/feed", {}, text.encode(), full_content=True)
    return [link.content for link in result.links]


def test_each_entry_gets_its_own_content_back() -> None:
    texts = [f"<p>Meldung {n}: 5 & 6 <b>fett</b> &amp; &copy=3</p>" for n in range(12)]
    assert contents(feed(*texts)) == texts


def test_no_entry_can_name_the_content_of_another() -> None:
    text = feed("<p>geheim</p>", "0", ":0", f"{digest('x')}:0")
    assert contents(text)[1:] == ["0", ":0", f"{digest('x')}:0"]
    assert Held(text).back(f"{digest(text)}:{'9' * 30}x") == f"{digest(text)}:{'9' * 30}x"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<p>GrÃ¼Ã\x9fe aus Oderfeld</p>", "<p>Grüße aus Oderfeld</p>"),
        ("<p>\x84Guten Tag\x93 \x96 sagte sie</p>", "<p>„Guten Tag“ – sagte sie</p>"),
        ("<p>Grüße „aus“ Oderfeld</p>", "<p>Grüße „aus“ Oderfeld</p>"),
    ],
    ids=["written-twice", "windows-numbers", "well"],
)
def test_what_the_parser_mends_is_mended(written: str, read: str) -> None:
    assert contents(feed(written)) == [read]


def test_a_section_that_is_not_closed_is_left_to_the_parser() -> None:
    text = feed("<p>erste</p>") + "<item><content:encoded><![CDATA[<p>ohne Ende"
    assert Held(text).text.endswith("ohne Ende")
    assert contents(text)[:1] == ["<p>erste</p>"]


LETTERS = st.characters(min_codepoint=0x100, codec="utf-8") | st.sampled_from("aZ 09<>&;:/![]\n")


@given(st.text(LETTERS, max_size=80).filter(lambda text: "]]>" not in text))
def test_any_content_comes_back_but_for_white_space_at_its_ends(content: str) -> None:
    held = Held(feed(content))
    mark = held.text.partition("<![CDATA[")[2].partition("]]>")[0]
    assert held.back(mark) == content.strip()
    assert Held(feed("x")).back(mark) == mark
