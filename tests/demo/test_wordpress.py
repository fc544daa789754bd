"""The REST API as WordPress answers it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.demo import wordpress
from monitor.demo.records import View
from monitor.demo.wordpress import POSTS, Answer


@pytest.fixture
def view(views: dict[str, View]) -> View:
    return views["larkmere-notebook"]


def posts(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200
    found: list[dict[str, Any]] = json.loads(answer.body)
    return found


def code(answer: Answer) -> tuple[int, str]:
    body = json.loads(answer.body)
    assert body["data"]["status"] == answer.status
    return answer.status, body["code"]


def test_pages_together_hold_every_post_once(view: View) -> None:
    seen = []
    for page in (1, 2, 3):
        answer = wordpress.answer(view, POSTS, {"page": str(page), "per_page": "2"})
        assert answer.headers == {"X-WP-Total": "5", "X-WP-TotalPages": "3"}
        seen += [post["id"] for post in posts(answer)]
    assert seen == [article.number for article in view.articles]


def test_a_page_behind_the_last_is_an_error_that_names_itself(view: View) -> None:
    answer = wordpress.answer(view, POSTS, {"page": "4", "per_page": "2"})
    assert code(answer) == (400, "rest_post_invalid_page_number")


@pytest.mark.parametrize(
    "query",
    [{"per_page": "101"}, {"per_page": "0"}, {"page": "x"}, {"include": "1,b"}, {"orderby": "luck"}, {"after": "then"}],
)
def test_wrong_parameters_are_refused(view: View, query: dict[str, str]) -> None:
    assert code(wordpress.answer(view, POSTS, query)) == (400, "rest_invalid_param")


def test_posts_can_be_asked_for_by_number(view: View) -> None:
    wanted = [view.articles[3].number, view.articles[1].number]
    answer = wordpress.answer(view, POSTS, {"include": ",".join(map(str, wanted)) + ",999999999", "per_page": "100"})
    assert sorted(post["id"] for post in posts(answer)) == sorted(wanted)
    one = wordpress.answer(view, f"{POSTS}/{wanted[0]}", {})
    assert json.loads(one.body)["id"] == wanted[0]
    assert code(wordpress.answer(view, f"{POSTS}/999999999", {})) == (404, "rest_post_invalid_id")
    assert code(wordpress.answer(view, "/wp-json/wp/v2/nonsense", {})) == (404, "rest_no_route")


def test_a_post_tells_both_times_and_its_content(view: View) -> None:
    [post] = posts(wordpress.answer(view, POSTS, {"per_page": "1", "_embed": "author"}))
    article = view.articles[0]
    assert post["date_gmt"] == article.published_at.replace(tzinfo=None).isoformat()
    assert post["link"] == view.url(article)
    assert "&#x27;" in post["title"]["rendered"]
    assert post["content"]["protected"] is False
    assert post["content"]["rendered"].count("<p>") >= len(article.paragraphs)
    assert post["_embedded"]["author"][0]["name"] == "Winnie Ashgrove"


def test_only_the_fields_asked_for_are_sent(view: View) -> None:
    answer = wordpress.answer(view, POSTS, {"_fields": "id,title.rendered,_embedded", "per_page": "1"})
    assert posts(answer)[0].keys() == {"id", "title"}


def test_changed_posts_can_be_asked_for(view: View) -> None:
    old = view.articles[-1]
    moment = view.articles[0].published_at + timedelta(minutes=5)
    edited = replace(view, articles=(*view.articles[:-1], replace(old, modified_at=moment)))
    asked = {"modified_after": view.articles[0].published_at.isoformat(), "orderby": "modified"}
    assert [post["id"] for post in posts(wordpress.answer(edited, POSTS, asked))] == [old.number]
    newest = posts(wordpress.answer(edited, POSTS, {"orderby": "modified", "per_page": "1"}))
    assert newest[0]["modified_gmt"] == moment.replace(tzinfo=None).isoformat()
