"""A search engine that is up, what tests may do to it, and how it is started from packages."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import urllib3
import yaml

from monitor.config import StoreSettings
from monitor.store.elastic.connection import Connection, open_connection
from tests.engines.certificates import Certificates, make_certificates
from tests.engines.packages import NotUp, engine_user, fetched, java_home

GUARD = Path(__file__).with_name("guard.py")
UP_SECONDS = 300.0  # on a machine with other work 60-100 s were seen; 8-14 s alone
HEAP = "512m"

# What every engine of the tests has: alone, and never full by the share of the disk that others use.
COMMON: Mapping[str, Any] = {
    "discovery.type": "single-node",
    "cluster.routing.allocation.disk.threshold_enabled": False,
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


class GuardedEngine(Engine):
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

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        raise NotImplementedError

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


class PackagedEngine(GuardedEngine):
    """From packages of Maven Central, as a user other than root, on the loopback interface."""

    recipe = ""
    least_java = 17

    def __init__(self, kind: str, extra: Mapping[str, Any], **access: Any) -> None:
        user = engine_user()
        if user:
            self.user_id, self.group_id = user.pw_uid, user.pw_gid
        self.home = user.pw_dir if user else str(Path.home())
        self.java = java_home(self.least_java)
        self.packages = fetched(self.recipe)
        super().__init__(kind, Path(tempfile.mkdtemp(prefix="monitor-engine-")), **access)
        self.configuration = {**COMMON, **extra}
        self.prepare()
        if user:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, user.pw_uid, user.pw_gid)

    def prepare(self) -> None:
        """Configuration files in the folder."""

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": self.home, "LANG": "C.UTF-8", "TMPDIR": str(self.folder)}

    def write_yaml(self, file: Path, values: Mapping[str, Any]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.safe_dump(dict(values)), encoding="utf-8")


class OpenSearch(PackagedEngine):
    """OpenSearch with all modules, in a runner that looks for a port below 9300 and says which it took."""

    def prepare(self) -> None:
        self.port = random.randint(9210, 9290)
        self.cluster = f"monitor-{uuid.uuid4().hex[:8]}"
        values = {**self.configuration, "transport.port": free_port()}
        self.write_yaml(self.folder / "node_1" / "config" / "opensearch.yml", values)

    def command(self) -> list[str]:
        # Lucene's vector code is faster with the incubator module, which JDKs before 16 do not have.
        return [
            str(self.java / "bin" / "java"),
            f"-Xms{HEAP}",
            f"-Xmx{HEAP}",
            "--add-modules=jdk.incubator.vector",
            "-cp",
            f"{self.packages}/*",
            "org.codelibs.opensearch.runner.OpenSearchRunner",
            "-basePath",
            str(self.folder),
            "-numOfNode",
            "1",
            "-baseHttpPort",
            str(self.port - 1),
            "-clusterName",
            self.cluster,
        ]

    def address(self) -> str | None:
        found = re.findall(r"^HTTP Port:\s*(\d+)", self.log_tail(1000), re.MULTILINE)
        if not found:
            return None
        self.port = int(found[-1])
        return f"http://127.0.0.1:{self.port}"


class OpenSearch2(OpenSearch):
    recipe = "opensearch-2.19"


class OpenSearch3(OpenSearch):
    recipe = "opensearch-3"
    least_java = 21


class Elasticsearch8(PackagedEngine):
    recipe = "elasticsearch-8.19"

    def prepare(self) -> None:
        self.distribution = next(self.packages.glob("elasticsearch-8.*"))
        self.config = self.folder / "config"
        self.temporary = self.folder / "tmp"  # it refuses one that holds its configuration
        self.temporary.mkdir()
        shutil.copytree(self.distribution / "config", self.config)
        self.port = free_port()
        self.write_yaml(
            self.config / "elasticsearch.yml",
            {
                **self.configuration,
                "cluster.name": f"monitor-{uuid.uuid4().hex[:8]}",
                "http.port": self.port,
                "transport.port": free_port(),
                "path.data": str(self.folder / "data"),
                "path.logs": str(self.folder / "logs"),
                **self.security(),
            },
        )
        self.url = f"http://127.0.0.1:{self.port}"

    def security(self) -> dict[str, Any]:
        return {"xpack.security.enabled": False}

    def environment(self) -> dict[str, str]:
        return {
            **super().environment(),
            "ES_JAVA_HOME": str(self.java),
            "ES_PATH_CONF": str(self.config),
            "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP}",
            "ES_TMPDIR": str(self.temporary),
        }

    def command(self) -> list[str]:
        return [str(self.distribution / "bin" / "elasticsearch")]

    def tool(self, name: str, *arguments: str, given: str = "") -> None:
        """One of the programs beside the engine, on this engine's configuration."""
        done = subprocess.run(
            [str(self.distribution / "bin" / name), *arguments],
            env=self.environment(),
            input=given,
            capture_output=True,
            text=True,
            timeout=UP_SECONDS,
            check=False,
        )
        if done.returncode:
            raise NotUp(f"{name} {arguments[0]}: {done.stdout}{done.stderr}")


class SecuredElasticsearch8(Elasticsearch8):
    """With TLS, and users beside the one who may do everything.

    `reader` may read and nothing else; `nobody` may sign in and nothing else.
    """

    OWNER = ("elastic", "elastic-password")
    READER = ("reader", "reader-password")
    NOBODY = ("nobody", "nobody-password")

    def __init__(self, kind: str, extra: Mapping[str, Any]) -> None:
        super().__init__(kind, extra, user=self.OWNER[0], password=self.OWNER[1])

    def prepare(self) -> None:
        super().prepare()
        self.url = f"https://127.0.0.1:{self.port}"
        self.certificates: Certificates = make_certificates(self.config)
        self.ca = self.certificates.authority
        self.write_yaml(
            self.config / "roles.yml",
            {
                "reader": {"cluster": ["monitor"], "indices": [{"names": ["*"], "privileges": ["read"]}]},
                "nobody": {"cluster": []},
            },
        )
        self.tool("elasticsearch-keystore", "create")
        self.tool("elasticsearch-keystore", "add", "-x", "-f", "bootstrap.password", given=self.password)
        for name, password in (self.READER, self.NOBODY):
            self.tool("elasticsearch-users", "useradd", name, "-p", password, "-r", name)

    def security(self) -> dict[str, Any]:
        return {
            "xpack.security.enabled": True,
            "xpack.security.http.ssl": {"enabled": True, "key": "server.key", "certificate": "server.pem"},
            "xpack.security.transport.ssl.enabled": False,
        }


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def _answers(url: str, user: str, password: str) -> bool:
    """Whether it takes requests: its single node is the master and has read its state."""
    headers = urllib3.make_headers(basic_auth=f"{user}:{password}") if user else {}
    with urllib3.PoolManager(cert_reqs="CERT_NONE", retries=False, timeout=5) as pool:
        try:
            return pool.request("GET", f"{url}/_cluster/health", headers=headers).status == 200
        except urllib3.exceptions.HTTPError:
            return False
