"""The world's site files are site files."""

from __future__ import annotations

from pathlib import Path

from monitor.demo.records import View
from monitor.demo.site_files import site_files
from monitor.sites import FeedSource, WordPressSource, load_sites


def test_every_site_file_loads_and_names_its_source(views: dict[str, View], tmp_path: Path) -> None:
    addresses = dict(views["kranich-draht"].addresses)
    for name, text in site_files(addresses).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    sites, errors = load_sites(tmp_path)
    assert errors == []
    assert sorted(sites) == sorted(addresses)
    for site in sites.values():
        view = views[site.id]
        assert (site.name, site.language, site.time_zone) == (view.site.name, view.site.language, view.site.time_zone)
        assert site.allow_private
        assert site.delay == 0
        [source] = site.sources
        assert source.url.startswith(view.base)
    [blog] = sites["larkmere-notebook"].sources
    assert isinstance(blog, WordPressSource)
    [portal] = sites["isthmus-daily"].sources
    assert isinstance(portal, FeedSource)
    assert portal.full_content


def test_only_sites_that_are_served_get_a_file() -> None:
    assert list(site_files({"oderfelder-bote": "http://127.0.0.1:1"})) == ["oderfelder-bote.yaml"]
