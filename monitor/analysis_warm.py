"""Loaded once by the fork server of the analysis pool: every worker then starts with warm modules.

A module of its own because importing it is meant to have an effect.
"""

from __future__ import annotations

import signal

# Before anything heavy: Ctrl-C reaches the whole process group, and this process ends with the one that started it.
signal.signal(signal.SIGINT, signal.SIG_IGN)

from datetime import UTC, datetime  # noqa: E402

from monitor.analysis import analyse  # noqa: E402
from monitor.records import Page  # noqa: E402

analyse(
    Page(
        url="https://warm.example/a",
        site="warm",
        body=b"<html><head><title>Warm</title></head><body><article><h1>Warm</h1><p>"
        + b"The modules are loaded and the language profiles are read before the first page arrives. " * 4
        + b"</p></article></body></html>",
        fetched_at=datetime.now(UTC),
    ),
    min_words=0,
)
