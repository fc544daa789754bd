"""Raw pages as WARC 1.1 (ISO 28500), one gzip member per record.

Every writing process has files of its own, so that a killed one leaves at most a torn last record, which reading skips.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import itertools
import logging
import os
import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter as _PlainWriter

from monitor import __version__
from monitor.errors import InputError, NotFound, StoreError, StoreFull, StoreReadOnly
from monitor.records import WarcRef

try:  # no wheels for every machine
    from isal import isal_zlib
except ImportError:
    isal_zlib = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

# Bytes that decide what a file is. A deflated block can begin with a table of some 100 bytes before the first letter.
_START = 4096
_PORTION = 65_536  # bytes read at once

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One response as it was received. `headers` in their order; `body` without transfer encoding."""

    url: str
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """First value of the header, empty when absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class WarcWriter:
    """Writes response records to files in `folder`, a new file at `max_bytes`. Safe to use from several threads."""

    def __init__(self, folder: Path, *, level: int = 1, max_bytes: int = 512_000_000, prefix: str = "monitor") -> None:
        self._folder, self._level, self._max, self._prefix = folder, level, max_bytes, prefix
        self._lock = threading.Lock()
        self._file: BinaryIO | None = None
        self._name = ""

    def write(self, url: str, at: datetime, status: int, headers: Sequence[tuple[str, str]], body: bytes) -> WarcRef:
        """Append one response, decoded body as it stands, and flush. Raises StoreFull, StoreReadOnly, StoreError."""
        record = _response_record(url, at, status, headers, body)
        data = self._compressed(record)
        with self._lock:
            try:
                return self._append(data)
            except OSError as error:
                self._drop_file()
                raise _translated(error, self._folder) from error

    def _append(self, data: bytes) -> WarcRef:
        if self._file is not None and self._file.tell() + len(data) > self._max:
            self._drop_file()
        file = self._file or self._open()
        offset = file.tell()
        try:
            file.write(data)
            file.flush()
        except OSError:
            file.truncate(offset)  # a half record would hide the ones after it
            raise
        return WarcRef(self._name, offset)

    def _open(self) -> BinaryIO:
        self._folder.mkdir(parents=True, exist_ok=True)
        stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
        self._name = f"{self._prefix}-{stamp}-{os.getpid()}-{next(_numbers):03}.warc.gz"
        # Unbuffered: a record is with the operating system once written, and a failed write leaves nothing behind.
        self._file = (self._folder / self._name).open("xb", buffering=0)
        self._file.write(self._compressed(_info_record(self._name)))
        return self._file

    def _compressed(self, record: ArcWarcRecord) -> bytes:
        """One gzip member, without warcio's writer: that one hashes twice and copies in small portions."""
        packer = _packer(self._level)
        http = record.http_headers.to_bytes() if record.http_headers else b""
        body = record.raw_stream.read()
        record.rec_headers.replace_header("Content-Type", record.content_type)
        record.rec_headers.replace_header("Content-Length", str(len(http) + len(body)))
        record.rec_headers.replace_header("WARC-Payload-Digest", _payload_digest(body))
        head = record.rec_headers.to_bytes(encoding="utf-8") + http
        parts = (packer.compress(head), packer.compress(body), packer.compress(b"\r\n\r\n"), packer.flush())
        return b"".join(parts)

    def _drop_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def close(self) -> None:
        with self._lock:
            self._drop_file()


def _packer(level: int) -> Any:
    """A gzip compressor. ISA-L writes the same format, a real page at level 1 in .37 ms where zlib takes 1.7."""
    if isal_zlib is not None and level <= 3:
        return isal_zlib.compressobj(level, isal_zlib.DEFLATED, zlib.MAX_WBITS + 16)
    return zlib.compressobj(level, zlib.DEFLATED, zlib.MAX_WBITS + 16)


def _payload_digest(body: bytes) -> str:
    """As the WARC format has it: SHA-1 in base 32."""
    return "sha1:" + base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def _response_record(
    url: str, at: datetime, status: int, headers: Sequence[tuple[str, str]], body: bytes
) -> ArcWarcRecord:
    http = StatusAndHeaders(f"{status} -", list(headers), protocol="HTTP/1.1")
    return _PlainWriter(io.BytesIO(), gzip=False, warc_version="1.1").create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        length=len(body),
        http_headers=http,
        warc_headers_dict={"WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")},
    )


def _info_record(name: str) -> ArcWarcRecord:
    info = {"software": f"media-monitor/{__version__}", "format": "WARC File Format 1.1"}
    return _PlainWriter(io.BytesIO(), gzip=False, warc_version="1.1").create_warcinfo_record(name, info)


def _translated(error: OSError, folder: Path) -> StoreError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StoreFull(
            f"no space left for raw pages in {folder}", hint="free some space, or set warc.enabled = false"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return StoreReadOnly(
            f"raw pages can't be written to {folder}: {error.strerror}", hint="check its owner and mode"
        )
    return StoreError(f"raw pages can't be written to {folder}: {error.strerror or error}")


def read_record(folder: Path, ref: WarcRef) -> WarcRecord:
    """The record at the reference. Raises NotFound when the file or the record is not there."""
    path = folder / ref.file
    try:
        with path.open("rb") as file:
            file.seek(ref.offset)
            for record in ArchiveIterator(file):
                return _read(record)
    except (OSError, ArchiveLoadFailed, zlib.error, ValueError) as error:
        raise NotFound(f"the raw page can't be read from {path}: {error}") from error
    raise NotFound(f"{path} holds no record at byte {ref.offset}")


def read_responses(path: Path) -> Iterator[WarcRecord]:
    """All HTML-like responses of a WARC or ARC file (.gz or plain) in order; a torn end is where it stops.

    Raises InputError when the file can't be opened or is no WARC at all.
    """
    try:
        with path.open("rb") as file:
            if not _looks_like_archive(file):
                raise InputError(f"{path}: no WARC or ARC file")
            for record in ArchiveIterator(file, arc2warc=True):
                if record.rec_type == "response" and record.http_headers and _is_web(record):
                    read = _read(record)
                    if _is_torn(record):
                        raise EOFError(f"the record of {read.url} is cut off")
                    yield read
    except (ArchiveLoadFailed, zlib.error, EOFError, ValueError) as error:
        log.warning("archive read up to a damaged record file=%s error=%s", path, error)
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error


def _looks_like_archive(file: BinaryIO) -> bool:
    start = file.read(_START)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        start = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(start, 16)
    return start.startswith((b"WARC/", b"filedesc://"))


def _is_web(record: ArcWarcRecord) -> bool:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    return urlsplit(url.strip("<>")).scheme in ("http", "https")


def _is_torn(record: ArcWarcRecord) -> bool:
    """Does the file end before the record is as long as it says? Asked when its body is read."""
    rest = record.raw_stream
    while rest.read(65536):
        continue
    return bool(getattr(rest, "limit", 0) > 0)


def _read(record: ArcWarcRecord) -> WarcRecord:
    stamp = (record.rec_headers.get_header("WARC-Date") or "1970-01-01T00:00:00Z").replace("Z", "+00:00")
    http = record.http_headers
    status = (http.get_statuscode() if http else "") or "0"
    return WarcRecord(
        url=(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>"),
        at=datetime.fromisoformat(stamp).astimezone(UTC),
        status=int(status) if status.isdigit() else 0,
        headers=tuple((str(k), str(v)) for k, v in http.headers) if http else (),
        body=record.content_stream().read(),
    )


def raw_record(folder: Path, ref: WarcRef) -> bytes:
    """The record as it lies in its file, byte for byte: a WARC file of its own. Raises NotFound as `read_record`."""
    path = folder / ref.file
    unpack, parts = zlib.decompressobj(zlib.MAX_WBITS + 16), list[bytes]()
    try:
        with path.open("rb") as file:
            file.seek(ref.offset)
            while not unpack.eof and (read := file.read(_PORTION)):
                unpack.decompress(read)
                parts.append(read[: len(read) - len(unpack.unused_data)])
    except (OSError, zlib.error, ValueError) as error:
        raise NotFound(f"the raw page can't be read from {path}: {error}") from error
    if not unpack.eof:
        raise NotFound(f"{path} holds no whole record at byte {ref.offset}")
    return b"".join(parts)
