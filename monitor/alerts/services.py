"""Services that Apprise knows: what each is handed, and what it says where it did not take it.

mail               HTML, whose templates escape; plain text where the address says `format=text`
json, xml, form    plain text: a program reads it
all others         the text for chats (`cleaning.unmarked`), as plain text. A service that has a form for that shows it
                   so, Apprise escapes it for one that takes HTML; one that takes nothing but markdown gets it as it is,
                   there is no markup in it. A service that is new to us is such a one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from typing import Any

from monitor.alerts.channels import masked, scheme_of
from monitor.alerts.cleaning import unmarked
from monitor.alerts.messages import Message
from monitor.errors import DeliveryError
from monitor.text import digest

_LONGEST_REASON = 300  # characters
_MAIL = frozenset((
    "mailto", "mailtos", "acs", "azure", "brevo", "groundmail", "mailersend", "mailgun", "o365", "postmark", "resend",
    "sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost",
))  # fmt: skip
_PROGRAMS = frozenset(("json", "jsons", "xml", "xmls", "form", "forms"))
_STRICT = frozenset(("tgram",))  # refuses markdown that is not escaped to the last sign; Apprise does it


def notify(name: str, address: str, message: Message, timeout: float, reached: Collection[str] = ()) -> None:
    """Raises DeliveryError; where some of several recipients took the message, it says who. `reached`: recipients
    that took it before.
    """
    service = service_of(name, address)
    targets = getattr(service, "targets", None)
    if not isinstance(targets, list) or len(targets) < 2:
        if failed := _failure(service, address, message, timeout):
            raise DeliveryError(f"channel {name}: {failed}"[:_LONGEST_REASON])
        return
    until = time.monotonic() + timeout
    new, failures = [], []
    for target in targets:
        if (one := digest("recipient", repr(target))[:12]) in reached:
            continue
        service = service_of(name, address)  # anew: it keeps a pause between two messages
        service.targets = [target]
        if failed := _failure(service, address, message, max(1.0, until - time.monotonic())):
            failures.append(failed)
        else:
            new.append(one)
    if failures:
        told = f"channel {name}: {len(failures)} of {len(targets)} recipients: {' / '.join(dict.fromkeys(failures))}"
        raise DeliveryError(told[:_LONGEST_REASON], reached=tuple(new))


def service_of(name: str, address: str) -> Any:
    """Raises DeliveryError."""
    from apprise import Apprise

    # Its lines may hold parts of addresses; what it says of a failure is told.
    logging.getLogger("apprise").propagate = False
    service = Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
    if service is None:
        hint = "the forms of addresses are listed at https://github.com/caronc/apprise/wiki"
        raise DeliveryError(f"channel {name}: its address is none that Apprise knows", hint=hint)
    return service


def _failure(service: Any, address: str, message: Message, timeout: float) -> str:
    """Why it was not taken; empty where it was."""
    from apprise import Apprise

    title, body, form = _worded(service, scheme_of(address), message)
    sender = Apprise(asset=_asset())
    sender.add(service)
    result = sender.notify(body=body, title=title, body_format=form, timeout=timeout)
    if result:
        return ""
    told = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR", "CRITICAL")]
    return masked(" / ".join(dict.fromkeys(told)), address) or "it does not say why"


def _worded(service: Any, scheme: str, message: Message) -> tuple[str, str, Any]:
    """Title, body and what Apprise is told of them; see the top of this file."""
    from apprise import NotifyFormat

    if scheme in _MAIL:
        plain = service.resolve_format(NotifyFormat.HTML) == NotifyFormat.TEXT
        if plain:
            return message.subject, message.text, NotifyFormat.TEXT
        return message.subject, message.html, NotifyFormat.HTML
    if scheme in _PROGRAMS:
        return message.subject, message.text, NotifyFormat.TEXT
    as_it_is = service.resolve_format(NotifyFormat.TEXT) == NotifyFormat.MARKDOWN and scheme not in _STRICT
    return unmarked(message.subject), message.chat, None if as_it_is else NotifyFormat.TEXT


def _asset() -> Any:
    """Nothing is kept on disk, no escapes and no emojis are read out of texts, no picture is loaded from elsewhere."""
    from apprise import AppriseAsset, PersistentStoreMode

    return AppriseAsset(
        app_id="Media monitor",
        app_desc="Media monitor",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        interpret_escapes=False,
        interpret_emojis=False,
        storage_mode=PersistentStoreMode.MEMORY,
        plugin_paths=[],
    )
