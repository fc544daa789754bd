"""Engines from packages of Maven Central: their configuration and how each is started."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.engines.certificates import Certificates, make_certificates
from tests.engines.engine import COMMON, HEAP, JAVA_OPTIONS, UP_SECONDS, GuardedEngine, free_port
from tests.engines.packages import NotUp, engine_user, fetched, java_home


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
            *JAVA_OPTIONS.split(),
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
            "ES_JAVA_OPTS": f"-Xms{HEAP} -Xmx{HEAP} {JAVA_OPTIONS}",
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
