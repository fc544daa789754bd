"""What goes straight to the remote store, and raises what it raises."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from monitor.query import Node
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
    Probe,
    Rejection,
    Revision,
    Rule,
    Run,
    Story,
)
from monitor.store.port import Finding, RuleHit, SearchRequest, SearchResult
from monitor.store.spooled.remote import Remote

R = TypeVar("R")


class Passed:
    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    # --- inbox and archive -------------------------------------------------------------------------------------------

    def take(self, limit: int, after: int = 0) -> list[InboxItem]:
        return self._remote.ask(lambda store: store.take(limit, after))

    def documents(self, ids: Collection[str]) -> dict[str, Document]:
        return self._remote.ask(lambda store: store.documents(ids))

    def revisions(self, article_id: str) -> list[Revision]:
        return self._remote.ask(lambda store: store.revisions(article_id))

    def stories(self, ids: Collection[str]) -> dict[str, Story]:
        return self._remote.ask(lambda store: store.stories(ids))

    def decisions(self, subject: str) -> list[Decision]:
        return self._remote.ask(lambda store: store.decisions(subject))

    def decide(self, decision: Decision) -> None:
        self._remote.ask(lambda store: store.decide(decision), writing=True)

    def file(self, changes: Changes) -> None:
        self._remote.ask(lambda store: store.file(changes), writing=True)

    def search(self, request: SearchRequest) -> SearchResult:
        return self._remote.ask(lambda store: store.search(request))

    def scan(self, query: Node | None = None, roles: Collection[str] = ("article",)) -> Iterator[Document]:
        return self._remote.ask(lambda store: store.scan(query, roles))

    def refresh(self) -> None:
        self._remote.ask(lambda store: store.refresh(), writing=True)

    # --- lookups -----------------------------------------------------------------------------------------------------

    def candidates(self, probes: Sequence[Probe]) -> list[list[Candidate]]:
        return self._remote.ask(lambda store: store.candidates(probes))

    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        return self._remote.ask(lambda store: store.same_text(exact))

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        return self._remote.ask(lambda store: store.members(stories))

    def edges(self, ids: Collection[str]) -> dict[str, list[Edge]]:
        return self._remote.ask(lambda store: store.edges(ids))

    def furniture(self, sites: Collection[str]) -> dict[str, Furniture]:
        return self._remote.ask(lambda store: store.furniture(sites))

    def decided(self, subjects: Collection[str]) -> dict[str, list[Decision]]:
        return self._remote.ask(lambda store: store.decided(subjects))

    def linking(self, urls: Collection[str]) -> dict[str, list[str]]:
        return self._remote.ask(lambda store: store.linking(urls))

    def located(self, urls: Collection[str]) -> dict[str, str]:
        return self._remote.ask(lambda store: store.located(urls))

    def dispatched(self, keys: Collection[str]) -> dict[str, list[str]]:
        return self._remote.ask(lambda store: store.dispatched(keys))

    # --- alerts ------------------------------------------------------------------------------------------------------

    def put_rules(self, rules: Sequence[tuple[Rule, Node]]) -> None:
        self._remote.ask(lambda store: store.put_rules(rules), writing=True)

    def remove_rules(self, ids: Collection[str]) -> None:
        self._remote.ask(lambda store: store.remove_rules(ids), writing=True)

    def rules(self) -> list[Rule]:
        return self._remote.ask(lambda store: store.rules())

    def match_rules(self, documents: Sequence[Document], stories: Mapping[str, Story]) -> list[RuleHit]:
        return self._remote.ask(lambda store: store.match_rules(documents, stories))

    def put_alerts(self, alerts: Sequence[Alert]) -> int:
        return self._remote.ask(lambda store: store.put_alerts(alerts), writing=True)

    def mark_alerts(self, alerts: Sequence[Alert]) -> None:
        self._remote.ask(lambda store: store.mark_alerts(alerts), writing=True)

    def told(self, keys: Collection[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], Alert]:
        return self._remote.ask(lambda store: store.told(keys))

    def due_alerts(self, channel: str, now: datetime, limit: int) -> list[Alert]:
        return self._remote.ask(lambda store: store.due_alerts(channel, now, limit))

    def due_channels(self, now: datetime) -> list[str]:
        return self._remote.ask(lambda store: store.due_channels(now))

    def alerts(
        self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
    ) -> list[Alert]:
        return self._remote.ask(lambda store: store.alerts(rule, channel, state, limit, but))

    def alert_counts(self) -> dict[tuple[str, str], int]:
        return self._remote.ask(lambda store: store.alert_counts())

    # --- notes, rejections and upkeep --------------------------------------------------------------------------------

    def rejections(self, run: str = "", site: str = "", limit: int = 100) -> list[Rejection]:
        return self._remote.ask(lambda store: store.rejections(run, site, limit))

    def note(self, name: str) -> str:
        return self._remote.ask(lambda store: store.note(name))

    def put_note(self, name: str, value: str) -> None:
        self._remote.ask(lambda store: store.put_note(name, value), writing=True)

    def new_decisions(self, after: int, limit: int) -> list[tuple[int, Decision]]:
        return self._remote.ask(lambda store: store.new_decisions(after, limit))

    def every(self, kind: type[R], after: str = "") -> Iterator[tuple[str, R]]:
        """Without what is only on this machine yet."""
        return self._remote.ask(lambda store: store.every(kind, after))

    def number_of(self, kind: type[object]) -> int:
        return self._remote.ask(lambda store: store.number_of(kind))

    def restore(self, records: Sequence[Alias | Run | Rejection]) -> None:
        self._remote.ask(lambda store: store.restore(records), writing=True)

    def check(self) -> list[Finding]:
        return self._remote.ask(lambda store: store.check())

    def forget_derived(self) -> None:
        self._remote.ask(lambda store: store.forget_derived(), writing=True)

    def rebuild_fingerprints(self) -> int:
        return self._remote.ask(lambda store: store.rebuild_fingerprints(), writing=True)

    def reindex(self) -> int:
        return self._remote.ask(lambda store: store.reindex(), writing=True)
