"""What the commands say of a store elsewhere; whole crawls without it are in tests/e2e."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from monitor import records
from monitor.cli.crawl_display import LiveDisplay, Summary, report
from monitor.cli.shipping import tell_unfiled
from monitor.config import Loaded
from monitor.crawl.progress import Event
from monitor.dispatch.local import Ended
from monitor.errors import AccessRefused, StoreFull, StoreUnreachable
from monitor.filing import Wait
from monitor.store.memory import MemoryStore
from monitor.store.port import FILER_LEASE, Shipping
from monitor.store.spooled import SpooledStore, open_spooled, remote
from tests.articles import NOW, run, stored
from tests.store.troubled import Troubled

Run = Callable[..., Result]


@pytest.fixture
def there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Troubled:
    """The store that the commands find, behind an inbox in `spool`."""
    troubled = Troubled(MemoryStore())

    def wired(loaded: Loaded, **_: Any) -> SpooledStore:
        return open_spooled(troubled.opened, loaded.folder / "spool", limit=1000)

    monkeypatch.setattr("monitor.wiring.open_store", wired)
    monkeypatch.setattr(remote, "FIRST_REST", 0.01)
    return troubled


def gather(there: Troubled, folder: Path, *names: str) -> None:
    with closing(open_spooled(there.opened, folder / "spool", limit=1000)) as store:
        store.settle([stored(name) for name in names])


def test_status_shows_what_a_full_store_does_not_take(there: Troubled, folder: Path, run: Run) -> None:
    there.error, there.writes_only = StoreFull("the disk of the engine is full"), True
    gather(there, folder, "a", "b")
    done = run("status")
    assert done.exit_code == 0
    assert "store takes nothing since 20" in done.stderr
    assert "the disk of the engine is full; 2 articles wait here" in done.stderr
    assert "2 waiting to be shipped" in done.stdout
    there.error = None
    told = json.loads(run("status", "--json").stdout)["store"]
    assert told["shipping"]["waiting"] == 2


def test_runs_of_a_store_that_is_away_are_those_of_this_machine_and_it_is_said(
    there: Troubled, folder: Path, run: Run
) -> None:
    there.error = StoreUnreachable("nothing answers")
    with closing(open_spooled(there.opened, folder / "spool", limit=1000)) as store:
        store.put_run(records.Run("run-1", "blatt", NOW))
    done = run("runs")
    assert done.exit_code == 1
    assert "blatt" in done.stdout
    assert "Error: store unreachable since 20" in done.stderr


def test_a_store_is_not_said_to_be_made_while_the_engine_is_away(folder: Path, run: Run) -> None:
    (folder / "monitor.toml").open("a").write('\n[store]\nkind = "elasticsearch"\nurl = "http://127.0.0.1:9"\n')
    done = run("store", "init")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "does not answer: Connection refused" in done.stderr


def test_status_of_a_store_that_refuses_the_password_is_one_line(there: Troubled, run: Run) -> None:
    there.error = AccessRefused("the engine refuses the user")
    done = run("status")
    assert (done.exit_code, done.stderr) == (1, "Error: the engine refuses the user\n")


def test_what_was_refused_is_tried_again(there: Troubled, folder: Path, run: Run) -> None:
    there.refused = {"b"}
    gather(there, folder, "a", "b")
    assert "1 put aside; `monitor store retry-dead` tries again" in run("status").stdout
    assert run("store", "retry-dead").stdout == "1 records tried again, 1 refused again\n"
    there.refused = set()
    assert run("store", "retry-dead").stdout == "1 records tried again\n"
    assert [item.analysis.article.id for item in there.store.take(9)] == ["a", "b"]


def test_status_says_nothing_of_the_search_index_where_it_can_not_know(
    there: Troubled, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "search index" in run("status").stdout
    health = there.store.health(NOW)
    monkeypatch.setattr(there.store, "health", lambda _: replace(health, unprojected=None))
    assert "search index" not in run("status").stdout


@pytest.mark.parametrize("away", [False, True])
def test_what_the_engine_refused_counts_once(there: Troubled, folder: Path, run: Run, away: bool) -> None:
    there.refused = {"b"}
    gather(there, folder, "a", "b")
    of_engine = folder / "spool" / "dead" / "engine" / "1.json"
    of_engine.parent.mkdir()
    of_engine.write_text("{}")
    there.error = StoreUnreachable("nothing answers") if away else None
    assert "2 put aside; `monitor store retry-dead` tries again" in run("status").stdout
    told = json.loads(run("status", "--json").stdout)
    assert (told["put_aside"], told["store"]["dead"], told["store"]["shipping"]["dead"]) == (2, 1, 1)
    if not away:
        findings = json.loads(run("store", "check", "--json").stdout)["findings"]
        assert [one["what"] for one in findings] == ["the store refused 2 records"]
        assert run("store", "retry-dead").stdout == "1 records tried again, 2 refused again\n"


def test_a_store_of_this_folder_has_nothing_to_try_again(filled: Path, run: Run) -> None:
    assert run("store", "retry-dead").stdout == "0 records tried again\n"


def test_a_filer_by_itself_says_that_the_store_is_away(there: Troubled, folder: Path, run: Run) -> None:
    there.error = StoreUnreachable("nothing answers at https://search.example:9200")
    gather(there, folder, "a")
    done = run("file", "--until-idle")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "Error: nothing answers at https://search.example:9200"


def test_status_says_why_filing_waits_as_long_as_it_does(there: Troubled, folder: Path, run: Run) -> None:
    (folder / "store").mkdir()  # where it is noted
    gather(there, folder, "a")
    there.error, there.writes_only = StoreFull("the disk of the engine is full"), True
    assert run("file", "--until-idle").exit_code == 1
    there.error = None
    (line,) = [one for one in run("status").stdout.splitlines() if one.startswith("filing waits")]
    assert re.fullmatch(r"filing waits +since 20\d\d-[-\d]+ [:\d]+ UTC: the disk of the engine is full", line)
    assert json.loads(run("status", "--json").stdout)["filing_waits"]["reason"] == "the disk of the engine is full"

    there.store.acquire(FILER_LEASE, "elsewhere:1:1", 3600, datetime.now(UTC))  # which gets on better
    assert "filing waits" not in run("status").stdout
    there.store.release(FILER_LEASE, "elsewhere:1:1")
    assert run("file", "--until-idle").exit_code == 0
    assert "filing waits" not in run("status").stdout
    assert json.loads(run("status", "--json").stdout)["filing_waits"] is None


def test_what_is_not_filed_is_said_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    tell_unfiled(3, Shipping(), None)
    tell_unfiled(3, Shipping(), Wait(NOW, "the disk of the engine is full", "me"))
    plain, full = capsys.readouterr().err.splitlines()
    rest = "none is lost, the next crawl or `monitor file` files them"
    assert plain == f"Error: 3 articles wait in the inbox; {rest}."
    since = "since 2024-05-16 12:00:00 UTC: the disk of the engine is full"
    assert full == f"Error: 3 articles wait in the inbox, filing waits {since}; {rest} when it gets on."


def test_a_crawl_whose_store_is_away_is_no_failure_and_says_what_waits(capsys: pytest.CaptureFixture[str]) -> None:
    away = Shipping(waiting=3, since=NOW, reason="nothing answers", answers=False)
    ended = Ended("kurier", "r1", ok=True)
    summary = Summary(((ended, run("r1", fetched=3, status="finished")),), unfiled=3, shipping=away)
    assert summary.ok
    report(summary)
    out, err = capsys.readouterr()
    assert out.splitlines()[-1].split() == ["kurier", "0", "3", "waiting", "waiting", "0", "0", "0"]
    assert "Store unreachable since 2024-05-16 12:00:00 UTC: nothing answers; 3 articles wait here" in err
    assert not Summary(summary.results, unfiled=3, shipping=Shipping(waiting=3)).ok


def test_the_display_has_a_line_for_a_store_that_is_away(there: Troubled, tmp_path: Path) -> None:
    with closing(open_spooled(there.opened, tmp_path / "spool", limit=10)) as store:
        display = LiveDisplay()
        display.begin(store, ["kurier"])
        there.error = StoreUnreachable("nothing answers")
        store.settle([stored("a")])
        display._update()
        told = [task.fields["numbers"] for task in display._progress.tasks if task.description == "store"]
        assert len(told) == 1
        assert "unreachable since" in told[0]
        assert "1 articles wait here" in told[0]
        display._stop.set()


def test_the_display_shows_a_pause_until_it_is_over() -> None:
    gathered = run("r1", fetched=3)
    with closing(MemoryStore()) as store:
        store.put_run(gathered)
        display = LiveDisplay()
        display.begin(store, ["kurier"])
        (task,) = display._progress.tasks
        for paused, begin in ((True, "paused: the inbox is full ("), (False, "0 found, 3 fetched")):
            display.event("kurier", Event("progress", gathered, paused=paused))
            display._update()
            assert task.fields["numbers"].startswith(begin)
        display._stop.set()


def test_a_copy_is_counted_and_the_next_one_refused(filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = MemoryStore()
    monkeypatch.setattr("monitor.wiring.open_engine_store", lambda loaded, create=True: elsewhere)
    (filled / "monitor.toml").open("a").write('\n[store]\nurl = "http://127.0.0.1:9"\n')
    copied = ("store", "copy", "--from", "embedded", "--to", "elasticsearch")
    done = run(*copied)
    assert done.exit_code == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[:2]] == [["6", "revisions"], ["5", "articles"]]
    assert "both hold the same" in done.stdout
    assert len(list(elsewhere.scan(roles=("article", "source")))) == 5
    refused = run(*copied)
    assert refused.exit_code == 1
    assert "holds 6 revisions, 5 articles" in refused.stderr


def test_a_copy_waits_for_what_is_on_this_machine(filled: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    away = Troubled(MemoryStore())
    away.error = StoreUnreachable("nothing answers")
    gather(away, filled, "a", "b")
    monkeypatch.setattr("monitor.wiring.open_engine_store", lambda loaded, create=True: away.opened())
    (filled / "monitor.toml").open("a").write('\n[store]\nurl = "http://127.0.0.1:9"\n')
    shutil.rmtree(filled / "store")
    done = run("store", "copy", "--from", "elasticsearch", "--to", "embedded")
    assert done.exit_code == 1
    assert "2 articles wait on this machine to be shipped" in done.stderr
    assert not (filled / "store").exists()
