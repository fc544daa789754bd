"""A full disk is one clear error; what was written before stays, and the batch can be written again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.errors import StoreFull
from monitor.query import All
from monitor.records import Outcome, Status
from monitor.store.embedded import backup, open_store
from tests.articles import NOW, changes, document, found, put, stored, url

MEGABYTES = 24


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small file system can't be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill_up(place: Path, leave: int = 0) -> Path:
    """Take all the space but `leave` bytes."""
    filler = place / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(b"\xff" * 65536)
                file.flush()
        except OSError:
            pass
    size = filler.stat().st_size - leave
    with filler.open("r+b") as file:
        file.truncate(max(0, size))
    return filler


def noise(number: int) -> str:
    """A text that does not pack."""
    from random import Random

    random = Random(number)
    return " ".join(f"{random.getrandbits(64):x}" for _ in range(2000))


@pytest.mark.parametrize("leave", [0, 100_000, 300_000])
def test_filing_on_a_full_disk_loses_nothing(small_disk: Path, leave: int) -> None:
    store = open_store(small_disk / "store")
    put(store, document("before", "Haus"))
    store.settle([stored("waits")])
    filler = fill_up(small_disk, leave)
    batch = changes(*(document(f"a{number}", text=noise(number)) for number in range(60)))
    with pytest.raises(StoreFull, match="no space left") as raised:
        store.file(batch)
    assert "free some space" in raised.value.hint
    assert set(store.documents(["before", *(one.id for one in batch.documents)])) == {"before"}
    assert store.waiting() == 1
    filler.unlink()
    store.file(batch)
    assert len(list(store.scan())) == 61
    assert [finding for finding in store.check() if "index" not in finding.what] == []
    store.close()


def test_settling_on_a_full_disk_loses_nothing(small_disk: Path) -> None:
    store = open_store(small_disk / "store")
    store.discover([url("a")])
    filler = fill_up(small_disk)
    outcomes = [
        Outcome(url(f"{number}", Status.STORED, fetched_at=NOW), stored(f"{number}", noise(number)).analysis)
        for number in range(200)
    ]
    with pytest.raises(StoreFull):
        store.settle(outcomes)
    assert store.counts("kurier") == {"discovered": 1}
    assert store.waiting() == 0
    filler.unlink()
    store.settle(outcomes[:50])
    assert store.waiting() == 50
    store.close()


def test_a_full_disk_while_projecting_leaves_search_behind_and_nothing_lost(small_disk: Path) -> None:
    store = open_store(small_disk / "store")
    put(store, document("before", "Haus"))
    store.file(changes(*(document(f"a{number}", text=noise(number)) for number in range(60))))
    filler = fill_up(small_disk)
    with pytest.raises(StoreFull, match="search index"):
        store.refresh()
    assert store.health(NOW).articles == 61
    assert found(store, All()) == ["before"]
    filler.unlink()
    store.refresh()
    assert len(found(store, All())) == 61
    assert store.check() == []
    store.close()


def test_a_backup_on_a_full_disk_leaves_nothing_behind(small_disk: Path, folder: Path) -> None:
    store = open_store(folder)
    put(store, *(document(f"a{number}", text=noise(number)) for number in range(60)))
    store.close()
    fill_up(small_disk, 100_000)
    with pytest.raises(StoreFull):
        backup(folder, small_disk / "copy")
    assert list((small_disk / "copy").iterdir()) == []


def test_a_store_is_not_made_on_a_full_disk(small_disk: Path) -> None:
    fill_up(small_disk)
    with pytest.raises(StoreFull):
        open_store(small_disk / "store")
