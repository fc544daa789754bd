"""What is set right in Apprise's mail services: a mail for each recipient, headers of a program's mail.

Auto-Submitted: auto-generated    nobody's absence is answered to it (RFC 3834)
X-Monitor-Id: HEX                 the same in each copy of a message; Apprise leaves no Message-ID to its callers
"""

from __future__ import annotations

import re
from typing import Any

_ANSWER = re.compile(r"\((\d{3}), b(['\"])(.*?)\2\)")


def tell_each(service: Any) -> None:
    """Who is named in cc and bcc gets a mail of their own: with each recipient's mail it would come once for each, and
    again with each try.
    """
    if not isinstance(targets := getattr(service, "targets", None), list) or not targets:
        return
    in_pairs, names = isinstance(targets[0], tuple), getattr(service, "names", None) or {}
    known = {(one[1] if isinstance(one, tuple) else one).lower() for one in targets}
    for other in (*sorted(getattr(service, "cc", ())), *sorted(getattr(service, "bcc", ()))):  # receipts may count them
        if other.lower() not in known:
            known.add(other.lower())
            targets.append((names.get(other, False), other) if in_pairs else other)
    service.cc, service.bcc = set(), set()


def be_patient(service: Any, seconds: float) -> None:
    """With each of the server's answers, where the address does not say how long (`cto`)."""
    if service.socket_connect_timeout == type(service).socket_connect_timeout:
        service.socket_connect_timeout = seconds


def words_of(line: str) -> str:
    """What the mail server, or the connection to it, says in a line of Apprise's log; empty in any other line."""
    said = line.removeprefix("Socket Exception: ")
    if said == line:
        return ""
    answers = _ANSWER.findall(said)  # as smtplib's errors have them, one or several
    return " / ".join(dict.fromkeys(f"{code} {text}".replace("\\n", " ") for code, _, text in answers)) or said


def put_headers(service: Any, message_id: str) -> None:
    """Where the service takes any. What an address says of them holds."""
    if not isinstance(headers := getattr(service, "headers", None), dict):
        return
    said = {name.strip().lower() for name in headers}
    for name, value in (("Auto-Submitted", "auto-generated"), ("X-Monitor-Id", message_id)):
        if value and name.lower() not in said:
            headers[name] = value
