"""`monitor crawl`: what it says and the exit code; what it does is in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import Result

from monitor.cli.crawl import drain
from monitor.cli.crawl_display import Summary, report
from monitor.filing import file_batch
from monitor.store.memory import MemoryStore
from tests.articles import run as a_run
from tests.articles import stored
from tests.newsite import NewsSite, site_file
from tests.program import monitor

Run = Callable[..., Result]


def test_an_unknown_site_is_told_before_anything_starts(folder: Path, run: Run) -> None:
    done = run("crawl", "kielburg", "kielburk")
    assert done.exit_code == 2
    assert "no site is called 'kielburk'" in done.stderr
    assert "did you mean kielburg" in done.stderr
    assert not (folder / "store").exists()


def test_without_sites_the_way_to_add_one_is_told(folder: Path, run: Run) -> None:
    for path in (folder / "sites").iterdir():
        path.unlink()
    done = run("crawl")
    assert done.exit_code == 2
    assert "no site in" in done.stderr
    assert "monitor sites add URL" in done.stderr
    (folder / "sites" / "aus.yaml").write_text("url: https://x.example/\nenabled: false\n")
    assert run("crawl").exit_code == 2


def test_a_pipe_gets_plain_lines_and_a_summary_of_every_site(tmp_path: Path) -> None:
    with NewsSite(3) as one, NewsSite(2, address="127.0.0.2") as other:
        one.listed = [*one.articles, "/weg/"]
        site_file(tmp_path, one, site_id="eins")
        site_file(tmp_path, other, site_id="zwei")
        done = monitor(tmp_path, "crawl")
        assert done.returncode == 0, done.stderr
        rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("eins", "zwei"))]
        assert rows == [
            ["eins", "4", "3", "3", "0", "0", "1", "gone", "0"],
            ["zwei", "2", "2", "2", "0", "0", "0", "0"],
        ]
        assert "\x1b" not in done.stdout + done.stderr
        assert "crawled site=eins status=finished discovered=4 fetched=3" in done.stderr

        again = monitor(tmp_path, "crawl", "zwei", "--json")
        (told,) = json.loads(again.stdout)["sites"]
        assert set(told) >= {
            "site", "ok", "status", "error", "discovered", "fetched", "stored", "updated", "unchanged", "rejected",
            "failed", "started_at", "finished_at", "run",
        }  # fmt: skip
        assert (told["site"], told["discovered"]) == ("zwei", 0)
    runs = json.loads(monitor(tmp_path, "runs", "--json").stdout)
    assert [run["site"] for run in runs].count("eins") == 1


def test_source_links_that_are_left_are_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for left, told in ((0, ""), (1, "1 source link is left to the next crawl.\n")):
        report(Summary((), links_left=left))
        assert capsys.readouterr().err == told
    report(Summary((), links_left=1200))
    assert "source links are left" in capsys.readouterr().err


def test_the_filer_is_hurried_while_what_is_left_is_waited_for() -> None:
    store = MemoryStore()
    store.put_run(a_run("run-1"))
    store.settle([stored("a"), stored("b")])
    resting: Any = SimpleNamespace(deaths=0, held_up=False, hurry=lambda: file_batch(store, 1))
    assert drain(store, ["run-1"], resting, patience=0.3) == 1
    assert drain(store, ["run-1"], resting, patience=0.3) == 0
