"""The default store: one folder, SQLite as truth, tantivy as its projection for search."""

from monitor.store.embedded.store import EmbeddedStore, open_store
from monitor.store.embedded.upkeep import backup, restore

__all__ = ["EmbeddedStore", "backup", "open_store", "restore"]
