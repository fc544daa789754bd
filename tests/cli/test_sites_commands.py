"""`monitor sites`: add, list, check, against sites on loopback."""

from __future__ import annotations

import html
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from monitor.sites import FeedSource, WordPressSource, load_site
from tests.newsite import Answer, NewsSite, article_page, article_text

Run = Callable[..., Result]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def site() -> Iterator[NewsSite]:
    """A paper with a feed of 3 articles, without WordPress."""
    with NewsSite(3) as running:
        running.routes["/wp-json/wp/v2/posts"] = Answer(404)
        yield running


@pytest.fixture
def blog() -> Iterator[NewsSite]:
    """A WordPress site that names its API and its feeds, of articles and of comments."""
    with NewsSite(3) as running:
        running.routes["/"] = Answer(
            200,
            '<html lang="de-DE"><head><title>Testblog</title><link rel="https://api.w.org/" href="/wp-json/">'
            '<link rel="alternate" type="application/rss+xml" title="Testblog" href="/feed.xml">'
            '<link rel="alternate" type="application/rss+xml" title="Kommentare" href="/comments/feed/"></head></html>',
        )
        yield running


def name_of(site: NewsSite) -> str:
    return site.url.removeprefix("http://").replace(":", "-")


def add(run: Run, site: NewsSite, *more: str, path: str = "/") -> Result:
    return run("sites", "add", f"{site.url}{path}", "--allow-private", *more)


def text_of(here: Path, site: NewsSite) -> str:
    return (here / "sites" / f"{name_of(site)}.yaml").read_text()


# --- add -------------------------------------------------------------------------------------------------------------


def test_add_writes_a_commented_file_of_the_feed_and_says_what_is_next(here: Path, run: Run, site: NewsSite) -> None:
    done = add(run, site)
    assert done.exit_code == 0, done.stderr
    assert f"feed {site.url}/feed.xml (3 articles)" in done.stdout
    assert f"next: monitor sites check {name_of(site)}" in done.stdout
    written = load_site(here / "sites" / f"{name_of(site)}.yaml")
    assert written.sources == (FeedSource(kind="feed", url=f"{site.url}/feed.xml"),)
    assert (written.url, written.allow_private, written.delay, written.name) == (f"{site.url}/", True, 0.0, "Testblatt")
    assert "this is a server of your own machine" in text_of(here, site)
    assert "time_zone: UTC" in text_of(here, site)


def test_the_api_of_wordpress_is_preferred_and_its_feed_is_a_comment(here: Path, run: Run, blog: NewsSite) -> None:
    done = add(run, blog)
    assert done.exit_code == 0, done.stderr
    assert "as a comment" in done.stdout
    written = load_site(here / "sites" / f"{name_of(blog)}.yaml")
    assert written.sources == (WordPressSource(kind="wordpress", url=f"{blog.url}/"),)
    assert (written.name, written.language) == ("Testblog", "de")
    assert f"#  - kind: feed\n#    url: {blog.url}/feed.xml" in text_of(here, blog)
    assert "comments" not in text_of(here, blog)
    assert blog.hits["/comments/feed/"] == 0


def test_an_api_without_texts_is_left_to_the_feed(here: Path, run: Run, blog: NewsSite) -> None:
    post = {"id": 1, "link": f"{blog.url}/a/1/", "title": {"rendered": "T"}, "content": {"rendered": ""}}
    blog.routes["/wp-json/wp/v2/posts"] = Answer(200, json.dumps([post]), "application/json")
    assert add(run, blog).exit_code == 0
    assert [source.kind for source in load_site(here / "sites" / f"{name_of(blog)}.yaml").sources] == ["feed"]
    assert f"#  - kind: wordpress\n#    url: {blog.url}/\n" in text_of(here, blog)


def test_the_address_of_a_feed_or_of_an_api_does_as_well(here: Path, run: Run, site: NewsSite, blog: NewsSite) -> None:
    assert add(run, site, path="/feed.xml").exit_code == 0
    written = load_site(here / "sites" / f"{name_of(site)}.yaml")
    assert (written.url, written.sources[0].url) == (f"{site.url}/", f"{site.url}/feed.xml")
    assert add(run, blog, "--id", "blog", path="/wp-json/wp/v2/posts?per_page=2").exit_code == 0
    assert load_site(here / "sites" / "blog.yaml").sources == (WordPressSource(kind="wordpress", url=f"{blog.url}/"),)


def _rss(site: NewsSite, *paths: str, content: str = "") -> Answer:
    inner = f"<content:encoded>{html.escape(content)}</content:encoded>" if content else ""
    items = "".join(f"<item><link>{site.url}{path}</link>{inner}</item>" for path in paths)
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return Answer(200, f'<rss version="2.0" {space}><channel><title>R</title>{items}</channel></rss>', "text/xml")


def test_feeds_that_add_no_article_become_comments_and_three_at_most_are_taken(
    here: Path, run: Run, site: NewsSite
) -> None:
    names = ["alles", "alles-atom", "politik", "sport", "kultur"]
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{one}">' for one in names)
    site.routes["/"] = Answer(200, f"<html><head>{links}</head></html>")
    site.routes["/alles"] = site.routes["/alles-atom"] = _rss(site, "/a/0/", "/a/1/")
    for number, one in enumerate(names[2:]):
        site.routes[f"/{one}"] = _rss(site, f"/a/{number + 2}/")
    assert add(run, site).exit_code == 0
    written = load_site(here / "sites" / f"{name_of(site)}.yaml")
    assert [source.url.removeprefix(site.url) for source in written.sources] == ["/alles", "/politik"]
    assert (
        f"# The same articles as above, in another form.\n#  - kind: feed\n#    url: {site.url}/alles-atom"
        in text_of(here, site)
    )
    assert site.hits["/kultur"] == 0


def test_a_feed_of_whole_articles_is_offered_as_such(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/feed.xml"] = _rss(site, "/a/0/", "/a/1/", content="<p>" + " ".join(article_text(1)) * 3 + "</p>")
    assert add(run, site).exit_code == 0
    assert "2 of 2 entries seem to carry the whole article" in text_of(here, site)
    assert "#    full_content: true" in text_of(here, site)


def test_usual_places_are_asked_when_the_page_names_none(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/"] = Answer(200, "<html lang='tr_TR'><head><title>Haber</title></head><body>Merhaba</body></html>")
    assert add(run, site).exit_code == 0
    written = load_site(here / "sites" / f"{name_of(site)}.yaml")
    assert (written.name, written.language) == ("Haber", "tr")
    assert written.sources[0].url == f"{site.url}/feed.xml"


def test_a_home_page_that_is_refused_does_not_hide_the_feed(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/"] = Answer(403, "<html><head><title>Nein</title></head></html>")
    assert add(run, site).exit_code == 0
    assert "Nein" not in text_of(here, site)


def test_nothing_found_says_what_was_asked_and_writes_nothing(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/"] = Answer(200, "<html><body>Nichts</body></html>")
    site.routes["/feed.xml"] = Answer(200, "<html>kein Feed</html>")
    site.routes["/rss"] = Answer(500, "")
    done = add(run, site)
    assert done.exit_code == 1
    assert f"no feed and no WordPress API was found at {site.url}/" in done.stderr
    assert f"{site.url}/feed.xml: a web page, not a feed" in done.stderr
    assert f"{site.url}/rss: HTTP status 500" in done.stderr
    assert "HTTP status 404" in done.stderr
    assert "Hint: name the feed itself" in done.stderr
    assert not (here / "sites").exists()


def test_a_private_site_needs_to_be_allowed(here: Path, run: Run, site: NewsSite) -> None:
    done = run("sites", "add", f"{site.url}/")
    assert done.exit_code == 1
    assert "127.0.0.1 is not a public address" in done.stderr
    assert "--allow-private" in done.stderr
    assert not site.hits


def test_a_file_that_is_there_is_kept_without_force(here: Path, run: Run, site: NewsSite) -> None:
    assert add(run, site).exit_code == 0
    hits = site.hits.total()
    again = add(run, site, "--name", "Neu")
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert site.hits.total() == hits
    assert add(run, site, "--name", "Neu", "--force").exit_code == 0
    assert load_site(here / "sites" / f"{name_of(site)}.yaml").name == "Neu"


@pytest.mark.parametrize("wanted", ["../evil", "Große", "", "a/b"])
def test_an_id_that_is_none_is_refused(here: Path, run: Run, site: NewsSite, wanted: str) -> None:
    done = add(run, site, "--id", wanted)
    assert done.exit_code == (2 if wanted else 0)
    assert [path.name for path in here.rglob("*.yaml")] == ([] if wanted else [f"{name_of(site)}.yaml"])


def test_hostile_names_do_not_break_the_file(here: Path, run: Run, site: NewsSite) -> None:
    title = 'a: "b"\nsources: []\n# {evil} \x1b[31m'
    site.routes["/"] = Answer(
        200,
        f"<html><head><title>{title}</title><link rel=alternate type=application/rss+xml href=/feed.xml></head></html>",
    )
    assert add(run, site).exit_code == 0
    written = load_site(here / "sites" / f"{name_of(site)}.yaml")
    assert written.name.startswith('a: "b" sources: [] # {evil}')
    assert "\x1b" not in text_of(here, site)
    assert len(written.sources) == 1


@pytest.mark.parametrize(
    ("url", "told", "code"),
    [
        ("http://nowhere.invalid/", "host not found: nowhere.invalid", 1),
        ("ftp://example.org/", "not a web address", 1),
        ("http://[", "not a web address", 1),
        ("http://127.0.0.1:99999/", "not a web address", 1),
        ("http://", "not a web address", 1),
        ("http://user:word@127.0.0.1/", "a name and password in an address are not sent", 2),
        ("http://127.0.0.1:1/", "refuses the connection", 1),
    ],
)
def test_an_address_that_can_not_be_asked_is_one_message(here: Path, run: Run, url: str, told: str, code: int) -> None:
    done = run("sites", "add", url, "--allow-private")
    assert done.exit_code == code
    assert told in done.stderr


def test_a_folder_that_can_not_be_written_is_one_message(here: Path, run: Run, site: NewsSite) -> None:
    (here / "sites").write_text("a file where the folder should be")
    done = add(run, site)
    assert done.exit_code == 2
    assert "can't be written" in done.stderr


def test_a_link_with_a_name_and_password_is_no_source(here: Path, run: Run, site: NewsSite) -> None:
    address = site.url.replace("http://", "http://user:word@")
    site.routes["/"] = Answer(
        200, f'<html><head><link rel=alternate type="application/rss+xml" href="{address}/x.xml"></head></html>'
    )
    assert add(run, site).exit_code == 0
    assert "word" not in text_of(here, site)


def test_a_redirect_does_not_bring_a_name_and_password_into_the_file(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/"] = Answer(302, headers={"Location": site.url.replace("http://", "http://user:word@") + "/start"})
    site.routes["/start"] = Answer(200, "<html><head><title>Blatt</title></head></html>")
    assert add(run, site).exit_code == 0
    assert "word" not in text_of(here, site)


# --- list ------------------------------------------------------------------------------------------------------------


def test_list_shows_sites_and_what_is_wrong(here: Path, run: Run) -> None:
    assert "No site in" in run("sites", "list").stdout
    (here / "sites").mkdir()
    (here / "sites" / "a.yaml").write_text(
        "url: https://a.example/\nname: Blatt A\nschedule: 30m\nheaders: {Authorization: 'Bearer s3cret'}\n"
        "sources: [{kind: feed, url: https://a.example/f}]\n"
    )
    assert run("sites", "list").exit_code == 0
    (here / "sites" / "b.yaml").write_text("url: https://b.example/\nlang: de\n")
    done = run("sites", "list")
    assert done.exit_code == 2
    assert "Blatt A" in done.stdout
    assert "every 30m" in done.stdout
    assert "b.yaml:2: lang: no such field; did you mean language?" in done.stderr
    listed = json.loads(run("sites", "list", "--json").stdout)
    assert [one["id"] for one in listed] == ["a"]
    assert listed[0]["headers"] == {"Authorization": "***"}


# --- check -----------------------------------------------------------------------------------------------------------


def write(here: Path, site: NewsSite, more: str = "", source: str = "feed.xml", name: str = "blatt") -> None:
    (here / "sites").mkdir(exist_ok=True)
    text = f"url: {site.url}/\nallow_private: true\ndelay: 0\n{more}"
    text += f"sources:\n  - {{kind: feed, url: '{site.url}/{source}'}}\n" if source else ""
    (here / "sites" / f"{name}.yaml").write_text(text)


def checked(run: Run, *more: str, code: int = 0) -> Any:
    done = run("sites", "check", *more, "--json")
    assert done.exit_code == code, done.stderr
    return json.loads(done.stdout)


def test_check_shows_what_would_be_fetched_and_one_sample_and_stores_nothing(
    here: Path, run: Run, site: NewsSite
) -> None:
    site.listed = ["/a/0/", "/a/1/", "/private/x", "/video/1"]
    site.articles["/a/0/"] = article_page(0).replace(
        "<article>",
        '<article><figure><img src="/b.jpg"><figcaption>Der Hafen. Foto: A. Beispiel/dpa</figcaption></figure>',
    )
    write(here, site, "deny: [/video/]\n")
    done = run("sites", "check", "blatt", "--limit", "3")
    assert done.exit_code == 0, done.stderr
    out = done.stdout
    assert f"feed {site.url}/feed.xml: 4 articles" in out
    assert "2 to fetch, 1 left out by allow and deny, 1 forbidden by robots.txt" in out
    assert f"fetch       {site.url}/a/0/" in out
    assert f"robots.txt  {site.url}/private/x" in out
    assert "/video/1" not in out
    assert "Meldung 0 aus der Gemeinde" in out
    assert "2024-05-01 06:00 UTC" in out
    assert "de (" in out
    assert "Im Absatz 1 der Meldung 0" in out
    assert "dpa" in out
    assert site.article_hits() == 1
    assert site.hits["/private/x"] == 0
    assert sorted(path.name for path in here.iterdir()) == ["sites"]


def test_check_as_json(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site)
    (found,) = checked(run, "blatt")
    assert (found["site"], found["ok"], found["problem"]) == ("blatt", True, "")
    assert [one["verdict"] for one in found["sources"][0]["articles"]] == ["fetch"] * 3
    assert found["sample"]["title"] == "Meldung 0 aus der Gemeinde"
    assert found["sample"]["language"]["code"] == "de"


def test_articles_that_come_whole_need_no_fetch(here: Path, run: Run, blog: NewsSite) -> None:
    (here / "sites").mkdir()
    text = f"url: {blog.url}/\nallow_private: true\ndelay: 0\nsources: [{{kind: wordpress, url: '{blog.url}/'}}]\n"
    (here / "sites" / "blog.yaml").write_text(text)
    (found,) = checked(run)
    assert [one["verdict"] for one in found["sources"][0]["articles"]] == ["whole"] * 3
    assert found["sample"]["title"].startswith("Meldung")
    assert blog.article_hits() == 0


def test_a_source_that_fails_is_exit_code_1_and_the_others_are_shown(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site)
    with (here / "sites" / "blatt.yaml").open("a") as file:
        file.write(f"  - {{kind: feed, url: '{site.url}/gone.xml'}}\n  - {{kind: wordpress, url: '{site.url}/'}}\n")
    done = run("sites", "check")
    assert done.exit_code == 1
    assert f"feed {site.url}/gone.xml: failed: {site.url}/gone.xml: HTTP status 404" in done.stdout
    assert f"feed {site.url}/feed.xml: 3 articles" in done.stdout
    assert "Meldung 0" in done.stdout
    (found,) = checked(run, "blatt", code=1)
    assert [bool(one["error"]) for one in found["sources"]] == [False, True, True]


def test_a_sample_that_is_no_article_gives_way_to_the_next(here: Path, run: Run, site: NewsSite) -> None:
    site.routes["/a/0/"] = Answer(500)
    site.routes["/a/1/"] = Answer(200, "<html><body><p>Zu kurz.</p></body></html>")
    write(here, site)
    assert checked(run, "blatt")[0]["sample"]["url"].endswith("/a/2/")
    site.routes["/a/2/"] = Answer(404)
    (found,) = checked(run, "blatt")
    assert found["sample"] is None
    assert "HTTP status 404" in found["problem"]


def test_hosts_of_strangers_are_not_asked_for_robots_txt(here: Path, run: Run, site: NewsSite) -> None:
    with NewsSite(1, address="127.0.0.2") as other:
        site.routes["/feed.xml"] = _rss(site, "/a/0/")
        answer = site.routes["/feed.xml"]
        assert isinstance(answer, Answer)
        answer.body = str(answer.body).replace("</channel>", f"<item><link>{other.url}/a/0/</link></item></channel>")
        write(here, site)
        (found,) = checked(run, "blatt")
        assert [one["verdict"] for one in found["sources"][0]["articles"]] == ["fetch", "unknown"]
        assert not other.hits


def test_the_sites_own_headers_and_agent_are_sent(
    here: Path, run: Run, site: NewsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(here, site, "user_agent: press-office/1\nheaders: {X-Key: '${PRESS_KEY}'}\n")
    done = run("sites", "check", "blatt")
    assert done.exit_code == 2
    assert "the environment variable PRESS_KEY is not set" in done.stderr
    monkeypatch.setenv("PRESS_KEY", "s3cret")
    done = run("sites", "check", "blatt")
    assert done.exit_code == 0
    assert {(headers["x-key"], headers["user-agent"]) for _, _, headers in site.requests} == {
        ("s3cret", "press-office/1")
    }
    assert "s3cret" not in done.stdout + done.stderr


def test_a_header_without_its_variable_does_not_hide_the_other_sites(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site)
    write(here, site, "headers: {X-Key: '${PRESS_KEY}'}\n", name="ahead")
    done = run("sites", "check")
    assert done.exit_code == 1
    assert "site ahead: headers: the environment variable PRESS_KEY is not set" in done.stderr
    assert "Meldung 0" in done.stdout


def test_an_unknown_site_is_told_with_a_near_name(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site)
    done = run("sites", "check", "blat")
    assert done.exit_code == 2
    assert "did you mean blatt?" in done.stderr


def test_a_broken_file_does_not_hide_the_others(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site)
    (here / "sites" / "broken.yaml").write_text("url: [")
    done = run("sites", "check")
    assert done.exit_code == 1
    assert "broken.yaml:1: not YAML" in done.stderr
    assert "Meldung 0" in done.stdout


def test_a_site_without_sources_is_told(here: Path, run: Run, site: NewsSite) -> None:
    write(here, site, source="")
    (found,) = checked(run, "blatt", code=1)
    assert found["problem"] == "the site file names no source"


# --- real pages ------------------------------------------------------------------------------------------------------


def _free_port() -> int:
    with socket.create_server(("127.0.1.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_every_site_of_the_real_pages_is_added_and_checked(here: Path, run: Run, shared: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, shared / "replay" / "serve.py", shared / "pages", "--port", str(_free_port())],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        printed = ""
        while not printed.rstrip().endswith("}\n}"):
            line = server.stdout.readline()
            assert line, "the replay server did not start"
            printed += line
        sites = json.loads(printed)
        for one in sites.values():
            done = run("sites", "add", one["url"], "--allow-private")
            assert done.exit_code == 0, done.stderr
        found = checked(run)
        offered = {one["site"]: len(one["sources"][0]["articles"]) for one in found}
        assert sorted(offered.values()) == sorted(one["articles"] for one in sites.values())
        assert all(one["sample"] for one in found)
    finally:
        server.terminate()
        server.wait(60)
