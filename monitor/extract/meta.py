"""What the head and the microdata of a page say: meta and link elements, itemprop attributes, base, html lang."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.html import HtmlElement

from monitor.text import clean

_MOST = 600  # meta elements that are read
# itemprop values that are read outside the head; an element's content, datetime or text is its value.
_ITEMPROPS = frozenset({"datepublished", "datemodified", "datecreated", "headline", "author", "isbasedon"})


@dataclass(frozen=True, slots=True)
class Head:
    """Values by lower-case name, in order; links by rel."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    lang: str = ""
    base: str = ""

    def first(self, *names: str) -> str:
        """The first value of the first name that has one."""
        for name in names:
            for value in self.meta.get(name, ()):
                if value:
                    return value
        return ""

    def all(self, *names: str) -> list[str]:
        return [value for name in names for value in self.meta.get(name, ()) if value]

    def item(self, name: str) -> str:
        return next(iter(self.items.get(name, ())), "")


def read_head(tree: HtmlElement) -> Head:
    """One pass each over meta, link and itemprop elements, wherever they stand: broken heads spill into the body."""
    meta: dict[str, list[str]] = {}
    for number, element in enumerate(tree.iter("meta")):
        if number > _MOST:
            break
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        content = element.get("content")
        if name and content:
            meta.setdefault(name.strip().lower(), []).append(clean(content)[:5000])
    links: dict[str, list[str]] = {}
    for element in tree.iter("link"):
        href, rel = element.get("href"), element.get("rel")
        if href and rel:
            for word in rel.lower().split():
                links.setdefault(word, []).append(href.strip())
    title = next((clean(element.text_content()) for element in tree.iter("title") if element.text), "")
    base = next((element.get("href", "") for element in tree.iter("base")), "")
    lang = tree.get("lang") or tree.get("xml:lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    return Head(meta, links, _items(tree), title[:1000], clean(lang)[:20], base.strip())


def _items(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, element in enumerate(tree.xpath(".//*[@itemprop][not(self::meta and ancestor::head)]")):
        if number > _MOST:
            break
        for name in (element.get("itemprop") or "").lower().split():
            if name in _ITEMPROPS:
                value = element.get("content") or element.get("datetime") or element.get("href") or ""
                if not value and name != "author":
                    value = element.text_content()[:500]
                if not value and name == "author":
                    inner = element.find('.//*[@itemprop="name"]')
                    value = "" if inner is None else inner.get("content") or inner.text_content()[:300]
                    value = value or element.text_content()[:300]
                found.setdefault(name, []).append(clean(value))
    return found
