"""What people decide is taken up by the filer and survives everything."""

from __future__ import annotations

from monitor.analysis import derive
from monitor.filing import Desk, decisions_wait, file_decisions, reanalyse
from monitor.records import Decision
from monitor.settings import FilingSettings
from monitor.store.memory import MemoryStore
from monitor.store.port import FILER_LEASE, Store
from tests.filing.world import NOON, filed, partition, put, report

SETTINGS = FilingSettings.model_validate({})


def decide(store: Store, subject: str, verb: str, argument: str) -> None:
    store.decide(Decision(f"{subject}-{verb}-{argument}", subject, verb, argument, "Ada Example", NOON))


def credits(store: Store, id: str) -> list[str]:
    return [one.id for one in store.documents([id])[id].source.agencies if one.confidence >= 0.5]


def test_a_rejected_credit_is_gone_and_a_confirmed_one_is_there() -> None:
    store = MemoryStore()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    filed(store)
    decide(store, "a", "reject-credit", "dpa")
    decide(store, "a", "confirm-credit", "apa")
    assert decisions_wait(store)
    assert file_decisions(store, Desk(), SETTINGS)
    assert not decisions_wait(store)
    assert credits(store, "a") == ["apa"]
    reanalyse(store, lambda documents: [None] * len(documents), Desk())
    assert credits(store, "a") == ["apa"]


def test_two_articles_are_split_and_merged_by_decision() -> None:
    store = MemoryStore()
    for name, number in (("a", 1), ("b", 1), ("c", 2)):
        put(store, name, report(number), hours=1 if name == "b" else 0)
    assert partition(filed(store)) == {frozenset("ab"), frozenset("c")}
    for one, other in ("ab", "ba"):
        decide(store, one, "split", other)
    for one, other in ("bc", "cb"):
        decide(store, one, "merge", other)
    file_decisions(store, Desk(), SETTINGS)
    assert partition(filed(store)) == {frozenset("a"), frozenset("bc")}


def test_while_another_filer_is_at_work_the_decision_waits_for_it() -> None:
    from datetime import UTC, datetime

    store = MemoryStore()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    filed(store)
    store.acquire(FILER_LEASE, "elsewhere:1:1", 60, datetime.now(UTC))
    decide(store, "a", "reject-credit", "dpa")
    assert not file_decisions(store, Desk(), SETTINGS)
    assert decisions_wait(store)
    assert credits(store, "a") == ["dpa"]


def test_a_decision_on_a_credit_reaches_the_copies_and_stays_the_same_after_reanalysis() -> None:
    store = MemoryStore()
    put(store, "a", ["Oderfeld (dpa) -", *report(1)])
    put(store, "copy", report(1), hours=1)
    put(store, "b", report(2))
    put(store, "other", report(2), hours=1)
    documents = filed(store)
    assert credits(store, "copy") == ["dpa"]
    assert documents["copy"].source.uncredited_reuse
    decide(store, "a", "reject-credit", "dpa")
    decide(store, "b", "confirm-credit", "afp")
    file_decisions(store, Desk(), SETTINGS)

    def state() -> list[object]:
        ids = ("a", "copy", "b", "other")
        found = store.documents(ids)
        stories = store.stories({one.story for one in found.values()})
        told = [(credits(store, id), found[id].source.uncredited_reuse, found[id].source.origin.how) for id in ids]
        return [*told, *(stories[found[id].story].agencies for id in ids)]

    live = state()
    assert live == [
        ([], False, ""), ([], False, "earliest"), (["afp"], True, ""), (["afp"], True, "agency-member"),
        (), (), ("afp",), ("afp",),
    ]  # fmt: skip
    reanalyse(store, lambda documents: [derive(one.article) for one in documents], Desk())
    assert state() == live
