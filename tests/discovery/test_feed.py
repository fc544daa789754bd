"""RSS, RDF, Atom and JSON Feed: what becomes of them, of broken ones and of hostile ones."""

from __future__ import annotations

import contextlib
import gzip
import random
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discovery.feed import FeedResult, parse_feed
from monitor.discovery.xmltext import MOST_TAGS
from monitor.errors import DiscoveryError
from monitor.records import Link
from monitor.urls import normalise

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "discovery"
URL = "https://rundblick.example/feed.xml"
XML = {"Content-Type": "application/rss+xml"}


def at(hour: int, minute: int = 0, day: int = 16) -> datetime:
    return datetime(2024, 5, day, hour, minute, tzinfo=UTC)


def read(name: str, *, full_content: bool = False, url: str = URL) -> FeedResult:
    return parse_feed(url, XML, (FIXTURES / name).read_bytes(), full_content=full_content)


def parse(text: str | bytes, headers: dict[str, str] | None = None, *, full_content: bool = False) -> FeedResult:
    body = text.encode() if isinstance(text, str) else text
    return parse_feed(URL, XML if headers is None else headers, body, full_content=full_content)


def rss(*items: str) -> str:
    inner = "".join(f"<item>{item}</item>" for item in items)
    return f'<rss version="2.0"><channel><title>T</title>{inner}</channel></rss>'


def only(result: FeedResult) -> Link:
    assert len(result.links) == 1
    return result.links[0]


# --- RSS -------------------------------------------------------------------------------------------------------------


def test_rss_gives_normalised_links_in_order_each_once() -> None:
    feed = read("rss.xml")
    assert [link.url for link in feed.links] == [
        "https://rundblick.example/faehre",
        "https://rundblick.example/anriss",
        "https://rundblick.example/kennung",
    ]
    assert (feed.title, feed.language, feed.skipped) == ("Werlataler Rundblick & Anzeiger", "de-DE", 2)


def test_rss_hints_carry_title_times_authors_and_the_source_that_the_feed_names() -> None:
    ferry, teaser, permalink = read("rss.xml").links
    assert ferry.hint.title == "Fähre legt wieder ab – nach drei Wochen"
    assert ferry.hint.published_at == at(6, 30)
    assert ferry.hint.authors == ("Ada Beispiel", "Bert Muster")
    assert (ferry.hint.source_url, ferry.hint.source_name) == ("https://draht.example/feed", "Kranich Draht")
    assert ferry.hint.guid == "rundblick-4711"
    assert teaser.hint.published_at == at(5)
    assert teaser.hint.authors == ("Carla Probe",)
    assert permalink.hint.published_at == at(22, day=15)
    assert permalink.hint.authors == ()


def test_content_is_taken_only_when_asked_for_and_a_summary_or_a_caption_is_none() -> None:
    assert all(link.content is None for link in read("rss.xml").links)
    ferry, teaser, permalink = read("rss.xml", full_content=True).links
    assert ferry.content == (
        '<p>Die Fähre über die Werla fährt wieder.</p><p><a href="/plan">Der Fahrplan</a> gilt bis Herbst.</p>'
    )
    assert teaser.content is None
    assert permalink.content is None


def test_links_get_the_key_of_their_source() -> None:
    feed = parse_feed(URL, XML, (FIXTURES / "rss.xml").read_bytes(), source=f"feed:{URL}")
    assert {link.source for link in feed.links} == {f"feed:{URL}"}
    assert (
        only(
            parse_feed(URL, {}, b'{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/a"}]}', source="x")
        ).source
        == "x"
    )


@pytest.mark.parametrize("version", ["0.91", "0.92", "2.0"])
def test_every_version_of_rss_is_read(version: str) -> None:
    assert only(parse(rss("<link>https://rundblick.example/1</link>").replace("2.0", version)))


def test_rss_with_the_doctype_of_netscape_is_read() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/rss-0.91.dtd">'
    assert only(parse(doctype + rss("<link>https://rundblick.example/1</link>")))


def test_the_link_behind_a_counting_one_is_taken() -> None:
    item = "<link>https://feedproxy.example/~r/1</link><feedburner:origLink>https://rundblick.example/1</feedburner:origLink>"
    text = rss(item).replace("<rss ", '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" ')
    assert only(parse(text)).url == "https://rundblick.example/1"


def test_a_title_keeps_its_letters() -> None:
    item = "<link>/1</link><title>5 &lt; 6 &amp;amp; 7 &gt; 6: AT&amp;amp;T</title>"
    assert only(parse(rss(item))).hint.title == "5 < 6 & 7 > 6: AT&T"


def test_rdf_is_read_with_its_own_charset() -> None:
    body = (FIXTURES / "rdf.xml").read_text(encoding="utf-8").encode("iso-8859-1")
    link = only(parse(body, {}))
    assert (link.url, link.hint.title, link.hint.authors) == (
        "https://moor.example/1",
        "Kraniche zählen",
        ("Ida Vogt",),
    )
    assert link.hint.published_at == at(4)


# --- Atom ------------------------------------------------------------------------------------------------------------


def test_atom_takes_the_alternate_link_against_the_base_of_the_feed() -> None:
    feed = read("atom.xml", full_content=True)
    assert [link.url for link in feed.links] == [
        "https://yelken.example/haber/kopru",
        "https://yelken.example/vapur",
        "https://yelken.example/ozet",
    ]
    assert (feed.title, feed.language) == ("Yelken <Postası>", "tr")


def test_atom_hints() -> None:
    bridge, ferry, _ = read("atom.xml").links
    assert bridge.hint.title == "Köprü iki ay kapalı"
    assert (bridge.hint.published_at, bridge.hint.modified_at) == (at(9), at(9, 45))
    assert bridge.hint.authors == ("Derya Örnek",)
    assert (bridge.hint.source_url, bridge.hint.source_name) == ("https://draht.example/kopru", "Kranich Draht")
    assert ferry.hint.published_at == ferry.hint.modified_at == at(9)


def test_atom_content_is_html_whatever_its_type() -> None:
    bridge, ferry, summary = read("atom.xml", full_content=True).links
    assert bridge.content == "<p>Köprü iki ay boyunca <b>kapalı</b>.</p>"
    assert ferry.content == "<p>Vapur 5 &lt; 10 dakikada gelir.</p><p>Bekleyin.</p>"
    assert summary.content is None


# --- JSON Feed -------------------------------------------------------------------------------------------------------


def test_json_feed() -> None:
    feed = read("feed.json", full_content=True, url="https://isthmus.example/feed.json")
    assert (feed.title, feed.language, feed.skipped) == ("Isthmus Daily", "en", 2)
    canal, tide, by_id = feed.links
    assert (canal.url, canal.hint.title) == ("https://isthmus.example/canal", "Canal & lock 5 < 6 reopen")
    assert (canal.hint.published_at, canal.hint.modified_at) == (at(12), at(13, 30))
    assert canal.hint.authors == ("Jo Placeholder",)
    assert canal.hint.source_url == "https://wire.example/canal"
    assert canal.content == "<p>The canal reopens on Monday.</p>"
    assert tide.content == "<p>High tide at &lt;noon&gt;.</p><p>Low tide later.</p>"
    assert (tide.hint.guid, tide.hint.language, tide.hint.authors) == ("17", "tr", ("Sam Sample",))
    assert (by_id.url, by_id.content) == ("https://isthmus.example/by-id", None)
    assert all(link.content is None for link in read("feed.json").links)


# --- no feed, broken, hostile ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "looks"),
    [
        (b"", "the answer is empty"),
        (b" \n", "the answer is empty"),
        (b"<!doctype html><html><body>Hallo</body></html>", "a web page, not a feed"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><item>x</item></html>", "a web page"),
        (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url/></urlset>", "a sitemap, not a feed"),
        (b"<opml version='2.0'><body/></opml>", "a list of feeds (OPML), not a feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a feed but <svg>"),
        (b"just words", "not a feed, and not XML"),
        (b'{"a": 1}', "JSON, but no JSON Feed"),
        (b"[1, 2]", "JSON, but no JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "a JSON Feed without `items`"),
        (b"{nonsense", "begins like JSON and is none"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed, and not XML"),
    ],
)
def test_what_is_no_feed_is_told_by_what_it_looks_like(body: bytes, looks: str) -> None:
    with pytest.raises(DiscoveryError) as caught:
        parse(body)
    assert caught.value.message.startswith(f"{URL}: {looks}")


@pytest.mark.parametrize(
    "body",
    [
        rss("<link>/1</link>", "<link>/2</link>").replace("</channel></rss>", ""),
        rss("<title>A & B</title><link>/1</link>", "<link>/2</link>"),
        rss("<title>&nbsp;&unknown;</title><link>/1</link>", "<link>/2</link>"),
        rss("<title>x\x02y &#x3;</title><link>/1</link>", "<link>/2</link>"),
        "\n\n  " + '<?xml version="1.0"?>' + rss("<link>/1</link>", "<link>/2</link>"),
        "<b>Warning</b>: something in line 3" + rss("<link>/1</link>", "<link>/2</link>"),
        rss("<media:x>1</media:x><link>/1</link>", "<link>/2</link>"),
    ],
)
def test_a_broken_feed_is_read_as_far_as_it_goes(body: str) -> None:
    assert [link.url for link in parse(body).links] == ["https://rundblick.example/1", "https://rundblick.example/2"]


def test_an_address_with_bare_ampersands_stays_as_it_is() -> None:
    items = (
        "<link>/1?a=1&copy=2&lang=de&section=3&x</link>",
        "<link>/2?a=1&amp;copy=2</link>",
        "<link><![CDATA[/3?a=1&copy=2]]></link>",
    )
    assert [link.url for link in parse(rss(*items)).links] == [
        "https://rundblick.example/1?x&a=1&copy=2&lang=de&section=3",
        "https://rundblick.example/2?a=1&copy=2",
        "https://rundblick.example/3?a=1&copy=2",
    ]


def test_a_feed_that_lies_packed_on_the_server_is_read() -> None:
    packed = gzip.compress(rss("<link>/1</link>").encode())
    assert only(parse(packed, {"content-type": "application/gzip"}))
    with pytest.raises(DiscoveryError, match="not a feed"):
        parse(b"\x1f\x8b\x08" + packed[:3])
    with pytest.raises(DiscoveryError, match="not a feed"):
        parse(gzip.compress(b"x" * 100_000_000))


def test_a_feed_that_ends_in_the_middle_keeps_its_whole_entries() -> None:
    body = rss("<link>/1</link>", "<link>/2</link>", "<link>/3</link>")
    assert [link.url[-2:] for link in parse(body[: body.index("/3")]).links][:2] == ["/1", "/2"]


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 10}">' for n in range(9))
LINKED = rss("<title>&e8;</title><link>/1</link>")


@pytest.mark.parametrize(
    "body",
    [
        f"<!DOCTYPE rss [{BOMB}]>{LINKED}".encode(),
        f"<?xml version='1.0'?><!-- a --><!doctype rss [{BOMB.lower()}]>{LINKED}".encode(),
        f"<!DOCTYPE rss [{BOMB}]>{LINKED}".encode("utf-16"),
        f"<!DOCTYPE rss [{BOMB}]>{LINKED}".encode("utf-16-le"),
        f"<!DOCTYPE rss [{BOMB}]>{LINKED}".encode("utf-32"),
        f'<!DOCTYPE rss [<!ATTLIST a b CDATA "<rss">{BOMB}]>{LINKED}'.encode(),
        b'<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss("<title>&x;</title><link>/1</link>").encode(),
        f"{BOMB}{LINKED}".encode(),
    ],
)
def test_declared_entities_are_refused_in_every_encoding(body: bytes) -> None:
    with pytest.raises(DiscoveryError, match="declares XML entities"):
        parse(body)


def test_an_article_about_entities_is_read() -> None:
    assert only(parse(rss("<title><![CDATA[What <!ENTITY does]]></title><link>/1</link>")))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_all_its_encodings(codec: str) -> None:
    body = rss("<title>Über Łódź</title><link>/1</link>")
    assert only(parse(body.encode(codec))).hint.title == "Über Łódź"


@pytest.mark.parametrize(
    ("charset", "declared", "title"),
    [
        ("windows-1254", "", "Işık ve şehir"),
        ("", "windows-1251", "Новости дня"),
        ("", "iso-2022-jp", "新しい橋"),
        ("shift_jis", "utf-8", "新しい橋"),
        ("iso-8859-1", "", "Grüße"),
        ("", "", "Grüße"),
        ("gb2312", "", "北京日报"),
    ],
)
def test_older_charsets_by_header_or_declaration(charset: str, declared: str, title: str) -> None:
    text = rss(f"<title>{title}</title><link>/1</link>")
    if declared:
        text = f'<?xml version="1.0" encoding="{declared}"?>{text}'
    headers = {"content-type": f"text/xml; charset={charset}" if charset else "text/xml"}
    assert only(parse(text.encode(charset or declared or "cp1252"), headers)).hint.title == title


def test_utf_8_that_is_called_something_else_is_utf_8() -> None:
    body = rss("<title>Grüße</title><link>/1</link>").encode()
    assert only(parse(body, {"content-type": "text/xml; charset=iso-8859-1"})).hint.title == "Grüße"


def test_a_huge_feed_is_read_from_its_beginning_in_bounded_time() -> None:
    body = rss(*(f"<link>/{n}</link><title>T</title>" for n in range(MOST_TAGS // 4)))
    begun = time.monotonic()
    links = parse(body).links
    assert time.monotonic() - begun < 5
    assert [link.url for link in links] == [f"https://rundblick.example/{n}" for n in range(2000)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", ["<a>", "<item>", "<title>", "<![CDATA[", "<!--", "&#x", "<a b='", '<a "x ', "<!DOCTYPE "]
)
def test_endless_nonsense_costs_bounded_time(part: str) -> None:
    begun = time.monotonic()
    with contextlib.suppress(DiscoveryError):
        parse('<rss version="2.0"><channel>' + part * 300_000)
    assert time.monotonic() - begun < 20


def test_no_field_that_is_missing_is_made_up_and_nothing_is_deprecated() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hint = only(parse(rss("<link>/1</link><pubDate>Thu, 16 May 2024 08:00:00 GMT</pubDate>"))).hint
    assert (hint.published_at, hint.modified_at) == (at(8), None)
    assert only(parse(rss("<link>/1</link><pubDate>yesterday</pubDate>"))).hint.published_at is None


# --- any bytes -------------------------------------------------------------------------------------------------------

_TOKENS = [
    "<", ">", "&", "&#xD800;", "&#0;", "&#99999999;", "<![CDATA[", "]]>", "<!--", "<item>", "</item>", "<entry>",
    "<link>", "<title type='xhtml'>", "<content type='base64'>", "<author>", "<source>", "xml:base='http://['",
    "<image>", "\x00", "<georss:where>", "<gml:pos>", "<dc:date>9999-99-99", "<svg><title>",
    "<media:thumbnail url='//['/>", '"', "é", "<link href='",
]  # fmt: skip


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    text = (FIXTURES / draw(st.sampled_from(["rss.xml", "atom.xml", "rdf.xml", "feed.json"]))).read_bytes()
    rng = random.Random(draw(st.integers(0, 10**9)))
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.randint(0, 80))
        put = rng.choice([rng.choice(_TOKENS).encode(), bytes([rng.randrange(256)]), text[end : end + 200]])
        text = text[:start] + put + text[rng.choice([start, end]) :]
    return text


_KINDS = ["", "text/xml; charset=utf-7", "a; charset=punycode", "x; charset=utf-16"]


@given(
    _damaged() | st.binary(max_size=200),
    st.sampled_from(_KINDS),
)
def test_any_bytes_are_a_feed_or_a_discovery_error(body: bytes, kind: str) -> None:
    try:
        feed = parse_feed(URL, {"Content-Type": kind}, body, full_content=True)
    except DiscoveryError:
        return
    assert len({link.url for link in feed.links}) == len(feed.links)
    assert all(normalise(link.url) == link.url for link in feed.links)
    orjson.dumps([[link.hint, link.content] for link in feed.links])  # no half characters
    for moment in (link.hint.published_at for link in feed.links):
        assert moment is None or moment.tzinfo is UTC
