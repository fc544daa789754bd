"""Site files (`monitor/sites.py`) with which the world can be crawled."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.demo.drafts import read_drafts
from monitor.demo.layouts.parts import FEED_PATHS
from monitor.demo.records import NewsSite


def site_files(addresses: Mapping[str, str]) -> dict[str, str]:
    """File name ("oderfelder-bote.yaml") -> YAML, for each site that has an address."""
    return {
        f"{site.id}.yaml": _site_file(site, addresses[site.id]) for site, _ in read_drafts() if site.id in addresses
    }


def _site_file(site: NewsSite, base: str) -> str:
    lines = [
        f"# {site.name}: part of the demonstration, on this machine only; everything on it is invented.",
        f"id: {site.id}",
        f'name: "{site.name}"',
        f"url: {base}/",
        "sources:",
    ]
    if site.wordpress:
        lines += ["  - kind: wordpress", f"    url: {base}/"]
    else:
        lines += ["  - kind: feed", f"    url: {base}{FEED_PATHS[site.feed]}"]
        if site.full_content:
            lines.append("    full_content: true   # whole articles are in the feed: no page is fetched")
    lines += [
        f"language: {site.language}   # of the interface; articles say theirs by their text",
        f"time_zone: {site.time_zone}",
        "delay: 0               # seconds between two requests; a stranger's site deserves 1 or more",
        "allow_private: true    # loopback addresses are refused without it",
        "schedule:",
        "  every: 10m",
    ]
    return "\n".join(lines) + "\n"
