"""A folder in which every process of the program finds its store elsewhere, behind an inbox of its own.

The store is an embedded one in the folder `there`; while the file `away` exists, it does not answer.
"""

from __future__ import annotations

from pathlib import Path

# Python imports a module of this name, found on PYTHONPATH, whenever it starts.
SITECUSTOMIZE = """
from typing import cast
import monitor.wiring
from monitor.store.spooled import open_spooled
from tests.store.gathering_worker import Elsewhere

def open_store(loaded, *, create=True, read_only=False):
    limit = loaded.settings.store.inbox_limit
    return open_spooled(lambda: Elsewhere(loaded.folder), loaded.folder / "spool", limit=limit)

monitor.wiring.open_store = open_store
"""


def settings(folder: Path) -> dict[str, str]:
    """Variables for the processes."""
    place = folder / "start"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(SITECUSTOMIZE)
    return {"PYTHONPATH": f"{Path(__file__).resolve().parents[2]}:{place}"}
