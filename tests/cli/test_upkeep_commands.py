"""status, runs, store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from monitor.store.embedded.database import FILE_NAME

Run = Callable[..., Result]


def test_status_shows_the_store_and_every_site(filled: Path, run: Run) -> None:
    shown = run("status")
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["articles", "5"] in lines
    assert ["inbox", "0", "waiting", "to", "be", "filed"] in lines
    kielburg = next(line for line in lines if line[:1] == ["kielburg"])
    assert kielburg[-6:] == ["finished", "0", "1", "3", "0", "now"]
    assert "millford: no such host" in shown.stdout


def test_status_as_json(filled: Path, run: Run) -> None:
    status = json.loads(run("status", "--json").stdout)
    assert status["store"]["articles"] == 5
    assert status["store"]["kind"] == "embedded"
    sites = {site["site"]: site for site in status["sites"]}
    assert sites["kielburg"]["urls"] == {"discovered": 1, "rejected": 3}
    assert sites["millford"]["last_run"]["error"] == "no such host"
    assert [run["id"] for run in status["failures"]] == ["r2"]
    assert status["errors"] == []


def test_status_goes_on_past_a_broken_site_file(filled: Path, run: Run) -> None:
    (filled / "sites" / "broken.yaml").write_text("url: [")
    shown = run("status")
    assert shown.exit_code == 0
    assert "broken.yaml" in shown.stderr
    assert "kielburg" in shown.stdout


def test_status_without_a_store_says_how_to_get_one(folder: Path, run: Run) -> None:
    shown = run("status")
    assert shown.exit_code == 1
    assert "Hint:" in shown.stderr
    assert not (folder / "store").exists()


def test_runs_are_listed_newest_first(filled: Path, run: Run) -> None:
    lines = run("runs").stdout.splitlines()
    assert lines[2].split()[:5] == ["2024-05-16", "12:30", "millford", "crawl", "failed"]
    assert lines[2].endswith("no such host")
    assert lines[3].endswith("5 found, 4 fetched")
    assert [one["id"] for one in json.loads(run("runs", "kielburg", "--json").stdout)] == ["r1"]
    assert run("runs", "nobody").stdout == "No run yet.\n"


def test_rejections_are_counted_by_reason_with_examples(filled: Path, run: Run) -> None:
    lines = run("runs", "kielburg", "--rejections").stdout.splitlines()
    assert lines[0] == "too-short  2"
    assert any("https://kielburg.example/kurz/1" in line for line in lines)
    assert "  9 words" in lines
    assert len(json.loads(run("runs", "--rejections", "--json").stdout)) == 3
    assert run("runs", "millford", "--rejections").stdout == "No page was rejected.\n"


def test_a_sound_store_passes_its_check_and_is_indexed_again(filled: Path, run: Run) -> None:
    checked = run("store", "check")
    assert checked.exit_code == 0
    assert "all is well: 5 articles, 6 revisions" in checked.stdout
    assert json.loads(run("store", "check", "--json").stdout) == {"findings": [], "articles": 5, "revisions": 6}
    assert "articles indexed" in run("store", "reindex").stdout
    assert run("search", "hafen").stdout.startswith("1 article")
    assert "up to date" in run("store", "migrate").stdout


def test_a_store_without_an_index_is_found_wrong_and_mended(filled: Path, run: Run) -> None:
    shutil.rmtree(filled / "store" / "index")
    checked = run("store", "check")
    assert checked.exit_code == 1
    assert "wrong: " in checked.stdout
    assert "reindex" in checked.stdout
    assert run("store", "reindex").exit_code == 0
    assert run("store", "check").exit_code == 0


def test_a_backup_brings_back_what_was_there(filled: Path, run: Run) -> None:
    assert run("store", "backup", "copy").exit_code == 0
    again = run("store", "backup", "copy")
    assert again.exit_code == 1
    assert "copy" in again.stderr
    refused = run("store", "restore", "copy")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert run("store", "restore", "copy", "--force").exit_code == 0
    assert "all is well: 5 articles" in run("store", "check").stdout
    assert run("search", "hafen").stdout.startswith("1 article")


def test_a_store_that_is_none_is_one_message(folder: Path, run: Run) -> None:
    (folder / "store").mkdir()
    (folder / "store" / FILE_NAME).write_bytes(b"this is no database " * 500)
    shown = run("search", "hafen")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert shown.stderr.startswith("Error: ")
    assert "Traceback" not in shown.stderr


def test_a_store_is_not_copied_to_itself(filled: Path, run: Run) -> None:
    done = run("store", "copy", "--from", "embedded", "--to", "embedded")
    assert done.exit_code == 2
    assert "can't be copied to itself" in done.stderr


def test_a_copy_to_an_engine_needs_its_address(filled: Path, run: Run) -> None:
    done = run("store", "copy", "--from", "embedded", "--to", "elasticsearch")
    assert done.exit_code == 2
    assert "nothing says where the engine is" in done.stderr
    assert "store.url" in done.stderr


def test_migrating_a_store_of_this_version_changes_nothing(filled: Path, run: Run) -> None:
    done = run("store", "migrate")
    assert done.exit_code == 0
    assert done.stdout.rstrip().endswith("up to date")


def test_the_help_of_migrate_says_what_holds_for_a_folder_and_what_for_an_engine(run: Run) -> None:
    told = " ".join(run("store", "migrate", "--help").stdout.replace("│", " ").split())
    assert "Other commands do so with a store in a folder" in told
    assert "on an engine only this one does" in told


def test_there_is_nothing_to_migrate_without_a_store(folder: Path, run: Run) -> None:
    assert run("store", "migrate").exit_code == 1
    assert not (folder / "store").exists()


def test_status_counts_what_was_put_aside(filled: Path, run: Run) -> None:
    assert json.loads(run("status", "--json").stdout)["put_aside"] == 0
    (filled / "store" / "dead").mkdir()
    (filled / "store" / "dead" / "filing-1-abc.json").write_text("{}")
    assert json.loads(run("status", "--json").stdout)["put_aside"] == 1
    assert "not filed" in (shown := run("status").stdout)
    assert "1 put aside; `monitor store retry-dead` tries again" in shown
