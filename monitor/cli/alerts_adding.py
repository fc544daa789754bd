"""`monitor alerts add`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.alerts_checking import tell_wrong_names_of
from monitor.cli.common import console, context, err_console, now, open_store

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.records import Rule


def add(
    rule_id: Annotated[
        str, typer.Argument(metavar="RULE", help="Its id: lower-case letters, digits, '-', '_' and '.'.")
    ],
    query: Annotated[str, typer.Argument(metavar="[QUERY]", help="In the language of `monitor search`.")] = "",
    channel: Annotated[
        list[str],
        typer.Option("--channel", metavar="NAME", help="Whom to tell: a channel's name or address. Can be repeated."),
    ] = [],  # noqa: B006
    label: Annotated[str, typer.Option(metavar="TEXT", help="How messages call it.")] = "",
    owner: Annotated[str, typer.Option(metavar="NAME", help="Who looks after it.")] = "",
    site: Annotated[list[str], typer.Option("--site", metavar="ID", help="Only this site. Can be repeated.")] = [],  # noqa: B006
    lang: Annotated[list[str], typer.Option("--lang", metavar="CODE", help="Only this language.")] = [],  # noqa: B006
    agency: Annotated[list[str], typer.Option("--agency", metavar="ID", help="Only texts of this agency.")] = [],  # noqa: B006
    kind: Annotated[list[str], typer.Option("--kind", metavar="KIND", help="agency, mixed, own or unknown.")] = [],  # noqa: B006
    credited: Annotated[
        bool | None, typer.Option("--credited/--uncredited", help="Only texts that name their agency, or do not.")
    ] = None,
    reused_from: Annotated[
        list[str],
        typer.Option("--reused-from", metavar="AGENCY", help="Its texts without a credit or without a licence."),
    ] = [],  # noqa: B006
    withdrawn: Annotated[bool, typer.Option("--withdrawn", help="What still runs a text that was taken back.")] = False,
    cadence: Annotated[
        str, typer.Option(metavar="WHEN", help='now, hourly, "daily 07:30" or "weekly mon 07:30".')
    ] = "now",
    each: Annotated[Literal["story", "copy"], typer.Option(help="Tell each story once, or each copy of it.")] = "story",
    min_copies: Annotated[int, typer.Option(metavar="N", help="Only stories in so many copies.")] = 1,
    spike: Annotated[
        float, typer.Option(metavar="N", help="Only a day with N times as many as the mean of 14 days.")
    ] = 0.0,
    max_age: Annotated[
        str, typer.Option(metavar="SPAN", help='Nothing that was older when it was found; or "any".')
    ] = "7d",
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="Zone of its times, e.g. Europe/Berlin.")] = "",
    messages: Annotated[Literal["en", "de"], typer.Option(help="Language of the messages.")] = "en",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="In the place of the rule that has this id.")] = False,
) -> None:
    """Add a rule. It is kept in the store; rules can be written as files in alerts/ as well."""
    from pydantic import ValidationError

    from monitor.alerts import TAKEN, RuleFile
    from monitor.errors import QueryError, RuleError
    from monitor.filing import asked_question
    from monitor.yamlfile import is_id

    if rule_id in TAKEN:
        raise typer.BadParameter(f"no rule can be called so: {TAKEN[rule_id]}", param_hint="RULE")
    if not is_id(rule_id):
        raise typer.BadParameter("use lower-case letters, digits, '-', '_' and '.'", param_hint="RULE")
    loaded = context()
    names = _checked_channels(channel)
    said = {
        "query": query, "label": label, "owner": owner, "site": site, "language": lang, "agency": agency, "kind": kind,
        "credited": credited, "reused_from": reused_from, "withdrawn": withdrawn, "channels": [*names],
        "cadence": cadence, "each": each, "min_copies": min_copies, "spike": spike, "max_age": max_age,
        "time_zone": time_zone, "messages": messages,
    }  # fmt: skip
    try:
        rule = RuleFile.model_validate(said).rule(rule_id)
    except ValidationError as error:
        raise RuleError("\n".join(dict.fromkeys(map(_told, error.errors())))) from error
    try:
        asked = asked_question(rule, loaded.settings.time_zone)
    except QueryError as error:
        raise RuleError(f"query:\n{error.pointed()}", hint=error.hint) from error
    with open_store(loaded, create=True) as store:
        known = {one.id: one for one in store.rules()}.get(rule_id)
        if known is not None and known.origin:
            raise RuleError(f"the rule {rule_id} is in a file: {known.origin}", hint="change it there")
        if known is not None and not overwrite:
            raise RuleError(f"there is a rule {rule_id} already", hint="--overwrite puts this one in its place")
        if known is not None:  # what commands said of it goes on to hold
            rule = replace(rule, switched_off=known.switched_off, silenced_until=known.silenced_until)
        store.put_rules([(replace(rule, changed_at=now()), asked)])
    _keep_addresses(loaded, rule_id, names)
    tell_wrong_names_of(loaded, rule)
    if loaded.file is None:
        err_console().print(f"There is no monitor.toml in {loaded.folder}: its store is {loaded.store}", soft_wrap=True)
    out = console()
    out.print(f"added {rule_id}: tells {whom(rule)} {when(rule)}", soft_wrap=True)
    if not rule.is_on(now()):
        out.print(f"It is off or silent, as before; `monitor alerts enable {rule_id}` switches it on", soft_wrap=True)
    out.print(f"`monitor alerts test {rule_id}` shows what it would have sent", style="dim", soft_wrap=True)


def whom(rule: Rule) -> str:
    return ", ".join(rule.channels) or "nobody (its feed alone)"


def when(rule: Rule) -> str:
    return "at once" if rule.cadence == "now" else rule.cadence


def _checked_channels(given: list[str]) -> dict[str, str]:
    """By name, with the address where one was given."""
    from monitor.alerts import channel_name, is_address
    from monitor.alerts.channels import check_channel
    from monitor.alerts.deliver import check_address

    names = {}
    for one in given:
        try:
            check_channel(one)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--channel") from None
        name = channel_name(one)
        if is_address(one):
            check_address(name, one)
        names[name] = one if is_address(one) else ""
    return names


def _keep_addresses(loaded: Loaded, rule_id: str, names: Mapping[str, str]) -> None:
    """In the file of channels, which only its owner may read. Of a rule that is taken: no secret is left of another."""
    from monitor.errors import ConfigError
    from monitor.wiring import keep_channel

    try:
        for name, address in names.items():
            if address:
                keep_channel(loaded, name, address)
    except ConfigError as error:
        told = f"{rule_id} is added, but not the address of its channel: {error.message}"
        raise ConfigError(told, hint="once that is right, add it again with --overwrite") from error


def _told(problem: Mapping[str, Any]) -> str:
    """By the option that was typed, and of several values the wrong one; no address."""
    from monitor.yamlfile import shortened

    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    field, found = str(problem["loc"][0]), str(problem["input"])
    option = {"query": "QUERY", "language": "--lang", "channels": "--channel"}.get(
        field, f"--{field.replace('_', '-')}"
    )
    of_several = len(problem["loc"]) > 1 and "://" not in found and found not in message
    return f"{option}: {message}" + (f" (found {shortened(repr(found))})" if of_several else "")
