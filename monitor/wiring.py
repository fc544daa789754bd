"""The only file that picks adapters: which store, which inbox. Everything else takes what it is given."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.analysis import AnalysisPool
from monitor.config import Loaded
from monitor.store.port import Store
from monitor.warc import WarcWriter

if TYPE_CHECKING:
    from monitor.filing import Aside, Desk
    from monitor.sources import AgencyTable


def open_store(loaded: Loaded, *, create: bool = True, read_only: bool = False) -> Store:
    """The store of the settings. Raises StoreError when it isn't there and `create` is false."""
    from monitor.store.embedded import open_store as open_embedded

    store = loaded.settings.store
    return open_embedded(
        loaded.store,
        busy_timeout=store.busy_timeout,
        index_memory_mb=store.index_memory_mb,
        create=create,
        read_only=read_only,
    )


def backup(loaded: Loaded, target: Path) -> None:
    """Copy the store while it is in use."""
    from monitor.store.embedded import backup as backup_embedded

    backup_embedded(loaded.store, target)


def restore(loaded: Loaded, source: Path, *, force: bool = False) -> None:
    """Put a backup in the store's place; refuses to overwrite articles without `force`."""
    from monitor.store.embedded import restore as restore_embedded

    restore_embedded(source, loaded.store, force=force)


def open_warc(loaded: Loaded, prefix: str) -> WarcWriter | None:
    """Writer of raw pages; None when they are not kept."""
    settings = loaded.settings.warc
    if not settings.enabled:
        return None
    return WarcWriter(loaded.warc, level=settings.level, max_bytes=settings.max_mb * 1_000_000, prefix=prefix)


def open_pool(loaded: Loaded, workers: int) -> AnalysisPool:
    """Analysis processes with the limits of the settings."""
    crawl = loaded.settings.crawl
    return AnalysisPool(
        workers,
        timeout=crawl.page_timeout,
        memory_mb=crawl.page_memory_mb,
        min_words=crawl.min_words,
        agencies=agencies_file(loaded),
    )


def agencies_file(loaded: Loaded) -> Path | None:
    """The user's own table of agencies; None where there is none. Raises ConfigError when it is wrong."""
    from monitor.sources import load_agencies

    file = loaded.agencies if loaded.agencies.is_file() else None
    load_agencies(file)  # a mistake in it is told here, not by each page
    return file


def agency_table(loaded: Loaded) -> AgencyTable:
    """The agencies that the program knows, with the user's own over them."""
    from monitor.sources import load_agencies

    return load_agencies(agencies_file(loaded))


def open_aside(loaded: Loaded) -> Aside:
    """Where articles go that the filer could not take in."""
    from monitor.filing import Aside

    return Aside(loaded.store / "dead")


def open_desk(loaded: Loaded) -> Desk:
    """The filer's rules; the licences follow their file."""
    from monitor.duplicates import MatchSettings
    from monitor.filing import Desk, Rules
    from monitor.sources import TraceSettings
    from monitor.sources.licences import WatchedLicences

    matching = loaded.settings.matching
    licences = WatchedLicences(loaded.licences, loaded.settings.time_zone)
    return Desk(
        Rules(
            MatchSettings(window=timedelta(hours=matching.hours_limit), time_prior=matching.time_prior),
            TraceSettings(reuse_share=matching.reuse_share, reuse_words=matching.reuse_words),
            licences.licensed,
            licences.states,
            agency_table(loaded),
        )
    )
