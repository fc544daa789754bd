"""What people decided since the last look: the articles concerned are placed and traced again."""

from __future__ import annotations

from dataclasses import replace

from monitor.filing.batch import placed
from monitor.filing.desk import Desk
from monitor.filing.writing import write
from monitor.records import Changes, Decision, Document
from monitor.store.port import Store

APPLIED_NOTE = "decisions"  # the number of the newest decision that was applied
_AT_ONCE = 100
MOVES = frozenset({"split", "merge"})
CREDITS = frozenset({"confirm-credit", "reject-credit"})


def apply_decisions(store: Store, desk: Desk, holder: str = "") -> int:
    """Number of decisions taken up. Repeating it after a kill changes nothing more."""
    done = 0
    while new := store.new_decisions(int(store.note(APPLIED_NOTE) or 0), _AT_ONCE):
        changes = _changes(store, [decision for _, decision in new], desk)
        if changes.documents or changes.stories:
            write(store, desk.tell(store, replace(changes, holder=holder)))
        store.put_note(APPLIED_NOTE, str(new[-1][0]))
        done += len(new)
    return done


def carry_over(source: Store, target: Store) -> None:
    """What a filer has taken up of the source's decisions, all of which the target has in their order, counts as taken
    up there.
    """
    applied = sum(1 for number in _numbers(source) if number <= int(source.note(APPLIED_NOTE) or 0))
    if applied:
        target.put_note(APPLIED_NOTE, str(_numbers(target)[applied - 1]))


def _numbers(store: Store) -> list[int]:
    numbers: list[int] = []
    while new := store.new_decisions(numbers[-1] if numbers else 0, _AT_ONCE):
        numbers += [number for number, _ in new]
    return numbers


def decisions_wait(store: Store) -> bool:
    """Is there a decision that no filer has taken up yet?"""
    return bool(store.new_decisions(int(store.note(APPLIED_NOTE) or 0), 1))


def _changes(store: Store, decisions: list[Decision], desk: Desk) -> Changes:
    moved = [one for decision in decisions if decision.verb in MOVES for one in (decision.subject, decision.argument)]
    again = [decision.subject for decision in decisions if decision.verb in CREDITS]
    ids = _articles(store, [*moved, *again])
    documents = store.documents(set(ids.values()))
    arrived: dict[str, Document] = {}
    for one in moved:
        if (document := documents.get(ids.get(one, ""))) is not None:
            arrived[document.id] = document
    retrace = [ids[one] for one in again if ids.get(one, "") in documents]
    return placed(store, list(arrived.values()), desk, again=retrace)


def _articles(store: Store, subjects: list[str]) -> dict[str, str]:
    """The id of an article stands for itself, that of a story for its root."""
    roots = {asked: story.root for asked, story in store.stories(set(subjects)).items()}
    return {one: roots.get(one, one) for one in subjects}
