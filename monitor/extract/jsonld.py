"""What the JSON-LD of a page says of its own article (schema.org), however it is nested, listed or broken."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import orjson
from lxml.html import HtmlElement

from monitor.text import clean

_MOST_NODES = 4000  # objects looked at; the largest of 206 real pages has 310
_MOST_DEPTH = 24
_MOST_BYTES = 2_000_000
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Reportage|NewsItem|Review|OpinionPiece|CreativeWork)$")
_PAGE = re.compile(r"(?:WebPage|ItemPage|VideoObject)$")
_BROKEN = (
    (re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$"), ""),
    (re.compile(r",(\s*[}\]])"), r"\1"),
)

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JsonLd:
    """The article's own node, read. Dates are as written."""

    headline: str = ""
    description: str = ""
    published: str = ""
    modified: str = ""
    authors: tuple[str, ...] = ()
    publisher: str = ""
    copyright: str = ""
    section: str = ""
    keywords: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    based_on: tuple[str, ...] = ()
    image: str = ""
    image_captions: tuple[tuple[str, str], ...] = ()  # (caption, credit) of the article's pictures
    body: str = ""
    site_name: str = ""
    is_article: bool = False
    listing: bool = False  # only says what a section or home page says


def read_jsonld(tree: HtmlElement, title: str = "", url: str = "") -> JsonLd:
    """Never raises: a script that can't be read is passed over. `title` and `url` tell the own article from others."""
    nodes: list[tuple[Node, int]] = []
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower() and script.text:
            nodes.extend(_nodes(_load(script.text)))
            if len(nodes) > _MOST_NODES:
                break
    if not nodes:
        return JsonLd()
    by_id = {str(node["@id"]): node for node, _ in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
    own = _own(nodes, title, url)
    types = {kind for node, _ in nodes for kind in _types(node)}
    site = next((_name(node) for node, _ in nodes if "WebSite" in _types(node) and _name(node)), "")
    if own is None:
        return JsonLd(site_name=site, listing="CollectionPage" in types or "ItemList" in types)
    return _read(own, by_id, site)


def _load(text: str) -> Any:
    if len(text) > _MOST_BYTES:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    for pattern, replacement in _BROKEN:
        text = pattern.sub(replacement, text.strip())
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(unescape(text), strict=False)
    except (ValueError, RecursionError):
        return None


def _nodes(root: Any) -> Iterator[tuple[Node, int]]:
    """Objects with a type, outermost first, with their depth; bounded."""
    queue: list[tuple[Any, int]] = [(root, 0)]
    for seen, (value, depth) in enumerate(queue):
        if seen > _MOST_NODES:
            return
        if isinstance(value, dict):
            if "@type" in value or "headline" in value:
                yield value, depth
            if depth < _MOST_DEPTH:
                queue.extend((inner, depth + 1) for inner in value.values() if isinstance(inner, dict | list))
        elif isinstance(value, list) and depth < _MOST_DEPTH:
            queue.extend((inner, depth) for inner in value[:500] if isinstance(inner, dict | list))


def _types(node: Node) -> list[str]:
    kind = node.get("@type")
    if isinstance(kind, str):
        return [kind.rsplit("/", 1)[-1].rsplit(":", 1)[-1]]
    return [k for k in kind if isinstance(k, str)] if isinstance(kind, list) else []


def _own(nodes: list[tuple[Node, int]], title: str, url: str) -> Node | None:
    """The node of the page's own article: by its title and address, then the outermost, then the one that says most."""
    best: tuple[float, Node] | None = None
    for number, (node, depth) in enumerate(nodes):
        types = _types(node)
        article = any(_ARTICLE.search(kind) for kind in types)
        if not article and not any(_PAGE.search(kind) for kind in types):
            continue
        headline = _text(node.get("headline")) or (_text(node.get("name")) if article else "")
        score = 4.0 if article else 0.0
        score += sum(
            1.0 for key in ("headline", "datePublished", "author", "articleBody", "publisher") if node.get(key)
        )
        score -= min(depth, 6) * 1.5 + number * 0.01
        if headline and title and (headline.casefold() in title.casefold() or title.casefold() in headline.casefold()):
            score += 6
        if url and url in (_text(node.get("url")), _reference(node.get("mainEntityOfPage"))):
            score += 4
        if (best is None or score > best[0]) and score > 0:
            best = (score, node)
    return best[1] if best else None


def _read(node: Node, by_id: dict[str, Node], site: str) -> JsonLd:
    article = any(_ARTICLE.search(kind) for kind in _types(node))
    pictures = [p for p in _resolved(node.get("image"), by_id) if isinstance(p, dict)]
    captions = ((_text(p.get("caption")) or _text(p.get("description")), _credit(p, by_id)) for p in pictures[:20])
    source = node.get("isBasedOn") or node.get("isBasedOnUrl")
    return JsonLd(
        headline=_text(node.get("headline")) or (_text(node.get("name")) if article else ""),
        description=_text(node.get("description")),
        published=_text(node.get("datePublished")) or _text(node.get("dateCreated")) or _text(node.get("uploadDate")),
        modified=_text(node.get("dateModified")),
        authors=tuple(dict.fromkeys([*_names(node.get("author"), by_id), *_names(node.get("creator"), by_id)])),
        publisher=next(iter(_names(node.get("publisher") or node.get("sourceOrganization"), by_id)), ""),
        copyright=next(iter(_names(node.get("copyrightHolder"), by_id)), "") or _text(node.get("copyrightNotice")),
        section=next(iter(_strings(node.get("articleSection"))), ""),
        keywords=tuple(_strings(node.get("keywords")))[:60],
        language=_language(node.get("inLanguage")),
        url=_text(node.get("url")) or _reference(node.get("mainEntityOfPage")),
        based_on=tuple(link for value in _listed(source) if (link := _reference(value))),
        image=next((link for p in _resolved(node.get("image"), by_id) if (link := _reference(p))), ""),
        image_captions=tuple((text, credit) for text, credit in captions if text or credit),
        body=_long(node.get("articleBody")),
        site_name=site,
        is_article=article,
    )


def _listed(value: Any) -> list[Any]:
    return value[:100] if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("@value", "")
    return clean(unescape(value))[:5000] if isinstance(value, str) else ""


def _long(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> list[str]:
    found = [_text(item) or (_name(item) if isinstance(item, dict) else "") for item in _listed(value)]
    if len(found) == 1 and "," in found[0]:
        found = [part.strip() for part in found[0].split(",")]
    return [item for item in found if item]


def _name(node: Node) -> str:
    return _text(node.get("name")) or _text(node.get("legalName"))


def _resolved(value: Any, by_id: dict[str, Node]) -> list[Any]:
    """The values, references to other nodes followed once."""
    return [
        by_id.get(str(item["@id"]), item) if isinstance(item, dict) and set(item) <= {"@id", "@type"} and "@id" in item
        else item
        for item in _listed(value)
    ]  # fmt: skip


def _names(value: Any, by_id: dict[str, Node]) -> list[str]:
    found: list[str] = []
    for item in _resolved(value, by_id):
        if isinstance(item, str):
            found.append(_text(item))
        elif isinstance(item, dict):
            name = item.get("name")
            found.extend(_text(part) for part in (name if isinstance(name, list) else [name]))
    return [name[:300] for name in found if name]


def _credit(picture: Node, by_id: dict[str, Node]) -> str:
    for key in ("creditText", "copyrightNotice"):
        if found := _text(picture.get(key)):
            return found
    for key in ("author", "creator", "copyrightHolder"):
        if names := _names(picture.get(key), by_id):
            return ", ".join(names)
    return ""


def _language(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("alternateName") or value.get("name")
    return _text(value)[:20]


def _reference(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, dict):
        value = value.get("url") or value.get("@id") or value.get("contentUrl") or ""
    found = _text(value)
    return found if found.startswith(("http://", "https://", "/")) else ""
