"""The list of channels, and the trial of one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from tests.alerts.receivers import Hook, web_server

Run = Callable[..., Result]

SECRET = "TIiajkdnlazkcOXrIdevi7FQ"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


def settings(folder: Path, channels: str, more: str = "") -> None:
    (folder / "monitor.toml").write_text(f"[alerting]\n{more}\n[alerting.channels]\n{channels}\n", encoding="utf-8")


def test_channels_are_listed_without_their_addresses(folder: Path, run: Run) -> None:
    assert "No channel yet" in run("alerts", "channels").stdout
    settings(folder, f'desk = "mailto://user:{SECRET}@example.org"\napple = "{SECRET}://x"\nhook = "webhook:///hook"')
    (folder / "alerts").mkdir()
    rule = f"query: feuer\nchannels: ['ntfys://{SECRET}@ntfy.example.org/press']\n"
    (folder / "alerts" / "works.yaml").write_text(rule)
    listed = json.loads(run("alerts", "channels", "--json").stdout)
    assert [(one["channel"][:5], one["service"], one["problem"][:35]) for one in listed] == [
        ("apple", "", "channel apple: its address is none "),
        ("desk", "mailto", ""),
        ("hook", "", "channel hook: its address names no "),
        ("ntfys", "ntfys", ""),
    ]
    shown = run("alerts", "channels")
    assert (shown.exit_code, "its address names no host" in shown.stdout) == (0, True)
    assert SECRET.lower() not in (shown.stdout + shown.stderr).lower()


def test_a_wrong_line_of_the_file_of_channels_is_told_and_the_others_are_listed(folder: Path, run: Run) -> None:
    settings(folder, 'desk = "mailto://user:pass@example.org"')
    (folder / "alerts").mkdir()
    (folder / "alerts" / "channels.txt").write_text(f"night {SECRET}\nchat = ntfy://ntfy.example.org/press\n")
    listed = run("alerts", "channels", "--json")
    assert [one["channel"] for one in json.loads(listed.stdout)] == ["chat", "desk"]
    assert "channels.txt:1: expected NAME = ADDRESS" in listed.stderr
    assert SECRET not in listed.stderr


@pytest.mark.parametrize(("language", "title"), [("en", "Trial message"), ("de", "Testnachricht")])
def test_a_channel_is_tried(folder: Path, run: Run, hook: Hook, language: str, title: str) -> None:
    settings(folder, f'desk = "{hook.address}"', f'language = "{language}"')
    tried = run("alerts", "channels", "--try", "desk")
    assert (tried.exit_code, tried.stdout) == (0, "desk: taken\n")
    (post,) = hook.posts
    assert post["kind"] == "notice"
    assert post["subject"].startswith(title)
    assert "desk" in post["lines"][0]
    run("alerts", "channels", "--try", "desk")
    assert len({post["id"] for post in hook.posts}) == 2  # a receiver that leaves out what it had takes each trial


def test_a_channel_that_does_not_take_its_trial_is_told(folder: Path, run: Run, hook: Hook) -> None:
    settings(folder, f'desk = "{hook.address}"')
    hook.answers = [422]
    tried = run("alerts", "channels", "--try", "desk")
    assert (tried.exit_code, tried.stderr) == (1, "Error: channel desk: the receiver answers 422\n")
    unknown = run("alerts", "channels", "--try", "dsek")
    assert (unknown.exit_code, "no channel is called 'dsek' here (desk)" in unknown.stderr) == (1, True)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("notice.txt", "{{ nothing.there }}"),
        ("alert.txt", "\n{{ nothing.there }}"),
        ("alert.html", "{% for %}"),
        (
            "alert.txt",
            "a{% for s in sections %}{% for e in s.entries %}{{ e.others[0].nothing.x }}{% endfor %}{% endfor %}",
        ),
        ("alert.txt", "a{% for line in lines %}{{ line.x.y }}{% endfor %}"),
    ],
)
def test_the_trial_is_written_by_the_templates_that_alerts_are_written_by(
    folder: Path, run: Run, hook: Hook, file: str, text: str
) -> None:
    settings(folder, f'desk = "{hook.address}"')
    (folder / "alerts" / "templates").mkdir(parents=True)
    (folder / "alerts" / "templates" / file).write_text(text)
    tried = run("alerts", "channels", "--try", "desk")
    assert (tried.exit_code, f"the template {file}" in tried.stderr, hook.posts) == (1, True, [])
