"""`monitor alerts channels`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import JsonOption, console, context, err_console, now, print_json, table

if TYPE_CHECKING:
    from monitor.alerts import Message
    from monitor.config import Loaded


def channels(
    trial: Annotated[str, typer.Option("--try", metavar="NAME", help="Send this channel a short message.")] = "",
    json_output: JsonOption = False,
) -> None:
    """Show the channels that are set, and what is wrong with their addresses, which are not shown.

    --try sends one of them a message, and tries the templates of all others; exit code 1 when it is not taken.
    """
    from monitor.alerts.channels import scheme_of
    from monitor.alerts.deliver import address_problem
    from monitor.wiring import address_book

    loaded = context()
    if trial:
        _try(loaded, trial)
        return
    rows = []
    book = address_book(loaded)
    for name, address in sorted(book.all().items()):
        problem = address_problem(name, address)
        # What is no address may hold a secret at its beginning, too.
        rows.append({"channel": name, "service": "" if problem else scheme_of(address), "problem": problem})
    for line in book.wrong():
        err_console().print(line, soft_wrap=True)
    if json_output:
        print_json(rows)
        return
    if not rows:
        console().print("No channel yet; set one under [alerting.channels].", soft_wrap=True)
        return
    shown = table("channel", "service", "problem", whole=("channel",))
    for row in rows:
        shown.add_row(row["channel"], row["service"], row["problem"])
    console().print(shown)


def _try(loaded: Loaded, name: str) -> None:
    """Raises DeliveryError where it is not taken."""
    from monitor.alerts import is_address
    from monitor.alerts.channels import check_channel
    from monitor.alerts.deliver import send
    from monitor.alerts.digests import message_id
    from monitor.records import Alert
    from monitor.wiring import address_book

    try:
        check_channel(name)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--try") from None
    if is_address(name):  # an error would show it
        raise typer.BadParameter("expected the name of a channel", param_hint="--try")
    address = address_book(loaded).address(name)
    trial = Alert("", name, "trial", now().isoformat())  # each one is a message of its own
    send(name, address, replace(_message(loaded, name), id=message_id([trial])))
    console().print(f"{name}: taken", soft_wrap=True)


def _message(loaded: Loaded, name: str) -> Message:
    """Made as those that come later are; so templates are tried as well, those of alerts though they are not sent."""
    from monitor.alerts import Copy, Entry, Notice, Piece, Section, Style, alert_message, notice_message
    from monitor.alerts.wording import words
    from monitor.errors import DeliveryError, RuleError
    from monitor.wiring import own_templates

    language = loaded.settings.alerting.language
    said = words(language)
    notice = Notice(said["trial"], (said["trial_line"].format(channel=name),))
    style = Style(language, loaded.settings.time_zone, own_templates(loaded))
    copy = Copy(notice.title, "example", "https://example.org/copy", now())
    entry = Entry(
        notice.title, "example", "https://example.org/story", now(), "story", "article", ((Piece(name, True),),),
        kind="agency", agencies=("Agency",), origin="example", withdrawn=True, copies=2, others=(copy,),
        taken_back=(copy,),
    )  # fmt: skip
    section = Section(name, name, (entry,), 1, "https://example.org/")
    try:
        for told in (None, notice):
            alert_message([section], style, told=told)
        return notice_message(notice, style)
    except RuleError as error:
        raise DeliveryError(error.message, hint=error.hint) from error
