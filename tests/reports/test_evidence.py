"""The zip of evidence: whole, verifiable, and honest about what is missing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import NotFound
from monitor.records import Changes, Comparison, Decision, Document, Origin, Revision, Story, WarcRef
from monitor.reports.comparison import Compared, Passage, compared, comparison_page, comparison_record, sides
from monitor.reports.evidence import case_of, origin_of, write_evidence
from monitor.store.memory import MemoryStore
from monitor.warc import WarcWriter, raw_record, read_record, read_responses
from tests.articles import NOW, put
from tests.reports.traced import article, at, copy_of, trace

MINE = "Einleitung. Der Hafen wird bis zum Herbst breiter als je zuvor."
OTHER = "Der Hafen wird bis zum Herbst tiefer als je zuvor. Ende."
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Date", "Thu, 16 May 2024 12:00:00 GMT")]


@pytest.fixture
def warc(tmp_path: Path) -> Path:
    return tmp_path / "warc"


def kept(warc: Path, url: str, body: str) -> WarcRef:
    writer = WarcWriter(warc)
    writer.write("https://before.example/", NOW, 200, HEADERS, b"another page")
    ref = writer.write(url, NOW, 200, HEADERS, body.encode())
    writer.write("https://after.example/", NOW, 200, HEADERS, b"another page")
    writer.close()
    return ref


@pytest.fixture
def store(warc: Path) -> MemoryStore:
    """A copy with two revisions, its origin, and a decision."""
    made = MemoryStore()
    ref = kept(warc, "https://kurier.example/copy", "<p>Einleitung. Der Hafen wird breiter.</p>")
    source = replace(trace(), origin=Origin("https://bote.example/first", "first", how="agency-member"))
    copy = article("copy", source, text=MINE, hours=1, story="s", warc=ref, **copy_of("first"))
    put(made, article("first", text=OTHER, site="bote", story="s"), replace(copy, revision=2))
    old = Revision("copy", 1, "Alter Titel", "Alter Text", "h", at(hours=1))
    made.file(Changes(revisions=(old,)))
    made.decide(Decision("d", "copy", "note", "Gespräch mit der Redaktion", "ada", at(days=1)))
    return made


def zipped(store: MemoryStore, warc: Path, id: str = "copy") -> tuple[zipfile.ZipFile, list[str]]:
    out = io.BytesIO()
    case = case_of(store, store.documents([id])[id])
    missing = write_evidence(out, case, warc=warc, now=at(days=2))
    return zipfile.ZipFile(out), missing


def manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return found


def test_every_file_is_named_with_its_size_and_hash(store: MemoryStore, warc: Path) -> None:
    archive, _ = zipped(store, warc)
    assert archive.testzip() is None
    told = {one["name"]: one for one in manifest(archive)["files"]}
    assert set(told) == set(archive.namelist()) - {"manifest.json", "SHA256SUMS"}
    for name, one in told.items():
        data = archive.read(name)
        assert (one["bytes"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert one["what"]
    sums = dict(reversed(line.split("  ")) for line in archive.read("SHA256SUMS").decode().splitlines())
    assert set(sums) == {*told, "manifest.json"}
    assert sums["manifest.json"] == hashlib.sha256(archive.read("manifest.json")).hexdigest()


def test_the_raw_record_is_what_lies_in_the_archive(store: MemoryStore, warc: Path, tmp_path: Path) -> None:
    archive, _ = zipped(store, warc)
    raw = archive.read("article/page-2.warc.gz")
    (tmp_path / "alone.warc.gz").write_bytes(raw)
    (record,) = read_responses(tmp_path / "alone.warc.gz")
    assert (record.url, record.at, record.status) == ("https://kurier.example/copy", NOW, 200)
    assert record.body == archive.read("article/page-2.body.html") == b"<p>Einleitung. Der Hafen wird breiter.</p>"
    headers = archive.read("article/page-2.headers.txt").decode()
    assert headers.startswith("HTTP/1.1 200\r\nContent-Type: text/html; charset=utf-8\r\nDate: Thu")
    (file,) = warc.iterdir()
    assert raw in file.read_bytes()


def test_the_manifest_tells_when_where_and_by_what(store: MemoryStore, warc: Path) -> None:
    told = manifest(zipped(store, warc)[0])
    assert told["made_at"] == "2024-05-18T12:00:00Z"
    assert told["article"]["id"] == "copy"
    assert (told["origin"]["id"], told["origin"]["basis"]) == ("first", "agency-member")
    (capture,) = told["captures"]
    assert (capture["of"], capture["revision"], capture["fetched_at"]) == ("copy", 2, "2024-05-16T12:00:00Z")
    assert (capture["url"], capture["warc_date"]) == ("https://kurier.example/copy", "2024-05-16T12:00:00Z")
    assert [one["argument"] for one in told["decisions"]] == ["Gespräch mit der Redaktion"]
    assert told["missing"] == ["no raw page was kept of first"]


def test_both_texts_all_revisions_and_records_are_there(store: MemoryStore, warc: Path) -> None:
    archive, _ = zipped(store, warc)
    assert archive.read("article/text.txt").decode() == f"Titel copy\n\n{MINE}\n"
    assert archive.read("origin/text.txt").decode() == f"Titel first\n\n{OTHER}\n"
    assert archive.read("article/revisions/1.txt").decode() == "Alter Titel\n\nAlter Text\n"
    record = json.loads(archive.read("article/record.json"))
    assert (record["id"], len(record["revisions"]), len(record["decisions"])) == ("copy", 2, 1)
    assert json.loads(archive.read("origin/record.json"))["id"] == "first"


def test_the_comparison_is_there_for_people_and_for_programs(store: MemoryStore, warc: Path) -> None:
    archive, _ = zipped(store, warc)
    told = json.loads(archive.read("comparison.json"))
    assert (told["article"], told["other"], told["words_changed"]) == ("copy", "first", 1)
    assert told["share_kept"] == pytest.approx(9 / 11)
    at = MINE.index("breiter")
    assert told["passages"][2] == {
        "kind": "changed",
        "article": {"start": at, "end": at + 7, "text": "breiter"},
        "other": {"start": OTHER.index("tiefer"), "end": OTHER.index("tiefer") + 6, "text": "tiefer"},
    }
    page = archive.read("comparison.html").decode()
    assert "<mark>breiter</mark>" in page
    assert "<ins>Einleitung.</ins>" in page
    assert "<del>Ende.</del>" in page


def test_without_an_origin_there_is_no_comparison(warc: Path) -> None:
    store = MemoryStore()
    put(store, article("alone"))
    archive, missing = zipped(store, warc, "alone")
    assert not {"comparison.json", "origin/text.txt"} & set(archive.namelist())
    assert missing == ["no origin is known: there is nothing to compare with", "no raw page was kept of alone"]
    assert manifest(archive)["origin"] is None


def test_a_raw_page_that_is_gone_is_told_and_the_rest_is_written(store: MemoryStore, warc: Path) -> None:
    for file in warc.iterdir():
        file.unlink()
    archive, missing = zipped(store, warc)
    assert "the raw page can't be read" in missing[0]
    assert "article/text.txt" in archive.namelist()


def test_the_origin_is_the_traced_one_then_the_root_then_the_parent() -> None:
    store = MemoryStore()
    put(store, article("root", story="s"), article("parent", story="s"), article("page", role="source"))
    put(store, article("b", story="s", hours=1, **copy_of("parent")))
    store.file(Changes(stories=(Story("s", "root", 3, NOW, at(hours=1)),)))

    def found(document: Document) -> tuple[str, str]:
        other, basis = origin_of(store, document)
        return (other.id if other else "", basis)

    b = store.documents(["b"])["b"]
    traced = replace(b, source=replace(b.source, origin=Origin(article_id="page", how="link")))
    assert found(traced) == ("page", "link")
    assert found(b) == ("root", "root of the story")
    gone = replace(b, story="lost", source=replace(b.source, origin=Origin(article_id="not-here", how="link")))
    assert found(gone) == ("parent", "joined the story through it")
    assert found(store.documents(["root"])["root"]) == ("", "")


# --- raw records ---


def test_a_torn_or_missing_record_is_not_found(warc: Path) -> None:
    ref = kept(warc, "https://kurier.example/x", "<p>x</p>")
    (file,) = warc.iterdir()
    whole = file.read_bytes()
    assert gzip.decompress(raw_record(warc, ref)).startswith(b"WARC/1.1\r\n")
    assert read_record(warc, ref).url == "https://kurier.example/x"
    file.write_bytes(whole[: ref.offset + 40])
    for wrong in (ref, WarcRef(ref.file, ref.offset + 3), WarcRef(ref.file, len(whole)), WarcRef("nothing", 0)):
        with pytest.raises(NotFound):
            raw_record(warc, wrong)


def test_a_large_record_is_read_in_portions(warc: Path) -> None:
    import random

    body = random.Random(7).randbytes(300_000).hex()
    ref = kept(warc, "https://kurier.example/large", body)
    assert body.encode() in gzip.decompress(raw_record(warc, ref))


# --- comparison ---


def test_both_sides_read_in_their_own_order() -> None:
    found = compared(article("a", text=MINE), article("b", text=OTHER))
    mine, other = sides(found)
    assert "".join(piece for _, piece in mine) == MINE
    assert "".join(piece for _, piece in other) == OTHER
    assert ("added", "Einleitung.") in mine
    assert ("missing", "Ende.") in other


def test_what_no_passage_covers_is_shown_as_it_is() -> None:
    some = (Passage("changed", (4, 6), (0, 2)), Passage("same", (0, 3), (3, 6)), Passage("same", (2, 5), (9, 9)))
    mine, other = sides(Compared(article("a", text=MINE), article("b", text=OTHER), Comparison(1, 0, 0), some))
    assert "".join(piece for _, piece in mine) == MINE
    assert "".join(piece for _, piece in other) == OTHER


def test_the_comparison_page_escapes_both_texts() -> None:
    evil = "<img src=x onerror=alert(1)>\x07"

    whole = Passage("changed", (0, len(evil)), (0, len(evil)))
    found = Compared(article("a", text=evil), article("b", text=evil), Comparison(1, 0, 0), (whole,))
    page = comparison_page(found, evil).decode()
    assert "<img" not in page
    assert page.count("&lt;img") == 4  # title, heading, both texts
    assert comparison_record(found)["passages"][0]["article"]["text"] == evil


def test_the_stamp_of_the_zip_is_when_it_was_made(store: MemoryStore, warc: Path) -> None:
    archive, _ = zipped(store, warc)
    assert {datetime(*one.date_time, tzinfo=UTC) for one in archive.infolist()} == {at(days=2)}
