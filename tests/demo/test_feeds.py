"""Feeds as a feed reader reads them."""

from __future__ import annotations

import calendar
import json
from datetime import UTC, datetime

import feedparser
import pytest

from monitor.demo.feeds import feed
from monitor.demo.records import View


@pytest.mark.parametrize("site", ["kranich-draht", "oderfelder-bote", "yelken-postasi", "larkmere-notebook"])
def test_xml_feeds_are_well_formed_and_complete(views: dict[str, View], site: str) -> None:
    view = views[site]
    body, kind = feed(view)
    parsed = feedparser.parse(body.encode(), response_headers={"content-type": kind})
    assert not parsed.bozo
    assert parsed.version == {"atom": "atom10", "rss": "rss20"}[view.site.feed]
    assert [(one.link, one.title) for one in parsed.entries] == [
        (view.url(article), article.title) for article in view.articles
    ]
    for entry, article in zip(parsed.entries, view.articles, strict=True):
        if article.feed_date:
            moment = datetime.fromtimestamp(calendar.timegm(entry.published_parsed), UTC)
            assert moment == article.published_at
        else:
            assert "published_parsed" not in entry


def test_the_json_feed_carries_whole_articles(views: dict[str, View]) -> None:
    view = views["isthmus-daily"]
    body, kind = feed(view)
    answer = json.loads(body)
    assert kind == "application/feed+json"
    assert answer["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in answer["items"]] == [view.url(article) for article in view.articles]
    for item, article in zip(answer["items"], view.articles, strict=True):
        assert item["content_html"].count("<p") >= len(article.paragraphs)
        assert datetime.fromisoformat(item["date_published"]) == article.published_at


def test_an_empty_site_still_has_a_feed(views: dict[str, View]) -> None:
    for view in views.values():
        empty = View(view.site, view.addresses, ())
        body, _ = feed(empty)
        assert view.site.name in body
