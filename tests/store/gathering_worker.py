"""A gathering process with its inbox, for the tests that run several or kill them: `... FOLDER SITE COUNT [PAUSE]`,
in seconds after every few articles.

The store elsewhere is an embedded one in FOLDER/there; while FOLDER/away exists, it does not answer.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.errors import StoreUnreachable
from monitor.records import Outcome, Status
from monitor.store.embedded import open_store
from monitor.store.port import Store
from monitor.store.spooled import SpooledStore, open_spooled
from tests.articles import analysis, run, url

PORTION = 5


class Elsewhere:
    """Calls pass unless the file is there."""

    def __init__(self, folder: Path) -> None:
        self._away = folder / "away"
        self._ask()
        self._store = open_store(folder / "there")

    def _ask(self) -> None:
        if self._away.exists():
            raise StoreUnreachable("nothing answers")

    def __getattr__(self, name: str) -> Any:
        done = getattr(self._store, name)

        def call(*arguments: Any, **more: Any) -> Any:
            if name != "close":
                self._ask()
            return done(*arguments, **more)

        return call


def opened(folder: Path) -> SpooledStore:
    return open_spooled(lambda: cast(Store, Elsewhere(folder)), folder / "spool", limit=10_000)


def gather(store: SpooledStore, site: str, count: int, pause: float) -> None:
    """As a crawl does: discover all, then settle what is pending; go on where it was."""
    store.put_run(run(site, site=site))
    store.discover([url(f"{site}-{number:04}", site=site) for number in range(count)])
    while pending := store.pending(site, datetime.now(UTC), PORTION):
        outcomes = []
        for state in pending:
            name = state.url.rsplit("/", 1)[1]
            outcomes.append(
                Outcome(url(name, Status.STORED, site=site, article_id=name), analysis(name, run=site), site)
            )
        store.settle(outcomes)
        time.sleep(pause)


if __name__ == "__main__":
    place, site, count, *pause = sys.argv[1:]
    with closing(opened(Path(place))) as store:
        store.keep_shipping()
        gather(store, site, int(count), float(pause[0]) if pause else 0.0)
        deadline = time.monotonic() + 30
        while store.shipping().waiting and store.shipping().since is None and time.monotonic() < deadline:
            time.sleep(0.02)
