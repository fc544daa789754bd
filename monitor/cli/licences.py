"""`monitor licences`: which site may use which agency's texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from monitor.cli.common import JsonOption, console, context, now, print_json, table

if TYPE_CHECKING:
    from datetime import date

    from monitor.config import Loaded
    from monitor.sources.licences import Licence, Licences

EXAMPLES = """
monitor licences list
monitor licences check
"""

app = typer.Typer(no_args_is_help=True, help="Show and check which site may use which agency's texts.")


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show every licence and whether it holds today."""
    loaded = context()
    licences = read(loaded)
    today = now().astimezone(licences.zone).date()
    if json_output:
        print_json(
            [{**one.model_dump(mode="json", by_alias=True), "state": _state(one, today)} for one in licences.entries]
        )
        return
    if not licences.entries:
        console().print(f"{loaded.licences} holds no licence; `monitor init` writes an example.", soft_wrap=True)
        return
    rows = table("agency", "site", "from", "until", "today", whole=("from", "until"))
    for one in licences.entries:
        rows.add_row(one.agency, one.site, str(one.since or ""), str(one.until or ""), _state(one, today))
    console().print(rows)


@app.command()
def check(json_output: JsonOption = False) -> None:
    """Read licences.yaml and tell what has no effect. Exit code 1 when there is something to tell."""
    from monitor.sites import load_sites
    from monitor.sources.licences import doubts
    from monitor.wiring import agency_table

    loaded = context()
    licences = read(loaded)
    sites, _ = load_sites(loaded.sites)
    found = list(doubts(licences, agency_table(loaded).agencies, sites))
    if json_output:
        print_json({"licences": len(licences.entries), "doubts": found})
    else:
        for one in found:
            console().print(f"{loaded.licences}: licence {one.entry}: {one.what}", style="yellow", soft_wrap=True)
        if not found:
            noun = "licence" if len(licences.entries) == 1 else "licences"
            console().print(f"{loaded.licences}: {len(licences.entries)} {noun}, all is well", soft_wrap=True)
    if found:
        raise typer.Exit(1)


def read(loaded: Loaded) -> Licences:
    """The licences of the folder, with days in its zone."""
    from monitor.sources.licences import load_licences

    return load_licences(loaded.licences, loaded.settings.time_zone)


def _state(one: Licence, today: date) -> str:
    if one.since and today < one.since:
        return "not yet"
    return "over" if one.until and one.until < today else "holds"
