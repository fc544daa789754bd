"""What is wrong now, as it can be read from the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.codec import encode
from monitor.health.incidents import Incident
from monitor.health.judging import Problem
from monitor.health.ledger import Kept
from monitor.health.machines import note_machine
from monitor.health.standing import INCIDENTS_NOTE, Health, machine_note, removed, standing
from monitor.store.memory import MemoryStore

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def incident(what: str, subject: str, began: datetime, **more: object) -> Incident:
    patience = more.pop("patience", timedelta())
    return Incident(Problem(f"{what}:{subject}", what, subject, patience=patience), began, NOW, **more)  # type: ignore[arg-type]


def note(store: MemoryStore, name: str, *incidents: Incident) -> None:
    kept = Kept({one.problem.name: one for one in incidents}, NOW - HOUR, NOW)
    store.put_note(name, encode(kept).decode())


def test_of_a_store_that_nobody_looked_at_nothing_is_known() -> None:
    assert standing(MemoryStore()) == Health()


def test_what_is_wrong_of_the_sites_and_of_each_machine_is_there_the_oldest_first() -> None:
    store = MemoryStore()
    for host in ("one", "two"):
        note_machine(store, host, (), NOW)
        note(store, machine_note(host), incident("disk", f"{host}:/", NOW - 3 * HOUR))
    note(
        store,
        INCIDENTS_NOTE,
        incident("failures", "lasts", NOW - 2 * HOUR),
        incident("failures", "gone", NOW - 5 * HOUR, gone=NOW - HOUR / 2),
        incident("failures", "over", NOW - 9 * HOUR, over=NOW - HOUR),
        incident("decline", "young", NOW - HOUR, patience=24 * HOUR),
    )
    found = standing(store, "de")
    assert found.looked == NOW
    assert [(one.name, one.gone) for one in found.problems] == [
        ("failures:gone", NOW - HOUR / 2),
        ("disk:one:/", None),
        ("disk:two:/", None),
        ("failures:lasts", None),
    ]
    assert found.problems[-1].title == "lasts scheitert immer wieder"


def test_what_a_machine_that_is_no_more_saw_last_stands_no_longer_and_that_of_the_only_one_does() -> None:
    """It noted nothing for a day in which another did: a container that has another name each time."""
    store = MemoryStore()
    note_machine(store, "old", (), NOW)
    note(store, machine_note("old"), incident("disk", "old:/", NOW))
    assert [one.name for one in standing(store).problems] == ["disk:old:/"]
    for hours, left in ((23, ["disk:old:/"]), (24, [])):
        note_machine(store, "new", (), NOW + hours * HOUR)
        assert [one.name for one in standing(store).problems] == left


def test_a_site_of_a_machine_that_is_off_for_a_night_is_not_removed() -> None:
    """However long ago its silence was seen: its crawls failed since."""
    store = MemoryStore()
    note(store, INCIDENTS_NOTE, incident("silent", "kurier", NOW))
    note_machine(store, "one", ("kurier",), NOW + 90 * HOUR)
    names = {"silent:kurier"}
    assert removed(store, names, NOW + 100 * HOUR) == frozenset()
    assert removed(store, names, NOW + 162 * HOUR) == names
    assert removed(store, (), NOW + 162 * HOUR) == frozenset()
