"""One store copied into another, of whatever kind both are: all that is kept, kind by kind, in the stores' own order.

The target remembers how far it got, so that a copy that was cut short goes on. What was written twice by that is the
same. Both filers' leases are held meanwhile.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import orjson

from monitor import faultpoints
from monitor.alerts import question
from monitor.errors import Conflict, StoreError
from monitor.filing import APPLIED_NOTE, Holder, carry_over, unfinished, write
from monitor.records import (
    Alert,
    Alias,
    Changes,
    Decision,
    Document,
    Edge,
    Furniture,
    Note,
    Outcome,
    Rejection,
    Revision,
    Rule,
    Run,
    SourceState,
    Story,
    UrlState,
)
from monitor.store.port import Store

log = logging.getLogger(__name__)

BATCH = 200  # records; after each it is noted how far the copy is
KINDS: Mapping[str, type[object]] = {
    "revisions": Revision,
    "articles": Document,
    "edges": Edge,
    "stories": Story,
    "aliases": Alias,
    "furniture": Furniture,
    "decisions": Decision,
    "runs": Run,
    "rejections": Rejection,
    "addresses": UrlState,
    "sources": SourceState,
    "rules": Rule,
    "alerts": Alert,
    "notes": Note,
}
_OWN = "copy:"  # notes of copies begin so; they belong to one store
_IDENTITY = f"{_OWN}source"
_STATE = f"{_OWN}state"
_MOST_CONFLICTS = 20  # in a row
_FILED: Mapping[str, str] = {
    "revisions": "revisions",
    "articles": "documents",
    "edges": "edges",
    "stories": "stories",
    "furniture": "furniture",
}


@dataclass(frozen=True, slots=True)
class Progress:
    kind: str  # of KINDS
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class Copied:
    """`records`: by kind, how many both stores have now. `resumed`: an earlier run had begun."""

    records: Mapping[str, int]
    resumed: bool


@dataclass(frozen=True, slots=True)
class _State:
    """Kinds before `kind` are done, and of it what is up to `mark`."""

    source: str
    kind: str = "revisions"
    mark: str = ""
    done: int = 0
    finished: bool = False


def copy(
    source: Store, target: Store, *, on_step: Callable[[Progress], None] | None = None, zone: str = "UTC"
) -> Copied:
    """Everything but the inbox, which has to be empty. The same call goes on with a copy that was cut short.

    Raises StoreError where the target holds something else, where articles wait to be filed, and when in the end the
    two do not hold the same; StoreBusy when a filer that lives is at work on one of them.

    `zone`: of dates in the questions of rules that name none.
    """
    with Holder(source) as here, Holder(target) as there:
        _demand_rest(source)
        state = _begun(source, target)
        resumed = state != _State(state.source)
        for name in list(KINDS)[list(KINDS).index(state.kind) :]:
            if state.kind != name:
                state = _keep(target, _State(state.source, name))
            state = _copy_kind(source, target, state, (here, there), on_step, zone)
        carry_over(source, target)
        target.refresh()
        records = _verified(source, target, state)
        _keep(target, replace(state, finished=True))
    return Copied(records, resumed)


def _demand_rest(source: Store) -> None:
    if unfinished(source):
        raise StoreError("a re-analysis was cut short", hint="`monitor store reanalyse` goes on with it")
    if waiting := source.waiting():
        raise StoreError(f"{waiting} articles wait in the inbox", hint="`monitor file --until-idle` files them")


def _begun(source: Store, target: Store) -> _State:
    identity = source.note(_IDENTITY)
    if not identity:
        identity = uuid.uuid4().hex
        source.put_note(_IDENTITY, identity)
    text = target.note(_STATE)
    state = _State(**orjson.loads(text)) if text else None
    if state is not None and state.source == identity and not state.finished:
        log.info("copy goes on kind=%s done=%d", state.kind, state.done)
        return state
    held = [f"{number} {name}" for name in KINDS if (number := _number(target, name))]
    if held:
        raise StoreError(
            f"the store that would be written holds {', '.join(held[:3])} already, and no unfinished copy of this one",
            hint="name an empty one: another store.path, or another store.index_prefix",
        )
    return _keep(target, _State(identity))


def _keep(target: Store, state: _State) -> _State:
    target.put_note(_STATE, orjson.dumps(state).decode())
    return state


def _copy_kind(
    source: Store,
    target: Store,
    state: _State,
    leases: Sequence[Holder],
    on_step: Callable[[Progress], None] | None,
    zone: str,
) -> _State:
    total = _number(source, state.kind)
    target.refresh()  # a story's members are looked for
    rows = (row for row in source.every(KINDS[state.kind], state.mark) if _is_copied(row[1]))
    for batch in _batches(rows):
        for lease in leases:
            lease.renew()
        _written(target, state.kind, [record for _, record in batch], leases[-1].name, zone)
        faultpoints.passing("while-copying")
        state = _keep(target, replace(state, mark=batch[-1][0], done=state.done + len(batch)))
        if on_step is not None:
            on_step(Progress(state.kind, state.done, max(total, state.done)))
    return state


def _batches(rows: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _is_copied(record: object) -> bool:
    """Where a filer is in the decisions is told by numbers of one store; see `carry_over`."""
    return not isinstance(record, Note) or not (record.name.startswith(_OWN) or record.name == APPLIED_NOTE)


def _written(target: Store, name: str, records: Sequence[Any], holder: str, zone: str) -> None:
    if name in _FILED:
        write(target, Changes(holder=holder, **{_FILED[name]: tuple(records)}))
        return
    for attempt in range(1, _MOST_CONFLICTS + 1):
        try:
            _put(target, name, records, zone)
        except Conflict:
            if attempt == _MOST_CONFLICTS:
                raise
            continue
        return


def _put(target: Store, name: str, records: Sequence[Any], zone: str) -> None:
    if name == "addresses":
        target.settle([Outcome(state) for state in records])
        return
    if name in ("aliases", "runs", "rejections"):
        target.restore(records)
        return
    if name == "rules":
        target.put_rules([(rule, question(rule, zone)) for rule in records])
        return
    if name == "alerts":
        target.mark_alerts(records)
        return
    for record in records:
        if name == "decisions":
            target.decide(record)
        elif name == "sources":
            target.put_source(record)
        else:
            target.put_note(record.name, record.value)


def _number(store: Store, name: str) -> int:
    if KINDS[name] is Note:
        return sum(_is_copied(note) for _, note in store.every(Note))
    return store.number_of(KINDS[name])


def _verified(source: Store, target: Store, state: _State) -> dict[str, int]:
    """Numbers of records by kind. Raises StoreError where they differ; the next run then copies all of it again.

    A store may keep only the newest rejections.
    """
    here, there = ({name: _number(store, name) for name in KINDS} for store in (source, target))
    wrong = [
        f"{here[name]} {name} here and {there[name]} there"
        for name in KINDS
        if here[name] != there[name] and not (name == "rejections" and there[name] < here[name])
    ]
    if wrong or source.waiting():
        _keep(target, _State(state.source))
        raise StoreError(
            f"the copy is not the same: {'; '.join(wrong) or 'articles came into the inbox'}",
            hint="end crawls, file what waits and copy again; what an engine refused is in the folder of dead letters",
        )
    return there
