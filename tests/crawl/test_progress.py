"""What a crawl's process tells the one that started it."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from monitor.crawl.progress import Event, emit, new_run_id, read
from monitor.records import Run

NOW = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)


def test_what_is_emitted_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding="utf-8"))
    run = Run("r", "blatt", NOW, discovered=3, rejected={"too-short": 1}, error="Verlorene Bytes \udcff")
    emit("progress", run, paused=True)
    emit("failed", message="zu spät", hint="früher")
    first, second = out.getvalue().splitlines()
    told = read(first)
    assert told is not None
    assert told.run is not None
    assert (told.kind, told.paused, told.run.rejected) == ("progress", True, {"too-short": 1})
    assert read(second) == Event("failed", message="zu spät", hint="früher")


@pytest.mark.parametrize("line", [b"", b"Warning: something a library prints\n", b"{}\n", b'{"other": 1}'])
def test_other_lines_are_left_alone(line: bytes) -> None:
    assert read(line) is None


def test_a_reader_that_went_away_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with suppress(BrokenPipeError), os.fdopen(writing, "w") as stream:  # closing it tries once more
        monkeypatch.setattr(sys, "stdout", stream)
        emit("progress", Run("r", "blatt", NOW))
        emit("finished", Run("r", "blatt", NOW))


def test_run_ids_are_sorted_by_time_and_differ_by_site() -> None:
    ids = [new_run_id("blatt", NOW + timedelta(seconds=number)) for number in range(3)]
    assert ids == sorted(ids)
    assert new_run_id("blatt", NOW) != new_run_id("kurier", NOW)
