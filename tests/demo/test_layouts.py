"""The pages: deterministic, escaped, different in the ways that real sites differ."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from monitor.demo.layouts import article_page, home_page
from monitor.demo.layouts.bodies import feed_content, post_content
from monitor.demo.records import Article, View
from monitor.demo.world import load_content
from tests.demo.conftest import NOW

VOID = {"meta", "link", "img", "input", "br", "hr"}


class _Balance(HTMLParser):
    """Raises when an end tag closes something else than the last open element."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("link", "a"):
            self.links.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> _Balance:
    parser = _Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser


def pages(views: dict[str, View]) -> list[tuple[View, Article, str]]:
    return [(view, article, article_page(view, article)) for view in views.values() for article in view.articles]


def test_every_page_is_well_formed(views: dict[str, View]) -> None:
    for view, article, html in pages(views):
        read(html)
        read(f"<div>{post_content(view, article)}</div>")
        read(f"<div>{feed_content(view, article)}</div>")
    for view in views.values():
        read(home_page(view))


def test_the_same_moment_gives_the_same_bytes(views: dict[str, View]) -> None:
    again = load_content(NOW)
    for view in views.values():
        twin = replace(view, articles=again.of_site(view.site.id))
        assert home_page(twin) == home_page(view)
        for one, other in zip(twin.articles, view.articles, strict=True):
            assert article_page(twin, one) == article_page(view, other)


def test_home_pages_name_their_feed_and_link_every_article(views: dict[str, View]) -> None:
    for view in views.values():
        links = read(home_page(view)).links
        feeds = [one["href"] for one in links if one.get("rel") == "alternate"]
        assert len(feeds) == 1
        assert (feeds[0] or "").startswith(view.base)
        assert {article.path for article in view.articles} <= {one.get("href") for one in links}
        api = [one["href"] for one in links if one.get("rel") == "https://api.w.org/"]
        assert api == ([f"{view.base}/wp-json/"] if view.site.wordpress else [])


def test_one_republisher_calls_the_original_canonical(views: dict[str, View]) -> None:
    foreign = set()
    for view, article, html in pages(views):
        [canonical] = [one["href"] for one in read(html).links if one.get("rel") == "canonical"]
        if canonical != view.url(article):
            assert canonical == view.original_url(article)
            foreign.add(article.site)
    assert foreign == {"yelken-postasi"}


def test_pages_differ_in_where_they_say_when(views: dict[str, View]) -> None:
    marks = {
        "json-ld": '"datePublished":',
        "meta": "article:published_time",
        "time": "<time",
        "microdata": 'itemprop="datePublished"',
    }
    shown = {article.key: {name for name, mark in marks.items() if mark in html} for _, article, html in pages(views)}
    assert shown["oderfelder-bote/molkerei-aus-fuer-brunnthalen"] == {"time"}
    assert shown["oderfelder-bote/freibad-foerderverein"] == set()
    assert shown["kranich-draht/werlasteg-wieder-offen"] == {"json-ld", "meta", "time"}
    assert shown["isthmus-daily/sahil-yolu-panel"] == {"microdata", "meta"}


def test_an_address_can_carry_the_date(views: dict[str, View]) -> None:
    article = next(one for one in views["oderfelder-bote"].articles if one.slug == "freibad-foerderverein")
    assert article.path == "/lokales/2025/03/11/freibad-foerderverein.html"


def test_the_page_of_the_seeds_shape_has_all_its_parts(views: dict[str, View]) -> None:
    view = views["yelken-postasi"]
    article = next(one for one in view.articles if one.slug.startswith("karvonien"))
    html = article_page(view, article)
    for part in ("Home", "Nachricht", "td-post-share-count", "-/Staatskanzlei Karvonien/dpa", ">Kaynak</a>",
                 "LEAVE A REPLY", "Please enter your comment!", "Please enter your name here"):  # fmt: skip
        assert part in html
    assert 'lang="tr"' in html
    assert f'href="{view.addresses["kranich-draht"]}/de/fischereiabkommen-karvonien-selurien.html"' in html


def test_a_change_is_dated_where_the_page_dates_itself(views: dict[str, View]) -> None:
    for view in views.values():
        article = next(one for one in view.articles if one.dates)
        edited = replace(article, modified_at=NOW)
        assert article_page(view, edited).count("2025-03-12T") > article_page(view, article).count("2025-03-12T")


def test_text_is_text_whatever_it_holds(views: dict[str, View]) -> None:
    nasty = '</script><script>alert(1)</script> & "quotes" $body ${x} {y}'
    for view in views.values():
        article = replace(
            view.articles[0], title=nasty, paragraphs=(nasty,), byline=nasty, trailer=nasty, section=nasty,
            authors=(nasty,), author_in=("json-ld", "meta"), source_label="",
        )  # fmt: skip
        shown = replace(view, articles=(article,))
        assert "<script>alert" not in article_page(shown, article)
        assert "<script>alert" not in home_page(shown)
        assert "$body ${x} {y}" in article_page(shown, article)
