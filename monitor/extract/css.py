"""CSS selectors of a site file on a tree. One that is invalid or matches nothing counts as not given."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement


@lru_cache(maxsize=2000)
def _compiled(selector: str) -> CSSSelector | None:
    try:
        return CSSSelector(selector, translator="html")
    except SelectorError:
        return None


def select(tree: HtmlElement, selectors: Sequence[str]) -> list[HtmlElement]:
    """Elements in the order of the selectors, each once."""
    found: dict[HtmlElement, None] = {}
    for selector in selectors:
        compiled = _compiled(selector)
        if compiled is not None:
            found.update(dict.fromkeys(compiled(tree)))
    return list(found)
