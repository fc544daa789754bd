"""The spiders under Scrapy's own command, and a user's own spider in the same pipeline."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from tests.newsite import NewsSite, site_file
from tests.program import environment, exported

OWN = '''
"""A spider that its user wrote: reads a list of addresses of its own."""

from datetime import UTC, datetime

import scrapy

from monitor.records import Page


class Eigen(scrapy.Spider):
    name = "eigen"

    def __init__(self, base="", **kwargs):
        super().__init__(**kwargs)
        self.start_urls = [f"{base}/a/0/", f"{base}/a/1/?utm_source=x", f"{base}/kurz/"]

    def parse(self, response):
        yield {"an item": "of another kind is left alone"}
        yield Page(response.url, "", response.body, datetime.now(UTC), http_status=response.status)
'''


def scrapy(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = monitor.crawl.settings\n")
    return tmp_path


def test_scrapy_crawl_does_the_same_and_files_what_it_brings(folder: Path) -> None:
    with NewsSite(5) as site:
        site_file(folder, site)
        done = scrapy(folder, "crawl", "site", "-a", "site=blatt")
        assert done.returncode == 0, done.stderr
        again = scrapy(folder, "crawl", "site", "-a", "site=blatt")
        assert again.returncode == 0, again.stderr
        assert site.article_hits() == 5
    assert {one["url"] for one in exported(folder)} == {site.url + path for path in site.articles}
    with closing(open_store(folder / "store")) as store:
        second, first = store.runs()
        assert (first.trigger, first.status, first.stored, second.stored) == ("scrapy", "finished", 5, 0)
        assert store.waiting() == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("crawl", "site"), "no site named"),
        (("crawl", "site", "-a", "site=nirgends"), "nirgends"),
    ],
)
def test_a_site_that_is_not_there_is_one_clear_message(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    done = scrapy(folder, *arguments)
    assert done.returncode != 0
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_that_are_wrong_are_one_clear_message(folder: Path) -> None:
    (folder / "monitor.toml").write_text("[crawl]\ndelay = 'often'\n")
    done = scrapy(folder, "crawl", "site", "-a", "site=blatt")
    assert done.returncode != 0
    assert "crawl.delay" in done.stderr
    assert "Traceback" not in done.stderr


def test_pages_of_a_users_own_spider_go_the_same_way(folder: Path) -> None:
    (folder / "eigene").mkdir()
    (folder / "eigene" / "__init__.py").write_text("")
    (folder / "eigene" / "eigen.py").write_text(OWN)
    (folder / "monitor.toml").write_text('[crawl]\nspider_modules = ["spiders", "eigene"]\ndelay = 0\n')
    with NewsSite(2) as site:
        done = scrapy(folder, "crawl", "eigen", "-a", f"base={site.url}")
        assert "127.0.0.1 is not a public address" in done.stderr  # nothing said that private ones are meant
        assert site.requests == []
        (folder / "eigene" / "eigen.py").write_text(OWN.replace("name =", "allow_private = True\n    name ="))
        done = scrapy(folder, "crawl", "eigen", "-a", f"base={site.url}")
        assert done.returncode == 0, done.stderr
        assert site.hits["/robots.txt"] == 1
    found = {one["url"]: one for one in exported(folder)}
    assert set(found) == {f"{site.url}/a/0/", f"{site.url}/a/1/"}
    assert {one["site"] for one in found.values()} == {"eigen"}
    with closing(open_store(folder / "store")) as store:
        assert store.runs("eigen")[0].status == "finished"
