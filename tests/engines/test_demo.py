"""The demo on an engine, as `make demo ENGINE=...` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.demo import settings
from tests.engines.engine import Engine
from tests.program import monitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_the_demo_checks_itself_on_an_engine_and_leaves_nothing_there(engine: Engine, tmp_path: Path) -> None:
    before = names(engine)
    done = monitor(tmp_path, "demo", timeout=600, **settings(engine))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checked itself" in done.stdout
    assert f"The archive is on {engine.url}" in done.stdout
    assert names(engine) == before


def names(engine: Engine) -> set[str]:
    """Indices and templates of demos."""
    with engine.connected() as connection:
        client = connection.client.options(ignore_status=404)
        indices = set(client.indices.get(index="demo-*"))
        whole = {one["name"] for one in client.indices.get_index_template(name="demo-*").get("index_templates", [])}
        parts = client.cluster.get_component_template(name="demo-*").get("component_templates", [])
    return indices | whole | {one["name"] for one in parts}
