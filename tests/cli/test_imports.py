"""`monitor import` as its user runs it."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from typer.testing import Result

from tests.newsite import NewsSite, article_page, article_text, site_file
from tests.program import crawl, exported, monitor
from tests.test_newsml import item as newsml_item

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]


def records(*numbers: int) -> list[dict[str, Any]]:
    return [
        {"id": f"n{number}", "url": f"https://blatt.example/{number}", "text": "\n\n".join(article_text(number))}
        for number in numbers
    ]


def lines(*values: Any) -> bytes:
    return "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in values).encode()


def test_records_are_stored_refusals_are_counted_and_the_exit_code_is_0(folder: Path, process: Process) -> None:
    good = records(1, 2, 3)
    good[0] |= {"title": "Der Titel", "published_at": "2024-05-16T08:00:00+02:00", "site": "Blatt"}
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines(*good, "{", {**good[0], "id": "x", "text": "Kurz."})))
    done = process("import", "a.jsonl.gz", "--json")
    assert done.returncode == 0, done.stderr
    (told,) = json.loads(done.stdout)["files"]
    assert (told["read"], told["stored"], told["unfiled"]) == (5, 3, 0)
    assert told["refused"] == {"not-json": 1, "too-short": 1}
    assert "a.jsonl.gz:4: not-json" in done.stderr
    found = {one["id"]: one for one in exported(folder)}
    assert set(found) == {"n1", "n2", "n3"}
    assert (found["n1"]["title"], found["n1"]["site"]) == ("Der Titel", "blatt")
    assert found["n1"]["published_at"] == "2024-05-16T06:00:00Z"
    assert all(one["cluster_id"] for one in found.values())

    again = process("import", "a.jsonl.gz")
    assert again.stdout.startswith(
        "a.jsonl.gz: read 5, stored 0, updated 0, unchanged 3, refused 1 not-json, 1 too-short"
    )
    runs = json.loads(process("runs", "--json").stdout)
    assert [(run["trigger"], run["status"], run["rejected"]) for run in runs] == [
        ("import", "finished", {"not-json": 1, "too-short": 1})
    ] * 2


def test_a_damaged_file_is_one_error_and_what_stands_before_it_is_kept(folder: Path, process: Process) -> None:
    (folder / "good.jsonl").write_bytes(lines(*records(9)))
    (folder / "bad.jsonl.gz").write_bytes(gzip.compress(lines(*records(*range(8))))[:-20])
    done = process("import", "bad.jsonl.gz", "good.jsonl")
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert len(errors) == 1
    assert errors[0].startswith("Error: bad.jsonl.gz: damaged, read up to there")
    assert "Traceback" not in done.stderr
    ids = {one["id"] for one in exported(folder)}
    assert {"n0", "n9"} <= ids
    statuses = {
        run["site"]: (run["status"], bool(run["error"])) for run in json.loads(process("runs", "--json").stdout)
    }
    assert statuses == {"bad.jsonl.gz": ("failed", True), "good.jsonl": ("finished", False)}


def test_what_is_no_file_is_told_before_anything_is_done(folder: Path, run: Run) -> None:
    (folder / "a.jsonl").write_bytes(lines(*records(1)))
    (folder / "a.docx").write_bytes(b"PK")
    for name, told in (("nothing.jsonl", "no such file or folder"), ("a.docx", "not a file that can be imported")):
        done = run("import", "a.jsonl", name)
        assert done.exit_code == 2
        assert done.stderr.startswith(f"Error: {name}: {told}")
    assert not (folder / "store").exists()


def test_what_a_crawl_kept_as_raw_pages_can_be_imported_again(tmp_path: Path) -> None:
    """The program's own archive goes round: the same articles, by the same ids, from the raw pages alone."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with NewsSite(3) as site:
        site_file(first, site)
        crawl(first)
        (archive,) = (first / "warc").glob("*.warc.gz")
        crawled = {one["id"]: one for one in exported(first)}
        hits = len(site.requests)
        done = monitor(second, "import", str(archive), "--site", "blatt", "--json")
        assert done.returncode == 0, done.stderr
        assert len(site.requests) == hits
    again = {one["id"]: one for one in exported(second)}
    assert set(again) == set(crawled)
    for id, one in crawled.items():
        for name in ("url", "title", "text", "site", "language", "published_at"):
            assert again[id][name] == one[name]


def test_a_folder_of_saved_pages_is_imported_under_the_named_site(folder: Path, process: Process) -> None:
    (folder / "saved").mkdir()
    for number in range(2):
        (folder / "saved" / f"{number}.html").write_text(article_page(number))
    done = process("import", "saved", "--site", "kielburg")
    assert done.returncode == 0, done.stderr
    assert {(one["site"], one["title"]) for one in exported(folder)} == {
        ("kielburg", "Meldung 0 aus der Gemeinde"),
        ("kielburg", "Meldung 1 aus der Gemeinde"),
    }


def test_an_agencys_dispatches_are_matched_hidden_and_taken_back(folder: Path, process: Process, run: Run) -> None:
    """From the wire to the report: an uncredited copy is found, and so is who runs a text that was withdrawn."""
    text = "".join(f"<p>{paragraph}</p>" for paragraph in article_text(1))
    wire = newsml_item(f"<inlineXML><html><body>{text}</body></html></inlineXML>")
    (folder / "wire.xml").write_text(wire)
    (folder / "kill.xml").write_text(newsml_item("", status="stat:canceled"))
    copy = {**records(1)[0], "title": "Unsere Meldung", "site": "blatt", "published_at": "2024-05-16T12:00:00Z"}
    (folder / "a.jsonl").write_bytes(lines(copy, *records(7)))
    (folder / "licences.yaml").write_text("- {agency: dpa, site: andere}\n")
    for arguments in (("wire.xml", "--reference", "--agency", "dpa"), ("a.jsonl",)):
        done = process("import", *arguments)
        assert done.returncode == 0, done.stderr
    assert {one["id"] for one in exported(folder)} == {"n1", "n7"}
    (found,) = [one for one in exported(folder) if one["id"] == "n1"]
    assert found["source"]["uncredited_reuse"]
    assert found["source"]["origin"]["how"] == "reference"
    hidden = [json.loads(line) for line in run("export", "--reference").stdout.splitlines()]
    assert [one["role"] for one in hidden if one["id"] not in ("n1", "n7")] == ["reference"]
    usage = json.loads(run("report", "usage", "--agency", "dpa", "--format", "json").stdout)
    assert [(one["site"], one["uncredited"], one["unlicensed"]) for one in usage["sites"]] == [("blatt", 1, 1)]

    done = process("import", "kill.xml", "--reference", "--agency", "dpa", "--json")
    assert json.loads(done.stdout)["files"][0]["withdrawn"] == 1
    (taken,) = json.loads(run("report", "withdrawn", "--format", "json").stdout)
    assert [one["id"] for one in taken["running"]] == ["n1"]
    assert taken["agencies"] == ["dpa"]


def test_newsml_without_its_agency_says_what_is_missing(folder: Path, run: Run) -> None:
    (folder / "wire.xml").write_text(newsml_item())
    done = run("import", "wire.xml")
    assert done.exit_code == 2
    assert "--reference --agency" in done.stderr


def test_wrong_licences_are_told_before_anything_is_done(folder: Path, run: Run) -> None:
    (folder / "a.jsonl").write_bytes(lines(*records(1)))
    (folder / "licences.yaml").write_text("- {agency: dpa}\n")
    done = run("import", "a.jsonl")
    assert done.exit_code == 2
    assert "licences.yaml:1: licence 1: site: expected, but missing" in done.stderr
    assert not (folder / "store").exists()
