"""HTML pages of the sites, one module per layout: article and home page, with the furniture that real ones carry."""

from __future__ import annotations

from collections.abc import Callable

from monitor.demo.layouts import agency, blog, newspaper, portal, republisher
from monitor.demo.records import Article, View

_ARTICLE: dict[str, Callable[[View, Article], str]] = {
    "agency": agency.article_page,
    "blog": blog.article_page,
    "newspaper": newspaper.article_page,
    "portal": portal.article_page,
    "republisher": republisher.article_page,
}
_HOME: dict[str, Callable[[View], str]] = {
    "agency": agency.home_page,
    "blog": blog.home_page,
    "newspaper": newspaper.home_page,
    "portal": portal.home_page,
    "republisher": republisher.home_page,
}


def article_page(view: View, article: Article) -> str:
    """The article's page in the layout of its site. Same view and article, same page."""
    return _ARTICLE[view.site.layout](view, article)


def home_page(view: View) -> str:
    """The front page: names the feeds (rel=alternate) and the API, links every article."""
    return _HOME[view.site.layout](view)
