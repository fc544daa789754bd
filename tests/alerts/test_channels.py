"""The file of channels: lines that commands add beside those that people write."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from monitor.alerts import keep_channel, read_channels
from monitor.alerts.addressbook import AddressBook
from monitor.errors import ConfigError, DeliveryError


def test_a_channel_is_added_to_a_file_whose_last_line_has_no_end(tmp_path: Path) -> None:
    file = tmp_path / "alerts" / "channels.txt"
    file.parent.mkdir()
    file.write_text("desk = mailto://a@example.org", encoding="utf-8")
    file.chmod(0o644)
    keep_channel(file, "chat", "ntfy://ntfy.example.org/press")
    keep_channel(file, "chat", "ntfy://ntfy.example.org/press")
    assert read_channels(file).addresses == {"desk": "mailto://a@example.org", "chat": "ntfy://ntfy.example.org/press"}
    assert file.read_text(encoding="utf-8").count("\n") == 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_first_channel_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "alerts" / "channels.txt"
    keep_channel(file, "desk", "mailto://a@example.org")
    assert file.read_text(encoding="utf-8") == "desk = mailto://a@example.org\n"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_nobody_can_read_gets_no_line(tmp_path: Path) -> None:
    file = tmp_path / "channels.txt"
    file.write_bytes(b"desk = mailto://\xff@example.org")
    with pytest.raises(ConfigError, match="not UTF-8"):
        keep_channel(file, "chat", "ntfy://ntfy.example.org/press")
    assert b"chat" not in file.read_bytes()


def test_a_wrong_line_takes_no_other_channel_away_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "channels.txt"
    book = AddressBook({"desk": "mailto://desk@example.org"}, file, tmp_path / "rules", logs=True)
    file.write_text("chat = ntfy://ntfy.example.org/press\nnight = ntfy://ntfy.example.org/night\n")
    assert book.address("night").endswith("night")
    file.write_text("chat = ntfy://ntfy.example.org/desk\nnight ntfy://secret.example.org/\nday: ntfy://x.example\n")
    for _ in range(2):
        assert book.address("desk").startswith("mailto")
        assert book.address("chat").endswith("desk")
        assert book.address("night").endswith("night")  # what its line said before
        with pytest.raises(DeliveryError, match=r"no channel is called 'day' .*channels\.txt:3: expected NAME"):
            book.address("day")
    assert [record.levelno for record in caplog.records] == 2 * [logging.WARNING]
    assert "channels.txt:2: expected NAME = ADDRESS" in caplog.text
    assert "secret" not in caplog.text
    file.write_bytes(b"\xff")
    assert book.address("chat").endswith("desk")
    assert set(book.all()) == {"desk", "chat", "night"}
    file.write_text("chat = ntfy://ntfy.example.org/desk\n")
    assert set(book.all()) == {"desk", "chat"}
    assert book.wrong() == ()


def test_a_channel_that_is_not_known_here_may_be_known_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError) as error:
        AddressBook({}, tmp_path / "channels.txt", tmp_path).address("desk")
    assert error.value.elsewhere
