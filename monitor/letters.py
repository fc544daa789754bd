"""What was put aside, one file each: whole and on the disk, or not there."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from monitor.codec import decode, encode
from monitor.errors import MonitorError

log = logging.getLogger(__name__)

L = TypeVar("L")


def put_letter(file: Path, letter: object) -> None:
    """On the disk when it returns; replaces the file. Raises OSError."""
    part = file.with_suffix(".part")
    with part.open("wb") as out:
        out.write(encode(letter))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def letter_files(folder: Path, pattern: str = "*.json") -> list[Path]:
    """In the order of their names; none where there is no such folder, or it can't be read."""
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def read_letters(kind: type[L], files: Iterable[Path]) -> Iterator[tuple[Path, L]]:
    """In this order; what can't be read is told in the log and left where it is."""
    for file in files:
        try:
            yield file, decode(kind, file.read_bytes())
        except (OSError, MonitorError) as error:
            log.error("put aside, and can't be read file=%s reason=%s", file, error)
