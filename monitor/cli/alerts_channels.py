"""`monitor alerts channels`, and names in rules that nothing here is called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import JsonOption, console, context, err_console, print_json, table

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.records import Rule

_TRIAL = {
    "en": ("Media monitor: a trial", "This channel works. Alerts of rules that name it come this way."),
    "de": ("Medienbeobachtung: eine Probe", "Dieser Kanal geht. Meldungen von Regeln, die ihn nennen, kommen so an."),
}


def channels(
    trial: Annotated[str, typer.Option("--try", metavar="NAME", help="Send a trial message to this channel.")] = "",
    json_output: JsonOption = False,
) -> None:
    """Show the channels that are set, by what service each goes, and what is wrong with its address."""
    from monitor.alerts.channels import scheme_of
    from monitor.alerts.deliver import check_address
    from monitor.errors import DeliveryError
    from monitor.wiring import channels_of

    loaded = context()
    known = channels_of(loaded)
    if trial:
        _try(loaded, known, trial)
        return
    problems = {}
    for name, address in known.items():
        try:
            check_address(name, address)
        except DeliveryError as error:
            problems[name] = error.message.removeprefix(f"channel {name}: ")
    if json_output:
        print_json(
            [
                {"channel": name, "service": scheme_of(address), "problem": problems.get(name, "")}
                for name, address in sorted(known.items())
            ]
        )
        return
    if not known:
        console().print("No channel yet; set one under [alerting.channels] in monitor.toml.", soft_wrap=True)
    else:
        shown = table("channel", "service", "", whole=("channel",))
        for name, address in sorted(known.items()):
            shown.add_row(name, scheme_of(address), problems.get(name, ""))
        console().print(shown)
    say(unknown(loaded, ()))


def _try(loaded: Loaded, known: dict[str, str], name: str) -> None:
    from monitor.alerts import Notice, Style, notice_message
    from monitor.alerts.deliver import resolve, send
    from monitor.wiring import own_templates

    address, language = resolve(known, name), loaded.settings.alerting.language
    title, line = _TRIAL.get(language, _TRIAL["en"])
    style = Style(language, loaded.settings.time_zone, own_templates(loaded))
    send(name, address, notice_message(Notice(title, (line,)), style))
    console().print(f"{name} has taken it")


def unknown(loaded: Loaded, rules: Sequence[Rule]) -> list[str]:
    """What nothing here is called, in rules and in `alerting.health_channels`: it may come up one day, or be known to
    another machine.
    """
    from difflib import get_close_matches

    from monitor.sites import load_sites
    from monitor.wiring import agency_table, channels_of

    known = {
        "channel": list(channels_of(loaded)),
        "agency": list(agency_table(loaded).agencies),
        "site": list(load_sites(loaded.sites)[0]),
    }
    asked = [("alerting.health_channels", "channel", one) for one in loaded.settings.alerting.health_channels]
    for rule in rules:
        asked += [(rule.id, "channel", one) for one in rule.channels]
        asked += [(rule.id, "agency", one) for one in (*rule.agencies, *rule.reused_from)]
        asked += [(rule.id, "site", one) for one in rule.sites]
    told = []
    for where, what, name in dict.fromkeys(asked):
        if name not in known[what]:
            near = get_close_matches(name, known[what], 1)
            hint = f"did you mean {near[0]}?" if near else ""
            if what == "channel":
                hint = hint or "set it under [alerting.channels]."
            told.append(f"{where}: no {what} is called {name} here" + (f"; {hint}" if hint else "."))
    return told


def say(lines: Iterable[str]) -> None:
    for line in lines:
        err_console().print(line, soft_wrap=True)
