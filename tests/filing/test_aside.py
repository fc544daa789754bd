"""An article that brings out a fault of the program costs itself alone, and is kept."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.filing import Aside, Desk, Filer, retry_aside
from monitor.settings import FilingSettings
from monitor.store.memory import MemoryStore
from tests.filing.world import put, report

SETTINGS = FilingSettings(batch=5, lease_seconds=2)


class Faulty(Desk):
    """Brings out a fault of the program at one article."""

    def __init__(self, wrong: str) -> None:
        super().__init__()
        self.wrong, place = wrong, self.matcher.place

        def failing(lookup, arrived):  # type: ignore[no-untyped-def]
            if any(one.id == self.wrong for one in arrived):
                raise OverflowError("date value out of range")
            return place(lookup, arrived)

        self.matcher.place = failing  # type: ignore[method-assign]


def test_an_article_that_brings_out_a_fault_is_put_aside_and_the_others_pass(tmp_path: Path) -> None:
    store, desk, aside = MemoryStore(), Faulty("b"), Aside(tmp_path / "dead")
    for name in "abc":
        put(store, name, report(ord(name)))
    Filer(store, SETTINGS, desk=desk, aside=aside).run(threading.Event(), until_idle=True)
    assert set(store.documents("abc")) == {"a", "c"}
    assert store.waiting() == 0
    ((file, letter),) = aside.letters()
    assert letter.analysis.article.id == "b"
    assert "date value out of range" in letter.reason
    assert retry_aside(store, desk, SETTINGS, aside) == (0, 1)
    assert file.exists()
    desk.wrong = ""
    assert retry_aside(store, desk, SETTINGS, aside) == (1, 1)
    assert set(store.documents("abc")) == {"a", "b", "c"}
    assert len(aside) == 0


def test_without_a_place_for_it_the_fault_is_told(tmp_path: Path) -> None:
    store = MemoryStore()
    put(store, "a", report(1))
    with pytest.raises(OverflowError):
        Filer(store, SETTINGS, desk=Faulty("a")).run(threading.Event(), until_idle=True)
    assert store.waiting() == 1


def test_nothing_is_taken_out_that_cannot_be_put_aside(tmp_path: Path) -> None:
    store = MemoryStore()
    put(store, "a", report(1))
    (tmp_path / "dead").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="can't be written"):
        Filer(store, SETTINGS, desk=Faulty("a"), aside=Aside(tmp_path / "dead")).run(threading.Event(), until_idle=True)
    assert store.waiting() == 1
