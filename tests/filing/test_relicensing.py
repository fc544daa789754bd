"""A change of licences.yaml reaches the articles that are stored."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from monitor.config import FilingSettings
from monitor.filing import Desk, Filer, Rules
from monitor.sources.licences import WatchedLicences
from monitor.store.memory import MemoryStore
from tests.filing.world import filed, put, report

SETTINGS = FilingSettings(batch=5, lease_seconds=2)


def test_articles_follow_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.sources.licences.LOOK_AGAIN", 0.0)
    path = tmp_path / "licences.yaml"
    watched = WatchedLicences(path)
    desk, store = Desk(Rules(licence=watched.licensed, licence_states=watched.states)), MemoryStore()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)], site="kurier")
    put(store, "b", ["Oderfeld (dpa) -", *report(2)], site="bote")
    put(store, "c", ["Oderfeld (afp) -", *report(3)], site="kurier")
    put(store, "own", report(4), site="kurier")

    def licensed(text: str | None) -> list[bool | None]:
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
        Filer(store, SETTINGS, desk=desk).run(threading.Event(), until_idle=True)
        return [store.documents([id])[id].source.licensed for id in ("a", "b", "c", "own")]

    filed(store, desk)
    assert licensed("- {agency: dpa, site: kurier}\n") == [True, False, None, None]
    assert licensed("- {agency: dpa, site: bote}\n- {agency: afp, site: '*'}\n") == [False, True, True, None]
    assert licensed("- {agency: afp, site: '*'}\n") == [None, None, True, None]
    assert licensed(None) == [None, None, None, None]


def test_without_a_change_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    store, desk = MemoryStore(), Desk()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    filed(store, desk)
    monkeypatch.setattr(store, "scan", lambda *_: pytest.fail("looked through the archive"))
    Filer(store, SETTINGS, desk=desk).run(threading.Event(), until_idle=True)
