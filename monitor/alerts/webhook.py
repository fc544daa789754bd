"""An address like webhooks://example.org/hook?secret=...: JSON by POST, signed.

    X-Monitor-Id: HEX                    the same whenever the same message is sent again; in the body as `id`
    X-Monitor-Timestamp: 1715860800
    X-Monitor-Signature: sha256=HEX      HMAC-SHA256 (RFC 2104) with the secret over "TIMESTAMP.BODY"

`webhook://` is plain HTTP, `webhooks://` HTTPS. Nothing of an address that may be a secret is in an error.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, unquote, urlencode, urlunsplit

import orjson
import urllib3

from monitor import __version__
from monitor.alerts.channels import parts_of
from monitor.alerts.hurry import post_in_time
from monitor.alerts.messages import Message
from monitor.errors import DeliveryError

LONGEST_WAIT = 24 * 3600.0  # seconds: a longer Retry-After is taken as this
SCHEMES = {"webhook": "http", "webhooks": "https"}
_NEVER_TAKEN = (400, 413, 422)  # what a receiver answers to a message that it takes at no time


def post(name: str, address: str, message: Message, timeout: float) -> None:
    """Raises DeliveryError."""
    url, secret, user = _webhook(name, address)
    body = orjson.dumps({"id": message.id, **message.data, "text": message.text}, option=orjson.OPT_UTC_Z)
    stamp = str(int(time.time()))
    headers = {"Content-Type": "application/json", "User-Agent": f"media-monitor/{__version__}"}
    headers |= {"X-Monitor-Timestamp": stamp, "X-Monitor-Id": message.id}
    if secret:
        headers["X-Monitor-Signature"] = f"sha256={signature(secret, stamp, body)}"
    headers |= urllib3.make_headers(basic_auth=user) if user else {}
    try:
        status, answered = post_in_time(url, body, headers, timeout)
    except TimeoutError:
        raise DeliveryError(f"channel {name}: no answer within {timeout:.0f} s") from None
    except urllib3.exceptions.HTTPError as error:
        raise DeliveryError(f"channel {name}: {_of_connection(error, timeout)}") from None  # it may hold the address
    if 200 <= status < 300:
        return
    wait = retry_after(answered.get("Retry-After", ""), time.time())
    told = f"channel {name}: the receiver answers {status}"
    raise DeliveryError(told, retry_after=wait, for_good=status in _NEVER_TAKEN)


def check(name: str, address: str) -> None:
    """Raises DeliveryError for an address that nothing can be posted to."""
    if not parts_of(name, address).hostname:
        raise DeliveryError(f"channel {name}: its address names no host")


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


def _webhook(name: str, address: str) -> tuple[str, str, str]:
    """Where to post, the secret, and user:password."""
    parts = parts_of(name, address)
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "secret"])
    secret = next((value for key, value in parse_qsl(parts.query.replace("+", "%2B")) if key == "secret"), "")  # Base64
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit((SCHEMES[parts.scheme.lower()], host, parts.path, query, "")), secret, unquote(user)


def _of_connection(error: urllib3.exceptions.HTTPError, timeout: float) -> str:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "nothing answers at its address"
    if isinstance(reason, urllib3.exceptions.TimeoutError):
        return f"no answer within {timeout:.0f} s"
    if isinstance(reason, urllib3.exceptions.SSLError):
        return "its certificate is not trusted, or it speaks no TLS"
    return "the connection was cut"
