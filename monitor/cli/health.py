"""Whether the monitor itself is well, as `monitor status` shows it, and whether anybody is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.common import console, err_console, now, open_store, show_counted, show_time

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config import Loaded
    from monitor.health.standing import Health
    from monitor.store.port import Store

SitesOption = Annotated[
    list[str] | None, typer.Option("--site", metavar="SITE", help="With `health`: only what is wrong with this site.")
]
NOBODY = "nobody is told when something is wrong here: alerting.health_channels names no channel"
_LOOKED = 1800.0  # seconds; `monitor run` notes what it sees every ten minutes at least


def health_of(store: Store) -> Health | None:
    """None while the store does not answer."""
    from monitor.errors import StoreError
    from monitor.health.standing import standing

    try:
        return standing(store)
    except StoreError:
        return None


def health_facts(loaded: Loaded, health: Health | None) -> list[tuple[str, str]]:
    """In two columns."""
    facts = [("notices", NOBODY)] if not loaded.settings.alerting.health_channels else []
    if health is None:
        return facts
    zone = loaded.settings.time_zone
    facts += [("notices", f"none {what} until {show_time(end, zone)}") for what, end in _silent(health)]
    if not health.problems and not _old(health.looked):
        return facts
    told = show_counted(len(health.problems), "problem", "problems")
    if _old(health.looked):
        told += f", as of {show_time(health.looked, zone)}: nobody looks since then"
    return [("wrong", told), *facts]


def print_problems(health: Health | None, zone: str) -> None:
    """Each with its beginning."""
    from rich.text import Text

    if health is None or not health.problems:
        return
    out = console()
    out.print()
    out.print(Text("Wrong now", style="bold"))
    for one in health.problems:
        gone = f" (not seen since {show_time(one.gone, zone)})" if one.gone is not None else ""
        out.print(Text(f"  since {show_time(one.since, zone)}  {one.title}{gone}"), soft_wrap=True)


def health_json(loaded: Loaded, health: Health | None) -> dict[str, Any]:
    """`problems` is null while the store does not answer."""
    return {
        "problems": health.problems if health is not None else None,
        "looked": health.looked if health is not None else None,
        "silences": health.silences.lasting(now()) if health is not None else None,
        "channels": loaded.settings.alerting.health_channels,
    }


def is_health(rule_id: str, sites: list[str] | None) -> bool:
    """Notices of the monitor itself, which are called as no rule can be."""
    from monitor.alerts import HEALTH

    if sites and rule_id != HEALTH:
        raise typer.BadParameter(f"only `{HEALTH}` has sites to choose from", param_hint="--site")
    return rule_id == HEALTH


def silence_health(loaded: Loaded, sites: list[str], until: datetime) -> None:
    """Of the sites, or of everything, nothing is told."""
    from monitor.health.silences import silence

    with open_store(loaded, create=True) as store:
        silence(store, sites, until, now())
    _tell_unknown(loaded, sites)
    told = f"of {', '.join(sites)} " if sites else ""
    end = show_time(until, loaded.settings.time_zone)
    console().print(f"health {told}is silent until {end}; what is still wrong then is told", soft_wrap=True)


def end_silence(loaded: Loaded, sites: list[str]) -> None:
    """What is wrong is told again."""
    from monitor.health.silences import end_silences, silences_of

    with open_store(loaded, create=True) as store:
        end_silences(store, sites)
        everything = silences_of(store).lasting(now()).everything
    _tell_unknown(loaded, sites)
    told = f"of {', '.join(sites)} " if sites else ""
    if everything is not None:
        end = show_time(everything, loaded.settings.time_zone)
        console().print(f"health as a whole is silent until {end}; `monitor alerts enable health` ends that")
        return
    console().print(f"health {told}is on")


def _tell_unknown(loaded: Loaded, sites: list[str]) -> None:
    from monitor.sites import load_sites

    known = load_sites(loaded.sites)[0] if sites else {}
    for site in sites:
        if site not in known:
            err_console().print(f"No site is called {site} here; another machine may have it.", soft_wrap=True)


def _silent(health: Health) -> list[tuple[str, datetime]]:
    silences = health.silences.lasting(now())
    everything = [("at all", silences.everything)] if silences.everything is not None else []
    return [*everything, *((f"of {site}", until) for site, until in sorted(silences.sites.items()))]


def _old(looked: datetime | None) -> bool:
    return looked is not None and (now() - looked).total_seconds() > _LOOKED
