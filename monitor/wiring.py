"""The only file that picks adapters: which store, which inbox. Everything else takes what it is given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from monitor.analysis import AnalysisPool
from monitor.config import Loaded
from monitor.errors import ConfigError, StoreError
from monitor.store.port import Store
from monitor.warc import WarcWriter

StoreKind = Literal["embedded", "elasticsearch"]

if TYPE_CHECKING:
    from monitor.alerts.addressbook import AddressBook
    from monitor.delivering import Post
    from monitor.filing import Aside, Desk, RuleFolder, WaitNote
    from monitor.health.watching import HealthWatch
    from monitor.sources import AgencyTable


def open_store(loaded: Loaded, *, create: bool = True, read_only: bool = False) -> Store:
    """The store of the settings. Raises StoreError when it isn't there and `create` is false."""
    store = loaded.settings.store
    if store.kind == "elasticsearch":
        if read_only:  # who may not write here has no inbox on this machine
            return open_engine_store(loaded, create=create)
        from monitor.store.spooled import open_spooled

        spool = loaded.path(store.spool)
        return open_spooled(
            lambda: open_engine_store(loaded, create=create),
            spool,
            limit=store.inbox_limit,
            busy_timeout=store.busy_timeout,
        )
    from monitor.store.embedded import open_store as open_embedded

    return open_embedded(
        loaded.store,
        busy_timeout=store.busy_timeout,
        index_memory_mb=store.index_memory_mb,
        create=create,
        read_only=read_only,
    )


def open_engine_store(loaded: Loaded, *, create: bool = True) -> Store:
    """The store on the engine of the settings, without what this machine keeps before it."""
    from monitor.store.elastic.store import open_store as open_on_engine

    return open_on_engine(loaded.settings.store, loaded.folder, create=create)


def make_store(loaded: Loaded) -> Store:
    """The store of the settings, made where it is not there, without what this machine keeps before one elsewhere: it
    has to answer. Raises StoreError.
    """
    if loaded.settings.store.kind == "elasticsearch":
        from monitor.store.elastic.store import make_store as make_on_engine

        return make_on_engine(loaded.settings.store, loaded.folder)
    return open_store(loaded)


def open_side(loaded: Loaded, kind: StoreKind, *, create: bool = False) -> Store:
    """One of the two stores that the settings describe, whichever of them is in use: the embedded one in its folder, or
    that on the engine, without what this machine keeps before it. Raises ConfigError where nothing says where it is.
    """
    settings = loaded.settings.store
    if kind == "elasticsearch" and not settings.url and not settings.cloud_id:
        raise ConfigError("nothing says where the engine is", hint="set store.url or store.cloud_id")
    store = settings.model_copy(update={"kind": kind})
    side = replace(loaded, settings=loaded.settings.model_copy(update={"store": store}))
    if kind == "elasticsearch":
        if create:
            return open_engine_store(side)
        _demand_shipped(side)
        return open_engine_store(side, create=False)
    return open_store(side, create=create)


def _demand_shipped(loaded: Loaded) -> None:
    """Nothing waits on this machine to get to the engine."""
    from monitor.store.spooled import open_spooled

    settings = loaded.settings.store
    spool = loaded.path(settings.spool)
    if not spool.is_dir():
        return
    with closing(open_spooled(lambda: open_engine_store(loaded), spool, limit=settings.inbox_limit)) as store:
        waiting = store.shipping().waiting
    if waiting:
        hint = "`monitor file --until-idle` ships and files them"
        raise StoreError(f"{waiting} articles wait on this machine to be shipped to the engine", hint=hint)


def remove_engine_store(loaded: Loaded) -> None:
    """Take the indices of the settings' prefix away, and all that is in them."""
    from monitor.store.elastic.store import remove_store

    remove_store(loaded.settings.store, loaded.folder)


def migrate_store(loaded: Loaded, on_step: Callable[[str, int, int], None]) -> int:
    """Bring a store that an earlier version wrote to this version's schema, while others use it; indices replaced.

    `on_step` is told which index is copied, and how many of how many documents are.
    """
    if loaded.settings.store.kind == "elasticsearch":
        from monitor.store.elastic.store import migrate_store as migrate_on_engine

        return migrate_on_engine(
            loaded.settings.store,
            loaded.folder,
            on_step=lambda at: on_step(at.kind, at.copied, at.all),
        )
    open_store(loaded, create=False).close()  # the embedded store does so when it is opened
    return 0


def backup(loaded: Loaded, target: Path) -> None:
    """Copy the store while it is in use."""
    _demand_folder(loaded)
    from monitor.store.embedded import backup as backup_embedded

    backup_embedded(loaded.store, target)


def restore(loaded: Loaded, source: Path, *, force: bool = False) -> None:
    """Put a backup in the store's place; refuses to overwrite articles without `force`."""
    _demand_folder(loaded)
    from monitor.store.embedded import restore as restore_embedded

    restore_embedded(source, loaded.store, force=force)


def _demand_folder(loaded: Loaded) -> None:
    if loaded.settings.store.kind != "embedded":
        hint = "take snapshots of the engine; `monitor store copy` makes an embedded store of it"
        raise StoreError("backup and restore are of the embedded store, and this one is on an engine", hint=hint)


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

    on_engine = loaded.settings.store.kind == "elasticsearch"
    return Aside(loaded.path(loaded.settings.store.spool) / "aside" if on_engine else loaded.store / "dead")


def open_wait_note(loaded: Loaded) -> WaitNote:
    """Why filing does not get on, as far as this machine knows."""
    from monitor.filing import WaitNote

    on_engine = loaded.settings.store.kind == "elasticsearch"
    return WaitNote(loaded.path(loaded.settings.store.spool) if on_engine else loaded.store)


def open_desk(loaded: Loaded) -> Desk:
    """The filer's rules; the licences follow their file."""
    from monitor.duplicates import MatchSettings
    from monitor.filing import Desk, Rules, Teller
    from monitor.sources import TraceSettings
    from monitor.sources.licences import WatchedLicences

    matching = loaded.settings.matching
    licences = WatchedLicences(loaded.licences, loaded.settings.time_zone)
    teller = Teller(rule_folder(loaded), loaded.settings.time_zone)
    return Desk(
        Rules(
            MatchSettings(window=timedelta(hours=matching.hours_limit), time_prior=matching.time_prior),
            TraceSettings(reuse_share=matching.reuse_share, reuse_words=matching.reuse_words),
            licences.licensed,
            licences.states,
            agency_table(loaded),
        ),
        teller,
        teller.look,
    )


def rule_folder(loaded: Loaded) -> RuleFolder:
    """The folder of alert rules."""
    from monitor.filing import RuleFolder

    return RuleFolder(loaded.alerts, loaded.settings.time_zone)


def address_book(loaded: Loaded, *, logs: bool = False) -> AddressBook:
    """The addresses of channels. `logs`: what is wrong in the file of channels, once."""
    from monitor.alerts.addressbook import AddressBook

    settings = loaded.settings.alerting
    named = {name: address.get_secret_value() for name, address in settings.channels.items()}
    return AddressBook(named, loaded.path(settings.channels_file), loaded.alerts, logs=logs)


def keep_channel(loaded: Loaded, name: str, address: str) -> None:
    """Write the address into the file of channels, which its owner alone may read."""
    from monitor.alerts import keep_channel as keep

    keep(loaded.path(loaded.settings.alerting.channels_file), name, address)


def own_templates(loaded: Loaded) -> Path:
    """Folder of the user's own templates of messages; it need not be there."""
    return loaded.path(loaded.settings.alerting.templates)


def open_post(loaded: Loaded) -> Post:
    """Where messages go, and how they are written."""
    from monitor.delivering import Post
    from monitor.reports.entries import Shown
    from monitor.spans import parse_span

    settings = loaded.settings.alerting
    return Post(
        address_book(loaded, logs=True).address,
        Shown(agency_table(loaded), settings.monitor_url, loaded.settings.time_zone),
        loaded.settings.time_zone,
        own_templates(loaded),
        loaded.path(settings.feeds),
        settings.language,
        parse_span(settings.give_up),
    )


def open_health(loaded: Loaded, store: Store) -> HealthWatch:
    """The watch over sites, store, disk and outbox."""
    from monitor.health.judging import Limits
    from monitor.health.site_files import SiteFiles
    from monitor.health.telling import Audience
    from monitor.health.watching import HealthWatch, Watched
    from monitor.spans import parse_span

    settings, stored = loaded.settings.alerting, loaded.settings.store
    on_engine = stored.kind == "elasticsearch"
    heartbeat = settings.heartbeat_url.get_secret_value() if settings.heartbeat_url is not None else ""
    files = SiteFiles(loaded.sites)
    return HealthWatch(
        store,
        Watched(
            files.crawled,
            (loaded.path(stored.spool) if on_engine else loaded.store, loaded.warc),
            Audience(settings.health_channels, address_book(loaded).all, settings.language, loaded.settings.time_zone),
            Limits(
                failures=settings.failures,
                quiet=parse_span(settings.quiet),
                inbox=stored.inbox_limit // 2,
                disk_free=settings.disk_free,
                outbox=parse_span(settings.stuck),
            ),
            parse_span(settings.remind) if settings.remind != "off" else timedelta(),
            heartbeat,
            files.unread,
        ),
    )
