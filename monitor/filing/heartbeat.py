"""A lease that is renewed while its holder is at work.

A batch may take longer than the lease lasts, on an engine that is slow. With stand-bys it would go from one to the next
for ever: each would prepare it, and find the lease lost when it comes to writing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from monitor.errors import StoreError
from monitor.store.port import Store

log = logging.getLogger(__name__)


@contextmanager
def renewed(store: Store, name: str, holder: str, seconds: float) -> Iterator[None]:
    """Inside, the lease is renewed whenever a third of it is over; one that is lost is not taken again."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(seconds / 3):
            try:
                store.renew(name, holder, seconds, datetime.now(UTC))
            except StoreError as error:  # whoever writes is told the same
                log.debug("lease not renewed reason=%s", error.message)

    thread = threading.Thread(target=beat, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
