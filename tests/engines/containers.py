"""Engines in containers, where a container runtime's daemon answers."""

from __future__ import annotations

import os
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tests.engines.engine import COMMON, HEAP, JAVA_OPTIONS, GuardedEngine, free_port

# Kind -> image and what switches its security off.
IMAGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "elasticsearch-8.19": (
        "docker.elastic.co/elasticsearch/elasticsearch:8.19.21",
        {"xpack.security.enabled": False, "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} {JAVA_OPTIONS}"},
    ),
    "opensearch-2.19": (
        "opensearchproject/opensearch:2.19.1",
        {"DISABLE_SECURITY_PLUGIN": True, "OPENSEARCH_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} {JAVA_OPTIONS}"},
    ),
    "opensearch-3": (
        "opensearchproject/opensearch:3.8.0",
        {"DISABLE_SECURITY_PLUGIN": True, "OPENSEARCH_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} {JAVA_OPTIONS}"},
    ),
}


@cache
def runtime() -> str | None:
    """docker or podman, the first whose daemon answers."""
    for name in ("docker", "podman"):
        try:
            asked = subprocess.run([name, "info"], capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if asked.returncode == 0:
            return name
    return None


class ContainerEngine(GuardedEngine):
    """A container whose data lives as long as it; started again after a kill it has them still."""

    def __init__(self, kind: str, program: str, extra: Mapping[str, Any]) -> None:
        super().__init__(kind, Path(tempfile.mkdtemp(prefix="monitor-engine-")))
        self.program = program
        self.name = f"monitor-engine-{uuid.uuid4().hex[:12]}"
        self.at_end = (program, "rm", "--force", "--volumes", self.name)
        self.image, switches = IMAGES[kind]
        self.values = {**COMMON, **switches, **extra}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.made = False

    def command(self) -> list[str]:
        if self.made:
            return [self.program, "start", "--attach", self.name]
        self.made = True
        values = [f"--env={key}={_written(value)}" for key, value in self.values.items()]
        return [
            self.program, "run", f"--name={self.name}", f"--publish=127.0.0.1:{self.port}:9200", *values, self.image,
        ]  # fmt: skip

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def kill(self) -> None:
        self._ask("kill", self.name)
        super().kill()

    def pause(self) -> None:
        self._ask("pause", self.name)
        self._paused = True

    def resume(self) -> None:
        self._ask("unpause", self.name)
        self._paused = False

    def stop(self) -> None:
        super().stop()
        subprocess.run(self.at_end, capture_output=True, check=False, timeout=60)

    def _ask(self, *arguments: str) -> None:
        subprocess.run([self.program, *arguments], capture_output=True, check=False, timeout=60)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
