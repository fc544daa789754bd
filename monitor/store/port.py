"""The store's contract. `tests/contract/` runs one suite over every adapter.

An adapter may be *lagging*: search (`search`, `scan` with a query) may miss what was written since its last
refresh, a call that writes several records may stop in the middle when the process dies or raise `Conflict`,
and a write may be repeated. What every adapter owes:

- **By id is real-time.** `documents`, `known`, `source`, `revisions`, `stories`, `furniture`, `decided`, `runs` see
  every finished write. The other lookups of matching and tracing (`Lookups`) may lag as search does.
- **Writes are idempotent by key**: the same call again changes nothing more.
- **`file` writes in the order** revisions, documents, edges, stories, furniture, alerts, filed. A reader that finds a
  filed mark finds the rest. After a call that failed half-way, the same call again completes it.
- **`settle` never loses**: an analysis is in the inbox before (or in the same transaction in which) its URL leaves
  the state discovered. So a URL may be fetched twice after a crash, an article never vanishes.
- **One writer per site** for URL and source states (two crawls never run on one site), **one filer** for the rest
  (it holds the lease), so nothing here races; everything may be read at any time by anybody.

Errors: `StoreFull`, `StoreReadOnly`, `StoreBusy`, `StoreCorrupt`, `SchemaTooNew`, `MappingConflict`, `Conflict`,
`RecordRefused` of `monitor.errors`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

from monitor.query import All, Node
from monitor.records import (
    Alert,
    Alias,
    Candidate,
    Changes,
    Decision,
    Document,
    Edge,
    Furniture,
    InboxItem,
    Outcome,
    Probe,
    Rejection,
    Revision,
    Rule,
    Run,
    SourceState,
    Story,
    UrlState,
)

R = TypeVar("R")

FILER_LEASE = "filer"  # name of the lease that `Changes.holder` is held against
SITE_LEASES = "crawl:"  # leases of crawls begin so; the site's id follows
MIN_SHARED = 2  # hashes: one alone is a stock phrase; candidate recall of hard pairs is .996 with two
# Articles of a window that hold one hash; see `Lookups.candidates`. In 17,658 wire stories no hash is in more than 165
# of six days; a large story runs on several hundred sites, and its copies must find each other. What still more hold is
# furniture, and costs: six hashes of 1,000 holders bring a look-up from 6,000 to 1,300 articles/s.
MOST_HOLDERS = 1000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What is asked. Hidden articles (reference wires, pages behind source links) only with their role named.

    With `stories` there is one hit for each story, its best in the order asked for, and `total` counts stories: the
    embedded store exactly up to 50,000 hits, an engine up to 40,000 stories but for one in thousands, both about
    (within 5 %) beyond. Facets count articles all the same.
    """

    query: Node = field(default_factory=All)
    sort: str = "relevance"  # relevance | newest | oldest
    limit: int = 20
    offset: int = 0
    facets: tuple[str, ...] = ()  # site | lang | agency | day; counted over all hits
    facet_size: int = 20
    roles: tuple[str, ...] = ("article",)
    highlight: bool = True
    stories: bool = False


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage of the text and the spans in it that matched (start, end), in order, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """`copies`: articles that run the story, hidden ones not counted, as its record says now."""

    document: Document
    score: float = 0.0
    snippets: tuple[Snippet, ...] = ()
    title_marks: tuple[tuple[int, int], ...] = ()
    copies: int = 1


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`facets`: by name, (value, count), most frequent first; of days the latest, ascending, as ISO dates in UTC.

    An article of two agencies counts for both.
    """

    total: int
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A question that was stored under `rule` and that the article answers."""

    rule: str
    article_id: str


@dataclass(frozen=True, slots=True)
class Shipping:
    """How what was gathered on this machine gets to a store elsewhere.

    `since` and `reason`: shipping does not get on since then. `answers`: the store can be read all the same.
    """

    waiting: int = 0  # analyses that are only here yet
    dead: int = 0  # records that could not be shipped, put aside; without `Health.dead`
    since: datetime | None = None
    reason: str = ""
    answers: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """What `monitor status` shows of a store. `details` are for people."""

    kind: str
    schema_version: int
    articles: int
    revisions: int
    inbox: int
    unprojected: int | None  # written, not yet in the search index; None where that is not known
    filer: str = ""  # who holds the lease; empty: nobody
    details: Mapping[str, str] = field(default_factory=dict)
    dead: int = 0  # documents that the engine refused when they were written, put aside on this machine
    shipping: Shipping | None = None  # None: nothing lies between this machine and the store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `check` found wrong. `mended` when checking put it right."""

    what: str
    hint: str = ""
    mended: bool = False


class UrlStates(Protocol):
    """State of each URL, and of each source, per site."""

    def discover(self, states: Sequence[UrlState]) -> int:
        """Record new addresses as they are given; known (site, url) pairs stay untouched. Number of new ones."""
        ...

    def known(self, site: str, urls: Collection[str]) -> dict[str, UrlState]:
        """States of those addresses that are known, by address."""
        ...

    def pending(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        """Discovered, or failed and due: oldest discovery first."""
        ...

    def due(self, site: str, now: datetime, limit: int) -> list[UrlState]:
        """Stored and to be looked at again by `now`: longest overdue first."""
        ...

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """URL states as given (replacing), analyses into the inbox in order, rejections kept: one commit.

        A state that is rejected leaves a `Rejection` under the outcome's run; `unchanged` outcomes are counted to
        their run.
        """
        ...

    def counts(self, site: str) -> dict[str, int]:
        """Number of addresses by status."""
        ...

    def source(self, site: str, key: str) -> SourceState | None: ...

    def put_source(self, state: SourceState) -> None: ...


class Inbox(Protocol):
    """Analyses on their way to the filer."""

    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        """The first waiting items with a number above `after`, in order. They stay until `file` marks them filed."""
        ...

    def waiting(self, run: str = "") -> int:
        """How many wait; of that run only, where one is named."""
        ...


class Leases(Protocol):
    """One holder at a time, with a time-out."""

    def acquire(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """Take or renew the lease until now + seconds. False when another holder has it and it has not run out."""
        ...

    def renew(self, name: str, holder: str, seconds: float, now: datetime) -> bool:
        """Prolong the lease until now + seconds where `holder` has had it all along, run out or not; from any thread.

        False when it has it no more; it is never taken by this.
        """
        ...

    def release(self, name: str, holder: str) -> None:
        """Give it back; nothing happens when it is not held by `holder`."""
        ...

    def holder(self, name: str, now: datetime) -> str:
        """Who holds it at `now`; empty when nobody does."""
        ...


class Archive(Protocol):
    """Articles, their revisions and stories, and search."""

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        """By id, real-time; unknown ids are absent."""
        ...

    def revisions(self, article_id: str) -> list[Revision]:
        """All states of the text, first to last; empty for an unknown id."""
        ...

    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        """By the id that was asked, aliases resolved; unknown ids are absent."""
        ...

    def decisions(self, subject: str) -> list[Decision]:
        """What people decided on an article or a story, oldest first."""
        ...

    def decide(self, decision: Decision) -> None: ...

    def file(self, changes: Changes) -> None:
        """Write one batch of the filer; see the order above.

        - A document takes with it what is looked up by it: its hashes, its exact hash, the addresses that it links to
          and its dispatches replace those that it had.
        - A document at a revision drops the edges in which it stands at an older one, on either side. After that the
          given edges replace those of the same (article, other).
        - A story's aliases resolve to it from now on, and so do those that resolved to one of them. A story given
          with `copies` 0 to which no article belongs any more is taken away, and its aliases with it; one of hidden
          articles alone (copies 0 as well) stays.
        - Furniture replaces what was known of the site.

        With `changes.holder`, raises LeaseLost and writes nothing when FILER_LEASE is another holder's.
        """
        ...

    def search(self, request: SearchRequest) -> SearchResult: ...

    def scan(self, query: Node | None = None, roles: Collection[str] = ("article",)) -> Iterator[Document]:
        """All documents (of the query) by ascending story time and id, without holding them in memory.

        What is written while scanning may be missing or present; nothing comes twice.
        """
        ...

    def refresh(self) -> None:
        """Make everything written so far visible to search."""
        ...


class Lookups(Protocol):
    """What matching and tracing ask of what is stored, for a whole batch at once. Nothing here costs more as the
    archive grows, but for what grows in the window itself. Articles of every role are found, hidden ones too.
    """

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        """Of each probe the articles with a story time in its window that share at least MIN_SHARED of its hashes.

        Most shared first, then the nearest to the middle of the window, the newest, and by id; at most the probe's
        limit. Only the hashes of an article's present revision count, each once.

        Where more than MOST_HOLDERS articles of the window share at least MIN_SHARED of the probe's hashes, those of
        its hashes that more than MOST_HOLDERS articles of the window hold count for nothing. Otherwise every hash
        counts. Articles of the window are those whose story time is in it, both ends included, as they are now, each
        once: what is found depends on what is stored alone, not on how it came to be.
        """
        ...

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        """Exact hash -> ids of all articles that have it now, oldest story time first; those nobody has are absent."""
        ...

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        """Ids of a story's articles by the id that was asked (aliases resolved), oldest story time first.

        Stories without an article are absent.
        """
        ...

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        """Edges in which the article stands on either side, in order of both ids; absent where there are none."""
        ...

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        """By site; absent where nothing was learnt."""
        ...

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        """As `decisions`, of several articles or stories; absent where nobody decided anything."""
        ...

    def linking(self, urls: Collection[str]) -> dict[str, list[str]]:
        """Normalised address -> ids of the articles that name it as their source, oldest story time first.

        These are an article's `source_links`, of any kind, and its canonical address where that is another host's.
        """
        ...

    def located(self, urls: Collection[str]) -> dict[str, str]:
        """Normalised address -> id of the article that has it, or was fetched from it; absent where none has.

        Of several (imports of one page under several ids) the one with the oldest story time.
        """
        ...

    def dispatched(self, keys: Collection[str]) -> dict[str, list[str]]:
        """Dispatch id -> ids of the articles that carry it, oldest story time first."""
        ...


class Runs(Protocol):
    """What was crawled, when, and how it went."""

    def put_run(self, run: Run) -> None:
        """Write a run's own numbers. stored, updated and unchanged are kept from what `file` and `settle` counted."""
        ...

    def runs(self, site: str = "", limit: int = 20) -> list[Run]:
        """Newest first, with what was counted so far."""
        ...

    def run(self, run_id: str) -> Run | None: ...

    def last_runs(self) -> dict[str, Run]:
        """The newest run of every site that ever ran, by site; imports left out."""
        ...

    def rejections(self, run: str = "", site: str = "", limit: int = 100) -> list[Rejection]:
        """Newest first."""
        ...


class Rules(Protocol):
    """What people want to be told of, each with the question that an article has to answer."""

    def put_rules(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        """Write them, in the place of those with the same ids; at once known to `rules`, and to `match_rules` within
        a second.
        """
        ...

    def remove_rules(self, ids: Collection[str]) -> None: ...

    def rules(self) -> list[Rule]:
        """All of them, by id; also those that are switched off."""
        ...

    def match_rules(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        """Which of the rules that are on (by now, `Rule.is_on`) have their question answered, by which documents.

        The documents need not be stored, nor as they are given; the question of a rule finds in them what a search
        finds when they are. `stories`: theirs by id, as they are to be taken; a document whose story is not among them
        is alone in it. Any order, each pair once.
        """
        ...


class Outbox(Protocol):
    """What is to be told, and what was. (rule, channel, subject, occurrence) is an alert's key."""

    def put_alerts(self, alerts: Sequence[Alert]) -> int:
        """Write those whose keys are new, and leave the others as they are; number of new ones."""
        ...

    def mark_alerts(self, alerts: Sequence[Alert]) -> None:
        """Write their states as given (replacing)."""
        ...

    def told(self, keys: Collection[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], Alert]:
        """By key, real-time; unknown keys are absent."""
        ...

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        """Of the channel: waiting, and due (and to be tried again) by `now`; longest due first, then by key."""
        ...

    def due_channels(self, now: datetime) -> list[str]:
        """Names of those that `due_alerts` would give something of, in their order: one question for all."""
        ...

    def alerts(
        self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
    ) -> list[Alert]:
        """Newest first (when they were made, then by key). `but`: a channel whose alerts are left out."""
        ...

    def alert_counts(self) -> dict[tuple[str, str], int]:
        """Number of alerts by (channel, state)."""
        ...


class Notes(Protocol):
    """Small things to remember between runs of the program."""

    def note(self, name: str) -> str:
        """Empty when there is none."""
        ...

    def put_note(self, name: str, value: str) -> None: ...

    def new_decisions(self, after: int, limit: int) -> list[tuple[int, Decision]]:
        """What people decided, with numbers above `after`, in the order in which it was written (again)."""
        ...


class Whole(Protocol):
    """All that is kept, one kind of record after the other, for a copy of it. Left out: the inbox and leases.

    The kinds: Document, Revision, Edge, Story, Alias, Furniture, Decision, Run, Rejection, UrlState, SourceState, Note.
    """

    def every(self, kind: type[R], after: str = "") -> Iterator[tuple[str, R]]:
        """All records of the kind that were written before, each with a mark; only those behind the mark `after`.

        Decisions and rejections come in the order of writing, runs with what was counted. A mark holds for this store,
        also when it is opened again.
        """
        ...

    def number_of(self, kind: type[object]) -> int:
        """How many `every` gives."""
        ...

    def restore(self, records: Sequence[Alias | Run | Rejection]) -> None:
        """Write what otherwise comes about by filing and settling alone: aliases, runs with their counts, and
        rejections, which become the newest.
        """
        ...


class Upkeep(Protocol):
    """Care of the store as a whole."""

    def health(self, now: datetime) -> Health: ...

    def check(self) -> list[Finding]:
        """Look for damage, thoroughly; empty when all is well. Changes nothing."""
        ...

    def forget_derived(self) -> None:
        """Take away all edges, stories and furniture, as the first step of making them again; ids that merged stories
        had go on as aliases. Documents stay as they are.
        """
        ...

    def rebuild_fingerprints(self) -> int:
        """Make what `Lookups` finds articles by again from the articles; number of articles. Others may go on."""
        ...

    def reindex(self) -> int:
        """Make the search index again from the truth; number of articles in it. Goes on being readable meanwhile."""
        ...

    def close(self) -> None: ...


@runtime_checkable
class Ships(Protocol):
    """A store elsewhere, with an inbox on this machine between."""

    def shipping(self) -> Shipping: ...

    def keep_shipping(self) -> None:
        """Ship in the background until it is closed, also what other processes of this machine leave."""
        ...

    def retry_dead(self) -> int:
        """Put what was put aside into the inbox again; how many."""
        ...


class Store(UrlStates, Inbox, Leases, Archive, Lookups, Runs, Rules, Outbox, Notes, Whole, Upkeep, Protocol):
    """All of it."""


def shipping_of(store: Store) -> Shipping | None:
    """None where nothing lies between this machine and the store."""
    return store.shipping() if isinstance(store, Ships) else None


def answers(store: Store) -> bool:
    """Whether the store answered when it was asked last."""
    shipping = shipping_of(store)
    return shipping is None or shipping.answers


def keep_shipping(store: Store) -> None:
    """See `Ships`; nothing to do where nothing lies between this machine and the store."""
    if isinstance(store, Ships):
        store.keep_shipping()
