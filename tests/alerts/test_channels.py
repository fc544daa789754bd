"""The file of channels: lines that commands add beside those that people write."""

from __future__ import annotations

from pathlib import Path

from monitor.alerts import keep_channel, read_channels


def test_a_channel_is_added_to_a_file_whose_last_line_has_no_end(tmp_path: Path) -> None:
    file = tmp_path / "alerts" / "channels.txt"
    file.parent.mkdir()
    file.write_text("desk = mailto://a@example.org", encoding="utf-8")
    file.chmod(0o644)
    keep_channel(file, "chat", "ntfy://ntfy.example.org/press")
    keep_channel(file, "chat", "ntfy://ntfy.example.org/press")
    assert read_channels(file) == {"desk": "mailto://a@example.org", "chat": "ntfy://ntfy.example.org/press"}
    assert file.read_text(encoding="utf-8").count("\n") == 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_first_channel_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "alerts" / "channels.txt"
    keep_channel(file, "desk", "mailto://a@example.org")
    assert file.read_text(encoding="utf-8") == "desk = mailto://a@example.org\n"
    assert file.stat().st_mode & 0o777 == 0o600
