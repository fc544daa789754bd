"""NewsML-G2 (IPTC, https://iptc.org/std/NewsML-G2/): bytes -> items. Pure; nothing is fetched, no entity is resolved.

A file is one newsItem or packageItem, or a newsMessage that holds any number. Names are compared without their
namespace: agencies mix versions of it. Text is read from inlineXML (XHTML, NITF) or inlineData; of several forms of
one text the first that has any. remoteContent is an address of something else, and left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from monitor.errors import InputError
from monitor.text import clean, clean_paragraphs

LARGEST_FILE = 50_000_000  # bytes; a tree takes some ten times as much memory
LONGEST_TEXT = 2_000_000  # characters of one item; the longest of a real wire are tables of some 100,000
WITHDRAWN = frozenset({"canceled", "cancelled", "withheld", "killed"})  # IPTC's pubstatus codes, and a common slip

_BLOCKS = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "tr", "blockquote", "pre", "hl2", "div", "section",
     "figcaption", "block", "article", "body", "body.content", "ul", "ol", "table", "tbody", "element")
)  # fmt: skip
_UNREAD = frozenset(("script", "style", "head", "title", "body.head", "body.end", "figure", "media", "template"))
_CELLS = frozenset(("td", "th"))


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One item as the agency sent it. `text`: paragraphs separated by one empty line, empty where it has none."""

    guid: str
    version: int = 1
    kind: str = "newsItem"  # newsItem | packageItem
    headline: str = ""
    text: str = ""
    language: str = ""
    status: str = "usable"  # usable | canceled | withheld, as the agency spells it
    first_created: datetime | None = None
    version_created: datetime | None = None
    embargo: datetime | None = None
    urgency: int | None = None  # 1 (most urgent) to 9
    byline: str = ""
    note: str = ""  # to the editors: why it is withdrawn, what was corrected
    dispatch: str = ""  # the agency's own number without the revision: the end of the guid

    @property
    def withdrawn(self) -> bool:
        return self.status in WITHDRAWN


def read_newsml(data: bytes) -> Iterator[NewsItem]:
    """The items in their order. Raises InputError for what is no NewsML-G2, before the first item."""
    root = _parse(data)
    items = [one for one in root.iter(etree.Element) if _name(one) in ("newsItem", "packageItem")]
    if not items:
        raise InputError(f"no NewsML-G2: the file holds a {_shown(root)} and no newsItem")
    return map(_item, items)


def _parse(data: bytes) -> etree._Element:
    if len(data) > LARGEST_FILE:
        raise InputError(f"larger than {LARGEST_FILE} bytes")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise InputError(f"not XML: {clean(str(error))[:200]}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError("it declares a document type, which NewsML-G2 never does: refused")
    return root


def _item(item: etree._Element) -> NewsItem:
    meta, content = _child(item, "itemMeta"), _child(item, "contentMeta")
    guid = clean(item.get("guid", ""))[:1000]
    return NewsItem(
        guid=guid,
        version=_number(item.get("version")) or 1,
        kind=_name(item),
        headline=_headline(meta, content),
        text=_text(_child(item, "contentSet")),
        language=_language(item, content),
        status=_code(_child(meta, "pubStatus")) or "usable",
        first_created=_moment(_child(meta, "firstCreated")),
        version_created=_moment(_child(meta, "versionCreated")),
        embargo=_moment(_child(meta, "embargoed")),
        urgency=_number(_said(_child(content, "urgency"))),
        byline=_said(_child(content, "by"))[:500],
        note=_said(_child(meta, "edNote"))[:2000],
        dispatch=dispatch_of(guid),
    )


# --- elements --------------------------------------------------------------------------------------------------------


def _name(element: etree._Element) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _shown(element: etree._Element) -> str:
    return clean(_name(element))[:40] or "document"


def _children(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [one for one in element if _name(one) == name]


def _child(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(iter(_children(element, name)), None)


def _said(element: etree._Element | None) -> str:
    return "" if element is None else clean(" ".join(_strings(element)))


def _strings(element: etree._Element) -> Iterator[str]:
    """The text inside, in order; entities that were not resolved have none."""
    for text in element.itertext(etree.Element):
        if isinstance(text, str):
            yield text


def _code(element: etree._Element | None) -> str:
    """`stat:canceled` and `http://cv.iptc.org/newscodes/pubstatusg2/canceled` are both "canceled"."""
    if element is None:
        return ""
    code = element.get("qcode") or element.get("uri") or element.get("code") or ""
    return clean(re.split(r"[:/]", code.strip())[-1]).lower()[:100]


def _headline(meta: etree._Element | None, content: etree._Element | None) -> str:
    """The main headline; items of old systems have a title of the item only."""
    found = [(_code_of_role(one), _said(one)) for one in _children(content, "headline")]
    mains = [text for role, text in found if text and role in ("", "main", "headline")]
    others = [text for _, text in found if text]
    return (mains or others or [_said(_child(meta, "title"))])[0][:1000]


def _code_of_role(element: etree._Element) -> str:
    return re.split(r"[:/]", element.get("role", ""))[-1].lower()


def _language(item: etree._Element, content: etree._Element | None) -> str:
    named = _child(content, "language")
    tag = (
        (named.get("tag") if named is not None else "") or item.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    )
    tag = tag.strip().lower()
    return tag if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{1,8})*", tag) else ""


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"[0-9]{1,9}", text.strip()) else None


def _moment(element: etree._Element | None) -> datetime | None:
    """An XML Schema dateTime or date; without a zone it is UTC. What can't be read is not known."""
    text = _said(element)
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# --- text ------------------------------------------------------------------------------------------------------------


def _text(content: etree._Element | None) -> str:
    if content is None:
        return ""
    for one in content:
        if _name(one) == "inlineXML":
            text = clean_paragraphs(_paragraphs(one))
        elif _name(one) == "inlineData":
            text = _lines("".join(_strings(one)))
        else:
            continue
        if text:
            return text[:LONGEST_TEXT]
    return ""


def _lines(content: str) -> str:
    content = content.replace("\r\n", "\n").replace("\r", "\n")
    parts = re.split(r"\n[ \t]*\n+", content)
    return clean_paragraphs(parts if len(parts) > 2 else content.split("\n"))


def _paragraphs(root: etree._Element) -> Iterator[str]:
    """Texts of the block elements, each without the blocks inside it; a table's row is one paragraph.

    Walks with a list of its own: how deep a hostile file nests must not matter here.
    """
    pieces: list[str] = []

    def finish() -> str:
        text = "".join(pieces)
        pieces.clear()
        return text

    todo: list[etree._Element | str] = [root]
    while todo:
        one = todo.pop()
        if isinstance(one, str):
            if one == _BREAK:
                yield finish()
            else:
                pieces.append(one)
            continue
        name = _name(one)
        rest: list[etree._Element | str] = []
        if name and name not in _UNREAD:
            rest = [one.text or "", *_inside(one)]
            if name == "br":
                rest = [" "]
            elif name in _CELLS:
                rest.append(" ")
            elif name in _BLOCKS:
                rest = [_BREAK, *rest, _BREAK]
        todo.extend(reversed(rest))
    yield finish()


_BREAK = "\0"  # no XML text can hold it


def _inside(element: etree._Element) -> Iterator[etree._Element | str]:
    for child in element:
        yield child
        yield child.tail or ""


_REVISED = (
    re.compile(r"(urn:newsml:[^:]+:[^:]+:[^:]+):(\d+)[a-z]?", re.IGNORECASE),
    re.compile(r"(tag:[^:]+:[^:]+):(\d+)", re.IGNORECASE),
    re.compile(r"((?!.*//).*[\w-])/(\d{1,4})", re.DOTALL),  # a web address ends with anything
)


def dispatch_of(guid: str) -> str:
    """The item's own number in a guid, without what names the agency and the revision; empty when there is none.

    `urn:newsml:dpa.com:20090101:240516-99-53606/3` (RFC 3085: provider, date, item, here with dpa's revision) and
    `tag:reuters.com,2024:newsml_L1N37X0AB:2` (RFC 4151) are known; a plain number stays as it is.
    """
    match = re.fullmatch(r"(?:urn:newsml:[^:]+:[^:]+|tag:[^:]+):(.+)", unrevised(guid), re.IGNORECASE)
    number = match[1] if match else unrevised(guid)
    return number if re.fullmatch(r"[\w.-]+", number) else ""


def unrevised(guid: str) -> str:
    """The guid without its revision: the same for every version of one item."""
    return _revised(guid)[0]


def revision_of(guid: str) -> int:
    """The revision that a guid ends with; 0 when it names none."""
    return _revised(guid)[1]


def _revised(guid: str) -> tuple[str, int]:
    for form in _REVISED:
        if match := form.fullmatch(guid):
            return match[1], int(match[2])
    return guid, 0
