"""An inbox on the gathering machine for a store that is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from monitor.store.port import Store
from monitor.store.spooled.store import SpooledStore

__all__ = ["SpooledStore", "open_spooled"]


def open_spooled(
    remote: Callable[[], Store], folder: Path, *, limit: int, kind: str = "elasticsearch", busy_timeout: float = 30.0
) -> SpooledStore:
    """The store that `remote` opens, with its inbox in the folder; neither is touched before it is needed.

    `kind` is shown while the remote store can't say it itself.
    """
    return SpooledStore(remote, folder, limit, kind=kind, busy_timeout=busy_timeout)
