"""The served world: conditional GET, faults, changes while it runs."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import pytest

from monitor.demo import server
from monitor.demo.handler import Manners
from monitor.demo.server import RunningWorld, World
from monitor.demo.world import new_article
from monitor.errors import MonitorError, NotFound
from tests.demo.conftest import NOW


class Got:
    """One answer, read to its end."""

    def __init__(self, url: str, method: str = "GET", **headers: str) -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        try:
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, headers={key.replace("_", "-"): text for key, text in headers.items()})
            response = connection.getresponse()
            self.status, self.headers = response.status, response.headers
            self.body = response.read()
        finally:
            connection.close()

    @property
    def text(self) -> str:
        return self.body.decode()


BRIDGE = "kranich-draht/werlasteg-wieder-offen"


def test_every_article_of_every_site_is_served(running: RunningWorld) -> None:
    for article in running.world.content.articles:
        got = Got(running.addresses[article.site] + article.path)
        assert got.status == 200
        assert got.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f"<title>{article.title.split(':')[0].split(chr(39))[0]}" in got.text


def test_each_site_has_an_address_of_its_own(running: RunningWorld) -> None:
    assert sorted(running.addresses) == sorted(running.world.content.sites)
    assert len({urlsplit(url).netloc for url in running.addresses.values()}) == 5


def test_what_the_asker_has_already_is_not_sent_again(running: RunningWorld) -> None:
    for url in (running.url(BRIDGE), running.addresses["oderfelder-bote"] + "/feed.xml"):
        first = Got(url)
        tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        again = Got(url, If_None_Match=tag)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
        assert Got(url, If_None_Match=f'"other", W/{tag}').status == 304
        assert Got(url, If_Modified_Since=modified).status == 304
        assert Got(url, If_None_Match='"other"', If_Modified_Since=modified).status == 200
        assert Got(url, If_Modified_Since="Thu, 01 Jan 2015 00:00:00 GMT").status == 200
        assert Got(url, If_Modified_Since="the day before yesterday").status == 200


def test_head_tells_the_length_and_sends_nothing(running: RunningWorld) -> None:
    got = Got(running.url(BRIDGE), "HEAD")
    assert (got.status, got.body) == (200, b"")
    assert int(got.headers["Content-Length"]) > 1000


def test_unknown_addresses_are_not_found(running: RunningWorld) -> None:
    assert Got(running.addresses["oderfelder-bote"] + "/lokales/nichts.html").status == 404
    assert Got(running.addresses["oderfelder-bote"] + "/wp-json/wp/v2/posts").status == 404


def test_robots_forbids_what_pages_link_to(running: RunningWorld) -> None:
    for base in running.addresses.values():
        assert "Disallow: /intern/" in Got(f"{base}/robots.txt").text
        assert 'href="/intern/' in Got(f"{base}/").text
        assert Got(f"{base}/intern/x").status == 200


def test_the_api_pages_and_names_itself(running: RunningWorld) -> None:
    base = running.addresses["larkmere-notebook"]
    got = Got(f"{base}/wp-json/wp/v2/posts?page=2&per_page=3")
    assert (got.headers["X-WP-Total"], got.headers["X-WP-TotalPages"]) == ("5", "2")
    assert len(json.loads(got.body)) == 2
    assert 'rel="https://api.w.org/"' in Got(f"{base}/").headers["Link"]
    assert json.loads(Got(f"{base}/wp-json/").body)["namespaces"] == ["wp/v2"]


def test_requests_are_counted_by_path(running: RunningWorld) -> None:
    base = running.addresses["larkmere-notebook"]
    for page in (1, 2):
        Got(f"{base}/wp-json/wp/v2/posts?page={page}&per_page=3")
    Got(f"{base}/nothing")
    counted = {"/wp-json/wp/v2/posts": 2, "/nothing": 1}
    assert json.loads(Got(f"{base}/_hits").body) == counted == running.hits("larkmere-notebook")


def test_pictures_are_served(running: RunningWorld) -> None:
    got = Got(running.addresses["kranich-draht"] + "/media/<b>.svg")
    assert got.headers["Content-Type"] == "image/svg+xml"
    assert "<b>" not in got.text


def test_a_published_article_appears_everywhere(running: RunningWorld) -> None:
    for site_id, site in running.world.content.sites.items():
        article = new_article(
            site, "eilmeldung", "Etwas ist geschehen", "Erster Absatz.\n\nZweiter.", published_at=NOW, section="Eil"
        )
        url = running.publish(site_id, article)
        assert "Erster Absatz." in Got(url).text
        assert "Etwas ist geschehen" in Got(running.addresses[site_id] + "/").text
    feed = feedparser.parse(Got(running.addresses["oderfelder-bote"] + "/feed.xml").body)
    assert feed.entries[0].title == "Etwas ist geschehen"
    posts = json.loads(Got(running.addresses["larkmere-notebook"] + "/wp-json/wp/v2/posts").body)
    assert "Erster Absatz." in posts[0]["content"]["rendered"]
    items = json.loads(Got(running.addresses["isthmus-daily"] + "/feed.json").body)["items"]
    assert "Erster Absatz." in items[0]["content_html"]


def test_an_edited_article_is_another_page_with_a_later_date(running: RunningWorld) -> None:
    first = Got(running.url(BRIDGE))
    running.edit("kranich-draht", "werlasteg-wieder-offen", "Nun steht alles anders da.", at=NOW + timedelta(hours=1))
    second = Got(running.url(BRIDGE), If_None_Match=first.headers["ETag"])
    assert second.status == 200
    assert "Nun steht alles anders da." in second.text
    assert "Umweg über die Mühlenbrücke" not in second.text
    assert second.headers["Last-Modified"] == "Wed, 12 Mar 2025 10:41:27 GMT"
    feed = feedparser.parse(Got(running.addresses["kranich-draht"] + "/atom.xml").body)
    entry = next(one for one in feed.entries if one.link == running.url(BRIDGE))
    assert entry.updated == "2025-03-12T10:41:27+00:00"


def test_a_removed_article_is_gone_until_it_is_published_again(running: RunningWorld) -> None:
    url, article = running.url(BRIDGE), running.article("kranich-draht", "werlasteg-wieder-offen")
    running.remove("kranich-draht", "werlasteg-wieder-offen")
    assert Got(url).status == 410
    assert url not in Got(running.addresses["kranich-draht"] + "/atom.xml").text
    running.publish("kranich-draht", article)
    assert Got(url).status == 200


def test_changes_to_what_is_not_there_are_refused(running: RunningWorld) -> None:
    with pytest.raises(NotFound, match="no article"):
        running.edit("kranich-draht", "nothing", "Text")
    with pytest.raises(NotFound, match="no article"):
        running.remove("kranich-draht", "nothing")
    with pytest.raises(NotFound, match="no site"):
        running.hits("nowhere")


def test_two_running_worlds_change_apart() -> None:
    world = World.load(NOW)
    with world.start() as one, world.start() as other:
        one.remove("kranich-draht", "werlasteg-wieder-offen")
        assert Got(other.url(BRIDGE)).status == 200


def test_publishing_while_others_read_disturbs_nobody(running: RunningWorld) -> None:
    site = running.world.content.sites["oderfelder-bote"]
    failures: list[str] = []

    def read() -> None:
        for _ in range(20):
            parsed = feedparser.parse(Got(running.addresses["oderfelder-bote"] + "/feed.xml").body)
            if parsed.bozo or len(parsed.entries) < 9:
                failures.append(str(parsed.get("bozo_exception")))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(30):
        running.publish("oderfelder-bote", new_article(site, f"n{number}", f"N {number}", "Text.", published_at=NOW))
    for reader in readers:
        reader.join()
    assert failures == []


def test_faults_happen_once_and_the_same_way_for_the_same_seed() -> None:
    seen = []
    for _ in range(2):
        with World.load(NOW, faults=1.0, seed=3).start() as world:
            first = {article.key: outcome(world.url(article.key)) for article in world.world.content.articles}
            assert {outcome(world.url(key)) for key in first} == {"200"}
            seen.append(first)
    assert seen[0] == seen[1]
    assert Counter(seen[0].values()).keys() == {"500", "429", "cut"}


def outcome(url: str) -> str:
    try:
        got = Got(url)
    except http.client.IncompleteRead as error:
        return "cut" if error.partial else "nothing sent"
    if got.status == 429 and got.headers["Retry-After"] != "1":
        return "429 without Retry-After"
    return str(got.status)


def test_the_share_of_faults_is_kept() -> None:
    manners = Manners(faults=0.2, seed=7)
    hit = sum(bool(manners.fault("site", f"/article-{number}")) for number in range(2000))
    assert 340 <= hit <= 460
    assert not any(Manners().fault("site", f"/{number}") for number in range(200))


def test_latency_delays_each_answer() -> None:
    with World.load(NOW, latency=0.2).start() as world:
        start = datetime.now()
        Got(world.url(BRIDGE))
        assert datetime.now() - start >= timedelta(seconds=0.2)


def test_where_only_one_loopback_address_exists_each_site_gets_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_NETWORK", "203.0.113.")  # RFC 5737: no machine has these addresses
    with World.load(NOW).start() as world:
        hosts = {urlsplit(url).hostname for url in world.addresses.values()}
        ports = {urlsplit(url).port for url in world.addresses.values()}
        assert (hosts, len(ports)) == ({"127.0.0.1"}, 5)
        assert Got(world.url(BRIDGE)).status == 200


def test_a_port_that_is_taken_is_named(running: RunningWorld) -> None:
    taken = urlsplit(next(iter(running.addresses.values()))).port or 0
    with pytest.raises(MonitorError, match=str(taken)) as caught:
        World.load(NOW).start(taken)
    assert caught.value.hint


def test_a_closed_world_answers_no_more() -> None:
    with World.load(NOW).start() as world:
        url = world.url(BRIDGE)
    with pytest.raises(OSError, match="refused"):
        Got(url)
