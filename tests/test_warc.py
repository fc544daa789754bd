"""Raw pages come back as they were written, also beside a torn record."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

from monitor.errors import InputError, NotFound, StoreReadOnly
from monitor.records import WarcRef
from monitor.warc import WarcWriter, read_record, read_responses

NOW = datetime(2024, 5, 16, 12, 30, 0, 123456, tzinfo=UTC)
HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"a"')]


def test_a_record_comes_back_from_its_reference(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "new" / "warc")
    refs = [writer.write(f"https://example.org/{i}", NOW, 200, HEADERS, f"<p>seite {i} ü".encode()) for i in range(3)]
    writer.close()
    record = read_record(tmp_path / "new" / "warc", refs[1])
    assert record.url == "https://example.org/1"
    assert record.body.decode() == "<p>seite 1 ü"
    assert (record.at, record.status, record.header("etag")) == (NOW, 200, '"a"')


def test_files_are_rotated_by_size(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, max_bytes=4000)
    refs = [writer.write("https://example.org/", NOW, 200, HEADERS, os.urandom(1000)) for _ in range(6)]
    writer.close()
    assert len({ref.file for ref in refs}) == 3
    assert all(path.stat().st_size <= 4000 for path in tmp_path.iterdir())
    assert all(len(read_record(tmp_path, ref).body) == 1000 for ref in refs)


def test_other_programs_can_read_the_file(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path)
    ref = writer.write("https://example.org/", NOW, 200, HEADERS, b"<p>x")
    writer.close()
    with (tmp_path / ref.file).open("rb") as file:
        kinds = [
            (record.rec_type, record.rec_headers.get_header("WARC-Target-URI"))
            for record in ArchiveIterator(file, check_digests="raise")
        ]
    assert kinds == [("warcinfo", None), ("response", "https://example.org/")]


def test_a_torn_last_record_costs_itself_only(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path)
    refs = [writer.write(f"https://example.org/{i}", NOW, 200, HEADERS, os.urandom(500)) for i in range(3)]
    writer.close()
    path = tmp_path / refs[0].file
    path.write_bytes(path.read_bytes()[:-200])
    assert [record.url for record in read_responses(path)] == ["https://example.org/0", "https://example.org/1"]
    assert read_record(tmp_path, refs[1]).url == "https://example.org/1"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="can't be read"):
        read_record(tmp_path, WarcRef("gone.warc.gz", 0))
    (tmp_path / "x.warc.gz").write_bytes(b"no warc at all, but long enough to be looked at\n" * 4)
    with pytest.raises(InputError, match="no WARC"):
        list(read_responses(tmp_path / "x.warc.gz"))
    with pytest.raises(InputError):
        list(read_responses(tmp_path / "absent.warc"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere; run as another user")
def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreReadOnly):
        WarcWriter(tmp_path).write("https://example.org/", NOW, 200, HEADERS, b"x")
