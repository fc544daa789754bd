"""Machines of the monitor before an engine: each is a folder with its own spool, and runs the program as users do."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from monitor.settings import StoreSettings
from tests import program
from tests.engines.engine import Engine
from tests.quality.republishing import Item, Site, Source, World
from tests.waiting import until

# Small portions, so that there is something between any two moments.
SMALL: Mapping[str, str] = {
    "MONITOR_FILING__BATCH": "10",
    "MONITOR_FILING__PROJECT_SECONDS": "0.5",
    "MONITOR_CRAWL__WORKERS": "1",
}
_SYLLABLES = [first + second for first in "bdfghklmnrst" for second in "aeiou"]


@dataclass(frozen=True)
class Machine:
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, expect: int | None = 0, timeout: float = 400, **more: str) -> str:
        """What it printed, on both channels."""
        done = program.monitor(self.folder, *arguments, timeout=timeout, **{**self.settings, **more})
        told = done.stdout + done.stderr
        assert expect is None or done.returncode == expect, told
        return told

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        return program.start(self.folder, *arguments, **{**self.settings, **more})

    def drain(self) -> None:
        """Ship what waits here and file what waits there."""
        self.run("file", "--until-idle")

    def file_of(self, name: str, items: Sequence[Item]) -> str:
        """Name of a file in its folder with these articles, for `monitor import`."""
        write_records(self.folder / name, items)
        return name


def machine(folder: Path, engine: Engine, prefix: str, **more: str) -> Machine:
    """A machine of its own on the engine's indices of this prefix."""
    folder.mkdir(parents=True, exist_ok=True)
    return Machine(folder, {**SMALL, **_environment(engine.settings(index_prefix=prefix)), **more})


def _environment(settings: StoreSettings) -> dict[str, str]:
    found = {
        "MONITOR_STORE__KIND": "elasticsearch",
        "MONITOR_STORE__URL": ",".join(settings.url),
        "MONITOR_STORE__INDEX_PREFIX": settings.index_prefix,
        "MONITOR_STORE__REQUEST_TIMEOUT": f"{settings.request_timeout:g}",
    }
    if settings.user and settings.password:
        found |= {"MONITOR_STORE__USER": settings.user, "MONITOR_STORE__PASSWORD": settings.password.get_secret_value()}
    return found


def plain_stream(seed: int, sources: Sequence[Source], *, copies: int, bulletins: int) -> list[Item]:
    """Of sites without furniture: what is learnt of it before which batch is matched is a matter of chance here."""
    world = World(seed, sources, sites=8, least=40)
    world.sites = [Site(one.name) for one in world.sites]
    return world.stream(copies=copies, bulletins=bulletins, late=0.15)


def made_sources(seed: int, number: int) -> list[Source]:
    """Texts of made-up words, of 150 to 400 words."""
    rng = random.Random(seed)
    words = ["".join(rng.choices(_SYLLABLES, k=rng.randint(2, 4))) for _ in range(4000)]
    found = []
    for _ in range(number):
        sentences = [" ".join(rng.choices(words, k=rng.randint(8, 20))).capitalize() + "." for _ in range(20)]
        paragraphs = [" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4)]
        found.append(Source(" ".join(rng.choices(words, k=6)).capitalize(), "\n\n".join(paragraphs), "de"))
    return found


def write_records(file: Path, items: Sequence[Item]) -> None:
    with file.open("w", encoding="utf-8") as out:
        for item in items:
            record = {
                "id": item.id,
                "url": f"https://{item.site}/{item.id}",
                "site": item.site,
                "title": item.title,
                "text": item.text,
                "lang": item.language,
                "published_at": item.at.isoformat(),
            }
            out.write(json.dumps(record, ensure_ascii=False) + "\n")


wait_until = partial(until, seconds=400, pause=0.3)  # what is asked costs the engine something, too


def kill_group(process: subprocess.Popen[str]) -> str:
    """SIGKILL to everything that it started; what it had printed."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate(timeout=60)[0]
