"""Site files that are wrong or gone are told by the machine on which they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.alerts import Notice
from monitor.codec import decode
from monitor.health import Incident, Limits, Seen, Told, notice, of_machine
from monitor.health.site_files import SiteFiles
from monitor.health.telling import Audience
from monitor.health.texts import together
from monitor.health.watching import HealthWatch, Watched
from monitor.store.memory import MemoryStore
from tests.health.stores import Unsteady

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
GOOD = "url: https://kurier.test/\nsources:\n- kind: feed\n  url: https://kurier.test/feed.xml\n"


def begin(store: MemoryStore, folder: Path, host: str = "one") -> HealthWatch:
    """As a program that starts."""
    files = SiteFiles(folder)
    limits = Limits(disk_free=0, disk_free_bytes=0)
    watched = Watched(files.crawled, (folder,), Audience(("desk",), dict), limits, timedelta(), unread=files.unread)
    return HealthWatch(store, watched, host=host, holder=host)


def look(watch: HealthWatch, first: int, last: int) -> None:
    for minute in range(first, last):
        watch.look(NOW + timedelta(minutes=minute))


def titles(store: MemoryStore) -> list[str]:
    return [decode(Notice, one.note).title for one in reversed(store.alerts(rule="health"))]


def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")


def test_a_file_that_becomes_wrong_is_told_with_the_reason_and_the_site_stays_watched(tmp_path: Path) -> None:
    store = Unsteady()
    write(tmp_path, kurier=GOOD, bote=GOOD)
    watch = begin(store, tmp_path)
    look(watch, 0, 3)
    write(tmp_path, kurier="url: [\n")
    look(watch, 3, 12)
    assert titles(store) == []  # perhaps somebody is writing it
    store.away = True
    look(watch, 12, 30)
    store.away = False
    seen = watch.look(NOW + timedelta(minutes=30))
    assert seen.sites.keys() == {"kurier", "bote"}
    write(tmp_path, kurier=GOOD)
    look(watch, 31, 60)
    wrong = "The file of the site kurier can't be read (seen from one)"
    assert [one for one in titles(store) if "store" not in one] == [wrong, f"Over: {wrong}"]
    (first,) = [one for one in store.alerts(rule="health") if one.subject == "incident:file:one:kurier"][-1:]
    assert f"{tmp_path}/kurier.yaml:" in decode(Notice, first.note).lines[-1]


def test_the_machine_on_which_a_file_can_not_be_read_is_named_also_among_others() -> None:
    for language, said in (("en", "can't be read (seen from one)"), ("de", "lässt sich nicht lesen (gesehen von one)")):
        seen = Seen(NOW, unread={"bote": "bote.yaml: wrong", "kurier": "kurier.yaml: wrong"})
        problems = of_machine(seen, Limits(), "one").problems
        told = [Told("new", Incident(problem, NOW, NOW), "") for problem in problems]
        notices = [notice(one, language, "UTC") for one in told]
        assert notices[0].title.endswith(said)
        assert [line.partition(":")[0] for line in together(notices, language).lines] == ["bote (one)", "kurier (one)"]


def test_a_folder_that_is_gone_is_told_also_by_a_program_that_starts_again(tmp_path: Path) -> None:
    store, folder = Unsteady(), tmp_path / "sites"
    folder.mkdir()
    write(folder, kurier=GOOD)
    look(begin(store, folder), 0, 3)
    folder.rename(tmp_path / "elsewhere")
    watch = begin(store, folder)
    look(watch, 3, 20)
    store.away = True
    look(watch, 20, 40)
    store.away = False
    look(watch, 40, 42)
    (told,) = [one for one in titles(store) if "store" not in one]
    assert told.startswith("No site is crawled any more from one")
    (tmp_path / "elsewhere").rename(folder)
    look(begin(store, folder), 42, 70)
    assert [one for one in titles(store) if "store" not in one] == [told, f"Over: {told}"]


def test_a_machine_that_never_crawled_misses_no_site(tmp_path: Path) -> None:
    store = MemoryStore()
    look(begin(store, tmp_path), 0, 60)
    assert titles(store) == []


def moved(store: MemoryStore, tmp_path: Path, *names: str, known: str = "") -> list[str]:
    """What is told where a machine that crawled two sites crawls none any more, and another crawls those for a day."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
    write(one, kurier=GOOD, bote=GOOD)
    first, second = begin(store, one), begin(store, two, "two")
    look(first, 0, 3)
    if known:
        store.put_note("health:crawled:one", known)
    for name in ("kurier", "bote"):
        (one / f"{name}.yaml").unlink()
    write(two, **dict.fromkeys(names, GOOD))
    look(second, 3, 4)
    for hour in (0, 1, 24, 25):  # the other is off at night
        look(first, 4 + 60 * hour, 24 + 60 * hour)
    return [one for one in titles(store) if "No site is crawled any more from one" in one]


def test_sites_that_another_machine_has_taken_over_are_not_lost(tmp_path: Path) -> None:
    assert moved(MemoryStore(), tmp_path, "kurier", "bote") == []


def test_a_machine_of_whose_sites_one_is_crawled_nowhere_has_lost_them(tmp_path: Path) -> None:
    assert len(moved(MemoryStore(), tmp_path, "kurier")) == 1


def test_a_machine_that_an_earlier_version_noted_has_lost_its_sites(tmp_path: Path) -> None:
    assert len(moved(MemoryStore(), tmp_path, "kurier", "bote", known="yes")) == 1


def test_a_site_that_is_switched_off_is_not_crawled_and_a_wrong_file_that_is_new_is_not_either(tmp_path: Path) -> None:
    write(tmp_path, kurier=GOOD, bote=f"{GOOD}enabled: false\n", neu="url: [\n")
    files = SiteFiles(tmp_path)
    assert files.crawled() == ["kurier"]
    assert files.unread().keys() == {"neu"}
