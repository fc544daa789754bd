"""Channels that fail for a while beside one that does not, on real servers and a clock that the test turns."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest

from monitor.alerts import deliver as delivering
from monitor.alerts import question
from monitor.alerts.addressbook import AddressBook
from monitor.alerts.deliver import resolve
from monitor.delivering import Post, Postman
from monitor.errors import StoreUnreachable
from monitor.health.judging import Limits
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Alert, Rule
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.alerts.receivers import free_port, mail_server, web_server
from tests.articles import NOW, changes, document

STORIES = 4
CHANNELS = ("desk", "hook")


class Office:
    """A store with alerts for two channels, and their postman; the clock is the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, feeds: Path, addresses: dict[str, str]) -> None:
        self.clock, self.store = NOW, MemoryStore(stem)
        rule = Rule("fire", query="feuer", channels=CHANNELS)
        self.store.put_rules([(rule, question(rule))])
        documents = [document(f"a{n}", f"Feuer {n}", f"Das Feuer {n} brennt.") for n in range(STORIES)]
        self.store.file(changes(*documents))
        made = [
            Alert("fire", channel, f"story:{one.story}", made=NOW, due=NOW, story=one.story, article=one.id)
            for channel in CHANNELS
            for one in documents
        ]
        self.store.put_alerts(made)
        monkeypatch.setattr("monitor.delivering._now", lambda: self.clock)
        monkeypatch.setattr(delivering, "TIMEOUT", 1.0)
        self.postman = Postman(self.store, Post(partial(resolve, addresses), Shown(load_agencies()), feeds=feeds))

    def pass_time(self, minutes: float, step: float = 10.0) -> None:
        """Each channel is looked at every `step` seconds."""
        until = self.clock + timedelta(minutes=minutes)
        while self.clock < until:
            for channel in CHANNELS:
                self.postman.serve(channel)
            self.clock += timedelta(seconds=step)

    def sent(self, channel: str) -> int:
        return self.store.alert_counts().get((channel, "sent"), 0)

    def errors(self, channel: str) -> list[str]:
        return [tried.error for one in self.store.alerts(channel=channel) for tried in one.attempts if tried.error]


def subjects(mails: list[EmailMessage]) -> list[str]:
    return sorted(str(mail["Subject"]) for mail in mails)


def test_mail_that_is_down_for_ten_minutes_holds_up_no_webhook_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    address = f"mailto://127.0.0.1:{port}?from=monitor@example.org&to=desk@example.org&mode=insecure"
    with web_server() as hook:
        office = Office(monkeypatch, tmp_path, {"desk": address, "hook": hook.address})
        office.pass_time(0.2)
        assert (office.sent("hook"), office.sent("desk")) == (STORIES, 0)
        office.pass_time(10)
        assert office.sent("desk") == 0
        assert len(office.errors("desk")) >= 4  # the history shows every attempt
        with mail_server(port) as mailbox:
            office.pass_time(60, step=60)
            assert subjects(mailbox.mails) == [f"Fire: Feuer {n}".replace("Fire", "fire") for n in range(STORIES)]
        assert office.sent("desk") == STORIES


@pytest.mark.parametrize("answer", [500, 429, "hang", "cut"])
def test_a_receiver_that_fails_at_first_gets_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object
) -> None:
    with mail_server() as mailbox, web_server() as hook:
        office = Office(monkeypatch, tmp_path, {"desk": mailbox.address, "hook": hook.address})
        hook.answers, hook.retry_after = [answer, answer], "90" if answer == 429 else ""
        office.pass_time(0.2)
        assert office.sent("desk") == STORIES
        assert office.sent("hook") == 0
        if answer == 429:  # not before the receiver wants it
            office.pass_time(1.2)
            assert office.sent("hook") == 0
        office.pass_time(30, step=30)
        assert office.sent("hook") == STORIES
        assert sorted(post["subject"] for post in hook.posts) == [f"fire: Feuer {n}" for n in range(STORIES)]
        assert len(office.errors("hook")) == 2


def test_of_several_recipients_those_who_took_a_mail_get_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as mailbox, web_server() as hook:
        address = mailbox.address.replace("to=desk@example.org", "to=ann@example.org,bob@example.org,eve@example.org")
        office = Office(monkeypatch, tmp_path, {"desk": address, "hook": hook.address})
        mailbox.refused = {"bob@example.org"}
        office.pass_time(0.2)
        recipients = ["ann@example.org", "eve@example.org"]
        assert sorted(str(mail["To"]) for mail in mailbox.mails) == sorted(recipients * STORIES)  # none waits for bob
        office.pass_time(30, step=30)
        assert len(mailbox.mails) == len(recipients) * STORIES
        assert office.sent("desk") == 0
        assert office.errors("desk")[0].startswith("channel desk: 1 of 3 recipients: ")
        assert "bob" not in repr(office.store.alerts())
        mailbox.refused = set()
        office.pass_time(120, step=60)
        assert Counter(str(mail["To"]) for mail in mailbox.mails) == dict.fromkeys(
            [*recipients, "bob@example.org"], STORIES
        )
        assert office.sent("desk") == STORIES


def test_a_receiver_that_takes_a_message_and_resets_gets_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can know that it was taken: at least once."""
    with mail_server() as mailbox, web_server() as hook:
        office = Office(monkeypatch, tmp_path, {"desk": mailbox.address, "hook": hook.address})
        hook.answers = ["reset"]
        office.pass_time(30, step=30)
        assert office.sent("hook") == STORIES
        told = [post["subject"] for post in hook.posts]
        assert len(told) == STORIES + 1
        assert set(told) == {f"fire: Feuer {n}" for n in range(STORIES)}


def test_an_address_that_is_wrong_is_in_the_history_without_its_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "TIiajkdnlazkcOXrIdevi7FQ"
    addresses = {
        "desk": f"mailto://user:{secret}@127.0.0.1:{free_port()}?from=a@example.org&to=b@example.org&mode=insecure",
        "hook": f"webhook://127.0.0.1:{free_port()}/{secret}?secret={secret}",
    }
    office = Office(monkeypatch, tmp_path, addresses)
    with caplog.at_level("DEBUG", logger="monitor"):
        office.pass_time(5)
    for channel in CHANNELS:
        assert office.errors(channel)
    assert secret not in repr(office.store.alerts())
    assert secret not in repr(office.store.rules())
    assert secret not in caplog.text


def test_a_file_of_channels_that_is_wrong_is_in_the_history_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "channels.txt"
    file.write_text("desk mailto://example.org\n")
    office = Office(monkeypatch, tmp_path, {})
    with web_server() as hook:
        office.postman = Postman(
            office.store,
            Post(AddressBook({}, file, tmp_path / "rules").address, Shown(load_agencies()), feeds=tmp_path),
        )
        office.pass_time(0.2)
        assert f"{file}:1: expected NAME = ADDRESS" in office.errors("hook")[0]
        assert "Traceback" not in caplog.text
        file.write_text(f"hook = {hook.address}\n")
        office.pass_time(30, step=30)
        assert office.sent("hook") == STORIES


def test_each_rule_has_a_feed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(monkeypatch, tmp_path, {})
    made = [
        Alert("fire", "feed", f"story:story-a{n}", made=NOW, due=NOW, story=f"story-a{n}", article=f"a{n}")
        for n in range(STORIES)
    ]
    office.store.put_alerts(made)
    assert office.postman.serve("feed") == STORIES
    feed = (tmp_path / "fire.xml").read_text(encoding="utf-8")
    assert feed.count("<item>") == STORIES
    assert "Feuer 3" in feed


def test_of_several_recipients_a_notice_past_the_outbox_reaches_each_once(tmp_path: Path) -> None:
    class Away(MemoryStore):
        def waiting(self, run: str = "") -> int:
            raise StoreUnreachable("nothing answers at the engine's address")

    with mail_server() as mailbox:
        mailbox.refused = {"bob@example.org"}
        address = mailbox.address.replace("to=desk@example.org", "to=ann@example.org,bob@example.org")
        audience = Audience(("desk",), lambda: {"desk": address})
        watched = Watched(list, (tmp_path,), audience, Limits(), timedelta(days=1))
        watch = HealthWatch(Away(), watched)
        for minute in range(8):
            watch.look(NOW + timedelta(minutes=minute))
        assert [str(mail["To"]) for mail in mailbox.mails] == ["ann@example.org"]
