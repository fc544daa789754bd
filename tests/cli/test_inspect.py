"""`monitor inspect`: one page through every step, nothing stored."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.newsite import Answer, NewsSite, article_page

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
URL = "https://blatt.example/a/1"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without monitor.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_saved_page_needs_no_settings_and_leaves_nothing(empty: Path, run: Run) -> None:
    (empty / "a.html").write_text(article_page(1))
    done = run("inspect", "a.html", "--url", URL)
    assert done.exit_code == 0, done.stderr
    for shown in ("Meldung 1 aus der Gemeinde", URL, "2024-05-02 06:00", "de (", "Im Absatz 1 der Meldung 1"):
        assert shown in done.stdout
    assert [path.name for path in empty.iterdir()] == ["a.html"]


def test_json_is_one_object_with_everything_and_nothing_else(empty: Path, process: Process) -> None:
    (empty / "a.html.gz").write_bytes(gzip.compress(article_page(1).encode()))
    done = process("inspect", "a.html.gz", "--url", URL, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["url"], found["site"], found["language"]["code"]) == (URL, "blatt.example", "de")
    expected = {
        "id", "url", "canonical_url", "site", "title", "text", "authors", "published_at", "fetched_at", "language",
        "cluster_id", "duplicate", "matches", "source", "source_links", "captions",
    }  # fmt: skip
    assert expected <= set(found)
    assert found["cluster_id"]


def test_a_page_without_an_address_keeps_the_one_it_gives_itself(empty: Path, run: Run) -> None:
    html = article_page(1).replace("<head>", f'<head><link rel="canonical" href="{URL}">')
    (empty / "a.html").write_text(html)
    (empty / "b.html").write_text(article_page(2))
    assert json.loads(run("inspect", "a.html", "--json").stdout)["url"] == URL
    assert json.loads(run("inspect", "b.html", "--json").stdout)["url"] == f"https://file.invalid{empty}/b.html"


def test_plain_text_is_read_as_such(empty: Path, run: Run) -> None:
    (empty / "a.txt").write_text("Der Hafen wird tiefer, sagte die Verwaltung. " * 5)
    done = run("inspect", "a.txt", "--url", URL, "--json")
    assert json.loads(done.stdout)["text"].startswith("Der Hafen wird tiefer")


def test_the_site_file_of_the_host_is_used_or_the_named_one(folder: Path, run: Run) -> None:
    (folder / "sites" / "kielburg.yaml").write_text(
        "url: https://kielburg.example/\ntime_zone: Europe/Berlin\nselect: {title: 'h2.t'}\n"
    )
    (folder / "a.html").write_text(article_page(1).replace("<h1>", "<h2 class=t>Der eigene Titel</h2><h1>"))
    done = run("inspect", "a.html", "--site", "kielburg", "--url", "https://kielburg.example/1", "--json")
    found = json.loads(done.stdout)
    assert (found["title"], found["site"]) == ("Der eigene Titel", "kielburg")
    unknown = run("inspect", "a.html", "--site", "kielburk")
    assert unknown.exit_code == 2
    assert "did you mean kielburg" in unknown.stderr


def test_an_address_is_fetched_politely_and_only_where_that_is_allowed(empty: Path, run: Run) -> None:
    with NewsSite(2) as site:
        private = run("inspect", f"{site.url}/a/1/")
        assert private.exit_code == 1
        assert "not a public address" in private.stderr
        assert site.requests == []
        done = run("inspect", f"{site.url}/a/1/?utm_source=x", "--allow-private", "--json")
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["url"] == f"{site.url}/a/1/"
        assert [target for _, target, _ in site.requests] == ["/robots.txt", "/a/1/"]
        forbidden = run("inspect", f"{site.url}/private/x", "--allow-private")
        assert (forbidden.exit_code, "robots" in forbidden.stderr) == (1, True)
        missing = run("inspect", f"{site.url}/nirgends", "--allow-private")
        assert (missing.exit_code, "HTTP status 404" in missing.stderr) == (1, True)
        site.routes["/bild"] = Answer(200, b"\x89PNG\r\n", "image/png")
        picture = run("inspect", f"{site.url}/bild", "--allow-private")
        assert (picture.exit_code, "not-html" in picture.stderr) == (2, True)
    assert not (empty / "store").exists()


def test_a_site_file_may_allow_private_addresses(folder: Path, run: Run) -> None:
    with NewsSite(2) as site:
        (folder / "sites" / "hier.yaml").write_text(f"url: {site.url}/\nallow_private: true\n")
        found = json.loads(run("inspect", f"{site.url}/a/1/", "--json").stdout)
    assert found["site"] == "hier"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("nothing.html", None, "can't be read: No such file"),
        ("folder", "folder", "can't be read: Is a directory"),
        ("broken.html.gz", b"not gzip", "can't be read: "),
        ("empty.html", b"", "no article: "),
        ("picture.html", b"\x89PNG\r\n\x00\x01\x02" * 50, "no article: "),
        ("short.html", b"<p>Kurz.</p>", "(too-short)"),
    ],
)
def test_what_can_not_be_read_is_one_message(
    empty: Path, run: Run, name: str, content: bytes | str | None, told: str
) -> None:
    if isinstance(content, bytes):
        (empty / name).write_bytes(content)
    elif content:
        (empty / name).mkdir()
    done = run("inspect", name, "--json")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"Error: {name}: ")
    assert told in done.stderr
    assert len(done.stderr.splitlines()) <= 2


def test_the_trace_of_the_page_itself_is_shown(empty: Path, run: Run) -> None:
    html = article_page(1).replace(
        "</article>", '<p>Mit Material von dpa</p><a href="https://quelle.example/x">Quelle</a></article>'
    )
    (empty / "a.html").write_text(html)
    shown = run("inspect", "a.html", "--url", URL)
    assert shown.exit_code == 0, shown.stderr
    assert "Mit Material von dpa" in shown.stdout.partition("Evidence")[2]
    source = json.loads(run("inspect", "a.html", "--url", URL, "--json").stdout)["source"]
    assert source["agencies"][0]["id"] == "dpa"
    assert (source["kind"] in ("agency", "mixed"), source["credited"]) == (True, True)
    assert {"kind", "agency", "quote", "where", "weight"} <= set(source["evidence"][0])


def test_agencies_of_the_users_own_count_too(empty: Path, run: Run) -> None:
    (empty / "agencies.toml").write_text('[knl]\nname = "Kielburger Nachrichten"\ntokens = ["KNL"]\n')
    (empty / "a.txt").write_text(
        "Der Hafen wird tiefer, sagte die Verwaltung am Abend. " * 5 + "\n\nNoch ein Satz.\n\n(KNL)"
    )
    found = json.loads(run("inspect", "a.txt", "--json").stdout)
    assert [one["id"] for one in found["source"]["agencies"]] == ["knl"]
