"""`monitor alerts channels`, and names that nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.alerts.receivers import web_server

Run = Callable[..., Result]

TOKEN = "TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(folder: Path, **channels: str) -> None:
    lines = [f"{name} = {json.dumps(address)}" for name, address in channels.items()]
    (folder / "monitor.toml").write_text("[alerting.channels]\n" + "\n".join(lines), encoding="utf-8")


def test_channels_are_listed_with_what_is_wrong_and_without_their_addresses(folder: Path, run: Run) -> None:
    settings(folder, desk=f"ntfys://{TOKEN}@ntfy.example.org/press", apple=f"foo://{TOKEN}", hook="webhooks:///nowhere")
    listed = run("alerts", "channels")
    assert listed.exit_code == 0
    assert TOKEN not in listed.output
    assert "its address names no host" in listed.stdout
    found = {one["channel"]: one for one in json.loads(run("alerts", "channels", "--json").stdout)}
    services = {name: one["service"] for name, one in found.items()}
    assert services == {"desk": "ntfys", "apple": "foo", "hook": "webhooks"}
    assert found["desk"]["problem"] == ""
    assert "none that Apprise knows" in found["apple"]["problem"]


def test_a_trial_message_is_sent_or_the_reason_is_told(folder: Path, run: Run) -> None:
    with web_server() as hook:
        settings(folder, desk=hook.address)
        assert run("alerts", "channels", "--try", "desk").stdout == "desk has taken it\n"
        assert hook.posts[0]["subject"] == "Media monitor: a trial"
        hook.answers = [500]
        refused = run("alerts", "channels", "--try", "desk")
        assert refused.exit_code == 1
        assert "the receiver answers 500" in refused.stderr
    missing = run("alerts", "channels", "--try", "dsek")
    assert missing.exit_code == 1
    assert "no channel is called 'dsek'" in missing.stderr


def test_names_in_files_of_rules_that_nobody_knows_are_told_with_those_that_are_near(folder: Path, run: Run) -> None:
    settings(folder, desk="ntfys://ntfy.example.org/press")
    (folder / "alerts").mkdir()
    rule = "query: feuer\nchannels: [dsek]\nagency: reuterz\nsite: nosuch\n"
    (folder / "alerts" / "fire.yaml").write_text(rule, encoding="utf-8")
    for told in (run("alerts", "list"), run("alerts", "show", "fire")):
        assert told.exit_code == 0
        assert told.stderr.splitlines()[-3:] == [
            "fire: no channel is called dsek here; did you mean desk?",
            "fire: no agency is called reuterz here; did you mean reuters?",
            "fire: no site is called nosuch here.",
        ]
    with (folder / "monitor.toml").open("a", encoding="utf-8") as out:
        out.write('\n[alerting]\nhealth_channels = ["nobody"]\n')
    assert "alerting.health_channels: no channel is called nobody here" in run("alerts", "channels").stderr
