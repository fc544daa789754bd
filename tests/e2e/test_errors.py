"""What goes wrong by hand: one clear message each, nothing else lost."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newsite import NewsSite, site_file
from tests.program import crawl, environment, exported, monitor

ARTICLES = 30


def only_message(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """The command failed, said what the parts say, and showed no traceback."""
    assert done.returncode in (1, 2), (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr + done.stdout
    for part in parts:
        assert part in done.stderr, done.stderr


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite(ARTICLES) as running:
        yield running


def test_mistakes_are_told_and_the_other_sites_are_crawled(tmp_path: Path, site: NewsSite) -> None:
    site_file(tmp_path, site, site_id="good")
    (tmp_path / "sites" / "broken.yaml").write_text("url: https://example.org/\nsources:\n  - kind: feeed\n")
    (tmp_path / "sites" / "lost.yaml").write_text(
        "url: https://nowhere.invalid/\nsources: [{kind: feed, url: 'https://nowhere.invalid/feed'}]\n"
    )
    done = monitor(tmp_path, "crawl")
    only_message(done, "broken.yaml:3", "expected feed or wordpress", "lost", "not found")
    assert f"{ARTICLES}" in done.stdout
    assert len(exported(tmp_path)) == ARTICLES
    only_message(monitor(tmp_path, "crawl", "god"), "no site is called 'god'", "good")
    only_message(monitor(tmp_path, "search", "title:(a OR"), "^")
    only_message(monitor(tmp_path, "show", "0000000000"), "0000000000")


def test_a_corrupt_store_is_told_and_a_backup_puts_it_right(tmp_path: Path, site: NewsSite) -> None:
    site_file(tmp_path, site)
    crawl(tmp_path)
    backup = monitor(tmp_path, "store", "backup", "saved")
    assert backup.returncode == 0, backup.stderr
    for path in (tmp_path / "store").glob("*.db*"):
        path.write_bytes(b"this is no database " * 1000)
    for command in (["crawl"], ["search", "Verwaltung"], ["status"], ["store", "check"]):
        only_message(monitor(tmp_path, *command), "store")
    restored = monitor(tmp_path, "store", "restore", "saved", "--force")
    assert restored.returncode == 0, restored.stderr
    assert len(exported(tmp_path)) == ARTICLES


@pytest.mark.slow
def test_a_folder_that_may_not_be_written_is_told_before_anything_is_fetched(tmp_path: Path, site: NewsSite) -> None:
    before: list[str] = []
    if os.geteuid() == 0:
        if shutil.which("setpriv") is None:
            pytest.skip("root may write everywhere, and there is no setpriv (util-linux) to take that from it")
        before = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    site_file(tmp_path, site)
    tmp_path.chmod(0o555)
    try:
        done = subprocess.run(
            [*before, sys.executable, "-P", "-m", "monitor", "crawl"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    finally:
        tmp_path.chmod(0o755)
    only_message(done, "store")
    assert site.article_hits() == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1.5 MB; skips where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no small file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["store", "warc"])
def test_a_full_disk_ends_the_crawl_and_loses_nothing(
    tmp_path: Path, site: NewsSite, small_disk: Path, what: str
) -> None:
    for number, path in enumerate(site.articles):
        # Text that does not shrink, so that the disk fills.
        noise = "".join(f"<p>Zeile {os.urandom(700).hex()} und noch mehr von Meldung {number}.</p>" for _ in range(100))
        site.articles[path] = site.articles[path].replace("</article>", noise + "</article>")
    site_file(tmp_path, site)
    setting = {f"MONITOR_{what.upper()}__PATH": str(small_disk / what)}
    done = monitor(tmp_path, "crawl", **setting)
    only_message(done, "space")
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    crawl(tmp_path, **setting)
    done = monitor(tmp_path, "export", "--format", "jsonl", **setting)
    assert len(set(done.stdout.splitlines())) == ARTICLES
    checked = monitor(tmp_path, "store", "check", **setting)
    assert checked.returncode == 0, checked.stdout + checked.stderr
