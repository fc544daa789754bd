"""What a command raises becomes one message and an exit code; and how the program starts."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import Result

from monitor import __version__
from monitor.cli import app as commands
from monitor.errors import ConfigError, FetchError, InputError, NotFound, QueryError, SiteError, StoreBusy

Run = Callable[..., Result]
Process = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]


def test_a_wrong_query_points_at_its_column(filled: Path, process: Process) -> None:
    wrong = process("search", "title:(hafen OR quelle:dpa)")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert wrong.stderr.splitlines()[:3] == [
        "Error: there is no field 'quelle'",
        "  title:(hafen OR quelle:dpa)",
        "                  ^",
    ]
    assert wrong.stderr.splitlines()[3].startswith("Hint: fields are title, text, author")


@pytest.mark.parametrize("text", ["北京日报 AND (b", "wort " * 60 + "titel:x " + "wort " * 30])
def test_the_caret_stands_under_wide_letters_and_in_long_queries_too(filled: Path, run: Run, text: str) -> None:
    from rich.cells import cell_len

    _, shown, caret, *_ = run("search", text).stderr.splitlines()
    before = shown[: shown.index("(b" if "(b" in shown else "titel")]
    assert caret.index("^") == cell_len(before)
    assert cell_len(shown) <= 80


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("m", hint="h"), 2),
        (SiteError("m", hint="h"), 2),
        (InputError("m", hint="h"), 2),
        (QueryError("m", text="q", column=0, hint="h"), 2),
        (NotFound("m", hint="h"), 1),
        (StoreBusy("m", hint="h"), 1),
        (FetchError("m", hint="h"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_each_error_is_one_message_with_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    def fails() -> None:
        raise error

    alone = typer.Typer()
    alone.command()(fails)
    monkeypatch.setattr(commands, "load", lambda name: typer.main.get_command(alone))
    failed = run("status")
    assert failed.exit_code == code
    assert failed.stdout == ""
    if code != 130:
        assert failed.stderr.splitlines()[0] == "Error: m"
        assert failed.stderr.splitlines()[-1] == "Hint: h"


def test_a_wrong_setting_names_file_and_setting(folder: Path, process: Process) -> None:
    (folder / "monitor.toml").write_text("[crawl]\ndelay = -1\nspeed = 3\n")
    wrong = process("status")
    assert wrong.returncode == 2
    assert "monitor.toml: crawl.delay: Input should be greater than or equal to 0 (found -1)" in wrong.stderr
    assert "crawl.speed: no such setting" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_wrong_usage_is_exit_code_2_and_near_commands_are_named(run: Run) -> None:
    wrong = run("serch")
    assert wrong.exit_code == 2
    assert "Did you mean 'search'" in wrong.stderr
    assert run("search", "--limit", "many").exit_code == 2


def test_an_error_of_the_program_itself_asks_for_a_report_and_hides_the_traceback(tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text(
        "import sys, monitor.cli.app as border\n"
        "def load(name): raise RuntimeError('the moon is full')\n"
        "border.load = load\n"
        "border.main()\n"
    )
    for flags, traceback in (([], False), (["--debug"], True)):
        ended = subprocess.run(
            [sys.executable, str(script), *flags, "status"],
            capture_output=True, text=True, check=False, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert ended.returncode == 70
        assert "Error: the program failed unexpectedly (RuntimeError: the moon is full)" in ended.stderr
        assert ("Traceback" in ended.stderr) is traceback
        assert ("please report it" in ended.stderr) is not traceback


def test_a_reader_that_goes_away_is_no_error_to_talk_about(filled: Path) -> None:
    command = f"{sys.executable} -m monitor export | head -c 10"
    ended = subprocess.run(
        ["sh", "-c", command], capture_output=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert ended.stdout == b'{"id":"010'
    assert ended.stderr == b""


def test_an_interrupt_ends_with_130_and_without_a_traceback(filled: Path, tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import time, typer, monitor.cli.app as border\n"
        "def slow():\n    print('ready', flush=True)\n    time.sleep(30)\n"
        "alone = typer.Typer(); alone.command()(slow)\n"
        "border.load = lambda name: typer.main.get_command(alone)\n"
        "border.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, str(script), "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as started:  # fmt: skip
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        started.send_signal(signal.SIGINT)
        _, errors = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "Traceback" not in errors


def test_the_version_is_printed(process: Process) -> None:
    assert process("--version").stdout == f"monitor {__version__}\n"


def test_help_loads_nothing_heavy(process: Process) -> None:
    assert process("--help").returncode == 0
    code = "import sys, monitor.cli.app; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout.split()
    heavy = {"scrapy", "twisted", "trafilatura", "tantivy", "pydantic", "luqum", "numpy", "apscheduler", "lxml"}
    assert heavy.isdisjoint(loaded)


@pytest.mark.parametrize("entry", commands.COMMANDS, ids=lambda entry: entry.name)
def test_every_command_is_there_and_explains_itself(run: Run, entry: commands.Entry) -> None:
    helped = run(entry.name, "--help")
    assert helped.exit_code == 0, helped.output
    assert "Usage: monitor " + entry.name in helped.stdout
    assert "Examples:" in helped.stdout
    assert f"monitor {entry.name}" in helped.stdout.split("Examples:")[1]
    assert entry.summary.split()[0] in run("--help").stdout
    command = commands.load(entry.name)
    for name, sub in getattr(command, "commands", {}).items():
        assert sub.help, f"monitor {entry.name} {name} has no help"
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.hidden, f"{entry.name} {parameter.name} has no help"


def test_brackets_of_help_texts_are_not_taken_for_markup(run: Run) -> None:
    helped = " ".join(re.sub(r"[│\s]+", " ", run("search", "--help").stdout).split())
    assert "published:[2024-05-01 TO now]" in helped
    assert helped.count("[2024-05-01 TO now]") == 2


def test_nothing_is_cut_when_the_output_is_piped(filled: Path, process: Process) -> None:
    (filled / "sites" / f"{'long-name-' * 9}x.yaml").write_text(
        "url: https://l.example/\nsources: [{kind: feed, url: https://l.example/f}]\n"
    )
    shown = process("status", COLUMNS="40").stdout
    assert f"{'long-name-' * 9}x" in shown
    assert "\x1b" not in shown
    assert not any(line.endswith(" ") for line in shown.splitlines())


def _without_rights() -> list[str]:
    """What to put before a command so that it may not write where the permissions say so; root otherwise may."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv to take that from it")
    return ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]


def test_a_folder_that_may_not_be_written_can_still_be_looked_at(filled: Path) -> None:
    before = _without_rights()
    subprocess.run(["chmod", "-R", "a-w", str(filled)], check=True)
    try:
        ended = {
            command: subprocess.run(
                [*before, sys.executable, "-m", "monitor", *command.split()],
                capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            for command in ("status", "export", "show " + "01" * 10, "store reindex", "search hafen")
        }  # fmt: skip
    finally:
        subprocess.run(["chmod", "-R", "u+w", str(filled)], check=True)
    for command in ("status", "export", "show " + "01" * 10):
        assert ended[command].returncode == 0, ended[command].stderr
    assert len(ended["export"].stdout.splitlines()) == 4
    assert ended["store reindex"].returncode == 1
    for one in ended.values():
        assert "Traceback" not in one.stderr
        assert one.returncode == 0 or "can't be opened or written" in one.stderr or "can't be written" in one.stderr
