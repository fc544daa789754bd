"""Between records and columns."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

import numpy
import zstandard

from monitor.errors import StoreCorrupt
from monitor.store.values import micros as micros
from monitor.store.values import moment as moment
from monitor.store.values import plain as plain

T = TypeVar("T")
_LEVEL = 3  # zstd: 2,000 wire texts (1,240 characters on average) to 52.6 % in 9 us each; level 1 to 52.8 % in 8 us
_IN_ONE_STATEMENT = 500  # values; SQLite before 3.32 takes 999
_LONGEST_VALUE = 1_000_000_000  # bytes: SQLite's own limit for one value


class _Packers(threading.local):
    """zstd contexts are costly to make and not for two threads at once."""

    def __init__(self) -> None:
        self.pack = zstandard.ZstdCompressor(level=_LEVEL)
        self.unpack = zstandard.ZstdDecompressor()


_packers = _Packers()


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)


def moment_or_none(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def pack(data: bytes) -> bytes:
    return _packers.pack.compress(data)


def unpack(data: bytes) -> bytes:
    """Raises StoreCorrupt when the bytes are damaged."""
    try:
        return _packers.unpack.decompress(data, max_output_size=_LONGEST_VALUE)
    except (zstandard.ZstdError, TypeError, MemoryError) as error:
        raise StoreCorrupt(f"a stored value can't be unpacked: {error}", hint="run `monitor store check`") from error


def pack_text(text: str) -> bytes:
    """Lone surrogates, which UTF-8 can't carry, become "?"."""
    return pack(text.encode("utf-8", "replace"))


def unpack_text(data: bytes) -> str:
    try:
        return unpack(data).decode("utf-8")
    except UnicodeDecodeError as error:
        raise StoreCorrupt("a stored text is not UTF-8", hint="run `monitor store check`") from error


def pack_hashes(hashes: Sequence[int]) -> bytes:
    return numpy.array(hashes, dtype="<u8").tobytes()


def unpack_hashes(data: bytes) -> tuple[int, ...]:
    if len(data) % 8:
        raise StoreCorrupt("a stored fingerprint has a broken length", hint="run `monitor store check`")
    return tuple(numpy.frombuffer(data, dtype="<u8").tolist())


def portions(values: Iterable[T], size: int = _IN_ONE_STATEMENT) -> Iterator[list[T]]:
    """Lists of at most `size`, which one statement can take."""
    rest = iter(values)
    while portion := list(islice(rest, size)):
        yield portion


def holes(count: int) -> str:
    """Parameters of an IN (...)."""
    return ",".join("?" * count)
