"""The store in plain dictionaries: the reference that the others are held against. Gone when the process ends.

One process, any number of threads one at a time. Searching looks at every document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from monitor.errors import LeaseLost
from monitor.query import All, Node
from monitor.records import (
    Alert,
    Alias,
    Candidate,
    Changes,
    Decision,
    Document,
    Edge,
    Filed,
    Furniture,
    InboxItem,
    Note,
    Outcome,
    Probe,
    Rejection,
    Revision,
    Rule,
    Run,
    SourceState,
    Status,
    Story,
    UrlState,
)
from monitor.store.addresses import due_order, is_due, is_pending, pending_order
from monitor.store.asked import Amount, OfStories, ask
from monitor.store.catalogue import Catalogue
from monitor.store.keys import inbox_key
from monitor.store.matching import Stem, holds, no_stem
from monitor.store.memory_alerts import MemoryAlerts
from monitor.store.memory_search import search
from monitor.store.memory_whole import Tables, every
from monitor.store.of_stories import looked_up
from monitor.store.port import FILER_LEASE, Finding, Health, SearchRequest, SearchResult

R = TypeVar("R")

_NEVER = datetime.min.replace(tzinfo=UTC)
SCHEMA_VERSION = 1


class MemoryStore(MemoryAlerts):
    """The whole port. With a `stem` it searches as a store that has stemmers."""

    def __init__(self, stem: Stem = no_stem) -> None:
        super().__init__(stem)
        self._urls: dict[tuple[str, str], UrlState] = {}
        self._settled: dict[tuple[str, str], str] = {}  # inbox key that the address put in last
        self._sources: dict[tuple[str, str], SourceState] = {}
        self._inbox: dict[int, InboxItem] = {}
        self._numbers = 0
        self._leases: dict[str, tuple[str, datetime]] = {}
        self._catalogue = Catalogue()
        self._revisions: dict[tuple[str, int], Revision] = {}
        self._edges: dict[tuple[str, str], Edge] = {}
        self._stories: dict[str, Story] = {}
        self._aliases: dict[str, str] = {}
        self._furniture: dict[str, Furniture] = {}
        self._decisions: dict[str, Decision] = {}
        self._decision_numbers: dict[str, int] = {}
        self._notes: dict[str, str] = {}
        self._runs: dict[str, Run] = {}
        self._counted: dict[str, Counter[str]] = {}
        self._rejections: dict[tuple[str, str, str], Rejection] = {}

    # --- addresses ---------------------------------------------------------------------------------------------------

    def discover(self, states: Sequence[UrlState]) -> int:
        before = len(self._urls)
        for state in states:
            self._urls.setdefault((state.site, state.url), state)
        return len(self._urls) - before

    def known(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        return {url: self._urls[site, url] for url in urls if (site, url) in self._urls}

    def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        waiting = [state for state in self._urls.values() if state.site == site and is_pending(state, now)]
        return sorted(waiting, key=pending_order)[:limit]

    def due(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        due = [state for state in self._urls.values() if state.site == site and is_due(state, now)]
        return sorted(due, key=due_order)[:limit]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        for step in self._settling(outcomes):
            step()

    def _settling(self, outcomes: Sequence[Outcome]) -> Iterator[Callable[[], None]]:
        """The writes of `settle`, one by one: for each address the inbox first, its state last."""
        for outcome in outcomes:
            yield partial(self._put_in, outcome)
            yield partial(self._reject, outcome)
            yield partial(self._put_state, outcome)

    def _put_in(self, outcome: Outcome) -> None:
        if outcome.analysis is None:
            return
        address, key = (outcome.state.site, outcome.state.url), inbox_key(outcome.analysis)
        waiting = {inbox_key(item.analysis) for item in self._inbox.values()}
        if self._settled.get(address) != key and key not in waiting:
            self._numbers += 1
            self._inbox[self._numbers] = InboxItem(self._numbers, outcome.analysis)
        self._settled[address] = key

    def _reject(self, outcome: Outcome) -> None:
        state = outcome.state
        if state.status is Status.REJECTED and outcome.run:
            at = state.fetched_at or state.discovered_at or _NEVER
            self._rejections[outcome.run, state.site, state.url] = Rejection(
                outcome.run, state.site, state.url, state.reason, outcome.detail, at
            )

    def _put_state(self, outcome: Outcome) -> None:
        address = (outcome.state.site, outcome.state.url)
        if outcome.unchanged and outcome.run and self._urls.get(address) != outcome.state:
            self._count(outcome.run, "unchanged")
        self._urls[address] = outcome.state

    def counts(self, site: str) -> dict[str, int]:
        return dict(Counter(state.status.value for state in self._urls.values() if state.site == site))

    def source(self, site: str, key: str) -> SourceState | None:
        return self._sources.get((site, key))

    def put_source(self, state: SourceState) -> None:
        self._sources[state.site, state.key] = state

    # --- inbox and leases --------------------------------------------------------------------------------------------

    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        return [item for number, item in sorted(self._inbox.items()) if number > after][:limit]

    def waiting(self, run: str = "") -> int:
        return sum(not run or item.analysis.run == run for item in self._inbox.values())

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        if self.holder(name, now) not in ("", holder):
            return False
        self._leases[name] = (holder, _later(now, seconds))
        return True

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        if self._leases.get(name, ("", _NEVER))[0] != holder:
            return False
        self._leases[name] = (holder, _later(now, seconds))
        return True

    def release(self, name: str, holder: str) -> None:
        if self._leases.get(name, ("", _NEVER))[0] == holder:
            del self._leases[name]

    def holder(self, name: str, now: datetime) -> str:
        holder, until = self._leases.get(name, ("", _NEVER))
        return holder if until > now else ""

    # --- archive -----------------------------------------------------------------------------------------------------

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        documents = self._catalogue.documents
        return {id: documents[id] for id in ids if id in documents}

    def revisions(self, article_id: str) -> list[Revision]:
        return [revision for key, revision in sorted(self._revisions.items()) if key[0] == article_id]

    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        found = {id: self._stories.get(self._aliases.get(id, id)) for id in ids}
        return {id: story for id, story in found.items() if story is not None}

    def decisions(self, subject: str) -> list[Decision]:
        of_subject = [decision for decision in self._decisions.values() if decision.subject == subject]
        return sorted(of_subject, key=lambda decision: (decision.at, decision.id))

    def decide(self, decision: Decision) -> None:
        self._decisions[decision.id] = decision
        self._decision_numbers[decision.id] = max(self._decision_numbers.values(), default=0) + 1

    def file(self, changes: Changes) -> None:
        for step in self._filing(changes):
            step()

    def _filing(self, changes: Changes) -> Iterator[Callable[[], None]]:
        """The writes of `file`, one by one, in the order of the contract."""
        holder = self._leases.get(FILER_LEASE, (changes.holder, _NEVER))[0]
        if changes.holder and holder != changes.holder:
            raise LeaseLost(f"{holder} holds the lease {FILER_LEASE!r} now, not {changes.holder}")
        for revision in changes.revisions:
            yield partial(self._revisions.__setitem__, (revision.article_id, revision.number), revision)
        for document in changes.documents:
            yield partial(self._put_document, document)
        for edge in changes.edges:
            yield partial(self._edges.__setitem__, (edge.article, edge.other), edge)
        for story in changes.stories:
            yield partial(self._put_story, story)
        for furniture in changes.furniture:
            yield partial(self._furniture.__setitem__, furniture.site, furniture)
        for alert in changes.alerts:
            yield partial(self._put_alert, alert)
        for filed in changes.filed:
            yield partial(self._take_out, filed)

    def _put_document(self, document: Document) -> None:
        self._catalogue.put(document)
        if document.revision > 1:
            self._edges = {key: edge for key, edge in self._edges.items() if not _is_outdated(edge, document)}

    def _put_story(self, story: Story) -> None:
        if story.copies == 0 and not self._catalogue.having("story", [story.id]):
            self._stories.pop(story.id, None)
            self._aliases = {alias: target for alias, target in self._aliases.items() if target != story.id}
            return
        self._stories[story.id] = story
        self._aliases.pop(story.id, None)
        for alias in story.aliases:
            self._stories.pop(alias, None)
            self._aliases[alias] = story.id
        for alias, target in self._aliases.items():
            if target in story.aliases:
                self._aliases[alias] = story.id

    def _take_out(self, filed: Filed) -> None:
        if self._inbox.pop(filed.number, None) is not None and filed.run:
            self._count(filed.run, filed.result)

    # --- lookups -----------------------------------------------------------------------------------------------------

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        return [self._visible().candidates(probe) for probe in probes]

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        return self._visible().having("exact", exact)

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        targets = {asked: self._aliases.get(asked, asked) for asked in stories}
        names: dict[str, list[str]] = {target: [target] for target in targets.values()}
        for alias, target in self._aliases.items():
            names.get(target, []).append(alias)
        return self._visible().of_stories({asked: names[target] for asked, target in targets.items()})

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        found: dict[str, list[Edge]] = {}
        for _, edge in sorted(self._visible_edges().items()):
            for id in {edge.article, edge.other}.intersection(ids):
                found.setdefault(id, []).append(edge)
        return found

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        return {site: self._furniture[site] for site in sites if site in self._furniture}

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        found = {subject: self.decisions(subject) for subject in subjects}
        return {subject: decisions for subject, decisions in found.items() if decisions}

    def linking(self, urls: Collection[str]) -> dict[str, list[str]]:
        return self._visible().having("link", urls)

    def located(self, urls: Collection[str]) -> dict[str, str]:
        return {url: ids[0] for url, ids in self._visible().having("address", urls).items()}

    def dispatched(self, keys: Collection[str]) -> dict[str, list[str]]:
        return self._visible().having("dispatch", keys)

    def _visible(self) -> Catalogue:
        return self._catalogue

    def _visible_edges(self) -> dict[tuple[str, str], Edge]:
        return self._edges

    # --- search ------------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        return search(self._found(request.query, self._visible(), request.roles), request, self._stem, self._copies)

    def scan(self, query: Node | None = None, roles: Collection[str] = ("article",)) -> Iterator[Document]:
        found = self._found(query or All(), self._visible() if query else self._catalogue, roles)
        return iter(sorted(found, key=lambda document: (document.story_time, document.id)))

    def _found(self, query: Node, catalogue: Catalogue, roles: Collection[str]) -> list[Document]:
        asked = looked_up(ask(query), self)
        documents = catalogue.documents.values()
        return [one for one in documents if one.article.role in roles and holds(asked, one, self._stem)]

    def with_copies(self, amount: Amount) -> OfStories:
        return OfStories(frozenset(story.id for story in self._stories.values() if amount.holds(story.copies)))

    def called(self, story: str) -> str:
        return self._aliases.get(story, story)

    def _copies(self, story: str) -> int:
        known = self.stories([story]).get(story)
        return known.copies if known else 1

    def refresh(self) -> None:
        """Nothing lags here."""

    # --- notes -------------------------------------------------------------------------------------------------------

    def note(self, name: str) -> str:
        return self._notes.get(name, "")

    def put_note(self, name: str, value: str) -> None:
        self._notes[name] = value

    def new_decisions(self, after: int, limit: int) -> list[tuple[int, Decision]]:
        numbered = sorted(((number, self._decisions[id]) for id, number in self._decision_numbers.items()), key=_number)
        return [(number, decision) for number, decision in numbered if number > after][:limit]

    def forget_derived(self) -> None:
        self._edges, self._stories, self._furniture = {}, {}, {}

    # --- runs --------------------------------------------------------------------------------------------------------

    def put_run(self, run: Run) -> None:
        self._runs[run.id] = run

    def run(self, run_id: str) -> Run | None:
        run = self._runs.get(run_id)
        if run is None:
            return None
        counted = self._counted.get(run_id, Counter())
        return replace(run, stored=counted["stored"], updated=counted["updated"], unchanged=counted["unchanged"])

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        of_site = [run for run in map(self.run, self._runs) if run is not None and (not site or run.site == site)]
        return sorted(of_site, key=lambda run: (run.started_at, run.id), reverse=True)[:limit]

    def last_runs(self) -> dict[str, Run]:
        newest: dict[str, Run] = {}
        for run in self.runs(limit=len(self._runs)):
            if run.trigger != "import":
                newest.setdefault(run.site, run)
        return newest

    def _count(self, run: str, result: str) -> None:
        self._counted.setdefault(run, Counter())[result] += 1

    def rejections(self, run: str = "", site: str = "", limit: int = 100) -> list[Rejection]:
        newest_first = reversed(self._rejections.values())
        return [one for one in newest_first if (not run or one.run == run) and (not site or one.site == site)][:limit]

    # --- the whole ---------------------------------------------------------------------------------------------------

    def every(self, kind: type[R], after: str = "") -> Iterator[tuple[str, R]]:
        return every(self._tables(), kind, after)

    def number_of(self, kind: type[object]) -> int:
        return len(self._tables()[kind])

    def restore(self, records: Sequence[Alias | Run | Rejection]) -> None:
        for record in records:
            match record:
                case Alias():
                    self._aliases[record.alias] = record.story
                case Run():
                    self._runs[record.id] = record
                    counts = {"stored": record.stored, "updated": record.updated, "unchanged": record.unchanged}
                    self._counted[record.id] = Counter(counts)
                case Rejection():
                    self._rejections[record.run, record.site, record.url] = record

    def _tables(self) -> Tables:
        return {
            Document: list(self._catalogue.documents.values()),
            Revision: list(self._revisions.values()),
            Edge: list(self._edges.values()),
            Story: list(self._stories.values()),
            Alias: [Alias(*pair) for pair in self._aliases.items()],
            Furniture: list(self._furniture.values()),
            Decision: [decision for _, decision in self.new_decisions(0, len(self._decisions))],
            Run: list(filter(None, map(self.run, self._runs))),
            Rejection: list(self._rejections.values()),
            UrlState: list(self._urls.values()),
            SourceState: list(self._sources.values()),
            Rule: self.rules(),
            Alert: list(self._alerts.values()),
            Note: [Note(*pair) for pair in self._notes.items()],
        }

    # --- upkeep ------------------------------------------------------------------------------------------------------

    def health(self, now: datetime) -> Health:
        return Health(
            "memory",
            SCHEMA_VERSION,
            articles=len(self._catalogue.documents),
            revisions=len(self._revisions),
            inbox=len(self._inbox),
            unprojected=len(self._catalogue.documents.items() - self._visible().documents.items()),
            filer=self.holder(FILER_LEASE, now),
        )

    def check(self) -> list[Finding]:
        return []

    def reindex(self) -> int:
        self.refresh()
        return len(self._catalogue.documents)

    def rebuild_fingerprints(self) -> int:
        return len(self._catalogue.documents)

    def close(self) -> None:
        """Nothing to give back."""


def _is_outdated(edge: Edge, document: Document) -> bool:
    """Does the article stand in the edge at an older revision?"""
    on_one_side = edge.article == document.id and edge.article_revision < document.revision
    return on_one_side or (edge.other == document.id and edge.other_revision < document.revision)


def _number(numbered: tuple[int, Decision]) -> int:
    return numbered[0]


def _later(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)
