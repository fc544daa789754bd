"""`monitor runs`: recent crawls and imports, and what they rejected."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import (
    JsonOption,
    console,
    context,
    err_console,
    print_json,
    reading_store,
    show_number,
    show_time,
    table,
)
from monitor.cli.shipping import show_shipping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.records import Rejection, Run

EXAMPLES = """
monitor runs
monitor runs example --limit 50
monitor runs example --rejections     why pages were not stored, with examples
"""

LOOKED_AT = 5_000  # rejections that are counted
SHOWN_EXAMPLES = 3  # per reason


def runs(
    site: Annotated[str, typer.Argument(metavar="SITE", help="Only this site.", show_default=False)] = "",
    rejections: Annotated[bool, typer.Option("--rejections", help="Show rejected pages by reason.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Runs to show.")] = 20,
    json_output: JsonOption = False,
) -> None:
    """Show recent runs with what they found, newest first; or the pages that were not stored, and why.

    Exit code 1 when the store does not answer; then the runs are shown that this machine knows.
    """
    from monitor.store.port import answers, shipping_of

    loaded = context()
    zone = loaded.settings.time_zone
    with reading_store(loaded) as store:
        rejected = store.rejections(site=site, limit=LOOKED_AT) if rejections else []
        found = [] if rejections else store.runs(site, limit)
        away = None if answers(store) else shipping_of(store)
    if json_output:
        print_json(rejected if rejections else found)
    elif rejected:
        _print_rejections(rejected, zone)
    elif found:
        _print_runs(found, zone)
    else:
        console().print("No page was rejected." if rejections else "No run yet.")
    if away is not None:
        err_console().print(f"Error: store {show_shipping(away)}", style="red", soft_wrap=True)
        raise typer.Exit(1)


def _print_runs(found: Sequence[Run], zone: str) -> None:
    from rich.text import Text

    rows = table("started", "site", "by", "status", "what came of it", whole=("started", "by", "status"))
    for run in found:
        came = Text(_numbers(run))
        if run.error:
            came.append(f"{', ' if came else ''}{run.error}", style="red")
        rows.add_row(show_time(run.started_at, zone), run.site, run.trigger, run.status, came)
    console().print(rows)


def _numbers(run: Run) -> str:
    """`12 found, 10 stored, 2 rejected (too-short 2)`: what is not zero."""
    counts = {
        "found": run.discovered,
        "fetched": run.fetched,
        "stored": run.stored,
        "updated": run.updated,
        "unchanged": run.unchanged,
        "failed": run.failed,
        "rejected": sum(run.rejected.values()),
    }
    said = ", ".join(f"{show_number(number)} {name}" for name, number in counts.items() if number)
    reasons = ", ".join(f"{reason} {show_number(number)}" for reason, number in sorted(run.rejected.items()))
    return f"{said} ({reasons})" if reasons else said


def _print_rejections(found: Sequence[Rejection], zone: str) -> None:
    from rich.text import Text

    out = console()
    by_reason = Counter(one.reason for one in found)
    for reason, count in by_reason.most_common():
        out.print(Text(f"{reason}  ", style="bold").append(show_number(count), style="not bold"))
        for one in [one for one in found if one.reason == reason][:SHOWN_EXAMPLES]:
            out.print(Text(f"  {show_time(one.at, zone)}  {one.url}"))
            if one.detail:
                out.print(Text(f"  {one.detail}", style="dim"))
    if len(found) == LOOKED_AT:
        out.print(f"Only the last {show_number(LOOKED_AT)} are counted.", style="dim")
