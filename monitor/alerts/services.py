"""Services that Apprise knows: what each is handed, and what it says where it did not take it.

mail               HTML, whose templates escape; plain text where the address says `format=text`
json, xml, form    plain text: a program reads it
all others         the text for chats (`cleaning.unmarked`), as plain text. A service that has a form for that shows it
                   so; for one that takes HTML it is escaped; one that takes nothing but markdown gets it as it is, as
                   there is no markup in it. A service that is new to us is such a one. What is too long for one message
                   becomes several, up to _PIECES; what is over is cut.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from html import escape
from typing import Any

from monitor.alerts import mails
from monitor.alerts.channels import masked, scheme_of
from monitor.alerts.cleaning import unmarked
from monitor.alerts.messages import Message
from monitor.alerts.receipts import Receipts
from monitor.errors import DeliveryError

_LONGEST_REASON = 300  # characters
_PIECES = 10  # messages that one becomes at most; of a service for a few words, a phone's, one
_FEW_WORDS = 500  # characters
_HEADING = 300  # characters in each piece that are not the text's
_PAUSE = 1.0  # seconds between two requests, at most: all have to be sent in time
_MAIL = frozenset((
    "mailto", "mailtos", "acs", "azure", "brevo", "groundmail", "mailersend", "mailgun", "o365", "postmark", "resend",
    "sendgrid", "sendpulse", "ses", "smtp2go", "sparkpost",
))  # fmt: skip
SMTP = frozenset(("mailto", "mailtos"))  # what the server says is a line for debugging
_PROGRAMS = frozenset(("json", "jsons", "xml", "xmls", "form", "forms"))
_STRICT = frozenset(("tgram",))  # refuses markdown that is not escaped to the last sign; Apprise does it


def notify(name: str, address: str, message: Message, timeout: float, reached: Collection[str] = ()) -> None:
    """Raises DeliveryError; where some of several recipients took the message, or some of its pieces were taken, with
    the receipts. `reached`: receipts of earlier tries.
    """
    from apprise import Apprise

    service = service_of(name, address)
    scheme = scheme_of(address)
    title, body, form = _worded(service, scheme, message)
    if scheme in _MAIL:
        mails.tell_each(service)
        mails.put_headers(service, message.id)
    if scheme in SMTP:
        mails.be_patient(service, timeout + 5.0)
    receipts = Receipts(reached)
    receipts.watch(service, f"{title}\n{body}", _PAUSE, timeout / 3)
    sender = Apprise(asset=_asset())
    sender.add(service)
    level = logging.DEBUG if scheme in SMTP else logging.WARNING
    result = sender.notify(body=body, title=title, body_format=form, timeout=timeout, log_level=level)
    new = receipts.close()
    if not result:
        told = f"channel {name}: {receipts.failed(service)}{_reason(result, address, timeout)}"
        raise DeliveryError(told[:_LONGEST_REASON], reached=new)


def service_of(name: str, address: str) -> Any:
    """Raises DeliveryError."""
    from apprise import Apprise

    # Its lines may hold parts of addresses, so they are written nowhere; what it says of a failure is told.
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.DEBUG)
    service = Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
    if service is None:
        if (missing := _missing(scheme_of(address))) is not None:
            what = f"needs {missing}, which is not installed" if missing else "can't be used on this machine"
            raise DeliveryError(
                f"channel {name}: its service {what}", hint="install it where the monitor runs" if missing else ""
            )
        sender = "a mail needs a sender: user:password@ or from=; " if scheme_of(address) in SMTP else ""
        hint = f"{sender}the forms of addresses are listed at https://github.com/caronc/apprise/wiki"
        raise DeliveryError(f"channel {name}: its address is none that Apprise knows", hint=hint)
    if scheme_of(address) in SMTP and getattr(service, "targets", None) == []:
        raise DeliveryError(f"channel {name}: its address names nobody to whom a mail can go", hint="with to=...@...")
    return service


def _missing(scheme: str) -> str | None:
    """Libraries of a service that Apprise knows and can't use here; empty where it does not say which."""
    from apprise import Apprise

    for one in Apprise().details(show_requirements=True, show_disabled=True)["schemas"]:
        if not one["enabled"] and scheme in (*(one["protocols"] or ()), *(one["secure_protocols"] or ())):
            return ", ".join(one["requirements"]["packages_required"])
    return None


def _reason(result: Any, address: str, timeout: float) -> str:
    """Why it was not taken, as Apprise tells it; what a mail server says comes first."""
    if result.timeout_count:
        return f"no answer within {timeout:.0f} s"
    lines = list(result.logs())
    told = [said for one in lines if one.level == "DEBUG" and (said := mails.words_of(one.message))]
    told += [one.message for one in lines if one.level in ("WARNING", "ERROR", "CRITICAL")]
    return " / ".join(dict.fromkeys(masked(one, address) for one in told)) or "it does not say why"


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
    _split(service)
    title, body = unmarked(message.subject), _cut(message.chat, service)
    taken = service.resolve_format(NotifyFormat.TEXT)
    if taken == NotifyFormat.HTML:
        in_body = service.title_maxlen <= 0  # then it is HTML as well
        return escape(title, quote=False) if in_body else title, _as_html(body), NotifyFormat.HTML
    return title, body, None if taken == NotifyFormat.MARKDOWN and scheme not in _STRICT else NotifyFormat.TEXT


def _as_html(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br/>\n")


def _split(service: Any) -> None:
    """Where its address does not say otherwise: a service refuses what is too long for it."""
    from apprise import OverflowMode

    if service.overflow_mode == OverflowMode.UPSTREAM:
        service.overflow_mode = OverflowMode.SPLIT
    service.overflow_display_title_once = True


def _cut(text: str, service: Any) -> str:
    """As much as its pieces hold, in whole lines."""
    longest = service.body_maxlen or len(text)
    room = _PIECES * (longest - _HEADING) if longest >= _FEW_WORDS else longest - 1
    return text if len(text) <= room else f"{text[:room].rpartition(chr(10))[0] or text[: room - 1]}…"


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
