"""What the parts of the store share: the database they read and write."""

from __future__ import annotations

from monitor.store.embedded.database import Database


class Tables:
    def __init__(self, database: Database) -> None:
        self._database = database
