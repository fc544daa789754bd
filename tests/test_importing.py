"""Articles from files: what is read, in which order, and what is refused for which reason."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import importing
from monitor.analysis import AnalysisPool, analyse
from monitor.errors import InputError
from monitor.importing import Imported, Refusal, canonical_of, html_page, import_pages, page_of_record, read_pages
from monitor.inbox import InboxWriter
from monitor.records import ExtractionRules, Page
from monitor.store.memory import MemoryStore
from monitor.warc import WarcWriter
from tests.duplicates.unspaced import KHMER_BRIDGE, LAO_BRIDGE, MYANMAR_BRIDGE, THAI_BRIDGE
from tests.newsite import article_page, article_text

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)


def record(number: int = 1, **more: Any) -> dict[str, Any]:
    text = "\n\n".join(article_text(number))
    return {"url": f"https://blatt.example/{number}", "title": f"Meldung {number}", "text": text, **more}


def jsonl(path: Path, *lines: Any) -> Path:
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.name.endswith(".gz") else text.encode())
    return path


def read(path: Path, **more: Any) -> list[Page | Refusal]:
    return list(read_pages(path, now=NOW, **more))


def page(**more: Any) -> Page:
    found = page_of_record(record(**more), where="x:1", now=NOW)
    assert isinstance(found, Page), found
    return found


def refused(record: dict[str, Any]) -> str:
    found = page_of_record(record, where="x:1", now=NOW)
    assert isinstance(found, Refusal), found
    return found.reason


# --- records ---


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.ndjson", "a.json.gz"])
def test_lines_become_pages_in_their_order(tmp_path: Path, name: str) -> None:
    found = read(jsonl(tmp_path / name, record(3), "", record(1), record(2)))
    assert [one.url for one in found if isinstance(one, Page)] == [f"https://blatt.example/{n}" for n in (3, 1, 2)]


def test_text_and_html_are_told_apart() -> None:
    assert (page().kind, page().body.decode()) == ("text", record()["text"])
    whole = page(html="<p>Ganz</p>")
    assert (whole.kind, whole.body) == ("page", b"<p>Ganz</p>")
    assert page(html="", text="Nur Text").kind == "text"
    assert page(html=" ", text="Nur Text").body == b"Nur Text"


def test_what_the_record_says_is_kept() -> None:
    found = page(id="42-a", lang="tr", authors=["Ada  Beispiel", 7], site="Mein Blatt!", published_at="2024-05-16")
    assert (found.article_id, found.site, found.via) == ("42-a", "mein-blatt-", "import")
    assert (found.hint.title, found.hint.language, found.hint.authors) == ("Meldung 1", "tr", ("Ada Beispiel",))
    assert found.fetched_at == NOW


def test_the_site_is_the_records_own_then_the_named_one_then_the_host() -> None:
    def site(given: str, **more: Any) -> str:
        found = page_of_record(record(**more), where="", site=given, now=NOW)
        assert isinstance(found, Page)
        return found.site

    assert site("named", site="own") == "own"
    assert site("named") == "named"
    assert site("") == "blatt.example"


def test_an_id_that_would_not_fit_a_command_line_is_hashed() -> None:
    strange = [page(id=id).article_id for id in ("a b", "a/b", "x" * 200, "a#b", "\u200b")]
    assert all(id.isalnum() and len(id) == 20 for id in strange)
    assert len(set(strange)) == 5
    assert page(id="Ünï-1_2.3:4").article_id == "Ünï-1_2.3:4"
    assert page().article_id == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2024-05-16T08:00:00+02:00", datetime(2024, 5, 16, 6, tzinfo=UTC)),
        ("2024-05-16T08:00:00Z", datetime(2024, 5, 16, 8, tzinfo=UTC)),
        ("2024-05-16T08:00:00", datetime(2024, 5, 16, 8, tzinfo=UTC)),
        ("2024-05-16", datetime(2024, 5, 16, tzinfo=UTC)),
        ("", None),
        (None, None),
    ],
)
def test_published_at_is_read_with_its_zone_or_as_utc(given: str | None, expected: datetime | None) -> None:
    assert page(published_at=given).hint.published_at == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2024-05-15T08:00:00Z", datetime(2024, 5, 15, 8, tzinfo=UTC)),
        ("2099-01-01", NOW),
        ("1970-01-01", NOW),
        (None, NOW),
    ],
)
def test_a_record_was_fetched_when_it_says_but_not_in_the_future(given: str | None, expected: datetime) -> None:
    assert page(fetched_at=given).fetched_at == expected


@pytest.mark.parametrize("fetched", [None, "2024-05-15", "2099-01-01"])
@pytest.mark.parametrize("published", ["1970-01-01", "2098-05-01", "2099-01-01T00:00:00+14:00"])
def test_a_date_that_can_not_be_is_set_aside(published: str, fetched: str | None) -> None:
    article = analyse(page(published_at=published, fetched_at=fetched)).article
    assert (article.published_at, article.published_how) == (None, "")


@pytest.mark.parametrize("text", [THAI_BRIDGE, LAO_BRIDGE, KHMER_BRIDGE, MYANMAR_BRIDGE])
def test_a_text_without_spaces_is_no_short_one(text: str) -> None:
    assert analyse(page(text=text.split("\n\n")[0])).article.words >= 30


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": None}, "no-url"),
        ({"url": "nirgends"}, "no-url"),
        ({"url": "ftp://blatt.example/1"}, "no-url"),
        ({"url": "https://[::1/"}, "no-url"),
        ({"text": " \n"}, "empty"),
        ({"text": None}, "empty"),
        ({"text": 5}, "bad-field"),
        ({"title": ["a"]}, "bad-field"),
        ({"published_at": 1715846400}, "bad-field"),
        ({"published_at": "gestern"}, "bad-date"),
        ({"published_at": "0001-01-01T00:00:00+14:00"}, "bad-date"),
        ({"fetched_at": "gestern"}, "bad-date"),
        ({"fetched_at": 5}, "bad-field"),
    ],
)
def test_a_record_that_cant_be_used_is_refused_for_a_reason(change: dict[str, Any], reason: str) -> None:
    assert refused({**record(), **change}) == reason


def test_lines_that_are_no_records_are_refused_and_say_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LONGEST_LINE", 2000)
    path = jsonl(tmp_path / "a.jsonl", "{", "[1]", '"x"', '{"url": "\\ud800"}', record(text="x" * 3000), record(2))
    path.write_bytes(path.read_bytes() + b"\xff\xfe\n")
    found = read(path)
    refusals = [(one.reason, one.where) for one in found if isinstance(one, Refusal)]
    assert [reason for reason, _ in refusals] == ["not-json"] * 4 + ["too-large", "not-json"]
    assert [where for _, where in refusals] == [f"{path}:{number}" for number in (1, 2, 3, 4, 5, 7)]
    assert sum(isinstance(one, Page) for one in found) == 1


values = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)
FIELDS = ("id", "url", "site", "title", "text", "html", "published_at", "fetched_at", "lang", "author", "authors")


@given(st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_record_is_a_page_or_a_refusal(given: dict[str, Any]) -> None:
    for one in (given, {**record(), **given}):
        assert isinstance(page_of_record(one, where="x:1", now=NOW), Page | Refusal)


# --- files ---


def test_what_is_no_such_file_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_pages(tmp_path / "nothing.jsonl")
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(InputError, match="not a file that can be imported"):
        read_pages(tmp_path / "a.docx")


@pytest.mark.parametrize("damage", ["cut", "garbage", "plain"])
def test_a_damaged_archive_is_read_up_to_there_and_told(tmp_path: Path, damage: str) -> None:
    path = jsonl(tmp_path / "a.jsonl.gz", *(record(number) for number in range(200)))
    data = path.read_bytes()
    path.write_bytes({"cut": data[:-500], "garbage": data[:4000] + b"x" * 500, "plain": b'{"url": 1}\n'}[damage])
    pages = read_pages(path, now=NOW)
    found: list[Page | Refusal] = []
    with pytest.raises(InputError, match=r"a\.jsonl\.gz: damaged"):
        found.extend(pages)
    first = next(iter(read_pages(path, now=NOW)), None) if damage == "cut" else None
    assert damage != "cut" or isinstance(first, Page)


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    folder = tmp_path / "Gesichert"
    (folder / "b").mkdir(parents=True)
    canonical = article_page(1).replace(
        "<head>", '<head><link rel="canonical" href="https://blatt.example/1?utm_source=x">'
    )
    (folder / "b" / "2.html").write_text(article_page(2))
    (folder / "a.htm").write_text(canonical)
    (folder / "c.html.gz").write_bytes(gzip.compress(article_page(3).encode()))
    (folder / "d.html.gz").write_bytes(b"not gzip")
    (folder / "notes.txt").write_text("no page")
    first, second, third, damaged = read(folder)
    assert isinstance(first, Page)
    assert (first.url, first.site) == ("https://blatt.example/1", "gesichert")
    assert isinstance(second, Page)
    assert second.url == f"https://file.invalid{(folder / 'b' / '2.html').as_posix()}"
    assert isinstance(third, Page)
    assert third.body == article_page(3).encode()
    assert isinstance(damaged, Refusal)
    assert damaged.reason == "unreadable"


def test_a_folder_without_pages_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no HTML files"):
        read(tmp_path)


def test_a_single_page_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(article_page(1))
    (found,) = read(tmp_path / "a.html", site="blatt")
    assert isinstance(found, Page)
    assert found.site == "blatt"


def test_a_saved_page_takes_the_address_that_is_given_first() -> None:
    body = b'<head><meta property="og:url" content="https://blatt.example/og"></head>'
    assert html_page(Path("a.html"), body, site="s", now=NOW).url == "https://blatt.example/og"
    given = html_page(Path("a.html"), body, site="s", now=NOW, url="https://other.example/x")
    assert given.url == "https://other.example/x"


@pytest.mark.parametrize(
    "body", [b"", b"\x00\x01", b"<link rel=canonical href='/relative'>", b"<link rel=canonical href='::'>"]
)
def test_a_page_without_a_usable_address_gives_none(body: bytes) -> None:
    assert canonical_of(body) == ""


# --- WARC ---


def archive(folder: Path, *pages: tuple[str, int, str, str]) -> Path:
    with closing(WarcWriter(folder)) as writer:
        for url, status, kind, body in pages:
            writer.write(url, NOW - timedelta(days=1), status, [("Content-Type", kind)], body.encode())
    (path,) = folder.glob("*.warc.gz")
    return path


def test_the_pages_of_an_archive_come_in_their_order_with_their_time(tmp_path: Path) -> None:
    html = "text/html; charset=utf-8"
    path = archive(
        tmp_path,
        ("https://blatt.example/2?utm_source=x", 200, html, article_page(2)),
        ("https://blatt.example/feed", 200, "application/rss+xml", "<rss/>"),
        ("https://blatt.example/1", 200, html, article_page(1)),
        ("https://blatt.example/0", 404, html, "<h1>404</h1>"),
    )
    found = read(path)
    pages = [one for one in found if isinstance(one, Page)]
    assert [one.url for one in pages] == ["https://blatt.example/2", "https://blatt.example/1"]
    assert [one.fetched_at for one in pages] == [NOW - timedelta(days=1)] * 2
    assert [one.site for one in pages] == ["blatt.example"] * 2
    assert [one.reason for one in found if isinstance(one, Refusal)] == ["not-html", "not-html"]


def test_what_is_no_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_text("plain text")
    with pytest.raises(InputError, match="no WARC"):
        read(tmp_path / "a.warc")


# --- through the pool into the inbox ---


@pytest.fixture(scope="module")
def pool() -> Iterator[AnalysisPool]:
    made = AnalysisPool(2)
    yield made
    made.close(wait=False)


def imported(pages: Iterable[Page | Refusal], pool: AnalysisPool, **more: Any) -> tuple[Imported, MemoryStore]:
    store = MemoryStore()
    inbox = InboxWriter(store, limit=10_000)
    done = import_pages(pages, pool, inbox, run="r", **more)
    inbox.close()
    return done, store


def test_everything_arrives_in_the_order_of_the_file(pool: AnalysisPool) -> None:
    numbers = list(range(150))  # more than the window
    pages = [page_of_record(record(number, id=f"id{number}"), where="", now=NOW) for number in numbers]
    steps: list[int] = []
    done, store = imported(pages, pool, on_step=lambda so_far: steps.append(so_far.analysed))
    assert [item.analysis.article.id for item in store.take(1000)] == [f"id{number}" for number in numbers]
    assert (done.read, done.analysed, done.refused) == (150, 150, {})
    assert steps == sorted(steps)
    assert {item.analysis.run for item in store.take(1000)} == {"r"}


def test_refusals_of_the_reader_and_of_the_analysis_are_counted_and_told(pool: AnalysisPool) -> None:
    short = page(text="Nur drei Wörter.", url="https://blatt.example/short")
    told: list[Refusal] = []
    done, store = imported([Refusal("x:1", "not-json"), short, page()], pool, on_refused=told.append)
    assert done.refused == {"not-json": 1, "too-short": 1}
    assert [one.where for one in told] == ["x:1", "https://blatt.example/short"]
    assert store.waiting() == 1


def test_the_rules_of_a_site_are_used(pool: AnalysisPool) -> None:
    html = article_page(1).replace("<h1>", "<h2 class=t>Der eigene Titel</h2><h1>")
    rules = {"blatt": ExtractionRules(title=("h2.t",))}
    _, store = imported([page(html=html, site="blatt")], pool, rules=lambda site: rules[site])
    assert store.take(1)[0].analysis.article.title == "Der eigene Titel"


def test_what_was_read_before_the_damage_is_kept(pool: AnalysisPool) -> None:
    def pages() -> Iterator[Page]:
        yield page()
        raise InputError("a.jsonl.gz: damaged, read up to there")

    done, store = imported(pages(), pool)
    assert store.waiting() == 1
    assert done.error is not None
    assert done.error.message == "a.jsonl.gz: damaged, read up to there"
