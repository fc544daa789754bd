"""One suite over all adapters. Those on engines are slow; the engines are found or started by `tests.engines`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store.port import Store
from tests.contract.adapters import ADAPTERS, make, remove_made


@pytest.fixture(scope="session", params=ADAPTERS)
def kind(request: pytest.FixtureRequest) -> str:
    """Of the session, so that pytest runs the tests of one engine after one another."""
    name: str = request.param
    return name


@pytest.fixture
def store(kind: str, tmp_path: Path) -> Iterator[Store]:
    made = make(kind, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session", autouse=True)
def _engines_left_clean() -> Iterator[None]:
    yield
    remove_made()
