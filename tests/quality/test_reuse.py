"""Floors of matching on made reuse: what republishers make of an original, and bulletins that only look like it.

Texts of the demo and of the pages written for extraction. A floor goes down only by a written decision.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.duplicates import MemoryLookup
from tests.quality.bulletins import KINDS
from tests.quality.republishing import START, Item, World, jittered
from tests.quality.reuse_scores import Scores, matched, partition, same_stories, score
from tests.quality.reuse_texts import own_sources

# Measured over seeds 1 to 5: see tests/quality/reuse.py for real texts.
PRECISION, RECALL, ORIGIN, FOUND = 0.99, 0.97, 0.98, 0.99
SAME_STORIES = 0.98
PAIRS, TEMPLATES = 300, 100


@pytest.fixture(scope="module")
def stream() -> list[Item]:
    return World(2024, own_sources(), sites=8, least=40).stream(copies=22, bulletins=200, late=0.15)


@pytest.fixture(scope="module")
def straight(stream: list[Item]) -> tuple[MemoryLookup, Scores]:
    lookup = matched(stream)
    return lookup, score(stream, lookup)


def test_there_are_pairs_enough(stream: list[Item]) -> None:
    assert sum(item.kind == "copy" for item in stream) >= PAIRS


def test_copies_find_their_original(straight: tuple[MemoryLookup, Scores]) -> None:
    _, scores = straight
    assert scores.found["30 % and more"] >= FOUND
    assert scores.recall >= RECALL
    assert scores.origin >= ORIGIN


def test_strangers_stay_apart(straight: tuple[MemoryLookup, Scores]) -> None:
    _, scores = straight
    assert scores.precision >= PRECISION
    assert scores.false_per_bulletin <= 1 / 200
    assert scores.merged_right >= ORIGIN


@pytest.mark.parametrize("hours", [6, 24])
def test_the_order_of_arrival_makes_no_difference(
    hours: int, stream: list[Item], straight: tuple[MemoryLookup, Scores]
) -> None:
    arriving = jittered(stream, hours, seed=5)
    lookup = matched(arriving)
    assert score(arriving, lookup).precision >= 0.98
    assert same_stories(partition(straight[0]), partition(lookup)) >= SAME_STORIES


def test_bulletins_of_successive_hours_and_days_are_no_copies() -> None:
    """Each kind with all its facts changed, at most three days apart: the place in which precision is lost."""
    world = World(7, own_sources())
    false = pairs = 0
    for kind in KINDS:
        made = []
        for number in range(16):
            at = START + timedelta(hours=5 * number)
            title, text, language = kind(world.rng, at)
            made.append(Item(f"b{number:02}", f"s{number}.example", title, text, language, at, "bulletin", arrives=at))
        stories = list(partition(matched(made)).values())
        false += len(stories) - len(set(stories))
        pairs += len(made) - 1
    assert pairs >= TEMPLATES
    assert false <= 1
