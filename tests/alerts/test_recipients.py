"""Channels of several recipients: who took a message, or a piece of it, does not get it again at the next try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from apprise.plugins import base

from monitor.alerts import Entry, Message, Piece, Section, Style, alert_message, services
from monitor.alerts import deliver as delivering
from monitor.alerts.deliver import send
from monitor.alerts.receipts import Receipts
from monitor.errors import DeliveryError
from tests.alerts.receivers import Hook, homeserver, mail_server, web_server

AT = datetime(2024, 5, 16, 12, tzinfo=UTC)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setattr(services, "_PAUSE", 0.0)
    with web_server() as running:
        yield running


def message(stories: int = 1, passage: str = "Es brennt.") -> Message:
    made = (
        Entry(f"Titel {n}", "kurier", f"https://kurier.example/{n}", AT, f"s{n}", f"a{n}", ((Piece(passage),),))
        for n in range(stories)
    )
    return alert_message([Section("Fire", "feuer", tuple(made))], Style(), "daily 07:30")


LONG = message(15, "Es brennt. " * 40)


def refused(address: str, sent: Message, reached: tuple[str, ...] = ()) -> DeliveryError:
    with pytest.raises(DeliveryError) as error:
        send("desk", address, sent, reached)
    return error.value


def recipient(post: dict[str, object]) -> str:
    return repr([post.get(name) for name in ("topic", "channel", "user_id", "group_id")])


SEVERAL = [
    "ntfy://127.0.0.1:{port}/desk/press/night",
    "rocket://{token}@127.0.0.1:{port}/#desk/#press/@desk",
    "onebot://127.0.0.1:{port}/@1/@2/#1",
]


@pytest.mark.parametrize("address", SEVERAL)
def test_who_took_a_message_gets_it_once(hook: Hook, address: str) -> None:
    address = address.format(port=hook.port, token="a" * 24 + "/" + "b" * 24)
    send("desk", address, message())
    assert Counter(map(recipient, hook.posts)) == dict.fromkeys(map(recipient, hook.posts), 1)
    assert len(hook.posts) == 3
    hook.posts.clear()
    hook.answers = [200, 500, 200]
    told = refused(address, message())
    assert "1 of 3 recipients: " in told.message
    assert len(hook.posts) == 2
    send("desk", address, message(passage="Es brennt noch."), told.reached)  # the text may be another by then
    assert len(set(map(recipient, hook.posts))) == len(hook.posts) == 3


def test_a_receipt_of_another_kind_holds_back_nothing(hook: Hook) -> None:
    send("desk", SEVERAL[0].format(port=hook.port), message(), ("0123456789ab", "0" * 20))
    assert len(hook.posts) == 3


def test_matrix_is_logged_in_to_once_and_tells_each_room_once() -> None:
    with homeserver() as server:
        address = f"matrix://user:password@127.0.0.1:{server.port}/!a:localhost/!b:localhost/!c:localhost"
        server.refused = {"!b:localhost"}
        told = refused(address, message())
        assert "1 of 3 recipients: " in told.message
        assert server.logins == 1
        server.refused = set()
        send("desk", address, message(), told.reached)
        assert sorted(room for room, _ in server.said) == ["!a:localhost", "!b:localhost", "!c:localhost"]


def test_each_piece_of_a_message_goes_to_each_recipient_once(hook: Hook) -> None:
    address = f"mmost://127.0.0.1:{hook.port}/3ccdd113474722377935511fc85d3dd4?channels=desk,press"
    hook.answers = [200, 200, 500, 200, 200, 500]
    told = refused(address, LONG)
    assert "2 of 2 recipients: " in told.message
    send("desk", address, LONG, told.reached)
    whole = Counter((post["channel"], post["text"]) for post in hook.posts)
    assert set(whole.values()) == {1}
    pieces = len({post["text"] for post in hook.posts})
    assert pieces > 1
    assert len(whole) == 2 * pieces


def test_each_piece_is_taken_once_by_a_service_that_asks_for_nobody(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"misskey://token@127.0.0.1:{hook.port}"
    hook.answers = [200, 500]
    told = refused(address, LONG)
    monkeypatch.setattr(base, "_PIECE_DELIVERED", object())  # as in another process
    send("desk", address, LONG, told.reached)
    texts = [post["text"] for post in hook.posts]
    assert len(set(texts)) == len(texts) > 2


def test_of_a_message_in_pieces_whose_text_is_another_by_now_all_are_sent(hook: Hook) -> None:
    address = f"misskey://token@127.0.0.1:{hook.port}"
    hook.answers = [200, 500]
    told = refused(address, LONG)
    hook.posts.clear()
    other = message(16, "Es brennt. " * 40)
    send("desk", address, other, told.reached)
    first = len(hook.posts)
    hook.posts.clear()
    send("desk", address, other)
    assert first == len(hook.posts)


def test_after_the_time_limit_nobody_is_sent_anything_and_who_took_it_is_known(
    hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
    hook.delay = 0.7
    told = refused(SEVERAL[0].format(port=hook.port), message())
    assert "no answer within 1 s" in told.message
    assert len(told.reached) == 1
    hook.gone.wait(1.5)
    assert hook.begun == 2


def test_a_mail_tells_its_recipients_apart() -> None:
    with mail_server() as mailbox:
        address = mailbox.address.replace("to=desk@example.org", "to=ann@example.org,bob@example.org")
        mailbox.refused = {"bob@example.org"}
        told = refused(address, message())
        assert "1 of 2 recipients: " in told.message
        mailbox.refused = set()
        send("desk", address, message(), told.reached)
        assert [mail["To"] for mail in mailbox.mails] == ["ann@example.org", "bob@example.org"]


def test_batches_are_not_told_as_recipients() -> None:
    class Batches(list[str]):
        request_rate_per_sec = 0.0

        def _timed_send(self, **_: object) -> bool:
            return [self.is_delivered(number) for number in range(len(self))] == [True, True]  # type: ignore[attr-defined]

    service, receipts = Batches(["ann,bob", "eve"]), Receipts()
    receipts.watch(service, "", 0.0, 1.0)
    assert not service._timed_send()
    assert receipts.failed(service) == ""


def test_who_is_named_in_cc_or_bcc_gets_one_mail_and_nobody_sees_bcc() -> None:
    with mail_server() as mailbox:
        others = "&cc=cee@example.org,Bob@example.org&bcc=dan@example.org,cee@example.org"
        address = f"{mailbox.address.replace('to=desk', 'to=ann@example.org,bob')}{others}"
        mailbox.refused = {"bob@example.org"}
        told = refused(address, message())
        assert "1 of 4 recipients: " in told.message
        mailbox.refused = set()
        send("desk", address, message(), told.reached)
        assert [mail["To"] for mail in mailbox.mails] == [
            f"{name}@example.org" for name in ("ann", "cee", "dan", "bob")
        ]
        assert not any(mail["Cc"] or mail["Bcc"] for mail in mailbox.mails)


@pytest.mark.parametrize(
    "address",
    [
        "sendgrid://abcdefghij:from@example.org/ann@example.org",
        "mailgun://user@example.org/1234567890abcdef12345678/ann@example.org",
        "resend://apikeyaaa:from@example.org/ann@example.org",
    ],
)
def test_services_for_mail_tell_each_for_itself_as_well(wire: list[bytes], address: str) -> None:
    send("desk", f"{address}?cc=cee@example.org", message())
    sent = [unquote(body.decode()) for body in wire if b"Titel" in body]
    assert ["ann" in body for body in sent] == [True, False]
    assert ["cee" in body for body in sent] == [False, True]
    assert not any("[false" in body for body in sent)  # an address alone, where a service takes no pair with a name
