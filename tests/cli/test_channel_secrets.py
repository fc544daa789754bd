"""A channel's address in every place where somebody may put it by mistake: it is shown in none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]

TOKEN = "TIiajkdnlazkcOXrIdevi7FQ"
ADDRESS = f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#press"
MAIL = f"mailtos://user:{TOKEN}@mail.example.org?to=desk@example.org"
BROKEN = f"webhooks://user:{TOKEN}@[mail.example.org/hook?secret={TOKEN}"

SHOWING = (("config",), ("config", "--json"))
COMMANDS = (
    *SHOWING, ("alerts", "list", "--json"), ("alerts", "history", "--json"), ("alerts", "test", "fire"),
    ("alerts", "channels"), ("alerts", "channels", "--json"), ("alerts", "channels", "--try", "nosuch"), ("status",),
)  # fmt: skip

SETTINGS = [
    "alerting = {address}\n",
    "channels = {address}\n",
    "[channels]\ndesk = {address}\n",
    "[alerting]\nchannels = {address}\n",
    "[alerting]\nchannels = [{address}]\n",
    "[alerting]\nchannel = {address}\n",
    "[alerting]\n{address} = \"desk\"\n",
    "[alerting]\nhealth_channels = {address}\n",
    "[alerting]\nhealth_channels = [\"desk\", {address}]\n",
    *(f"[alerting]\n{name} = {{address}}\n" for name in (
        "channels_file", "give_up", "templates", "feeds", "monitor_url", "language", "remind", "quiet", "failures",
        "stuck", "disk_free",
    )),
    "[alerting.channels]\n{address} = \"desk\"\n",
    "[alerting.channels]\n{address} = 3\n",
    "[alerting.channels]\ndesk = [{address}]\n",
    "[alerting.channels.{address}]\ndesk = 1\n",
    "[alerting.channels]\ndesk = {address}\nhealth = {address}\n",
    "[alerts.channels]\ndesk = {address}\n",
    "[alerting]\nchannels = {address}\n[alerting.channels]\ndesk = {address}\n",
    "[alerting]\nheartbeat_url = [{address}]\n",
    "desk = {address}\nalerting.channels.desk = {address}\n",
]  # fmt: skip


def assert_hidden(run: Run, *commands: tuple[str, ...]) -> None:
    for command in commands or COMMANDS:
        told = run(*command)
        assert TOKEN not in told.output + told.stderr + repr(told.exception), command
        assert "Traceback" not in told.stderr, command


@pytest.mark.parametrize("setting", SETTINGS)
def test_an_address_in_a_wrong_place_of_the_settings_is_not_shown(folder: Path, run: Run, setting: str) -> None:
    for address in (ADDRESS, MAIL, BROKEN):
        (folder / "monitor.toml").write_text(setting.format(address=json.dumps(address)))
        assert_hidden(run, *SHOWING)
    assert_hidden(run)


@pytest.mark.parametrize(
    "name",
    ["", "__CHANNELS", "__CHANNELS__DESK__X", "__CHANNELS__DESK", "__HEALTH_CHANNELS", "__LANGUAGE", "__REMIND",
     "__FAILURES", "__CHANNELS_FILE", "__MONITOR_URL", "__HEARTBEAT_URL", "__CHANNEL"],
)  # fmt: skip
def test_an_address_in_a_wrong_variable_is_not_shown(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for value in (
        "{}", '"{}"', '["{}"]', '["{}"', '{{"desk": "{}"}}', '{{"{}": "desk"}}', '{{"desk": "{}"', "desk={}", "{} {}"
    ):  # fmt: skip
        monkeypatch.setenv(f"MONITOR_ALERTING{name}", value.format(MAIL, MAIL))
        assert_hidden(run, *SHOWING)


@pytest.mark.parametrize("line", ["{} = desk", "desk: {}", "{}", "desk {}", "Desk = {}", "[desk]\n{}", "= {}"])
def test_an_address_in_a_wrong_line_of_the_file_of_channels_is_not_shown(folder: Path, run: Run, line: str) -> None:
    (folder / "alerts").mkdir()
    (folder / "alerts" / "channels.txt").write_text(line.format(MAIL))
    assert_hidden(run, *COMMANDS, ("alerts", "add", "third", "feuer", "--channel", MAIL))


@pytest.mark.parametrize(
    "text",
    [
        "query: feuer\n{}: desk\n",
        "query: feuer\nchannels: {}\ncadence: {}\n",
        "query: feuer\nchannels:\n  desk: {}\n",
        "query: feuer\nchannels: [desk: {}]\n",
        "query: feuer\nchannels: ['mailto:{}']\n",
        "query: feuer\nchannels: ['desk={}']\n",
        "query: feuer\nchannel_s: {}\n",
        "query: feuer\nmessages: {}\n",
        "query: feuer\nmax_age: {}\n",
        "query: feuer\neach: {}\n",
        "query: feuer\nmin_copies: {}\n",
        "query: feuer\nsilenced_until: {}\n",
        "query: feuer\ntime_zone: {}\n",
        "query: feuer\nenabled: {}\n",
        "query: feuer\nid: {}\n",
        "query: feuer\nchannels: ['{}]\n",
        "query: feuer\nchannels: {}\n  x: {}\n",
        "{}\n",
        "- {}\n",
        "{}: {}\n{}: {}\n",
    ],
)
def test_an_address_in_a_wrong_place_of_a_rule_is_not_shown(folder: Path, run: Run, text: str) -> None:
    (folder / "alerts").mkdir()
    (folder / "alerts" / "fire.yaml").write_text(text.replace("{}", MAIL))
    assert_hidden(run)


@pytest.mark.parametrize(
    "given",
    [MAIL, f"mailto:user:{TOKEN}@example.org", f"desk={MAIL}", f"desk,{MAIL}", BROKEN, TOKEN, f"nonsense://{TOKEN}"],
)
def test_an_address_that_is_given_to_a_command_is_not_shown(folder: Path, run: Run, given: str) -> None:
    assert_hidden(
        run,
        ("alerts", "add", "third", "feuer", "--channel", given),
        ("alerts", "show", "third"),
        ("alerts", "list", "--json"),
        ("alerts", "history", "--channel", given),
        ("alerts", "channels"),
        ("alerts", "channels", "--json"),
        ("alerts", "channels", "--try", given),
    )


@pytest.mark.parametrize(
    "address", [BROKEN, f"nonsense://{TOKEN}", f"{TOKEN}://x", TOKEN, f"mailto:{TOKEN}", f"slack://{TOKEN}"]
)
def test_an_address_that_is_wrong_is_not_shown(folder: Path, run: Run, address: str) -> None:
    (folder / "monitor.toml").write_text(
        f'[alerting]\nhealth_channels = ["desk"]\n[alerting.channels]\ndesk = {json.dumps(address)}\n'
    )
    tried = ("alerts", "channels", "--try", "desk")
    assert_hidden(run, *COMMANDS, tried, ("alerts", "add", "third", "feuer", "--channel", "desk"))
    assert run(*tried).exit_code == 1
    listed = run("alerts", "channels", "--json")
    assert [one["channel"] for one in json.loads(listed.stdout) if one["problem"]] == ["desk"]
