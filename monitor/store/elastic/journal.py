"""What was done and what is known of addresses, as the engine's documents, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from monitor.query import Node, kept
from monitor.records import Alert, Decision, Rejection, Rule, Run, SourceState, UrlState
from monitor.store.elastic.encoding import Made, Source, filled, instant, read, record_of
from monitor.store.values import micros

_NEVER = -(2**62)


def decision_document(decision: Decision, number: int) -> Made:
    """`number`: of the writing, ascending."""
    named = {field.name: getattr(decision, field.name) for field in fields(Decision)}
    return filled(named | {"number": number}) | {"record": record_of(decision)}


def decision(source: Source) -> Decision:
    return read(Decision, source)


def run_document(run: Run, counts: Mapping[str, int]) -> Made:
    """`counts`: stored, updated, unchanged, as they are counted; the run's own of these are not looked at."""
    lasted = (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
    return filled(
        {
            "id": run.id,
            "site": run.site,
            "started_at": run.started_at,
            "finished_at": run.finished_at,
            "duration_seconds": lasted,
            "status": run.status,
            "trigger": run.trigger,
            "error": run.error,
            "discovered": run.discovered,
            "fetched": run.fetched,
            "failed": run.failed,
            "rejected": sum(run.rejected.values()),
            "started": micros(run.started_at),
            **{name: counts.get(name, 0) for name in ("stored", "updated", "unchanged")},
        }
    ) | {"record": record_of(run)}


def run(source: Source) -> Run:
    return read(Run, source)


def rejection_document(rejection: Rejection, number: int) -> Made:
    named = {field.name: getattr(rejection, field.name) for field in fields(Rejection)}
    return filled(named | {"number": number}) | {"record": record_of(rejection)}


def rejection(source: Source) -> Rejection:
    return read(Rejection, source)


def rule_document(rule: Rule, node: Node) -> Made:
    silenced = micros(rule.quiet_until) if rule.quiet_until else _NEVER
    on = rule.enabled and not rule.switched_off
    named = filled({"id": rule.id, "on": on, "silenced": silenced})
    return named | {"question": {"tree": kept(node)}, "record": record_of(rule)}


def rule(source: Source) -> Rule:
    return read(Rule, source)


def alert_document(alert: Alert) -> Made:
    due, following = (micros(at) if at else _NEVER for at in (alert.due, alert.next_try))
    names = ("rule", "channel", "subject", "digest", "state", "story", "article", "made", "due")
    return filled({name: getattr(alert, name) for name in names}) | {
        "occurrence": alert.occurrence,
        "sent": instant(alert.attempts[-1].at) if alert.state == "sent" and alert.attempts else None,
        "tries": len(alert.attempts),
        "failures": sum(bool(one.error) for one in alert.attempts),
        "order": due,
        "made_at": micros(alert.made) if alert.made else _NEVER,
        "ready": max(due, following),
        "record": record_of(alert),
    }


def alert(source: Source) -> Alert:
    return read(Alert, source)


def url_document(state: UrlState) -> Made:
    made = {
        "site": state.site,
        "url": state.url,
        "status": state.status.value,
        "article_id": state.article_id,
        "reason": state.reason,
        "via": state.via,
        "attempts": state.attempts,
        "checks": state.checks,
        "discovered_at": state.discovered_at,
        "fetched_at": state.fetched_at,
        "due_at": state.due_at,
        # By these they are ordered; one whose discovery is not known comes first.
        "discovered": micros(state.discovered_at) if state.discovered_at else _NEVER,
        "due": micros(state.due_at) if state.due_at else None,
    }
    return filled(made) | {"record": record_of(state)}


def url_state(source: Source) -> UrlState:
    return read(UrlState, source)


def source_document(state: SourceState) -> Made:
    named = {"site": state.site, "key": state.key, "fetched_at": state.fetched_at, "full_at": state.full_at}
    return filled(named) | {"record": record_of(state)}


def source_state(source: Source) -> SourceState:
    return read(SourceState, source)
