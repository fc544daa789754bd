"""After a change of licences.yaml: whether the sites may use what they use is written anew, where an agency's entries
changed. The articles keep everything else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from monitor.filing.desk import Desk
from monitor.filing.tracing import licence_at
from monitor.filing.writing import write
from monitor.query import Bool, Term
from monitor.records import Changes, Document
from monitor.sources import licensed_by
from monitor.store.port import Store

_NOTE = "licences"  # what the entries of each agency were when the articles were last written by them
_AT_ONCE = 200
TOLD = timedelta(days=7)  # since an article was found, in which rules ring for its licence


def apply_licences(store: Store, desk: Desk, holder: str = "") -> int:
    """Number of articles that changed. A run that is cut short begins again; twice the same changes nothing more."""
    wanted = dict(desk.rules.licence_states())
    known: dict[str, str] = json.loads(store.note(_NOTE) or "{}")
    agencies = sorted({agency for agency, _ in wanted.items() ^ known.items()})
    if not agencies:
        return 0
    store.refresh()
    found = store.scan(Bool(should=tuple(Term("agency", agency) for agency in agencies)))
    changed = 0
    while portion := list(islice(found, _AT_ONCE)):
        documents = tuple(one for one in (_licensed(document, desk) for document in portion) if one is not None)
        if documents:
            _write(store, Changes(documents=documents, holder=holder), desk)
        changed += len(documents)
    store.put_note(_NOTE, json.dumps(wanted, sort_keys=True))
    return changed


def _write(store: Store, changes: Changes, desk: Desk) -> None:
    """Rules ring for what was found lately: a licence that is lost is no reason to tell of years of an archive."""
    since = datetime.now(UTC) - TOLD
    lately = tuple(one for one in changes.documents if one.first_seen >= since)
    write(store, replace(changes, alerts=desk.tell(store, replace(changes, documents=lately)).alerts))


def _licensed(document: Document, desk: Desk) -> Document | None:
    """None where it is as it was."""
    held = licensed_by(document, licence_at(desk.rules, document))
    if held == document.source.licensed:
        return None
    return replace(document, source=replace(document.source, licensed=held))
