"""What is wrong now, as it can be read from the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.codec import encode
from monitor.health.incidents import Incident
from monitor.health.judging import Problem
from monitor.health.ledger import Kept
from monitor.health.machines import note_machine
from monitor.health.standing import INCIDENTS_NOTE, Health, machine_note, standing
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
