"""`monitor kibana`: the command around builder and installer."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.kibana import Options, build, ndjson
from tests.kibana.server import Behaviour, basic, kibana
from tests.program import ROOT, environment

Run = Callable[..., Result]


def test_install_counts_and_checks(folder: Path, run: Run) -> None:
    with kibana(Behaviour()) as url:
        first = run("kibana", "install", "--url", url, "--check")
        again = run("kibana", "install", "--url", url)
    assert first.exit_code == 0
    assert f"{url} (Kibana 8.19.1): {len(build(Options()))} created, 0 replaced, 0 kept, 0 failed" in first.stdout
    assert "Every dashboard is there" in first.stdout
    assert again.exit_code == 0
    assert "0 created" in again.stdout
    assert "--overwrite replaces it" in again.stdout


def test_settings_and_environment_are_heeded(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Behaviour(credentials="ApiKey from-the-environment", spaces=("press",))
    with kibana(told) as url:
        (folder / "monitor.toml").write_text(
            f'[store]\nindex_prefix = "desk"\n[kibana]\nurl = "{url}"\nspace = "press"\nlanguage = "de"\nmonitor_url = "https://monitor.example.org"\n'
        )
        monkeypatch.setenv("MONITOR_KIBANA__API_KEY", "from-the-environment")
        done = run("kibana", "install", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["space"] == "press"
    held = told.held["press"]
    assert held["dashboard", "desk-sites"]["attributes"]["title"] == "Medienbeobachtung: Quellen"
    assert "https://monitor.example.org/articles/" in str(held["index-pattern", "desk-articles"])


def test_a_key_comes_from_a_file_too(folder: Path, run: Run) -> None:
    (folder / "key").write_text("a2V5==\n")
    with kibana(Behaviour(credentials="ApiKey a2V5==")) as url:
        (folder / "monitor.toml").write_text(f'[kibana]\nurl = "{url}"\napi_key_file = "key"\n')
        assert run("kibana", "install").exit_code == 0
    (folder / "key").write_text("a2V5==\nnoch eine\n")
    done = run("kibana", "install")
    assert done.exit_code == 2
    assert "kibana.api_key_file: " in done.stderr
    assert "the API key holds white space" in done.stderr
    assert run("kibana", "install", "--api-key", "a b").exit_code == 2


def test_a_password_comes_from_a_file_too(folder: Path, run: Run) -> None:
    (folder / "password").write_text("ge heim\n")
    with kibana(Behaviour(credentials=basic("mara", "ge heim"))) as url:
        settings = f'[kibana]\nurl = "{url}"\nuser = "mara"\npassword_file = "password"\n'
        (folder / "monitor.toml").write_text(settings)
        assert run("kibana", "install").exit_code == 0


def test_a_failed_object_is_named_and_the_exit_code_says_so(folder: Path, run: Run) -> None:
    broken = {("lens", "monitor-lag"): {"type": "unknown", "message": "no such column", "statusCode": 400}}
    with kibana(Behaviour(broken=broken)) as url:
        done = run("kibana", "install", "--url", url)
    assert done.exit_code == 1
    assert "lens monitor-lag (How long copies take): no such column (400)" in done.stderr
    assert "1 failed" in done.stdout


def test_a_refusal_is_one_message_with_a_hint(folder: Path, run: Run) -> None:
    with kibana(Behaviour(credentials="ApiKey right")) as url:
        done = run("kibana", "install", "--url", url, "--api-key", "wrong")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[0].startswith(f"Error: {url} does not accept these credentials (401)")
    assert done.stderr.splitlines()[1].startswith("Hint: set kibana.api_key")


def test_export_writes_what_install_sends(folder: Path, run: Run) -> None:
    done = run("kibana", "export", "--language", "de", "--output", "de.ndjson")
    assert done.exit_code == 0
    assert (folder / "de.ndjson").read_bytes() == ndjson(build(Options("de")))


def test_export_asks_no_kibana_unless_it_is_to(folder: Path, run: Run) -> None:
    told = run("kibana", "export", "--url", "http://nowhere.invalid:1")
    assert told.exit_code != 0
    assert "are for --from-kibana" in told.stderr


def test_export_from_kibana_has_what_people_changed(folder: Path, run: Run) -> None:
    told = Behaviour()
    with kibana(told) as url:
        run("kibana", "install", "--url", url)
        told.held["default"]["dashboard", "monitor-sites"]["attributes"]["title"] = "Ours"
        done = run("kibana", "export", "--url", url, "--from-kibana")
    titles = [json.loads(line).get("attributes", {}).get("title") for line in done.stdout.splitlines()]
    assert "Ours" in titles


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_make_kibana_check_does_as_the_settings_of_the_folder_say(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "installed").touch()
    command = tmp_path / "bin" / "monitor"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m monitor "$@"\n')
    command.chmod(0o755)
    folder = tmp_path / "the folder"
    folder.mkdir()
    (folder / "monitor.toml").write_text('[store]\nindex_prefix = "desk"\n[kibana]\nlanguage = "de"\n')
    told = Behaviour()
    with kibana(told) as url:
        asked = ["-o", f"{tmp_path}/installed", "kibana-check", f"VENV={tmp_path}", f"URL={url}", f"DIR={folder}"]
        done = subprocess.run(
            ["make", "-C", str(ROOT), *asked],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every dashboard is there" in done.stdout
    held = told.held["default"]
    assert held["dashboard", "desk-sites"]["attributes"]["title"] == "Medienbeobachtung: Quellen"
    assert set(held) == {(one.type, one.id) for one in build(Options(index_prefix="desk"))}
