"""The documentation is true: every command, field and snippet of it is the program's, and the other way round."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.app import COMMANDS
from monitor.cli.app import load as load_command
from monitor.config import describe, load
from monitor.deciding import VERBS
from monitor.kibana import DASHBOARDS
from monitor.query import FIELDS
from monitor.records import SourceTrace
from monitor.sites import FeedSource, Selectors, Site, WordPressSource, load_site
from monitor.sources import Agency, load_agencies
from monitor.sources.licences import load_licences

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SITES = (ROOT / "docs" / "sites.md").read_text(encoding="utf-8")
SEARCH = (ROOT / "docs" / "search.md").read_text(encoding="utf-8")
SOURCES = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
OPERATION = (ROOT / "docs" / "operation.md").read_text(encoding="utf-8")
OPERATOR = (ROOT / "docs" / "operator.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [entry.name for entry in COMMANDS])
def test_the_readme_names_every_command(command: str) -> None:
    assert f"monitor {command}" in README


def test_every_command_that_the_guides_name_exists() -> None:
    known = {entry.name for entry in COMMANDS}
    for text in (README, SITES, SEARCH, SOURCES, OPERATION, OPERATOR):
        named = set(re.findall(r"`monitor ([a-z]+)", text)) | set(re.findall(r"^    monitor ([a-z]+)", text, re.M))
        assert named <= known, named - known


def test_no_help_text_loses_what_stands_in_brackets() -> None:
    """There they are markup."""

    def texts(command: Any) -> Iterator[str]:
        yield command.help or ""
        yield from (getattr(one, "help", "") or "" for one in command.params)
        for one in getattr(command, "commands", {}).values():
            yield from texts(one)

    for entry in COMMANDS:
        for text in texts(load_command(entry.name)):
            assert not re.search(r"(?<!\\)\[[a-z.]+\]", text), text


def test_the_site_file_of_the_readme_loads(tmp_path: Path) -> None:
    snippet = re.search(r"```yaml\n(.*?)```", README, re.S)
    assert snippet
    (tmp_path / "example.yaml").write_text(snippet[1], encoding="utf-8")
    assert len(load_site(tmp_path / "example.yaml").sources) == 2


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "examples" / "sites").glob("*.yaml")), ids=lambda p: p.stem)
def test_the_example_sites_load(path: Path) -> None:
    assert load_site(path).sources


def test_the_guide_to_site_files_names_every_field() -> None:
    names = set(Site.model_fields) | set(Selectors.model_fields)
    names |= set(FeedSource.model_fields) | set(WordPressSource.model_fields)
    missing = {name for name in names - {"id", "kind"} if f"`{name}" not in SITES}
    assert not missing


def test_the_guide_to_searching_names_every_field() -> None:
    assert not {name for name in FIELDS if f"`{name}`" not in SEARCH}


def test_the_guide_to_sources_names_every_field_of_an_agency_and_its_example_loads(tmp_path: Path) -> None:
    snippet = re.search(r"```toml\n(.*?)```", SOURCES, re.S)
    assert snippet
    (tmp_path / "agencies.toml").write_text(snippet[1], encoding="utf-8")
    assert "ena" in load_agencies(tmp_path / "agencies.toml")
    assert {field.name for field in fields(Agency)} - {"id"} <= set(re.findall(r"^(\w+) =", snippet[1], re.M))


def test_the_guide_to_sources_names_every_key_of_a_trace_and_its_licences_load(tmp_path: Path) -> None:
    assert not {field.name for field in fields(SourceTrace) if f"`{field.name}`" not in SOURCES}
    assert not {name for name in (*VERBS, "reference", "agency-member", "earliest") if name not in SOURCES}
    snippet = re.search(r"```yaml\n(.*?)```", SOURCES, re.S)
    assert snippet
    (tmp_path / "licences.yaml").write_text(snippet[1], encoding="utf-8")
    assert [one.site for one in load_licences(tmp_path / "licences.yaml").entries] == ["example", "partner.example"]


def test_the_library_example_of_the_readme_runs() -> None:
    snippet = re.search(r"```python\n(.*?)```", README, re.S)
    assert snippet
    done = subprocess.run(
        [sys.executable, "-c", snippet[1]], capture_output=True, text=True, encoding="utf-8", timeout=60, check=True,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    lines = done.stdout.splitlines()
    assert lines[0].endswith("kept, 1 word changed")
    assert "changed 'three' 'two'" in lines
    assert "missing '' '(Reuters)'" in lines
    assert lines[-1] == "['reuters']"


def test_settings_that_the_guides_name_exist() -> None:
    known = {setting.name for setting in describe(load(ROOT / "docs", {}).settings)}
    for text in (README, SITES, SOURCES, OPERATION, OPERATOR):
        for name in re.findall(r"`((?:crawl|store|warc|filing|matching|schedule|kibana|log)\.[a-z_]+)`", text):
            assert name in known, name


def test_the_settings_of_the_operators_guide_load(tmp_path: Path) -> None:
    snippet = re.search(r"```toml\n(.*?)```", OPERATOR, re.S)
    assert snippet
    (tmp_path / "monitor.toml").write_text(snippet[1], encoding="utf-8")
    settings = load(tmp_path, {}).settings
    assert settings.store.kind == "elasticsearch"
    assert settings.kibana.space == "press"


def test_the_operators_guide_names_every_role_and_every_dashboard() -> None:
    for role in (ROOT / "deploy" / "elastic").glob("*.json"):
        assert f"`{role.name}`" in OPERATOR
    for dashboard in DASHBOARDS:
        assert f"| {dashboard.name} |" in OPERATOR


def test_what_is_installed_is_what_is_pinned() -> None:
    """Every dependency has a lower bound, and the constraints pin it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        re.split(r"==", line)[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    for requirement in project["dependencies"]:
        name = re.split(r"[><=;\[ ]", requirement)[0]
        assert ">=" in requirement, requirement
        assert name.lower().replace("_", "-") in pinned, name
