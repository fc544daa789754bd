"""Bytes of a page -> one lxml tree. Nothing is fetched, no entity is resolved, depth is limited by libxml2."""

from __future__ import annotations

import codecs
import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser
from trafilatura.utils import detect_encoding

from monitor.errors import ExtractionError
from monitor.records import Page

# libxml2 stops at 256 open elements; the deepest of 206 real news pages has 61.
_TOO_DEEP = "ERR_RESOURCE_LIMIT"
_FEW = 20  # bytes above ASCII
_SAMPLE = 20_000  # characters that are looked at to tell text from binary
_MOST_UNREADABLE = 0.05  # share of replacement characters; a wrong charset gives 0.01-0.03, a picture over 0.3
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])  # what no HTML text may hold (and XML can't)
_BINARY_SIGNS = re.compile(r"[\x00-\x06]")
_CONTROL_REFERENCE = re.compile(
    rb"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF])(?![0-9a-fA-F]));?"
)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# What browsers read under these names (WHATWG Encoding Standard, section 4.2).
_READ_AS = {
    "iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252", "ascii": "cp1252",
    "us-ascii": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949", "shift_jis": "cp932", "x-sjis": "cp932", "tis-620": "cp874", "iso-8859-11": "cp874",
    "utf8": "utf-8", "unicode": "utf-16-le", "utf-16": "utf-16-le", "x-user-defined": "cp1252",
}  # fmt: skip
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "undefined", "raw-unicode-escape", "unicode-escape", "utf-7", "mbcs", "oem"}
)
# ISO-2022-JP is ASCII with escape sequences and would pass as UTF-8; UTF-16 of Latin text is half zeros.
_LOOKS_LIKE_UTF8 = ("iso-2022-jp", "utf-16-le", "utf-16-be")
_NOT_HTML = ("image/", "audio/", "video/", "font/", "application/pdf", "application/zip", "application/json",
             "application/octet-stream", "application/javascript", "text/css", "text/javascript")  # fmt: skip
_BINARY = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00\x18ftyp")
_TAG = re.compile(rb"<[a-zA-Z!][^<>]{0,2000}>")


def _parser() -> HTMLParser:
    parser = HTMLParser(
        collect_ids=False,
        default_doctype=False,
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        no_network=True,
    )
    # lxml.html asks a Python function for the class of every element; one class for all of them costs a third less.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def decode(body: bytes, content_type: str = "") -> str:
    """The text of the bytes: byte order mark, valid UTF-8, then header, meta, guess. Raises ExtractionError.

    UTF-8 goes before what is declared, since other encodings of non-ASCII text are hardly ever valid UTF-8,
    and servers often declare the wrong one.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _readable(body[len(mark) :].decode(name, "replace"))
    declared = _declared(body, content_type)
    if declared not in _LOOKS_LIKE_UTF8:
        try:
            return _readable(body.decode("utf-8"))
        except UnicodeDecodeError:
            if _nearly_utf8(body):
                return _readable(body.decode("utf-8", "replace"))
    for name in (declared,) if declared and declared != "utf-8" else _guesses(body):
        try:
            return _readable(body.decode(name))
        except (LookupError, UnicodeDecodeError):
            continue
    return _readable(body.decode(_known(declared or "utf-8"), "replace"))


def _guesses(body: bytes) -> list[str]:
    """Names to try in order. A guess needs some bytes to go by: of a few umlauts it makes Arabic."""
    high = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return [*detect_encoding(body), "cp1252"] if high >= _FEW else ["cp1252"]


def _nearly_utf8(body: bytes) -> bool:
    """UTF-8 with a few broken bytes: most of what is not ASCII is valid still. Of other encodings nearly nothing is."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return broken < len(text) - broken - sum(map(str.isascii, text))


def _declared(body: bytes, content_type: str) -> str:
    header = _HEADER_CHARSET.search(content_type)
    meta = _META_CHARSET.search(body, 0, 4096)
    for found in (header[1] if header else "", meta[1].decode("ascii", "replace") if meta else ""):
        name = _READ_AS.get(found.lower(), found.lower())
        if name and _known(name) == name:
            return name
    return ""


def _known(name: str) -> str:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return "cp1252"
    # Codecs such as "hex" turn bytes into bytes, others are no charsets of pages.
    return name if getattr(codec, "_is_text_encoding", True) and codec.name not in _NO_CHARSETS else "cp1252"


def _readable(text: str) -> str:
    sample = text[:_SAMPLE]
    bad = sample.count("\ufffd") + len(_BINARY_SIGNS.findall(sample))
    if sample and bad > len(sample) * _MOST_UNREADABLE:
        raise ExtractionError(
            "the bytes are no text in any encoding that was declared or guessed", reason="bad-encoding"
        )
    return text


def parse(page: Page) -> HtmlElement:
    """The page's tree, <html> at its root, without comments. Raises ExtractionError: not-html, empty, too-deep."""
    kind = page.content_type.lower().strip()
    if page.kind == "page" and (kind.startswith(_NOT_HTML) or page.body.lstrip()[:16].startswith(_BINARY)):
        raise ExtractionError(f"not an HTML page ({kind or 'by its first bytes'})", reason="not-html")
    if not page.body.strip():
        raise ExtractionError("the page is empty", reason="empty")
    data = decode(page.body, kind).encode("utf-8", "replace").translate(None, _CONTROL)
    if b"&#" in data:
        data = _CONTROL_REFERENCE.sub(b"", data)
    if page.kind == "page" and not _TAG.search(data):
        raise ExtractionError("not an HTML page: no tag in it", reason="not-html")
    return parse_bytes(b"<html><body>" + data if page.kind == "fragment" else data)


def parse_bytes(data: bytes) -> HtmlElement:
    """UTF-8 bytes -> tree. Raises ExtractionError (empty, too-deep)."""
    parser = _parser()
    try:
        tree: HtmlElement | None = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ExtractionError(f"nothing to parse: {error}", reason="empty") from error
    if any(entry.type_name == _TOO_DEEP for entry in parser.error_log.filter_from_fatals()):
        raise ExtractionError("elements are nested deeper than 256", reason="too-deep")
    if tree is None or len(tree) == 0:
        raise ExtractionError("the page is empty", reason="empty")
    return tree
