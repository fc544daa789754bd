"""Queries to which an engine answers otherwise than the embedded store, each with the reason."""

from __future__ import annotations

MOST_SHARE = 0.05  # of all queries

EXCEPTIONS: dict[str, str] = {}  # query as it is typed -> why the answers differ
