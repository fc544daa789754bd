"""The room on the disks of a machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Disks:
    """`room`: free and all bytes, by the first folder of each disk. `errors`: of folders that can't be asked."""

    room: dict[str, tuple[int, int]] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def disks_of(folders: Iterable[Path]) -> Disks:
    """Of the folders that are there. A disk that is broken, or away with its network, says nothing of the others."""
    known: set[int] = set()
    found = Disks()
    for folder in folders:
        try:
            disk = folder.stat().st_dev
            if disk not in known:
                usage = shutil.disk_usage(folder)
                found.room[str(folder)] = (usage.free, usage.total)
                known.add(disk)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            found.errors[str(folder)] = error.strerror or str(error)
    return found
