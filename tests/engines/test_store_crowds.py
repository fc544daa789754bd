"""Hashes that very many articles hold, with articles that no search of the engine sees yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.records import Document, Fingerprint, Probe
from monitor.store.elastic.reading import Reader
from monitor.store.elastic.store import ElasticStore
from monitor.store.memory import MemoryStore
from tests.articles import again, changes, document, later
from tests.contract.adapters import few_holders
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow

AROUND = later(hours=-1), later(hours=1)


@pytest.fixture
def store(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    with opened(engine, fresh_prefix, tmp_path) as made:
        yield made


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Searches and refreshes, as they are made."""
    made: list[str] = []
    for name in ("several", "refresh"):
        real = getattr(Reader, name)

        def noted(*given: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            made.append(name)
            return real(*given, **more)

        monkeypatch.setattr(Reader, name, noted)
    return made


def printed(id: str, *hashes: int, **more: Any) -> Document:
    return replace(document(id, **more), fingerprint=Fingerprint("", hashes))


def test_what_was_just_filed_counts_and_what_it_replaces_does_not(
    store: ElasticStore, requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few_holders(monkeypatch, 3)
    again(store.file, changes(*(printed(id, 1, 2, 3) for id in "abc")))
    store.refresh()
    again(store.file, changes(printed("a", 7, 8, revision=2), printed("d", 1, 2)))
    probes = [Probe((1, 2, 3), *AROUND), Probe((7, 8), *AROUND)]
    requests.clear()
    assert [[one.id for one in found] for found in store.candidates(probes)] == [["b", "c", "d"], ["a"]]
    assert requests == ["several", "refresh", "several"]
    again(store.file, changes(printed("e", 1, 2)))
    requests.clear()
    assert [[one.id for one in found] for found in store.candidates([*probes, *probes])] == [[], ["a"]] * 2
    assert requests == ["several", "refresh", "several", "several"]  # the last counts who holds each
    requests.clear()
    assert [one.id for one in store.candidates([Probe((1, 3, 7, 8), *AROUND)])[0]] == ["a", "b", "c"]
    assert requests == ["several"]


def test_many_that_were_just_filed_need_no_more_requests(
    store: ElasticStore, requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    few_holders(monkeypatch, 3)
    again(store.file, changes(*(printed(f"a{n}", n // 3, 10 + n // 3) for n in range(12))))
    requests.clear()
    assert [one.id for one in store.candidates([Probe((1, 11), *AROUND)])[0]] == ["a3", "a4", "a5"]
    assert requests == ["several"]


def test_unseen_batches_are_found_as_in_memory(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    few_holders(monkeypatch, 4)
    dice = random.Random(7)
    memory = MemoryStore()
    for revision in range(1, 25):
        made = [
            printed(
                f"a{n:02}",
                *(number for number in range(4) if dice.random() < 0.5),
                *dice.sample(range(10, 20), dice.randrange(4)),
                at=later(hours=dice.choice([-3, -1, 0, 0, 1, 2])),
                revision=revision,
            )
            for n in dice.sample(range(30), 6)
        ]
        for one in (memory, store):
            again(one.file, changes(*made))
        if dice.random() < 0.2:
            store.refresh()
        asked = [
            Probe(
                tuple(dice.sample([*range(4), *range(10, 20)], dice.randrange(8))),
                later(hours=dice.choice([-3, -1, 0])),
                later(hours=dice.choice([0, 1, 2])),
                dice.choice([1, 5, 30]),
            )
            for _ in range(12)
        ]
        assert store.candidates(asked) == memory.candidates(asked)
