"""The watch over the monitor's health, of two machines on one engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.health.judging import Limits
from monitor.health.telling import Audience
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Filed, Run
from monitor.store.elastic.store import ElasticStore
from tests.articles import NOW, changes, document, later, stored
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def stores(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[tuple[ElasticStore, ElasticStore]]:
    with (
        opened(engine, fresh_prefix, tmp_path / "one") as one,
        opened(engine, fresh_prefix, tmp_path / "two") as two,
    ):
        yield one, two


def watch(store: ElasticStore, folder: Path, host: str) -> HealthWatch:
    watched = Watched(
        lambda: ["kurier"], (folder,), Audience(("desk",), dict), Limits(disk_free=0.9999), timedelta(days=1)
    )
    return HealthWatch(store, watched, host=host, holder=f"{host}:1:1")


def test_one_tells_of_the_sites_and_goes_on_where_the_other_was(
    stores: tuple[ElasticStore, ElasticStore], tmp_path: Path
) -> None:
    one, two = stores
    first, second = watch(one, tmp_path, "one"), watch(two, tmp_path, "two")
    for number in range(3):
        one.put_run(Run(f"r{number}", "kurier", later(minutes=number), later(minutes=number), "failed", error="503"))
    for minute in (3, 4, 5):
        first.look(later(minutes=minute))
        second.look(later(minutes=minute))
    first.end()
    one.put_run(Run("ok", "kurier", later(minutes=10), later(minutes=10), "finished"))
    for minute in (11, 80):
        second.look(later(minutes=minute))
    two.refresh()
    titles = sorted(decode(Notice, alert.note).title for alert in two.alerts(rule="health"))
    disks = [f"The disk is nearly full: {host}:{tmp_path}" for host in ("one", "two")]
    stuck = "Alerts do not get through: desk"  # nobody delivers here
    assert titles == sorted([*disks, stuck, "kurier fails again and again", "Over: kurier fails again and again"])


def test_a_run_counts_when_what_it_brought_is_filed(stores: tuple[ElasticStore, ElasticStore], tmp_path: Path) -> None:
    one, _ = stores
    looking = watch(one, tmp_path, "one")
    one.put_run(Run("first", "kurier", NOW, NOW, "finished"))
    assert looking.look(NOW).sites["kurier"].until == NOW
    day = later(days=1)
    one.settle([stored("a", run="second")])
    one.put_run(Run("second", "kurier", day, day, "finished"))
    seen = looking.look(later(days=1, hours=1))
    assert (seen.sites["kurier"].until, seen.unfiled) == (NOW, {"kurier"})
    (item,) = one.take(10)
    one.file(changes(document("a"), filed=[Filed(item.number, "second", "stored")]))
    seen = looking.look(later(days=1, hours=2))
    assert (seen.sites["kurier"].until, sum(seen.sites["kurier"].yields.values())) == (day, 1)
