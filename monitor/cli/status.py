"""`monitor status`: the state of the store and of every site."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from monitor.cli.alerts_checking import unknown_health_channels
from monitor.cli.article import print_facts
from monitor.cli.common import (
    JsonOption,
    console,
    context,
    err_console,
    now,
    print_json,
    reading_store,
    show_distance,
    show_number,
    show_time,
    table,
)
from monitor.cli.health import health_facts, health_json, health_of, print_problems
from monitor.cli.shipping import show_shipping, show_wait

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.errors import MonitorError
    from monitor.filing import Wait
    from monitor.records import Run
    from monitor.store.port import Health, Store

EXAMPLES = """
monitor status
monitor status --json | jq '.store.inbox'
"""

RECENT_RUNS = 200  # looked through for failures
SHOWN_FAILURES = 5


@dataclass(frozen=True)
class SiteStatus:
    """One site as it stands. `urls`: number of addresses by state; `next_run`: None when it isn't scheduled."""

    id: str
    enabled: bool
    known: bool  # has a site file
    last: Run | None
    urls: dict[str, int]
    next_run: datetime | None


@dataclass(frozen=True)
class AlertStatus:
    """`on`: rules that are held against articles now; `waiting`, `dead`: alerts by channel."""

    rules: int
    on: int
    waiting: dict[str, int]
    dead: dict[str, int]


def status(json_output: JsonOption = False) -> None:
    """Show what the store holds, what waits, for each site its last crawl, its addresses and its next one, and what is
    wrong, since when.

    Exit code 1 when the store does not answer; then the sites are shown as this machine knows them.
    """
    from monitor.wiring import open_aside, open_wait_note

    loaded = context()
    with reading_store(loaded) as store:
        health = store.health(now())
        sites, errors = _sites(loaded, store)
        aside = len(open_aside(loaded))
        wait = _wait(open_wait_note(loaded).read(), health)
        alerts, well = _alerts(store), health_of(store)
        failed = [run for run in store.runs(limit=RECENT_RUNS) if run.status == "failed"][:SHOWN_FAILURES]
    errors += unknown_health_channels(loaded)
    away = health.shipping is not None and not health.shipping.answers
    if json_output:
        limit = loaded.settings.store.inbox_limit
        made = _as_json(health, limit, aside, wait, alerts, sites, failed, errors)
        print_json({**made, "health": health_json(loaded, well)})
    else:
        facts = [*_alert_facts(alerts), *health_facts(loaded, well)]
        _print(loaded, health, aside, wait, facts, sites, failed)
        print_problems(well, loaded.settings.time_zone)
        for error in errors:
            err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
    if away:
        raise typer.Exit(1)


def _print(
    loaded: Loaded,
    health: Health,
    aside: int,
    wait: Wait | None,
    told: list[tuple[str, str]],
    sites: list[SiteStatus],
    failed: list[Run],
) -> None:
    if health.shipping is not None and health.shipping.since is not None:
        err_console().print(f"Error: store {show_shipping(health.shipping)}", style="red", soft_wrap=True)
    _print_store(health, loaded.settings.store.inbox_limit, aside, wait, told)
    _print_sites(sites, loaded)
    _print_failures(failed, loaded.settings.time_zone)


def _sites(loaded: Loaded, store: Store) -> tuple[list[SiteStatus], list[MonitorError]]:
    """Sites with a file, and those that ran without one, by id."""
    from monitor.schedule import plan
    from monitor.sites import load_sites

    described, errors = load_sites(loaded.sites)
    last = store.last_runs()
    plans, wrong = plan(described, last, loaded.settings.schedule, now())
    due = {one.site: one.next_run for one in plans}
    found = [
        SiteStatus(
            id=site,
            enabled=site in described and described[site].enabled,
            known=site in described,
            last=last.get(site),
            urls=store.counts(site),
            next_run=due.get(site),
        )
        for site in sorted({*described, *last})
    ]
    return found, [*errors, *wrong]


def _wait(noted: Wait | None, health: Health) -> Wait | None:
    """Why filing does not get on. What was noted here counts no more while a filer of another machine is at work, or
    where nothing waits any longer.
    """
    if noted is None or health.filer not in ("", noted.holder):
        return None
    return noted if health.inbox or health.filer else None


def _as_json(
    health: Health,
    limit: int,
    aside: int,
    wait: Wait | None,
    alerts: AlertStatus | None,
    sites: list[SiteStatus],
    failed: list[Run],
    errors: list[MonitorError],
) -> dict[str, Any]:
    return {
        "store": health,
        "crawls": {"paused": health.inbox >= limit, "waiting": health.inbox, "limit": limit},
        "filing_waits": wait,
        "alerts": alerts,
        "put_aside": aside + _refused(health),
        "sites": [
            {
                "site": one.id,
                "enabled": one.enabled,
                "described": one.known,
                "last_run": one.last,
                "urls": one.urls,
                "next_run": one.next_run,
            }
            for one in sites
        ],
        "failures": failed,
        "errors": [error.message for error in errors],
    }


def _print_store(health: Health, limit: int, aside: int, wait: Wait | None, alerts: list[tuple[str, str]]) -> None:
    facts = [*_facts(health), *_shipping_facts(health), *alerts]
    if wait is not None:
        facts.append(("filing waits", show_wait(wait)))
    if health.inbox >= limit:
        facts.append(("crawls", f"pause: {show_number(health.inbox)} of {show_number(limit)} wait"))
    put_aside = [(name, number) for name, number in (("refused", _refused(health)), ("not filed", aside)) if number]
    facts += [
        (name, f"{show_number(number)} put aside; `monitor store retry-dead` tries again") for name, number in put_aside
    ]
    print_facts(console(), [*facts, *health.details.items()])


def _alerts(store: Store) -> AlertStatus | None:
    """None while the store does not answer."""
    from monitor.alerts.outbox import of_channel
    from monitor.errors import StoreError

    try:
        rules, counts = store.rules(), store.alert_counts()
    except StoreError:
        return None
    return AlertStatus(
        len(rules), sum(rule.is_on(now()) for rule in rules), of_channel(counts, "waiting"), of_channel(counts, "dead")
    )


def _alert_facts(alerts: AlertStatus | None) -> list[tuple[str, str]]:
    if alerts is None or not (alerts.rules or alerts.waiting or alerts.dead):
        return []
    facts = [("alert rules", f"{show_number(alerts.rules)}, {show_number(alerts.on)} of them on")]
    if waiting := sum(alerts.waiting.values()):
        facts.append(("alerts", f"{show_number(waiting)} wait for {', '.join(alerts.waiting)}"))
    if dead := sum(alerts.dead.values()):
        hint = "`monitor alerts history --state dead --retry` tries again"
        facts.append(("alerts given up", f"{show_number(dead)}; {hint}"))
    return facts


def _refused(health: Health) -> int:
    """Dead letters of this machine: what the store or its engine would not take."""
    return health.dead + (health.shipping.dead if health.shipping else 0)


def _facts(health: Health) -> list[tuple[str, str]]:
    if health.shipping is not None and not health.shipping.answers:
        return [("store", f"{health.kind}, unreachable: what it holds is not known")]
    return [
        ("store", f"{health.kind}, schema {health.schema_version}"),
        ("articles", show_number(health.articles)),
        ("revisions", show_number(health.revisions)),
        ("inbox", f"{show_number(health.inbox)} waiting to be filed"),
        ("search index", _index(health.unprojected)),
        ("filer", health.filer or "none at work"),
    ]


def _index(unprojected: int | None) -> str:
    """Left out where it is not known."""
    if unprojected is None:
        return ""
    return f"{show_number(unprojected)} behind" if unprojected else "up to date"


def _shipping_facts(health: Health) -> list[tuple[str, str]]:
    shipping = health.shipping
    if shipping is None:
        return []
    return [("on this machine", f"{show_number(shipping.waiting)} waiting to be shipped")]


def _print_sites(sites: list[SiteStatus], loaded: Loaded) -> None:
    out = console()
    out.print()
    if not sites:
        out.print(f"No site in {loaded.sites} yet; add one: monitor sites add URL", soft_wrap=True)
        return
    at = now()
    rows = table(
        "site", "crawled", "", "stored", "waiting", "rejected", "failed", "next",
        right=("stored", "waiting", "rejected", "failed"), whole=("crawled", "next"),
    )  # fmt: skip
    for one in sites:
        due = "off" if one.known and not one.enabled else "no site file" if not one.known else ""
        if one.next_run is not None:
            due = "now" if one.next_run <= at else show_distance(one.next_run, at)
        rows.add_row(
            one.id,
            show_distance(one.last.started_at, at) if one.last else "never",
            one.last.status if one.last else "",
            *(show_number(one.urls.get(state, 0)) for state in ("stored", "discovered", "rejected", "failed")),
            due,
        )
    out.print(rows)


def _print_failures(failed: list[Run], zone: str) -> None:
    if not failed:
        return
    from rich.text import Text

    out = console()
    out.print()
    out.print(Text("Recent failures", style="bold"))
    for run in failed:
        out.print(Text(f"  {show_time(run.started_at, zone)}  {run.site}: {run.error or 'no reason is known'}"))
