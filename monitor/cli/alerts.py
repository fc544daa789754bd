"""`monitor alerts`: rules, what they would tell, and what they told."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from monitor.cli.alerts_adding import add, when, whom
from monitor.cli.alerts_channels import channels
from monitor.cli.alerts_checking import tell_addresses_left, tell_wrong_names, tell_wrong_names_of
from monitor.cli.alerts_subjects import subjects
from monitor.cli.asking import moments, shown_title
from monitor.cli.common import (
    JsonOption,
    console,
    context,
    err_console,
    now,
    open_store,
    print_json,
    show_counted,
    show_number,
    show_time,
    table,
)
from monitor.cli.health import SitesOption, end_silence, is_health, silence_health

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.records import Alert, Rule
    from monitor.store.port import Store

EXAMPLES = {
    "alerts": """
monitor alerts add works '"Musterwerk" OR "Musterwerke AG"' --channel desk
monitor alerts add reuse --reused-from dpa --channel licensing --cadence "daily 07:30"
monitor alerts test works --since 30d        what it would have sent; nothing is sent
monitor alerts list
monitor alerts channels --try desk
monitor alerts silence works --for 4h
monitor alerts silence health --site kurier --for 2d       an outage that is known
monitor alerts history --state dead --retry
""",
}

_MOST_RETRIED = 1_000_000  # alerts: all that there are
_RETRIED_AT_ONCE = 1000

app = typer.Typer(no_args_is_help=True, add_completion=False)

RuleArgument = Annotated[str, typer.Argument(metavar="RULE", help="Id of the rule.")]


app.command()(add)
app.command()(channels)


@app.command("list")
def list_(json_output: JsonOption = False) -> None:
    """Show every rule: what it asks, whom it tells and when."""
    from monitor.alerts.asking import asks

    loaded = context()
    with open_store(loaded, create=True) as store:
        _bring_in(loaded, store)
        rules = store.rules()
    tell_wrong_names(loaded, rules)
    if json_output:
        print_json([_plain(rule) for rule in rules])
        return
    if not rules:
        console().print("No rule yet; `monitor alerts add` makes one.", soft_wrap=True)
        return
    shown = table("rule", "asks", "tells", "when", "state", whole=("rule",))
    for rule in rules:
        shown.add_row(rule.id, asks(rule), whom(rule), when(rule), _state(rule, loaded.settings.time_zone))
    console().print(shown)


@app.command()
def show(rule_id: RuleArgument, json_output: JsonOption = False) -> None:
    """Show one rule with everything that it says."""
    from monitor.alerts.asking import asks

    loaded = context()
    with open_store(loaded, create=True) as store:
        _bring_in(loaded, store)
        rule = _found(store, rule_id)
    tell_wrong_names_of(loaded, rule)
    if json_output:
        print_json(_plain(rule))
        return
    zone = loaded.settings.time_zone
    facts = {
        "rule": rule.id, "label": rule.label, "owner": rule.owner, "asks": asks(rule), "tells": whom(rule),
        "when": when(rule), "each": rule.each, "nothing older than": _age(rule), "zone": rule.time_zone,
        "messages": rule.language, "state": _state(rule, zone), "from": rule.origin or "a command",
        "changed": show_time(rule.changed_at, zone),
    }  # fmt: skip
    shown = table("", "")
    for name, value in facts.items():
        if value:
            shown.add_row(name, value)
    console().print(shown)


@app.command("test")
def try_(
    rule_id: RuleArgument,
    since: Annotated[str, typer.Option("--since", metavar="TIME", help="From this date or span ago on.")] = "30d",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Up to this date (the whole day).")] = "",
    limit: Annotated[int, typer.Option(min=0, help="How many are shown, newest first.")] = 20,
    json_output: JsonOption = False,
) -> None:
    """Show what a rule would have told of the articles in the archive, and how often. Nothing is sent.

    Articles are taken with the source and the number of copies that they have now.
    """
    from monitor.rehearsing import by_day, rehearse
    from monitor.reports.spikes import spike_days

    loaded = context()
    zone, moment = loaded.settings.time_zone, now()
    first, last = moments(since, until, zone, moment)
    with open_store(loaded, create=True) as store:
        _bring_in(loaded, store)
        rule = _found(store, rule_id)
        found = rehearse(store, rule, first or moment, last or moment, zone)
        spikes = spike_days(store, rule, first or moment, last or moment, zone) if rule.spike else {}
    if json_output:
        print_json(
            {
                "rule": rule.id,
                "matched": found.matched,
                "told": [
                    {
                        "article": d.id,
                        "story": d.story,
                        "title": d.article.title,
                        "site": d.article.site,
                        "at": d.first_seen,
                    }
                    for _, d in found.told
                ],
                "messages": found.messages,
                "days": by_day(found.told, zone),
                "spikes": {day.isoformat(): count for day, count in spikes.items()},
            }
        )
        return
    out = console()
    if rule.spike:
        for day, count in spikes.items():
            out.print(f"{day.isoformat()}  {show_counted(count, 'story', 'stories')}", soft_wrap=True)
        out.print(f"{show_counted(len(spikes), 'day', 'days')}, one message for each to each channel", soft_wrap=True)
        return
    for _, document in list(reversed(found.told))[:limit]:
        out.print(
            f"{show_time(document.first_seen, zone)}  {document.article.site}  {shown_title(document.article.title)}",
            soft_wrap=True,
        )
    what = ("copy", "copies") if rule.each == "copy" else ("story", "stories")
    where = "to each channel" if rule.channels else "to a channel, if it had one; its feed has all"
    days = by_day(found.told, zone)
    out.print(
        f"{show_counted(len(found.told), *what)} of {show_counted(found.matched, 'article', 'articles')} that "
        f"answer{'s' if found.matched == 1 else ''}, in {show_counted(found.messages, 'message', 'messages')} {where} "
        f"({when(rule)}), on {show_counted(len(days), 'day', 'days')}"
        + (f", at most {show_number(max(days.values()))} on one" if days else ""),
        soft_wrap=True,
    )
    if found.old:
        old = show_counted(found.old, "article was", "articles were")
        out.print(f"{old} too old when found (max_age)", style="dim", soft_wrap=True)


@app.command()
def enable(rule_id: RuleArgument, sites: SitesOption = None) -> None:
    """Switch a rule on again; a silence ends, too. Of `health` all silences end, or those of sites."""
    from monitor.errors import RuleError

    if is_health(rule_id, sites):
        end_silence(context(), sites or [])
        return

    def on(rule: Rule) -> Rule:
        if not rule.enabled:
            raise RuleError(f"the rule {rule.id} says itself that it is off", hint=f"change it in {rule.origin}")
        if rule.silent_until is not None and rule.silent_until > now():
            raise RuleError(f"the rule {rule.id} says itself that it is silent", hint=f"change it in {rule.origin}")
        return replace(rule, switched_off=False, silenced_until=None)

    _change(rule_id, on)
    console().print(f"{rule_id} is on")


@app.command()
def disable(rule_id: RuleArgument) -> None:
    """Switch a rule off, whatever its file says."""
    _change(rule_id, lambda rule: replace(rule, switched_off=True))
    console().print(f"{rule_id} is off")


@app.command()
def silence(
    rule_id: RuleArgument,
    span: Annotated[str, typer.Option("--for", metavar="SPAN", help="How long, e.g. 90m, 4h, 2d.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="TIME", help="Up to this date (the whole day).")] = "",
    sites: SitesOption = None,
) -> None:
    """Leave a rule out for a while.

    What comes up meanwhile is not told later, but for a story of which another copy comes after it.

    `silence health` is for notices of the monitor itself, all or those of sites: what is still wrong then is told.
    """
    from monitor.spans import parse_span

    if bool(span) == bool(until):
        raise typer.BadParameter("say either for how long or until when", param_hint="--for")
    loaded = context()
    if span:
        try:
            end = now() + parse_span(span)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--for") from None
    else:
        found = moments("", until, loaded.settings.time_zone, now())[1]
        assert found is not None  # noqa: S101 (an option that was given)
        if found <= now():
            raise typer.BadParameter(
                f"{show_time(found, loaded.settings.time_zone)} is over; `--for {until}` is from now on"
                if until[-1:].isalpha()
                else f"{show_time(found, loaded.settings.time_zone)} is over",
                param_hint="--until",
            )
        end = found
    if is_health(rule_id, sites):
        silence_health(loaded, sites or [], end)
        return
    _change(rule_id, lambda rule: replace(rule, silenced_until=end))
    console().print(f"{rule_id} is silent until {show_time(end, loaded.settings.time_zone)}", soft_wrap=True)


@app.command()
def remove(rule_id: RuleArgument) -> None:
    """Take a rule away; what it told stays in the history, and what waits is still sent."""
    from monitor.errors import RuleError
    from monitor.wiring import rule_folder

    loaded = context()
    folder = rule_folder(loaded)
    file = folder.folder / f"{rule_id}.yaml"
    with open_store(loaded) as store:
        rule = _found(store, rule_id)
        if folder.is_ours(rule) and file.exists():
            raise RuleError(f"the rule {rule_id} is in a file: {file}", hint="remove the file")
        store.remove_rules([rule_id])
        others = store.rules()
    console().print(f"removed {rule_id}")
    tell_addresses_left(loaded, rule, others)
    if rule.origin:
        console().print(f"It was from {rule.origin}; where that still is, it comes back.", style="dim", soft_wrap=True)


@app.command()
def history(
    rule_id: Annotated[str, typer.Argument(metavar="[RULE]", help="Only of this rule.")] = "",
    channel: Annotated[str, typer.Option("--channel", metavar="NAME", help="Only of this channel.")] = "",
    state: Annotated[
        Literal["", "waiting", "sent", "dead", "replaced"],
        typer.Option(help="Only those that wait, were sent, given up, or told by a later one."),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="How many are shown, newest first.")] = 50,
    retry: Annotated[
        bool, typer.Option("--retry", help="Try all of them again that were given up or wait, shown or not.")
    ] = False,
    json_output: JsonOption = False,
) -> None:
    """Show what was told to whom, of what, with every attempt."""
    from monitor.alerts import FEED, HEALTH

    loaded = context()
    but = "" if channel else FEED
    with open_store(loaded) as store:
        again = tried_again(store, rule_id, channel, state, but) if retry else 0
        found = store.alerts(rule_id, channel, "waiting" if retry else state, limit, but)
        if rule_id not in ("", HEALTH) and not found and not store.alerts(rule_id, limit=1):
            _found(store, rule_id)  # where it is none, that is said
        about = subjects(store, found)
    if retry:
        err_console().print(f"{show_number(again)} are tried again", soft_wrap=True)
    if json_output:
        print_json([{**asdict(one), **subject._asdict()} for one, subject in zip(found, about, strict=True)])
        return
    if not found:
        narrowed = any((rule_id, channel, state))
        err_console().print("No alert of that kind" if narrowed else "Nothing was told yet", soft_wrap=True)
        return
    zone = loaded.settings.time_zone
    shown = table("made", "rule", "channel", "about", "state", "attempts", whole=("made",))
    for one, (title, site, _) in zip(found, about, strict=True):
        named = "  ".join(filter(None, (shown_title(title), site, one.subject)))
        shown.add_row(
            show_time(one.made, zone), one.rule, one.channel, named, _progress(one, zone), _attempts(one, zone)
        )
    console().print(shown)


def tried_again(store: Store, rule_id: str, channel: str, state: str, but: str) -> int:
    """All that were given up or wait for their next try; how many."""
    from monitor.alerts.outbox import waking

    made = 0
    for wanted in ("dead", "waiting") if not state else (state,):
        found = store.alerts(rule_id, channel, wanted, _MOST_RETRIED, but)
        again = [one.key for one in found if one.state == "dead" or one.next_try is not None]
        for at in range(0, len(again), _RETRIED_AT_ONCE):
            # As they are now: what was sent meanwhile is not sent again.
            waiting = waking(store.told(again[at : at + _RETRIED_AT_ONCE]).values())
            store.mark_alerts(waiting)
            made += len(waiting)
    return made


# --- helpers ---------------------------------------------------------------------------------------------------------


def _bring_in(loaded: Loaded, store: Store) -> None:
    """Files that changed, and what is wrong with them."""
    from monitor.wiring import rule_folder

    for error in rule_folder(loaded).bring_in(store):
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
        if error.hint:
            err_console().print(f"Hint: {error.hint}", soft_wrap=True)


def _found(store: Store, rule_id: str) -> Rule:
    import difflib

    from monitor.alerts import HEALTH
    from monitor.errors import RuleError

    rules = {rule.id: rule for rule in store.rules()}
    if rule_id in rules:
        return rules[rule_id]
    if rule_id == HEALTH:
        raise RuleError(
            f"{HEALTH} is no rule but what the monitor tells of itself",
            hint="`monitor alerts silence health --for 2d`; its channels are alerting.health_channels",
        )
    near = difflib.get_close_matches(rule_id, rules, 2)
    hint = f"did you mean {' or '.join(near)}?" if near else "`monitor alerts list` shows them"
    raise RuleError(f"no rule is called {rule_id!r}", hint=hint)


def _change(rule_id: str, change: Any) -> None:
    from monitor.alerts import question

    loaded = context()
    with open_store(loaded, create=True) as store:
        _bring_in(loaded, store)
        rule = change(_found(store, rule_id))
        store.put_rules([(replace(rule, changed_at=now()), question(rule, loaded.settings.time_zone))])


def _plain(rule: Rule) -> dict[str, Any]:
    return asdict(rule)


def _age(rule: Rule) -> str:
    return f"{rule.max_age / 86_400:g} days when it is found" if rule.max_age else "any age"


def _state(rule: Rule, zone: str) -> str:
    if not rule.enabled or rule.switched_off:
        return "off"
    if rule.quiet_until is not None and rule.quiet_until > now():
        return f"silent until {show_time(rule.quiet_until, zone)}"
    return "on"


def _progress(alert: Alert, zone: str) -> str:
    if alert.state != "waiting":
        return alert.state
    following = alert.next_try or alert.due
    return f"waiting, {show_time(following, zone)}" if following is not None and following > now() else "waiting"


def _attempts(alert: Alert, zone: str) -> str:
    return "\n".join(f"{show_time(one.at, zone, seconds=True)} {one.error or 'taken'}" for one in alert.attempts)
