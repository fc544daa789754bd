"""The news world at one moment, and the same world served on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monitor.demo.records import View
from monitor.demo.server import RunningWorld, World
from monitor.demo.world import Content, load_content

NOW = datetime(2025, 3, 12, 9, 41, 27, tzinfo=UTC)


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(NOW)


@pytest.fixture(scope="session")
def views(content: Content) -> dict[str, View]:
    """Each site as it would be served at fixed addresses."""
    addresses = {site: f"http://127.0.83.{number}:8700" for number, site in enumerate(content.sites, 1)}
    return {site: View(info, addresses, content.of_site(site)) for site, info in content.sites.items()}


@pytest.fixture
def running() -> Iterator[RunningWorld]:
    with World.load(NOW).start() as world:
        yield world
