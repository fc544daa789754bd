"""Names in rules and settings that nothing has, and channels that nothing can be sent to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

RULE = "query: feuer\nchannels: [dsek, chat]\nagency: reuterz\nreused_from: [dpq]\nsite: kielburgg\n"
SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
TOLD = [
    "No channel is called dsek here yet; did you mean desk?",
    "No channel is called chat here yet; set it under [alerting.channels].",
    "No agency is called reuterz here; did you mean reuters?",
    "No site is called kielburgg here; did you mean kielburg?",
]


def settings(folder: Path, channels: str, more: str = "") -> None:
    (folder / "monitor.toml").write_text(f"[alerting]\n{more}\n[alerting.channels]\n{channels}\n", encoding="utf-8")


def rule_file(folder: Path, name: str, text: str = RULE) -> None:
    (folder / "alerts").mkdir(exist_ok=True)
    (folder / "alerts" / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_names_in_files_that_nobody_knows_are_told_by_list_and_show(filled: Path, run: Run) -> None:
    settings(filled, 'desk = "mailto://user:pass@example.org"')
    rule_file(filled, "works")
    rule_file(filled, "again")
    rule_file(filled, "right", "query: feuer\nchannels: [desk]\nagency: dpa\nsite: kielburg\n")
    listed, shown = run("alerts", "list"), run("alerts", "show", "works")
    assert listed.exit_code == shown.exit_code == 0
    for line in TOLD:
        assert f"again, works: {line}\n" in listed.stderr
        assert f"{line}\n" in shown.stderr
    assert "dpq here" in listed.stderr
    assert "right:" not in listed.stderr
    assert run("alerts", "show", "right").stderr == ""
    assert {one["id"] for one in json.loads(run("alerts", "list", "--json").stdout)} == {"works", "again", "right"}


def test_a_command_tells_them_in_the_same_words(filled: Path, run: Run) -> None:
    settings(filled, 'desk = "mailto://user:pass@example.org"')
    added = run("alerts", "add", "works", "feuer", "--channel", "dsek", "--channel", "chat", "--agency", "reuterz",
                "--site", "kielburgg")  # fmt: skip
    assert added.exit_code == 0
    assert added.stderr.splitlines() == TOLD


def test_a_file_that_is_wrong_is_told_and_the_rules_are_listed(filled: Path, run: Run) -> None:
    rule_file(filled, "works")
    (filled / "alerts" / "channels.txt").write_text("desk\n")
    (filled / "agencies.toml").write_text("[\n")
    listed = run("alerts", "list")
    assert listed.exit_code == 0
    assert "channels.txt:1: expected NAME = ADDRESS" in listed.stderr
    assert "agencies.toml" in listed.stderr
    assert "No channel" not in listed.stderr
    assert TOLD[3] in listed.stderr


@pytest.mark.parametrize("name", ["nosuch", "feed"])
def test_a_channel_of_the_health_that_is_none_is_told(filled: Path, run: Run, name: str) -> None:
    settings(filled, 'desk = "mailto://user:pass@example.org"', f'health_channels = ["desk", "{name}"]')
    told = f"alerting.health_channels: no channel is called '{name}' here (desk)"
    assert run("alerts", "list").stderr == f"{told}\n"
    assert f"Error: {told}\n" in run("status").stderr
    assert told in json.loads(run("status", "--json").stdout)["errors"]


def test_an_address_that_nothing_can_be_sent_to_is_told(filled: Path, run: Run) -> None:
    settings(filled, f'desk = "mailto://user:pass@example.org"\napple = "nonsense://{SECRET}"')
    told = "channel apple: its address is none that Apprise knows\n"
    assert run("alerts", "list").stderr == told
    added = run("alerts", "add", "works", "feuer", "--channel", "apple")
    assert (added.exit_code, added.stderr) == (0, told)
    assert run("alerts", "show", "works").stderr == told
    assert "Apprise" not in run("alerts", "add", "other", "feuer", "--channel", "desk").stderr
