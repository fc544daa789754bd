"""Addresses that can't be read, and services that refuse: what is told and logged holds nothing of the address."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from monitor import logs
from monitor.alerts import Entry, Section, Style, alert_message
from monitor.alerts.channels import masked
from monitor.alerts.deliver import check_address, send
from monitor.errors import DeliveryError
from tests.alerts.receivers import free_port

TOKEN = "TIiajkdnlazkcOXrIdevi7FQ"
AT = datetime(2024, 5, 16, 12, tzinfo=UTC)
MESSAGE = alert_message([Section("Fire", "feuer", (Entry("Feuer", "kurier", "", AT, "s", "a"),))], Style())

UNREADABLE = [
    f"webhooks://[{TOKEN}/hook",
    f"webhooks://{TOKEN}]/hook",
    f"webhooks://example.org:{TOKEN}/hook",
    f"webhooks://exa\u2100mple{TOKEN}/hook",
    f"webhook:///{TOKEN}",
    f"webhooks://user:{TOKEN}@/hook?secret={TOKEN}",
    f"webhook://{'x' * 70}.{TOKEN}.example/",
    f"mailto://[{TOKEN}",
    f"mailtos://user:{TOKEN}@[::{TOKEN}]:x/",
    f"slack://{TOKEN}",
    f"tgram://{TOKEN}:{TOKEN}/{TOKEN}",
    f"nonsense://{TOKEN}",
    f"{TOKEN}",
    f"desk={TOKEN}://x",
    f"discord://{TOKEN}/",
    f"json://{TOKEN}:{TOKEN}@[{TOKEN}]:{TOKEN}/{TOKEN}",
]
NOBODY_THERE = [
    "mmost://127.0.0.1:{port}/{token}",
    "rocket://{token}/{token}@127.0.0.1:{port}/#desk?mode=webhook",
    "rocket://user:{token}@127.0.0.1:{port}/#desk",
    "matrix://user:{token}@127.0.0.1:{port}/#room",
    "matrix://{token}@127.0.0.1:{port}/?mode=hookshot",
    "ntfy://user:{token}@127.0.0.1:{port}/{token}",
    "gotify://127.0.0.1:{port}/{token}",
    "json://user:{token}@127.0.0.1:{port}/{token}?+X-Key={token}",
    "xml://user:{token}@127.0.0.1:{port}/{token}",
    "form://user:{token}@127.0.0.1:{port}/{token}",
    "mailto://user:{token}@127.0.0.1:{port}?from=a@example.org&to={token}@example.org&mode=insecure",
    "webhook://user:{token}@127.0.0.1:{port}/{token}?secret={token}&key={token}",
    "webhook://{token}.invalid/{token}?secret={token}",
]
ELSEWHERE = [
    f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#general",
    f"tgram://123456789:{TOKEN}abcdefghij/123",
    f"discord://{TOKEN}/{TOKEN}{TOKEN}",
    f"workflows://prod.example.org:443/643a03ba/{TOKEN}",
    f"gchat://workspace/key{TOKEN}/{TOKEN}",
    f"sendgrid://{TOKEN}:from@example.org/to@example.org",
]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that the program's own logging writes, at its most talkative."""
    root, out = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.setup("DEBUG", "text", out)
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)


def assert_hidden(address: str, logged: io.StringIO, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[object] = []
    for attempt in (lambda: check_address("x", address), lambda: send("x", address, MESSAGE)):
        try:
            attempt()
        except DeliveryError as error:
            told += [error.message, error.hint, error.__cause__]
    assert told
    shown = capfd.readouterr()
    assert TOKEN.lower() not in f"{told}{logged.getvalue()}{shown.out}{shown.err}".lower()


@pytest.mark.parametrize("address", UNREADABLE)
def test_an_address_that_can_not_be_read_is_not_shown(
    address: str, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_hidden(address, logged, capfd)


@pytest.mark.parametrize("address", NOBODY_THERE)
def test_a_service_that_does_not_answer_is_told_without_its_address(
    address: str, logged: io.StringIO, capfd: pytest.CaptureFixture[str]
) -> None:
    assert_hidden(address.format(port=free_port(), token=TOKEN), logged, capfd)


@pytest.mark.parametrize("address", ELSEWHERE)
@pytest.mark.parametrize("fault", ["refused", "cut", "defect"])
def test_a_service_that_refuses_is_told_without_its_address(
    address: str,
    fault: str,
    monkeypatch: pytest.MonkeyPatch,
    logged: io.StringIO,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def answered(self: requests.Session, request: requests.PreparedRequest, **_: object) -> requests.Response:
        if fault != "refused":
            kind = requests.ConnectionError if fault == "cut" else ZeroDivisionError
            raise kind(f"{request.url} {request.headers} {request.body!r}")
        answer = requests.Response()
        answer.status_code, answer.url, answer.request = 403, str(request.url), request
        answer._content = f"no: {request.url} {request.headers}".encode()
        return answer

    monkeypatch.setattr(requests.Session, "send", answered)
    assert_hidden(address, logged, capfd)


def test_a_token_in_the_place_of_a_host_is_no_host() -> None:
    address = f"tgram://123456789:{TOKEN}/12315544321/"
    assert masked(f"bot123456789:{TOKEN.lower()} chat 12315544321", address) == "bot***:*** chat ***"
    assert masked("to x@gmail.com of xy@mail.gmail.com", "mailto://x:secret@gmail.com") == "to *** of ***"
    named = "mailto://u:p@mail.example.org?to=%22Anna%20Bee%22%3canna@example.net%3e"
    assert masked('Anna Bee, bee, "anna" of example.net', named) == '*** ***, ***, "***" of ***'
    assert masked("no answer of mail.example.org", "mailto://u:p@mail.example.org") == "no answer of mail.example.org"
