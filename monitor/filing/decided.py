"""What people decided since the last look: the articles concerned are placed and traced again."""

from __future__ import annotations

from dataclasses import replace

from monitor.filing.batch import placed
from monitor.filing.desk import Desk
from monitor.filing.writing import write
from monitor.records import Changes, Decision, Document
from monitor.store.port import Store

_NOTE = "decisions"  # the number of the newest decision that was applied
_AT_ONCE = 100
MOVES = frozenset({"split", "merge"})
CREDITS = frozenset({"confirm-credit", "reject-credit"})


def apply_decisions(store: Store, desk: Desk, holder: str = "") -> int:
    """Number of decisions taken up. Repeating it after a kill changes nothing more."""
    done = 0
    while new := store.new_decisions(int(store.note(_NOTE) or 0), _AT_ONCE):
        changes = _changes(store, [decision for _, decision in new], desk)
        if changes.documents or changes.stories:
            write(store, replace(changes, holder=holder))
        store.put_note(_NOTE, str(new[-1][0]))
        done += len(new)
    return done


def decisions_wait(store: Store) -> bool:
    """Is there a decision that no filer has taken up yet?"""
    return bool(store.new_decisions(int(store.note(_NOTE) or 0), 1))


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
