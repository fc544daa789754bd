"""A search engine that is up, and what tests may do to it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import urllib3

from monitor.settings import StoreSettings
from monitor.store.elastic.connection import Connection, open_connection
from tests.engines.packages import NotUp

GUARD = Path(__file__).with_name("guard.py")
UP_SECONDS = 300.0  # on a machine with other work 60-100 s were seen; 8-14 s alone
HEAP = os.environ.get("MONITOR_TEST_ENGINE_HEAP", "512m")
# An engine of the tests does not live long enough to earn back what the thorough compiler costs.
JAVA_OPTIONS = os.environ.get("MONITOR_TEST_ENGINE_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

# What every engine of the tests has: alone, and never full by the share of the disk that others use.
COMMON: Mapping[str, Any] = {
    "discovery.type": "single-node",
    "cluster.routing.allocation.disk.threshold_enabled": False,
    # With each look at the disks Elasticsearch takes the block of a full one away, which the tests have set.
    "cluster.info.update.interval": "1h",
    "cluster.max_shards_per_node": 20_000,
}


class Engine:
    """An engine that is up. `url` has no user in it; `settings` has."""

    def __init__(self, kind: str, url: str, user: str = "", password: str = "", ca: Path | None = None) -> None:
        self.kind = kind
        self.url = url
        self.user = user
        self.password = password
        self.ca = ca

    def settings(self, **changes: Any) -> StoreSettings:
        """Of a store on this engine, with these values in place of the usual ones."""
        values: dict[str, Any] = {"kind": "elasticsearch", "url": self.url, "request_timeout": 30}
        if self.user:
            values |= {"user": self.user, "password": self.password}
        if self.ca:
            values |= {"ca_certs": self.ca}
        return StoreSettings.model_validate(values | changes)

    @contextmanager
    def connected(self, **changes: Any) -> Iterator[Connection]:
        connection = open_connection(self.settings(**changes), Path("/"))
        try:
            yield connection
        finally:
            connection.close()

    def set_flood_stage(self, index: str, on: bool) -> None:
        """The block that an engine sets on an index when its disk is nearly full."""
        block = {"index.blocks.read_only_allow_delete": True if on else None}
        with self.connected() as connection:
            connection.call(lambda client: client.indices.put_settings(index=index, settings=block))

    def remove(self, prefix: str) -> None:
        """Every index and template whose name begins with the prefix."""
        with self.connected() as connection:
            client = connection.client
            names = list(connection.call(lambda c: c.indices.get(index=f"{prefix}*", expand_wildcards="all")))
            for start in range(0, len(names), 50):
                some = names[start : start + 50]
                with suppress_missing():
                    client.indices.delete(index=",".join(some))
            with suppress_missing():
                client.indices.delete_index_template(name=f"{prefix}*")
            with suppress_missing():
                client.cluster.delete_component_template(name=f"{prefix}*")

    def kill(self) -> None:
        """As a power failure: no word of warning."""
        self._not_ours()

    def start(self) -> None:
        """Again, on the same data and port, and wait until it answers."""
        self._not_ours()

    def pause(self) -> None:
        """It stands still: connections are taken, and nothing answers."""
        self._not_ours()

    def resume(self) -> None:
        self._not_ours()

    def ensure_up(self) -> None:
        """Whatever the last test did to it."""

    def stop(self) -> None:
        """For good; its data goes too."""

    def _not_ours(self) -> None:
        pytest.skip("the engine at MONITOR_TEST_ENGINE_URL is not ours to stop")


@contextmanager
def suppress_missing() -> Iterator[None]:
    from elasticsearch import NotFoundError

    with suppress(NotFoundError):
        yield


def engine_at(url: str) -> Engine:
    """The one that somebody else runs; user and password may stand in the address."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    bare = parts._replace(netloc=netloc).geturl()
    return Engine("given", bare, unquote(parts.username or ""), unquote(parts.password or ""))


class GuardedEngine(Engine, ABC):
    """One that these tests started. Subclasses say how; its process group is ended when this process is gone."""

    user_id: int | None = None
    group_id: int | None = None
    at_end: tuple[str, ...] = ()

    def __init__(self, kind: str, folder: Path, **access: Any) -> None:
        super().__init__(kind, "", **access)
        self.folder = folder
        self.log = folder / "engine.log"
        self._guard: subprocess.Popen[str] | None = None
        self._group = 0
        self._paused = False

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def environment(self) -> dict[str, str]: ...

    def address(self) -> str | None:
        """Once it is known."""
        return self.url or None

    def start(self) -> None:
        specification = {
            "command": self.command(),
            "environment": self.environment(),
            "user": self.user_id,
            "group": self.group_id,
            "folder": str(self.folder),
            "log": str(self.log),
            "parent": os.getpid(),
            "at_end": self.at_end,
        }
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(GUARD), json.dumps(specification)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._guard.stdout
        said = self._guard.stdout.readline().strip()
        if not said:
            raise NotUp(f"{self.kind} could not be started: {' '.join(self.command())[:300]}")
        self._group = int(said)
        self._wait_until_up()

    def _wait_until_up(self) -> None:
        until = time.monotonic() + UP_SECONDS
        while time.monotonic() < until:
            if self._guard is None or self._guard.poll() is not None:
                break
            if (url := self.address()) and _answers(url, self.user, self.password):
                self.url = url
                return
            time.sleep(0.25)
        tail = self.log_tail()
        self.stop()
        raise NotUp(f"{self.kind} did not come up; the end of its log:\n{tail}")

    def log_tail(self, lines: int = 40) -> str:
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._group, number)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)
        if self._guard is not None:
            self._guard.wait(timeout=30)
            if self._guard.stdout:
                self._guard.stdout.close()
        self._guard = None
        self._paused = False

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)
        self._paused = True

    def resume(self) -> None:
        self._signal(signal.SIGCONT)
        self._paused = False

    def ensure_up(self) -> None:
        if self._paused:
            self.resume()
        if self._guard is None or self._guard.poll() is not None:
            self.start()

    def stop(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def _answers(url: str, user: str, password: str) -> bool:
    """Whether it takes requests: its single node is the master and has read its state."""
    headers = urllib3.make_headers(basic_auth=f"{user}:{password}") if user else {}
    with warnings.catch_warnings(), urllib3.PoolManager(cert_reqs="CERT_NONE", retries=False, timeout=5) as pool:
        warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
        try:
            return pool.request("GET", f"{url}/_cluster/health", headers=headers).status == 200
        except urllib3.exceptions.HTTPError:
            return False
