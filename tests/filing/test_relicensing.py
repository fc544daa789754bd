"""A change of licences.yaml reaches the articles that are stored."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.alerts import question
from monitor.filing import Desk, Filer, RuleFolder, Rules, Teller
from monitor.records import Changes, Rule
from monitor.settings import FilingSettings
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


def test_rules_ring_for_a_licence_that_is_lost_where_the_article_was_found_lately(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.sources.licences.LOOK_AGAIN", 0.0)
    path = tmp_path / "licences.yaml"
    path.write_text("- {agency: dpa, site: kurier}\n- {agency: dpa, site: bote}\n")
    watched = WatchedLicences(path)
    rules = Rules(licence=watched.licensed, licence_states=watched.states)
    store = MemoryStore()
    rule = Rule("reuse", reused_from=("dpa",), channels=("desk",), max_age=0.0)
    store.put_rules([(rule, question(rule))])
    desk = Desk(rules, Teller(RuleFolder(tmp_path / "alerts", "UTC"), "UTC"))
    put(store, "a", ["Oderfeld (dpa) -", *report(1)], site="kurier")
    put(store, "b", ["Oderfeld (dpa) -", *report(2)], site="bote")
    filed(store, desk)
    Filer(store, SETTINGS, desk=desk).run(threading.Event(), until_idle=True)
    fresh = store.documents(["a"])["a"]
    store.file(Changes(documents=(replace(fresh, first_seen=datetime.now(UTC)),)))
    assert store.alerts() == []
    path.write_text("- {agency: afp, site: '*'}\n- {agency: dpa, site: blatt}\n")
    Filer(store, SETTINGS, desk=desk).run(threading.Event(), until_idle=True)
    assert {one.article for one in store.alerts(channel="desk")} == {"a"}


def test_without_a_change_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    store, desk = MemoryStore(), Desk()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    filed(store, desk)
    monkeypatch.setattr(store, "scan", lambda *_: pytest.fail("looked through the archive"))
    Filer(store, SETTINGS, desk=desk).run(threading.Event(), until_idle=True)
