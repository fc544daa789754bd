"""Whether the monitor itself is well, as `monitor status` shows it, and whether anybody would be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.common import console, now, show_counted, show_time

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.config import Loaded
    from monitor.health.standing import Health
    from monitor.store.port import Store

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
    if health is None or not health.problems:
        return facts
    told = show_counted(len(health.problems), "problem", "problems")
    if _old(health.looked):
        told += f", as of {show_time(health.looked, loaded.settings.time_zone)}: nobody looks since then"
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
        "channels": loaded.settings.alerting.health_channels,
    }


def _old(looked: datetime | None) -> bool:
    return looked is not None and (now() - looked).total_seconds() > _LOOKED
