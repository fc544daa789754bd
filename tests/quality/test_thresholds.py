"""Every threshold is measured, and documented with the value that it has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from monitor.duplicates import MatchSettings, cluster, pairs
from monitor.sources import TraceSettings
from tests.quality.reuse_texts import own_sources
from tests.quality.threshold_setting import changed, present, shown
from tests.quality.threshold_streams import Streams
from tests.quality.threshold_values import MATCHING, TRACING, Threshold

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "matching.md"
MATCHERS = (
    "align", "candidates", "cluster", "cohesion", "evidence", "fingerprint", "furniture", "judge", "match", "pairs",
    "stories", "words",
)  # fmt: skip
WEIGHERS = ("body", "crediting", "dateline", "evidence", "pictures", "trace")


def constants(module: str) -> Iterator[str]:
    """Upper-case numbers that the module itself defines."""
    home = import_module(f"monitor.{module}")
    tree = ast.parse(Path(home.__file__ or "").read_text(encoding="utf-8"))
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        for name in (one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)):
            if name.isupper() and isinstance(getattr(home, name), int | float | timedelta | np.number):
                yield name


def expected() -> set[str]:
    found = {f"duplicates.{m}.{name}" for m in MATCHERS for name in constants(f"duplicates.{m}") if name[0] != "_"}
    found |= {f"duplicates.settings.{field.name}" for field in fields(MatchSettings)}
    found |= {f"sources.surroundings.{field.name}" for field in fields(TraceSettings)}
    for module in WEIGHERS:
        home = import_module(f"monitor.sources.{module}")
        names = constants(f"sources.{module}")
        found |= {f"sources.{module}.{name}" for name in names if isinstance(getattr(home, name), float)}
    return found


def test_every_threshold_is_measured() -> None:
    assert expected() <= {one.key for one in (*MATCHING, *TRACING)}


def test_every_threshold_is_documented_with_the_value_that_it_has() -> None:
    written = dict(re.findall(r"^\| `([\w.]+)` \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert written == {one.key: shown(present(one)) for one in (*MATCHING, *TRACING)}


@pytest.mark.parametrize("threshold", [*MATCHING, *TRACING], ids=lambda one: one.key)
def test_the_neighbours_lie_on_either_side_and_can_be_set(threshold: Threshold) -> None:
    was = present(threshold)
    assert min(threshold.values) < was < max(threshold.values)
    with changed(threshold, threshold.values[0]):
        pass
    assert present(threshold) == was


def test_a_value_is_set_wherever_it_is_looked_up() -> None:
    with changed(Threshold("duplicates.fingerprint", "EXACT_WORDS", (30,)), 30):
        assert pairs.EXACT_WORDS == 30
    with changed(Threshold("duplicates.cluster", "PADDING", (7,)), 7):
        assert cluster.merged([(0, 5), (20, 25)]) == ((0, 5), (20, 25))
    assert cluster.merged([(0, 5), (20, 25)]) == ((0, 25),)
    with changed(Threshold("duplicates.settings", "candidates", (5,)), 5) as (matching, _):
        assert matching.candidates == 5


def test_a_name_that_is_gone_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"duplicates\.judge\.GONE"):
        present(Threshold("duplicates.judge", "GONE", ()))


def test_a_measurement_sees_what_a_threshold_does() -> None:
    streams = Streams(own_sources()[:5], None)
    right = streams.measure(MatchSettings())
    with changed(Threshold("duplicates.judge", "AGREEMENT", (0.0,)), 0.0) as (settings, _):
        wrong = streams.measure(settings, "duplicates.judge")
    assert right["forms"] <= 1
    assert wrong["forms"] > right["forms"]
