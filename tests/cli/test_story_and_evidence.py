"""A story, a copy against its origin, the zip of evidence and withdrawn texts, as their user runs them."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.records import AgencyCredit, Changes, Document, Duplicate, Evidence, Origin, SourceTrace, Story
from monitor.store.embedded import open_store
from tests.cli.conftest import HARBOUR, START, article, document, revision

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
FIRST, COPY, LATE = "0a" * 10, "0b" * 10, "0c" * 10

WIRE = f"Kielburg (dpa) - {HARBOUR}\n\nDie Verwaltung will im Juni noch einmal mit allen reden. (dpa/lno)"
CHANGED = HARBOUR.replace("Drei Bagger", "Vier Bagger").replace("einen schlechten Scherz", "eine Zumutung für alle")


def story_documents() -> tuple[Document, ...]:
    """A dispatch on the agency's page, a credited copy, and one that says nothing; the last joined through the copy."""
    credited = SourceTrace(
        "agency", (AgencyCredit("dpa", 0.95),), credited=True, origin=Origin(article_id=FIRST, how="agency-member"),
        evidence=(Evidence("text", "dpa", "(dpa)", "trailer", 0.9),), lag_seconds=3600, share_kept=0.9,
    )  # fmt: skip
    silent = replace(credited, kind="unknown", agencies=(), credited=False, uncredited_reuse=True, share_kept=0.8)
    first = article(10, "wire", "Hafen von Kielburg soll tiefer werden", WIRE)
    copy = article(11, "kielburg", "Der Hafen wird tiefer", f"Exklusiv für unsere Leser.\n\n{CHANGED}")
    late = article(12, "millford", "Kielburg: Streit um den Hafen", HARBOUR)
    edge = Duplicate("near", FIRST, 0.9, 0.85)
    return (
        document(first, story="sharbour"),
        document(copy, story="sharbour", is_root=False, duplicate=edge, source=credited),
        document(late, story="sharbour", is_root=False, duplicate=replace(edge, of=COPY), source=silent),
    )


@pytest.fixture
def told(filled: Path) -> Path:
    documents = story_documents()
    story = Story(
        "sharbour", FIRST, 3, documents[0].story_time, documents[2].story_time, ("wire", "kielburg", "millford"),
        ("dpa",), ("sold",), documents[0].article.title,
    )  # fmt: skip
    store = open_store(filled / "store")
    store.file(
        Changes(revisions=tuple(revision(one.article) for one in documents), documents=documents, stories=(story,))
    )
    store.refresh()
    store.close()
    return filled


# --- story ---


@pytest.mark.parametrize("name", ["sharbour", "sold", COPY, COPY[:6]])
def test_a_story_is_found_by_its_id_an_alias_or_an_article(told: Path, run: Run, name: str) -> None:
    shown = run("story", name)
    assert shown.exit_code == 0, shown.stderr
    assert "sharbour  3 articles on 3 sites, times in Europe/Berlin" in shown.stdout
    assert "also known as sold" in shown.stdout


def test_the_copies_stand_in_order_of_time(told: Path, run: Run) -> None:
    lines = run("story", "sharbour").stdout.splitlines()
    rows = [line for line in lines if any(f" {id} " in line for id in (FIRST, COPY, LATE))]
    assert rows[0].split()[2:5] == ["wire", "root", FIRST]
    assert rows[1].split()[2:12] == ["+1", "h", "00", "min", "kielburg", "near", "90%", "dpa", COPY, "Der"]
    assert "not credited" in rows[2]
    assert "+2 h 00 min" in rows[2]


def test_a_copy_is_compared_with_its_origin_word_by_word(told: Path, run: Run) -> None:
    shown = run("story", "sharbour").stdout
    assert "kielburg against wire" in shown
    assert "{+Exklusiv für unsere Leser.+}" in shown
    assert "{~Vier~} Bagger" in shown
    assert "mit allen reden. (dpa/lno)-]" in shown
    assert "millford against wire" in run("story", LATE).stdout
    assert "millford against wire" in run("story", "sharbour", "--compare", LATE).stdout
    assert "against" not in run("story", "sharbour", "--no-text").stdout


def test_colours_are_for_terminals_and_no_color_is_honoured(told: Path, process: Process) -> None:
    assert "\x1b[" not in process("story", "sharbour").stdout
    assert "\x1b[" in process("story", "sharbour", FORCE_COLOR="1").stdout
    plain = process("story", "sharbour", FORCE_COLOR="1", NO_COLOR="1").stdout
    assert "\x1b[3" not in plain
    assert "{~Vier~}" in plain


def test_json_holds_copies_and_comparison(told: Path, run: Run) -> None:
    run("decide", COPY, "note", "gesehen")
    record = json.loads(run("story", "sharbour", "--json").stdout)
    assert record["story"]["id"] == "sharbour"
    assert [one["id"] for one in record["copies"]] == [FIRST, COPY, LATE]
    copy = record["copies"][1]
    assert (copy["kind"], copy["lag_seconds"], copy["share_kept"], copy["credited"]) == ("near", 3600, 0.9, True)
    assert [one["argument"] for one in copy["decisions"]] == ["gesehen"]
    comparison = record["comparison"]
    assert (comparison["article"], comparison["other"]) == (COPY, FIRST)
    assert {one["kind"] for one in comparison["passages"]} == {"same", "changed", "added", "missing"}
    text = f"Exklusiv für unsere Leser.\n\n{CHANGED}"
    for one in comparison["passages"]:
        assert one["article"]["text"] == text[one["article"]["start"] : one["article"]["end"]]


def test_a_story_of_one_has_nothing_to_compare(told: Path, run: Run) -> None:
    shown = run("story", "04" * 10)
    assert shown.exit_code == 0
    assert "1 article on 1 site" in shown.stdout
    assert "against" not in shown.stdout
    assert json.loads(run("story", "04" * 10, "--json").stdout)["comparison"] is None


def test_decisions_stand_beside_the_story(told: Path, run: Run) -> None:
    run("decide", COPY, "confirm-credit", "dpa", "--author", "Ada")
    shown = run("story", "sharbour").stdout
    assert "Decisions" in shown
    assert any("Ada" in line and COPY in line and "confirm-credit" in line for line in shown.splitlines())


def test_what_is_no_story_is_told(told: Path, run: Run) -> None:
    shown = run("story", "nothing-here")
    assert shown.exit_code == 1
    assert "no story and no article has the id 'nothing-here'" in shown.stderr


# --- evidence ---


def test_evidence_is_a_zip_that_verifies_itself(told: Path, run: Run) -> None:
    done = run("evidence", COPY[:8])
    assert done.exit_code == 0, done.stderr
    assert f"written to evidence-{COPY}.zip" in done.stderr
    assert "left out: no raw page was kept" in done.stderr
    with zipfile.ZipFile(told / f"evidence-{COPY}.zip") as archive:
        for line in archive.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        told_ = json.loads(archive.read("manifest.json"))
        assert told_["origin"]["id"] == FIRST
        assert "<mark>Vier</mark>" in archive.read("comparison.html").decode()


def test_evidence_holds_the_raw_page_where_it_was_kept(filled: Path, run: Run) -> None:
    assert run("evidence", "01" * 10, "--out", "case.zip").exit_code == 0
    with zipfile.ZipFile(filled / "case.zip") as archive:
        assert archive.read("article/page-2.body.html").decode() == "<p>Der Hafen für alle</p>"
        assert {"article/revisions/1.txt", "article/revisions/2.txt"} <= set(archive.namelist())
    assert run("evidence", "ffffffff").exit_code == 1


def test_evidence_goes_to_standard_output_or_whole_to_a_file(told: Path, run: Run, process: Process) -> None:
    piped = run("evidence", COPY, "--out", "-")
    assert piped.stdout_bytes.startswith(b"PK")
    wrong = run("evidence", COPY, "--out", "no/such/folder/a.zip")
    assert wrong.exit_code == 2
    assert "can't be written" in wrong.stderr
    assert not list(told.glob(".*partial"))


# --- withdrawn ---


def test_who_still_runs_a_withdrawn_text_is_reported(told: Path, run: Run) -> None:
    store = open_store(told / "store")
    first = story_documents()[0]
    said = Evidence("text", "dpa", "urn:x", "reference", 1.0)
    changed = replace(first, withdrawn=True, local_evidence=(said,), article=replace(first.article, role="reference"))
    store.file(Changes(documents=(changed,)))
    store.refresh()
    store.close()
    shown = run("report", "withdrawn", "--agency", "dpa")
    assert shown.exit_code == 0, shown.stderr
    assert "Withdrawn: 1; copies that stand: 2" in shown.stdout
    assert COPY in shown.stdout
    told_ = json.loads(run("report", "withdrawn", "--format", "json").stdout)
    assert [one["id"] for one in told_[0]["running"]] == [COPY, LATE]
    assert json.loads(run("report", "withdrawn", "--agency", "afp", "--format", "json").stdout) == []
    page = run("report", "withdrawn", "--format", "html").stdout
    assert "Withdrawn texts" in page
    assert "withdrawn" in run("story", "sharbour").stdout


def test_the_fixture_is_a_story(told: Path) -> None:
    first, copy, late = story_documents()
    assert copy.story_time - first.story_time == timedelta(hours=1)
    assert late.story_time == START + timedelta(hours=12)
