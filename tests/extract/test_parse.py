"""Bytes become one tree, whatever their encoding; what is no page is refused with a stable reason."""

from __future__ import annotations

import gzip

import pytest

from monitor.errors import ExtractionError
from monitor.extract import extract
from monitor.extract.parse import decode, parse
from tests.extract.making import PROSE, html, page, story

RUSSIAN = "Мост через реку откроют осенью"
JAPANESE = "山あいの駅に急行列車"


def refused(body: str | bytes, **fields: object) -> str:
    with pytest.raises(ExtractionError) as caught:
        extract(page(body, **fields))
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (RUSSIAN.encode(), "text/html", RUSSIAN),
        (RUSSIAN.encode(), "text/html; charset=iso-8859-1", RUSSIAN),  # servers often declare the wrong one
        (RUSSIAN.encode("cp1251"), "text/html; charset=windows-1251", RUSSIAN),
        (b'<meta charset="windows-1251">' + RUSSIAN.encode("cp1251"), "", '<meta charset="windows-1251">' + RUSSIAN),
        (b"\xef\xbb\xbf" + RUSSIAN.encode(), "text/html; charset=koi8-r", RUSSIAN),
        (b"\xff\xfe" + RUSSIAN.encode("utf-16-le"), "", RUSSIAN),
        (b"\xfe\xff" + RUSSIAN.encode("utf-16-be"), "", RUSSIAN),
        (JAPANESE.encode("shift_jis"), "text/html; charset=Shift_JIS", JAPANESE),
        (JAPANESE.encode("iso-2022-jp"), "text/html; charset=iso-2022-jp", JAPANESE),
        (JAPANESE.encode("euc-jp"), "text/html; charset=euc-jp", JAPANESE),
        ("“größer”".encode("cp1252"), "text/html; charset=ISO-8859-1", "“größer”"),  # as browsers read it
        ("größer".encode("latin-1"), "text/html; charset=no-such-thing", "größer"),
    ],
)
def test_bytes_are_decoded_as_a_browser_would(body: bytes, content_type: str, expected: str) -> None:
    assert decode(body, content_type) == expected


def test_a_few_broken_bytes_do_not_spoil_a_page() -> None:
    body = (story() + "<p>gr\u00fc\u00dfe</p>" * 40).encode() + b"\xc3"
    assert "thirty-one winters" in extract(page(body, content_type="text/html; charset=utf-8")).text


@pytest.mark.parametrize("codec", ["hex", "zlib_codec", "base64", "rot13", "idna", "punycode", "undefined"])
def test_a_declared_charset_that_is_no_charset_is_ignored(codec: str) -> None:
    assert decode("größer".encode("latin-1"), f"text/html; charset={codec}")


@pytest.mark.parametrize(
    ("body", "fields", "reason"),
    [
        ("", {}, "empty"),
        (" \n\t ", {}, "empty"),
        ("<html></html>", {}, "empty"),
        ("just words, no tag at all", {}, "not-html"),
        ("a < b and c > d", {}, "not-html"),
        (b"%PDF-1.7 ...", {}, "not-html"),
        (b"\x89PNG\r\n\x1a\n....", {}, "not-html"),
        (gzip.compress(b"<html>", mtime=0), {}, "not-html"),
        (story(), {"content_type": "application/pdf"}, "not-html"),
        (story(), {"content_type": "image/png"}, "not-html"),
        (b"<html><p>" + bytes(range(7)) * 2000, {}, "bad-encoding"),
        (html("<p></p><div></div>"), {}, "no-text"),
        (html("<article><h1>Short notice</h1><p>Closed today.</p></article>"), {}, "too-short"),
        ("<html><body>" + "<div>" * 10_000 + PROSE[0], {}, "too-deep"),
        ("<html><body>" + "<b><i>" * 5_000 + PROSE[0], {}, "too-deep"),
    ],
)
def test_what_is_no_article_is_refused_with_a_stable_reason(
    body: str | bytes, fields: dict[str, str], reason: str
) -> None:
    assert refused(body, **fields) == reason


def test_control_characters_and_their_references_are_dropped() -> None:
    tree = parse(page("<html><body><p>a\x00b\x0bc&#1;d&#x1f;e&#31f&#127;g&#10;h&#128;</p></body></html>"))
    assert tree.findtext(".//p") == "abcdefg\nh€"


def test_entities_are_never_expanded_or_fetched(tmp_path: object) -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    text = extract(page(bomb + story(after="<p>Three bells &b; rang &x; at noon for the keeper, twice.</p>"))).text
    assert "haha" not in text
    assert "root:" not in text
