"""What many tests share: where the real pages lie, and settings that no environment disturbs."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import Scheduling

from tests.scheduling import EngineScheduling

ROOT = Path(__file__).resolve().parents[1]

# What takes long is found by benchmarks, in ratios; a busy machine is no failure.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell, which has its children ignore Ctrl-C: ours must not inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Scheduling | None:
    """With `--dist loadgroup`. (xdist's own groups do not reach pytest 9.2: it tells them by a changed node id.)"""
    return EngineScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


def shared_folder() -> Path | None:
    """The folder with real pages beside the project; None where it is absent."""
    folder = Path(os.environ.get("MONITOR_SHARED") or ROOT.parent / "shared")
    return folder if (folder / "pages" / "manifest.jsonl").is_file() else None


@pytest.fixture
def shared() -> Path:
    folder = shared_folder()
    if folder is None:
        pytest.skip("no real pages beside the project (../shared, or the folder that MONITOR_SHARED names)")
    return folder


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith("MONITOR_") and name not in ("MONITOR_SHARED", "MONITOR_TEST_ENGINE_URL"):
            monkeypatch.delenv(name)
