"""What lies in deploy/ fits the program: variables, settings, files, privileges."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.config import describe, load
from monitor.kibana.views import VIEWS

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
SETTINGS = {setting.name for setting in describe(load(DEPLOY, {}).settings)}
EXAMPLE = dict(
    line.split("=", 1) for line in (DEPLOY / ".env.example").read_text().splitlines() if re.match(r"[A-Z_]+=", line)
)


def _variables(service: dict[str, Any]) -> dict[str, str]:
    given = service.get("environment", {})
    return {name: str(value) for name, value in given.items() if name.startswith("MONITOR_")}


def test_every_variable_of_compose_is_in_the_example_and_the_other_way_round() -> None:
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert used == set(EXAMPLE)


def test_passwords_are_empty_in_the_example_and_demanded() -> None:
    for name in (name for name in EXAMPLE if name.endswith("PASSWORD")):
        assert not EXAMPLE[name]
        assert not re.search(rf"\$\{{{name}\}}", COMPOSE), f"{name} may be left empty"


@pytest.mark.parametrize("service", ["dashboards", "init", "monitor"])
def test_settings_in_compose_exist(service: str) -> None:
    names = {name.removeprefix("MONITOR_").lower().replace("__", ".") for name in _variables(SERVICES[service])}
    assert names <= SETTINGS, names - SETTINGS


def test_the_settings_of_the_monitor_are_read_as_they_stand(tmp_path: Path) -> None:
    given = {**_variables(SERVICES["monitor"]), "MONITOR_STORE__PASSWORD": "x"}
    store = load(tmp_path, given).settings.store
    assert store.kind == "elasticsearch"
    assert list(store.url) == ["http://elasticsearch:9200"]


def test_one_profile_starts_all_and_nothing_listens_beyond_loopback() -> None:
    assert {name for name, service in SERVICES.items() if service["profiles"] == ["elastic"]} == set(SERVICES)
    for name, service in SERVICES.items():
        assert service["mem_limit"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    for name in ("elasticsearch", "kibana", "monitor"):
        assert SERVICES[name]["healthcheck"], name
        assert SERVICES[name]["restart"] == "unless-stopped", name


def test_services_wait_for_what_they_need() -> None:
    volumes = set(yaml.safe_load(COMPOSE)["volumes"])
    for service in SERVICES.values():
        for needed, how in service.get("depends_on", {}).items():
            ends = "restart" not in SERVICES[needed]
            assert how["condition"] == ("service_completed_successfully" if ends else "service_healthy")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in volumes or source.startswith("$") or (DEPLOY / source).exists()


def test_the_monitor_starts_without_asking_the_engine_and_takes_other_commands() -> None:
    """`monitor store init` needs the engine, also where the indices are there; `monitor run` does not."""
    monitor, init = SERVICES["monitor"], SERVICES["init"]
    assert "entrypoint" not in monitor
    assert monitor["command"] == ["run"]
    assert init["command"] == ["store", "init"]
    assert monitor["depends_on"] == {"init": {"condition": "service_completed_successfully"}}
    assert monitor["environment"] == init["environment"]


def test_the_set_up_script_is_a_script() -> None:
    subprocess.run(["bash", "-n", str(DEPLOY / "elastic" / "setup.sh")], check=True)


@pytest.mark.parametrize("name", ["role", "daily-role", "reader-role"])
def test_roles_are_for_the_monitors_indices_only(name: str) -> None:
    role = json.loads((DEPLOY / "elastic" / f"{name}.json").read_text())
    assert set(role["cluster"]) <= {"monitor", "manage_index_templates"}
    assert all(index.startswith("monitor-") for part in role["indices"] for index in part["names"])
    assert "all" not in {privilege for part in role["indices"] for privilege in part["privileges"]}


def test_readers_may_read_what_the_dashboards_show() -> None:
    role = json.loads((DEPLOY / "elastic" / "reader-role.json").read_text())
    assert role["indices"][0]["names"] == [f"monitor-{view.name}*" for view in VIEWS]


def test_the_image_has_what_the_wheel_is_made_of() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M)
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for name in " ".join(copied).split():
        assert (DEPLOY.parent / name).exists()
        assert f"!{name}" in allowed
