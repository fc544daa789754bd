"""What is wrong with the monitor itself, as the commands tell it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.config import load
from monitor.health.watching import HealthWatch
from monitor.records import Run as Crawl
from monitor.wiring import open_health, open_store

Run = Callable[..., Result]

NOBODY = "nobody is told when something is wrong here"
FAILING = "kurier fails again and again"


def watched(folder: Path, began: datetime, looked: datetime) -> None:
    """A site fails, and `monitor run` looks."""
    url = "https://kurier.example/"
    (folder / "sites" / "kurier.yaml").write_text(f"url: {url}\nsources:\n  - kind: feed\n    url: {url}feed.xml\n")
    loaded = load(folder, {})
    with closing(open_store(loaded)) as store:
        watch: HealthWatch = open_health(loaded, store)
        for number in range(3):
            at = began - timedelta(seconds=3 - number)
            store.put_run(Crawl(f"{at}", "kurier", at, at, "failed", error="503"))
        watch.look(began)
        watch.look(looked)
        watch.end()


@pytest.fixture
def folder(filled: Path) -> Path:
    (filled / "monitor.toml").write_text("[alerting]\ndisk_free = 0\n", encoding="utf-8")
    return filled


def test_status_tells_what_is_wrong_and_since_when(folder: Path, run: Run) -> None:
    began = datetime.now(UTC) - timedelta(minutes=20)
    watched(folder, began, began + timedelta(minutes=15))
    shown = run("status").stdout
    assert "1 problem\n" in shown
    assert f"since {began - timedelta(seconds=1):%Y-%m-%d %H:%M}  {FAILING}" in shown
    told = json.loads(run("status", "--json").stdout)["health"]
    assert [(one["name"], one["title"]) for one in told["problems"]] == [("failures:kurier", FAILING)]
    assert told["problems"][0]["since"].startswith(f"{began - timedelta(seconds=1):%Y-%m-%dT%H:%M}")


def test_status_says_when_nobody_looks_any_more(folder: Path, run: Run) -> None:
    began = datetime.now(UTC) - timedelta(hours=3)
    watched(folder, began, looked := began + timedelta(minutes=15))
    assert f"1 problem, as of {looked:%Y-%m-%d %H:%M}: nobody looks since then" in run("status").stdout


def test_status_says_so_too_where_nothing_was_wrong_then(folder: Path, run: Run) -> None:
    with closing(open_store(loaded := load(folder, {}))) as store:
        watch: HealthWatch = open_health(loaded, store)
        watch.look(looked := datetime.now(UTC) - timedelta(days=40))
        watch.end()
    assert f"0 problems, as of {looked:%Y-%m-%d %H:%M}: nobody looks since then" in run("status").stdout


def test_status_says_when_nobody_is_told_of_problems(folder: Path, run: Run) -> None:
    assert NOBODY in " ".join(run("status").stdout.split())
    assert json.loads(run("status", "--json").stdout)["health"]["channels"] == []
    with (folder / "monitor.toml").open("a", encoding="utf-8") as settings:
        settings.write('health_channels = ["desk"]\n')
    assert NOBODY not in " ".join(run("status").stdout.split())


def test_health_is_silenced_for_a_while_and_status_says_so(folder: Path, run: Run) -> None:
    done = run("alerts", "silence", "health", "--site", "kielburg", "--site", "kurrier", "--for", "2d")
    assert done.stdout.startswith("health of kielburg, kurrier is silent until ")
    assert done.stderr.startswith("No site is called kurrier here")
    assert run("alerts", "silence", "health", "--for", "4h").exit_code == 0
    assert set(json.loads(run("status", "--json").stdout)["health"]["silences"]["sites"]) == {"kielburg", "kurrier"}
    shown = run("status").stdout
    assert "none at all until" in shown
    assert "none of kielburg until" in shown
    done = run("alerts", "enable", "health", "--site", "kurrier")
    assert done.stdout.startswith("health as a whole is silent until ")
    assert done.stderr.startswith("No site is called kurrier here")
    assert "none of kurrier" not in run("status").stdout
    assert run("alerts", "enable", "health").stdout == "health is on\n"
    assert run("alerts", "enable", "health", "--site", "kielburg").stdout == "health of kielburg is on\n"
    assert run("alerts", "history", "health").exit_code == 0
    assert "until" not in run("status").stdout


def test_only_health_has_sites_to_choose_from(folder: Path, run: Run) -> None:
    run("alerts", "add", "works", "feuer")
    for command in (("enable", "works"), ("silence", "works", "--for", "4h")):
        done = run("alerts", *command, "--site", "kielburg")
        assert done.exit_code == 2
        assert "only `health` has sites" in " ".join(done.stderr.split())


def test_a_run_that_begins_says_when_nobody_is_told_of_problems(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor", "run"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        try:
            assert running.stdout is not None
            assert any(NOBODY in line.lower() for line in islice(running.stdout, 5))
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)
