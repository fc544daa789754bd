"""`monitor store copy` onto an engine and back, by the command itself, killed on the way."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from monitor.store.port import Store
from tests.copied import applied, fill, kept
from tests.engines.engine import Engine
from tests.engines.stores import opened
from tests.program import start

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SIDES = {"out": ("embedded", "elasticsearch"), "back": ("elasticsearch", "embedded")}


def _copy(folder: Path, engine: Engine, prefix: str, way: str, **environment: str) -> subprocess.CompletedProcess[str]:
    source, target = SIDES[way]
    wanted = {"STORE__URL": engine.url, "STORE__INDEX_PREFIX": prefix}
    if engine.user:
        wanted |= {"STORE__USER": engine.user, "STORE__PASSWORD": engine.password}
    named = {f"MONITOR_{name}": value for name, value in wanted.items()} | environment
    command = ("store", "copy", "--from", source, "--to", target, "--json")
    process = start(folder, *command, **named)  # in a group of its own, which a fault ends
    output, _ = process.communicate(timeout=280)
    return subprocess.CompletedProcess(command, process.returncode, output)


def _killed_and_again(folder: Path, engine: Engine, prefix: str, way: str) -> None:
    assert _copy(folder, engine, prefix, way, MONITOR_FAULT="while-copying:5").returncode < 0
    done = _copy(folder, engine, prefix, way)
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["resumed"]
    assert told["records"]["articles"] == 450


def _same(one: Store, other: Store) -> None:
    assert kept(one) == kept(other)
    assert applied(one) == applied(other)


def test_out_and_back_brings_the_same_though_killed_on_the_way(
    engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    here = open_store(first / "store")
    fill(here)
    here.close()
    _killed_and_again(first, engine, fresh_prefix, "out")
    here = open_store(first / "store")
    with opened(engine, fresh_prefix, tmp_path) as there:
        _same(there, here)
    _killed_and_again(second, engine, fresh_prefix, "back")
    back = open_store(second / "store")
    _same(back, here)
    assert back.check() == here.check()
    back.close()
    here.close()
