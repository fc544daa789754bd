from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

Run = Callable[..., Result]


def test_json_lines_hold_one_article_each_oldest_first_without_hidden_ones(filled: Path, run: Run) -> None:
    exported = run("export")
    assert exported.exit_code == 0
    records = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [record["id"][:2] for record in records] == ["01", "02", "03", "04"]
    assert all(record["cluster_id"] for record in records)
    assert "revisions" not in records[0]


def test_options_add_sources_and_revisions(filled: Path, run: Run) -> None:
    records = [json.loads(line) for line in run("export", "--with-sources", "--with-revisions").stdout.splitlines()]
    assert [record["role"] for record in records] == ["article"] * 4 + ["source"]
    assert [len(record["revisions"]) for record in records] == [2, 1, 1, 1, 1]


def test_a_query_and_filters_choose(filled: Path, run: Run) -> None:
    def ids(*options: str) -> set[str]:
        return {json.loads(line)["id"][:2] for line in run("export", *options).stdout.splitlines()}

    assert ids("--query", "hafen") == {"01"}
    assert ids("--query", "hafen OR bridge", "--lang", "en") == {"02"}
    assert ids("--since", "2024-05-16T15:00") == {"04"}
    wrong = run("export", "--query", "(hafen")
    assert wrong.exit_code == 2
    assert wrong.stdout == ""


def test_csv_follows_the_rfc_and_no_cell_is_a_formula(filled: Path, run: Run) -> None:
    exported = run("export", "--format", "csv")
    assert exported.stdout_bytes.count(b"\r\n") == 5
    rows = list(csv.DictReader(io.StringIO(exported.stdout_bytes.decode(), newline="")))
    assert rows[0]["authors"] == "Ada Beispiel; dpa"
    assert "\n\nDrei Bagger" in rows[0]["text"]
    assert rows[0]["published_at"] == "2024-05-16T10:30:00Z"
    assert rows[3]["title"] == "'=SUMME(A1:A9) im Rathaus"
    assert run("export", "--format", "csv", "--with-revisions").exit_code == 2


def test_a_file_appears_whole_or_not_at_all(filled: Path, run: Run) -> None:
    exported = run("export", "--output", "all.jsonl")
    assert exported.stdout == ""
    assert "4 articles written to all.jsonl" in exported.stderr
    assert len(Path("all.jsonl").read_text().splitlines()) == 4
    wrong = run("export", "--output", "nowhere/all.jsonl")
    assert wrong.exit_code == 2
    assert "nowhere/all.jsonl" in wrong.stderr
    assert sorted(path.name for path in filled.iterdir()) == ["all.jsonl", "monitor.toml", "sites", "store", "warc"]
