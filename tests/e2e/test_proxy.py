"""With a proxy everything goes through it, and private addresses stay out of reach."""

from __future__ import annotations

from pathlib import Path

from tests.newsite import NewsSite, site_file
from tests.program import crawl, exported, monitor


def test_a_crawl_goes_through_the_proxy_but_not_to_private_addresses(tmp_path: Path) -> None:
    with NewsSite(3) as proxy:  # answers requests with a whole address as its own
        there = proxy.url
        proxy.url = "http://paper.invalid"
        site_file(tmp_path, proxy, site_id="paper")
        path = tmp_path / "sites" / "paper.yaml"
        path.write_text(path.read_text().replace("allow_private: true\n", ""))
        crawl(tmp_path, MONITOR_PROXY=there)
        assert {article["url"] for article in exported(tmp_path)} == {f"http://paper.invalid/a/{n}/" for n in range(3)}
        before = sum(proxy.hits.values())
        inside = path.with_name("inside.yaml")
        inside.write_text(path.read_text().replace("paper.invalid", "localhost:9"))
        done = monitor(tmp_path, "crawl", "inside", MONITOR_PROXY=there)
        assert done.returncode == 1
        assert "not a public address" in done.stderr
        assert sum(proxy.hits.values()) == before
