"""Sending to real receivers, and what is told where they do not take a message."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from apprise.plugins.mqtt import NotifyMQTT

from monitor.alerts import Entry, Message, Piece, Section, Style, alert_message, services
from monitor.alerts import deliver as delivering
from monitor.alerts.channels import masked
from monitor.alerts.deliver import check_address, resolve, send
from monitor.alerts.hurry import _Line
from monitor.alerts.webhook import retry_after, signature
from monitor.errors import DeliveryError
from tests.alerts.receivers import Hook, Mailbox, dripping, free_port, mail_server, web_server

AT = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOSTILE = (
    "Evil\r\nBcc: victim@example.org\n\n<script>alert(1)</script> *b* [x](javascript:1) {{ 7*7 }} \u202eabc "
    + "x" * 10_000
)


def message(title: str = "Großbrand in Köln", passage: str = "Das Feuer brennt.") -> Message:
    entry = Entry(title, "kurier", "https://kurier.example/a?b=1&c=2", AT, "s", "a", ((Piece(passage),),))
    return alert_message([Section("Fire", "feuer", (entry,))], Style())


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


def refused(address: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        send("desk", address, message())
    return error.value


def test_a_mail_has_text_and_html(mailbox: Mailbox) -> None:
    send("desk", mailbox.address, message())
    (mail,) = mailbox.mails
    assert mail["Subject"] == "Fire: Großbrand in Köln"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "https://kurier.example/a?b=1&c=2" in text.get_content()
    assert "Das Feuer brennt." in html.get_content()


@pytest.mark.parametrize(("said", "answered"), [("", "auto-generated"), ("&%2Bauto-submitted=no", "no")])
def test_a_mail_says_that_nobody_wrote_it_and_which_message_it_is(mailbox: Mailbox, said: str, answered: str) -> None:
    send("desk", mailbox.address + said, replace(message(), id="a1b2"))
    (mail,) = mailbox.mails
    assert mail.get_all("Auto-Submitted") == [answered]
    assert mail.get_all("X-Monitor-Id") == ["a1b2"]


def test_nothing_in_a_title_changes_more_than_the_text_that_is_shown(mailbox: Mailbox, hook: Hook) -> None:
    send("desk", mailbox.address, message(HOSTILE, HOSTILE))
    send("hook", hook.address, message(HOSTILE, HOSTILE))
    (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 150
    assert "\u202e" not in mail["Subject"]
    html = mail.get_body(("html",))
    assert html is not None
    shown = html.get_content()
    assert "<script" not in shown
    assert "{{ 7*7 }}" in shown
    assert 'href="javascript' not in shown
    assert set(hook.posts[0]) == {"id", "subject", "kind", "sections", "text"}
    assert "\n" not in hook.posts[0]["subject"]


def test_a_mail_server_that_refuses_is_an_error_without_secrets(mailbox: Mailbox) -> None:
    mailbox.answer = "554 no"
    assert "hunter2" not in refused(mailbox.address.replace("127", "user:hunter2@127")).message
    mailbox.answer = ""
    send("desk", mailbox.address, message())
    assert len(mailbox.mails) == 1


def test_a_mail_servers_own_words_are_told_without_an_address(mailbox: Mailbox) -> None:
    address = mailbox.address.replace("to=desk@example.org", 'to="Anna B"<anna@example.org>,x@example.org')
    mailbox.answer = "554-5.7.1 no mail\r\n554 of anna@example.org, said x@example.org, Anna"
    assert refused(address.replace('"', "%22").replace(" ", "%20").replace("<", "%3c").replace(">", "%3e")).message == (
        'channel desk: 2 of 2 recipients: 554 5.7.1 no mail of ***, said ***, *** / Sending email to "***" failed.'
    )
    mailbox.answer, mailbox.refused = "", {"anna@example.org", "x@example.org"}
    told = refused(address).message
    assert "550 nobody is called so / " in told
    assert "anna" not in told
    assert "x@" not in told


def test_a_mail_server_that_is_down_is_an_error() -> None:
    told = refused(f"mailto://127.0.0.1:{free_port()}?from=a@example.org&to=b@example.org&mode=insecure")
    assert "127.0.0.1" in told.message
    assert "Connection refused" in told.message
    assert not told.for_good


def test_a_mail_server_that_says_nothing_is_an_error_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "MAIL_TIMEOUT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        told = refused(f"mailto://127.0.0.1:{port}?from=a@example.org&to=b@example.org&mode=insecure")
        assert "no answer within 1 s" in told.message
        assert time.monotonic() - began < 5


def test_a_mail_server_may_take_its_time_to_say_that_it_took_a_mail(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than any web server, and than Apprise would wait for an answer."""
    monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
    monkeypatch.setattr("apprise.plugins.email.base.NotifyEmail.socket_connect_timeout", 1.0)
    mailbox.delay = 2.0
    send("desk", mailbox.address, message())
    assert len(mailbox.mails) == 1
    assert "timed out" in refused(f"{mailbox.address}&cto=1.5").message  # as the address says
    assert delivering.MAIL_TIMEOUT >= 120


def test_a_webhook_gets_signed_json(hook: Hook) -> None:
    send("hook", hook.address, message())
    (headers,), (body,) = hook.headers, hook.bodies
    stamp = headers["X-Monitor-Timestamp"]
    assert headers["X-Monitor-Signature"] == f"sha256={signature('hush', stamp, body)}"
    assert hook.posts[0]["sections"][0]["entries"][0]["title"] == "Großbrand in Köln"
    assert b"hush" not in body


@pytest.mark.parametrize("secret", ["a+b/c==", "a%26b%23c"])
def test_a_secret_of_base64_is_taken_as_it_is_and_others_percent_encoded(hook: Hook, secret: str) -> None:
    send("hook", hook.address.replace("hush", secret), message())
    (headers,), (body,) = hook.headers, hook.bodies
    wanted = signature({"a%26b%23c": "a&b#c"}.get(secret, secret), headers["X-Monitor-Timestamp"], body)
    assert headers["X-Monitor-Signature"] == f"sha256={wanted}"


@pytest.mark.parametrize(
    ("answer", "told", "for_good"),
    [(500, "answers 500", False), (429, "answers 429", False), (404, "answers 404", False), (422, "answers 422", True)],
)
def test_a_webhook_that_refuses_is_an_error(hook: Hook, answer: int, told: str, for_good: bool) -> None:
    hook.answers, hook.retry_after = [answer], "120"
    error = refused(hook.address)
    assert told in error.message
    assert (error.for_good, error.retry_after) == (for_good, 120.0)
    assert "hush" not in error.message


@pytest.mark.parametrize(("answer", "told"), [("cut", "cut"), ("reset", "cut"), ("hang", "no answer within 1 s")])
def test_a_webhook_that_breaks_off_is_an_error(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, answer: str, told: str
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
    hook.answers = [answer]
    assert told in refused(hook.address).message


@pytest.mark.parametrize(
    ("scheme", "first"), [("webhook", b"HTTP/1.1 200 OK\r\nX-Slow: "), ("webhooks", b"\x16\x03\x03\x40\x00")]
)
def test_a_webhook_whose_answer_comes_byte_by_byte_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch, scheme: str, first: bytes
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
    with dripping(first) as server:
        began = time.monotonic()
        assert "no answer within 1 s" in refused(f"{scheme}://127.0.0.1:{server.port}/").message
        assert time.monotonic() - began < 3
        assert server.cut.wait(3)  # nothing of it is left behind


def test_what_is_connected_after_the_time_limit_sends_nothing() -> None:
    line, (late, other) = _Line(), socket.socketpair()
    line.cut()
    with other, pytest.raises(TimeoutError):
        line.open(late)
    assert late.fileno() == -1


def test_a_webhook_is_believed_its_status_whatever_comes_behind() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n") as server:
        began = time.monotonic()
        send("hook", f"webhook://127.0.0.1:{server.port}/", message())
        assert time.monotonic() - began < 3


def test_a_webhook_that_is_not_there_is_an_error() -> None:
    assert "nothing answers" in refused(f"webhook://127.0.0.1:{free_port()}/").message


def test_redirects_are_not_followed(hook: Hook) -> None:
    hook.answers = [302]
    assert "answers 302" in refused(hook.address).message


def test_an_address_that_nobody_knows_is_told() -> None:
    assert "none that Apprise knows" in refused("nonsense://token123456").message
    assert "a mail needs a sender" in refused("mailto://127.0.0.1:2525?to=desk@example.org").hint
    assert "names nobody" in refused("mailto://127.0.0.1:2525?from=monitor@example.org&to=...").message
    for address in ("nonsense://token123456", "webhook:///x"):
        with pytest.raises(DeliveryError) as error:
            check_address("x", address)
        assert "token123456" not in error.value.message


@pytest.mark.parametrize("scheme", ["mqtt", "mqtts"])
def test_a_service_whose_library_is_missing_is_told_with_it(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setattr(NotifyMQTT, "enabled", False)
    told = refused(f"{scheme}://user:token123456@mqtt.example.org/press").message
    assert re.fullmatch("channel desk: its service needs paho-mqtt[^,]*, which is not installed", told)
    monkeypatch.setattr(NotifyMQTT, "requirements", {})
    told = refused(f"{scheme}://user:token123456@mqtt.example.org/press").message
    assert told == "channel desk: its service can't be used on this machine"
    assert "none that Apprise knows" in refused("slack://token123456").message


def test_a_channel_that_is_not_set_is_told_with_those_that_are() -> None:
    with pytest.raises(DeliveryError, match="no channel is called 'desk' here"):
        resolve({"chat": "x://secret"}, "desk")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("120", 120.0), ("", 0.0), ("soon", 0.0), ("Thu, 16 May 2024 12:02:00 GMT", 120.0), ("999999999", 86_400.0)],
)
def test_retry_after_is_read(value: str, seconds: float) -> None:
    assert retry_after(value, AT.timestamp()) == seconds


def test_no_part_of_an_address_is_left_in_a_text() -> None:
    address = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general?token=p%40ss"
    told = masked("failed TIiajkdnlazkcOXrIdevi7FQ A1BRTD4JD p@ss at slack", address)
    assert told == "failed *** *** *** at slack"


def digest(stories: int) -> Message:
    made = [
        Entry(
            f"Titel {n}", "kurier", f"https://kurier.example/{n}", AT, f"s{n}", f"a{n}", ((Piece("Es brennt. " * 20),),)
        )
        for n in range(stories)
    ]
    return alert_message([Section("Fire", "feuer", tuple(made))], Style(), "daily 07:30")


@pytest.mark.parametrize(
    ("address", "field", "longest"),
    [
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "content", 2000),
        ("tgram://123456789:abcdefghijklmnopqrstuvwxyz012345678/123", "text", 4096),
        ("mmost://127.0.0.1/3ccdd113474722377935511fc85d3dd4", "text", 4000),
        ("gchat://workspace/key/token", "text", 4000),
    ],
)
def test_what_is_too_long_for_a_service_is_sent_in_pieces(
    wire: list[bytes], monkeypatch: pytest.MonkeyPatch, address: str, field: str, longest: int
) -> None:
    monkeypatch.setattr(services, "_PAUSE", 0.0)
    send("x", address, digest(15))
    pieces = [json.loads(body)[field] for body in wire]
    assert max(map(len, pieces)) <= longest
    whole = "\n".join(pieces)
    assert all(f"https://kurier.example/{n}" in whole for n in range(15))
    wire.clear()
    send("x", address, digest(100))
    pieces = [json.loads(body)[field] for body in wire]
    assert len(pieces) <= 11
    assert max(map(len, pieces)) <= longest
    assert pieces[-1].endswith("kurier.example/99") or pieces[-1].endswith("…")


def test_a_phone_gets_one_message(wire: list[bytes]) -> None:
    send("x", "clickatell://1234567890abcdef/15551232000", digest(15))
    assert len(wire) <= 1
