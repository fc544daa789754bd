"""Every derived field made again, in canonical order: by story time and id, whatever the order of arrival was.

Two passes, both resumable: the first takes every article out of its story, the second places one after the other as
if they came in this order. What people decided and what was captured stays; the old ids of stories go on resolving.
The filer's lease is held meanwhile, so that what is crawled waits in the inbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import orjson

from monitor.filing.batch import placed
from monitor.filing.desk import Desk
from monitor.filing.holding import Holder
from monitor.filing.writing import write
from monitor.records import Alias, Analysis, Changes, Document, Duplicate, Fingerprint, Revision, SourceTrace
from monitor.store.port import Store
from monitor.text import digest

log = logging.getLogger(__name__)

ROLES = ("article", "source", "reference")
BATCH = 200
_NOTE = "reanalysis"

T = TypeVar("T")
Derive = Callable[[Sequence[Document]], Sequence[Analysis | None]]  # None: as it is captured, nothing else is at hand


@dataclass(frozen=True, slots=True)
class Progress:
    phase: str  # clear | place
    done: int
    all: int


@dataclass(frozen=True, slots=True)
class _State:
    generation: int
    phase: str  # clear | place | done


def reanalyse(
    store: Store, derive: Derive, desk: Desk, *, on_step: Callable[[Progress], None] | None = None, resume: bool = True
) -> int:
    """Number of articles placed. A run that was cut short goes on where it was.

    Raises StoreBusy when a filer that lives holds the lease.
    """
    with Holder(store) as holder:
        state = _begun(store, resume=resume)
        total = sum(1 for _ in store.scan(roles=ROLES))
        if state.phase == "clear":
            _clear(store, state, holder, lambda done: on_step and on_step(Progress("clear", done, total)))
            state = replace(state, phase="place")
            _keep(store, state)
        count = _place(store, state, derive, desk, holder, lambda n: on_step and on_step(Progress("place", n, total)))
        _name(store, holder)
        _keep(store, replace(state, phase="done"))
        store.refresh()
        return count


def unfinished(store: Store) -> bool:
    """Was a re-analysis cut short?"""
    state = _state(store)
    return state is not None and state.phase != "done"


# --- the state between the steps -------------------------------------------------------------------------------------


def _state(store: Store) -> _State | None:
    text = store.note(_NOTE)
    return _State(**orjson.loads(text)) if text else None


def _keep(store: Store, state: _State) -> None:
    store.put_note(_NOTE, orjson.dumps({"generation": state.generation, "phase": state.phase}).decode())


def _begun(store: Store, *, resume: bool) -> _State:
    old = _state(store)
    if old is not None and old.phase != "done" and resume:
        log.info("re-analysis goes on phase=%s", old.phase)
        return old
    state = _State((old.generation if old else 0) + 1, "clear")
    _keep(store, state)
    return state


# --- the passes ------------------------------------------------------------------------------------------------------


def _batches(found: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(found, BATCH)):
        yield batch


def _clear(store: Store, state: _State, holder: Holder, on_step: Callable[[int], object]) -> None:
    """Out of its story with every article. What was known of pairs, stories and sites goes first."""
    store.forget_derived()
    done = 0
    for batch in _batches(store.scan(roles=ROLES)):
        holder.renew()
        left = [document for document in batch if document.generation != -state.generation]
        write(store, Changes(documents=tuple(_alone(one, state) for one in left), holder=holder.name))
        done += len(batch)
        on_step(done)


def _alone(document: Document, state: _State) -> Document:
    return replace(
        document,
        story=digest("story", document.id),
        former_story=document.former_story or (document.story if document.is_root else ""),
        is_root=True,
        duplicate=Duplicate(),
        matches=(),
        source=SourceTrace(),
        fingerprint=Fingerprint(),
        dispatches=(),
        part=(),
        also_in=(),
        generation=-state.generation,
    )


def _place(
    store: Store, state: _State, derive: Derive, desk: Desk, holder: Holder, on_step: Callable[[int], object]
) -> int:
    done = 0
    for batch in _batches(store.scan(roles=ROLES)):
        holder.renew()
        left = [document for document in batch if document.generation == -state.generation]
        if left:
            made = [_derived(old, analysis, state) for old, analysis in zip(left, derive(left), strict=True)]
            changes = placed(store, made, desk)
            revisions = tuple(
                _revision(new) for old, new in zip(left, made, strict=True) if old.text_hash != new.text_hash
            )
            write(store, replace(_with_aliases(store, changes), revisions=revisions, holder=holder.name))
        done += len(batch)
        on_step(done)
    return done


def _name(store: Store, holder: Holder) -> None:
    """Every story with all ids that it had: what was told of it under one of them is not told again."""
    names: dict[str, list[str]] = {}
    for _, alias in store.every(Alias):
        names.setdefault(alias.story, []).append(alias.alias)
    for portion in _batches(iter(sorted(names))):
        holder.renew()
        found = store.stories(portion)
        named = [
            replace(story, aliases=tuple(sorted(names[id])))
            for id, story in sorted(found.items())
            if story.id == id and set(story.aliases) != set(names[id])
        ]
        if named:
            write(store, Changes(stories=tuple(named), holder=holder.name))


def _derived(document: Document, analysis: Analysis | None, state: _State) -> Document:
    if analysis is None:
        return replace(document, generation=state.generation)
    given = tuple(one for one in document.local_evidence if one.where == "reference")  # said at the import
    return replace(
        document,
        article=analysis.article,
        language=analysis.language,
        text_hash=analysis.text_hash,
        fingerprint=analysis.fingerprint,
        local_evidence=(*given, *analysis.evidence),
        dispatches=analysis.dispatches,
        withdrawn=analysis.article.withdrawn,
        pipeline_version=analysis.pipeline_version,
        generation=state.generation,
    )


def _revision(document: Document) -> Revision:
    article = document.article
    return Revision(
        article_id=article.id,
        number=document.revision,
        title=article.title,
        text=article.text,
        text_hash=document.text_hash,
        fetched_at=article.fetched_at,
        published_at=article.published_at,
        modified_at=article.modified_at,
        warc=article.warc,
    )


def _with_aliases(store: Store, changes: Changes) -> Changes:
    """The story that an article was the root of is now called as the article's own; ids that are told stay good."""
    stories = {story.id: story for story in changes.stories}
    waiting = {one.former_story for one in changes.documents if one.former_story}
    taken = {asked for asked, story in store.stories(waiting).items() if story.id == asked} | set(stories)
    for document in changes.documents:
        old, story = document.former_story, stories.get(document.story)
        if old and old not in taken and story is not None and old not in story.aliases:
            stories[story.id] = replace(story, aliases=(*story.aliases, old))
    documents = tuple(replace(one, former_story="") if one.former_story else one for one in changes.documents)
    return replace(changes, documents=documents, stories=tuple(stories.values()))
