"""`monitor file`: the filer by itself, for several machines and for the crawls of this one."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.common import context

if TYPE_CHECKING:
    from monitor.filing import Filer
    from monitor.store.port import Store

EXAMPLES = """
monitor file                 file what arrives until Ctrl-C; a second one stands by
monitor file --until-idle    file what waits, then end
"""

SHIPPING_PATIENCE = 60.0  # seconds in which nothing more is shipped


def file(
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing waits.")] = False,
    parent: Annotated[int, typer.Option(hidden=True)] = 0,
) -> None:
    """Take analyses from the inbox, in order, and write them to the archive.

    One filer works at a time; another one stands by and takes over when the first is gone. SIGTERM and Ctrl-C end
    it after the batch that it is at.
    """
    from monitor.filing import Filer
    from monitor.store.port import keep_shipping
    from monitor.wiring import open_aside, open_desk, open_store, open_wait_note

    loaded = context()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if parent:
        # Under `monitor crawl`, Ctrl-C goes to the whole group: the parent says when, after the crawls have ended.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_watch, args=(parent, stop), daemon=True).start()
    store = open_store(loaded)
    try:
        keep_shipping(store)
        if until_idle:
            wait_for_shipping(store, stop)
        aside, note = open_aside(loaded), open_wait_note(loaded)
        filer = Filer(store, loaded.settings.filing, desk=open_desk(loaded), aside=aside, note=note)
        if parent:
            threading.Thread(target=_listen, args=(filer,), daemon=True).start()
        filer.run(stop, until_idle=until_idle)
    finally:
        store.close()


def wait_for_shipping(store: Store, stop: threading.Event) -> None:
    """Until what this machine gathered is at the store, or shipping does not get on."""
    from monitor.store.port import shipping_of

    left, moved = None, time.monotonic()
    while (shipping := shipping_of(store)) is not None and shipping.waiting and shipping.since is None:
        if shipping.waiting != left:
            left, moved = shipping.waiting, time.monotonic()
        if time.monotonic() - moved > SHIPPING_PATIENCE or stop.wait(0.1):
            return


def _listen(filer: Filer) -> None:
    """The process that started this one writes a byte when it waits for what is left."""
    if os.read(0, 1):
        filer.hurry()


def _watch(parent: int, stop: threading.Event) -> None:
    """End when the process that started this one is gone, however it went."""
    while not stop.wait(1.0):
        if os.getppid() != parent:
            stop.set()
