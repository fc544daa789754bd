"""`monitor schedule list`; `monitor run` itself is in tests/e2e."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typer.testing import Result

from monitor.cli.schedule import close_open_runs
from monitor.records import Run as CrawlRun
from monitor.store.embedded import open_store

Run = Callable[..., Result]


def crawled(folder: Path, site: str, ago: timedelta, status: str = "finished") -> None:
    with closing(open_store(folder / "store")) as store:
        store.put_run(CrawlRun(f"r-{site}", site, datetime.now(UTC) - ago, status=status))


def test_every_enabled_site_has_its_rule_and_its_next_run(folder: Path, run: Run) -> None:
    url = "url: https://x.example/\n"
    (folder / "sites" / "taeglich.yaml").write_text(url + "schedule: {cron: '0 6 * * *', time_zone: Asia/Tokyo}\n")
    (folder / "sites" / "aus.yaml").write_text(url + "enabled: false\n")
    crawled(folder, "kielburg", timedelta(minutes=5))
    crawled(folder, "millford", timedelta(days=2))
    done = run("schedule", "list", "--json")
    assert done.exit_code == 0, done.stderr
    listed = {one["site"]: one for one in json.loads(done.stdout)}
    assert set(listed) == {"kielburg", "millford", "taeglich"}
    assert listed["taeglich"]["rule"] == "cron 0 6 * * * (Asia/Tokyo)"
    assert listed["taeglich"]["next_run"][11:16] == "21:00"
    assert listed["taeglich"]["last_run"] is None
    assert (listed["millford"]["overdue"], listed["kielburg"]["overdue"]) == (True, False)
    next_run = datetime.fromisoformat(listed["kielburg"]["next_run"])
    assert timedelta(minutes=9) < next_run - datetime.now(UTC) < timedelta(minutes=11)

    shown = run("schedule", "list")
    assert "now (overdue)" in shown.stdout
    assert "every 15m" in shown.stdout


def test_a_broken_file_is_told_beside_the_others(folder: Path, run: Run) -> None:
    (folder / "sites" / "kaputt.yaml").write_text("url: https://x.example/\nschedule: '0 6 31 2 *'\n")
    done = run("schedule", "list", "--json")
    assert done.exit_code == 2
    assert {one["site"] for one in json.loads(done.stdout)} == {"kielburg", "millford"}
    assert done.stderr.count("Error: ") == 1
    assert "kaputt" in done.stderr


def test_runs_that_a_killed_program_left_open_are_closed_and_due(folder: Path, run: Run) -> None:
    crawled(folder, "kielburg", timedelta(minutes=1), "running")
    with closing(open_store(folder / "store")) as store:
        close_open_runs(store)
        (closed,) = store.runs()
        assert (closed.status, closed.error) == ("stopped", "the program was killed")
        assert closed.finished_at is not None
        close_open_runs(store)
        assert store.runs() == [replace(closed)]
    listed = {one["site"]: one for one in json.loads(run("schedule", "list", "--json").stdout)}
    assert datetime.fromisoformat(listed["kielburg"]["next_run"]) <= datetime.now(UTC)
