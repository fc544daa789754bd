"""Sending a message to a channel: by Apprise, or, with an address like webhooks://example.org/hook?secret=..., as JSON
that is signed.

    X-Monitor-Timestamp: 1715860800
    X-Monitor-Signature: sha256=HEX      HMAC-SHA256 (RFC 2104) with the secret over "TIMESTAMP.BODY"

`webhook://` is plain HTTP, `webhooks://` HTTPS. Nothing of an address that may be a secret is in an error.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import orjson
import urllib3

from monitor import __version__
from monitor.alerts.messages import Message
from monitor.errors import DeliveryError

TIMEOUT = 30.0  # seconds for one message, with everything
LONGEST_WAIT = 24 * 3600.0  # seconds: a longer Retry-After is taken as this
_LONGEST_REASON = 300  # characters
_NEVER_TAKEN = (400, 413, 422)  # what a receiver answers to a message that it takes at no time
_WEBHOOKS = {"webhook": "http", "webhooks": "https"}


def send(name: str, address: str, message: Message) -> None:
    """Raises DeliveryError. `name`: of the channel, for errors."""
    scheme = urlsplit(address).scheme.lower()
    if scheme in _WEBHOOKS:
        _post(name, address, message)
    else:
        _notify(name, address, message)


def check_address(name: str, address: str) -> None:
    """Raises DeliveryError for an address that nothing can be sent to. Sends nothing."""
    if urlsplit(address).scheme.lower() in _WEBHOOKS:
        if not urlsplit(address).hostname:
            raise DeliveryError(f"channel {name}: its address names no host")
    else:
        _service(name, address)


# --- webhooks --------------------------------------------------------------------------------------------------------


def _post(name: str, address: str, message: Message) -> None:
    url, secret, user = _webhook(address)
    body = orjson.dumps({**message.data, "text": message.text}, option=orjson.OPT_UTC_Z)
    stamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", "User-Agent": f"media-monitor/{__version__}"}
    headers["X-Monitor-Timestamp"] = stamp
    if secret:
        headers["X-Monitor-Signature"] = f"sha256={signature(secret, stamp, body)}"
    headers |= urllib3.make_headers(basic_auth=user) if user else {}
    try:
        with urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(total=TIMEOUT)) as pool:
            answer = pool.request("POST", url, body=body, headers=headers, redirect=False)
    except urllib3.exceptions.HTTPError as error:
        raise DeliveryError(f"channel {name}: {_of_connection(error)}") from None  # its text may hold the address
    if 200 <= answer.status < 300:
        return
    wait = retry_after(answer.headers.get("Retry-After", ""), time.time())
    told = f"channel {name}: the receiver answers {answer.status}"
    raise DeliveryError(told, retry_after=wait, for_good=answer.status in _NEVER_TAKEN)


def signature(secret: str, stamp: str, body: bytes) -> str:
    """Hexadecimal; see the top of this file."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def retry_after(value: str, now: float) -> float:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3); 0 where it says nothing."""
    value = value.strip()
    if value.isdigit():
        return min(float(value), LONGEST_WAIT)
    try:
        return min(max(0.0, parsedate_to_datetime(value).timestamp() - now), LONGEST_WAIT)
    except (TypeError, ValueError):
        return 0.0


def _webhook(address: str) -> tuple[str, str, str]:
    """Where to post, the secret, and user:password."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    secret = next((value for key, value in asked if key == "secret"), "")
    query = urlencode([pair for pair in asked if pair[0] != "secret"])
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit((_WEBHOOKS[parts.scheme.lower()], host, parts.path, query, "")), secret, unquote(user)


def _of_connection(error: urllib3.exceptions.HTTPError) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "nothing answers at its address"
    if isinstance(reason, urllib3.exceptions.TimeoutError):
        return f"no answer within {TIMEOUT:.0f} s"
    if isinstance(reason, urllib3.exceptions.SSLError):
        return "its certificate is not trusted, or it speaks no TLS"
    return "the connection was cut"


# --- all others ------------------------------------------------------------------------------------------------------


def _notify(name: str, address: str, message: Message) -> None:
    from apprise import Apprise, NotifyFormat

    service = _service(name, address)
    formats = {str(getattr(one, "value", one)) for one in _formats(service)}
    body, kind = message.text, NotifyFormat.TEXT
    if "html" in formats:
        body, kind = message.html, NotifyFormat.HTML
    elif "markdown" in formats:
        body, kind = message.markdown, NotifyFormat.MARKDOWN
    sender = Apprise(asset=_asset())
    sender.add(service)
    result = sender.notify(body=body, title=message.subject, body_format=kind, timeout=TIMEOUT)
    if result:
        return
    told = [entry.message for entry in result.logs() if entry.level in ("WARNING", "ERROR", "CRITICAL")]
    reason = masked(" / ".join(dict.fromkeys(told)) or "it does not say why", address)
    raise DeliveryError(f"channel {name}: {reason}"[:_LONGEST_REASON])


def _service(name: str, address: str) -> Any:
    from apprise import Apprise

    logging.getLogger(
        "apprise"
    ).propagate = False  # its lines may hold parts of addresses; what it says of a failure is told
    service = Apprise.instantiate(address, asset=_asset(), suppress_exceptions=True)
    if service is None:
        hint = "the forms of addresses are listed at https://github.com/caronc/apprise/wiki"
        raise DeliveryError(f"channel {name}: its address is none that Apprise knows", hint=hint)
    return service


def _formats(service: Any) -> list[Any]:
    given = service.notify_format
    return list(given) if isinstance(given, list | tuple | set) else [given]


def _asset() -> Any:
    """Nothing is kept on disk, no escapes and no emojis are read out of texts."""
    from apprise import AppriseAsset, PersistentStoreMode

    return AppriseAsset(
        app_id="Media monitor",
        app_desc="Media monitor",
        app_url="",
        async_mode=False,
        interpret_escapes=False,
        interpret_emojis=False,
        storage_mode=PersistentStoreMode.MEMORY,
        plugin_paths=[],
    )


_SECRET_LENGTH = 3


def masked(text: str, address: str) -> str:
    """The text without any part of the address but its scheme and host."""
    parts = urlsplit(address)
    kept = {parts.scheme.lower(), (parts.hostname or "").lower(), *(parts.hostname or "").lower().split(".")}
    pieces = {address, address.partition("://")[2]}
    for piece in re.split(r"[/:@?&=,;]", address.partition("://")[2]):
        pieces |= {piece, unquote(piece)}
    for piece in sorted((one for one in pieces if len(one) >= _SECRET_LENGTH), key=len, reverse=True):
        if piece.lower() not in kept:
            text = text.replace(piece, "***")
    return text


def resolve(channels: Mapping[str, str], name: str) -> str:
    """The channel's address. Raises DeliveryError where nothing is called so."""
    if name not in channels:
        known = ", ".join(sorted(channels)) or "none is set"
        raise DeliveryError(f"no channel is called {name!r} here ({known})", hint="set it under [alerts.channels]")
    return channels[name]
