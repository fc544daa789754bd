"""The program as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def environment(**settings: str) -> dict[str, str]:
    """The machine's environment without anybody's settings, with these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    path = os.pathsep.join(filter(None, [str(ROOT), plain.get("PYTHONPATH", "")]))
    return plain | {"PYTHONPATH": path, "NO_COLOR": "1"} | settings


def monitor(folder: Path, *arguments: str, timeout: float = 240, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run `monitor ...` in the folder and wait."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "monitor", *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def start(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    """Start `monitor ...` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "monitor", *arguments],
        cwd=folder,
        env=environment(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def crawl(folder: Path, *sites: str, expect: int = 0, **settings: str) -> dict[str, dict[str, Any]]:
    """`monitor crawl --json`: the summary of each site, by its id."""
    done = monitor(folder, "crawl", *sites, "--json", **settings)
    assert done.returncode == expect, done.stderr + done.stdout
    return {one["site"]: one for one in json.loads(done.stdout)["sites"]}


def exported(folder: Path) -> list[dict[str, Any]]:
    """All stored articles."""
    done = monitor(folder, "export", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
