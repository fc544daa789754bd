"""What is told of the monitor's health, from the watch to a receiver: how many messages, to whom, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from monitor import delivering
from monitor.alerts.deliver import resolve
from monitor.delivering import Post, Postman
from monitor.health.incidents import Incident, Told, followed
from monitor.health.judging import Judged, Limits, Problem
from monitor.health.silences import end_silences, silence, silences_of
from monitor.health.telling import Audience
from monitor.health.texts import SITE_PROBLEMS, Noted, notice, together
from monitor.health.watching import HealthWatch, Watched
from monitor.records import Run
from monitor.reports.entries import Shown
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from tests.alerts.receivers import Hook, web_server

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FAILING = "kurier fails again and again"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_server() as running:
        yield running


class Office:
    """A store, the watch over it, and who delivers; the clock is the test's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, hook: Hook, sites: int = 1) -> None:
        self.clock, self.store, self.folder, self.hook = NOW, MemoryStore(), folder, hook
        self.sites = ["kurier"] if sites == 1 else [f"s{number:03d}" for number in range(sites)]
        self.limits = Limits(disk_free=0, disk_free_bytes=0, outbox=90 * DAY)
        monkeypatch.setattr(delivering, "_now", lambda: self.clock)
        self.addresses = dict.fromkeys(("desk", "chat"), hook.address)
        post = Post(partial(resolve, self.addresses), Shown(load_agencies()), feeds=folder)
        self.postman = Postman(self.store, post)
        self.crawls = 0
        self.restart()

    def restart(self, *channels: str, remind: timedelta = DAY) -> None:
        audience = Audience(channels, lambda: self.addresses)
        watched = Watched(lambda: self.sites, (self.folder,), audience, self.limits, remind)
        self.watch = HealthWatch(self.store, watched)
        self.channels = channels

    def crawl(self, site: str, broken: bool) -> None:
        self.crawls += 1
        status = "failed" if broken else "finished"
        error = "no address of its name is known" * broken
        self.store.put_run(Run(f"r{self.crawls}", site, self.clock, self.clock, status, error=error, unchanged=9))

    def look(self) -> None:
        self.watch.look(self.clock)
        for channel in self.store.due_channels(self.clock):
            self.postman.serve(channel)

    def pass_time(self, span: timedelta, broken: bool, step: timedelta = 30 * MINUTE) -> None:
        """Each site is crawled and looked at in each step."""
        until = self.clock + span
        while self.clock < until:
            for site in self.sites:
                self.crawl(site, broken)
            self.look()
            self.clock += step

    @property
    def subjects(self) -> list[str]:
        return [post["subject"] for post in self.hook.posts]


def test_a_hundred_sites_without_network_for_an_hour_are_a_few_messages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook
) -> None:
    """Each is crawled every 15 minutes, some in each minute."""
    office = Office(monkeypatch, tmp_path, hook, sites=100)
    office.restart("desk")
    for minute in range(360):
        office.clock = NOW + minute * MINUTE + timedelta(seconds=20)
        for number, site in enumerate(office.sites):
            if (minute - number) % 15 == 0:
                office.crawl(site, 60 <= minute < 120)
        office.look()
    first, last = hook.posts
    assert office.subjects == ["100 sites fail again and again", "Over: 100 sites fail again and again"]
    assert first["lines"][0].startswith("s000: since 2024-05-16 13:30 UTC; failures in a row: 3: no address")
    assert (len(first["lines"]), first["lines"][-1]) == (21, "and 80 more")
    assert last["lines"][0].startswith("s000: from 2024-05-16 13:30 UTC to 2024-05-16 14:0")
    assert len({alert.subject for alert in office.store.alerts(limit=500)}) == 100  # each keeps its own life


def test_one_site_alone_is_told_as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook) -> None:
    office = Office(monkeypatch, tmp_path, hook)
    office.restart("desk")
    office.pass_time(4 * HOUR, broken=True)
    assert office.subjects == [FAILING]


def test_a_channel_that_is_set_later_hears_what_still_lasts_and_nobody_hears_it_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook
) -> None:
    office = Office(monkeypatch, tmp_path, hook)
    told: list[int] = []
    for channels in ((), ("desk",), ("desk", "chat"), ("chat",)):
        office.restart(*channels)
        office.pass_time(4 * HOUR, broken=True)
        told.append(len(hook.posts))
    assert told == [0, 1, 2, 2]
    assert set(office.subjects) == {FAILING}
    office.pass_time(DAY, broken=True)
    assert office.subjects[2:] == [f"Still: {FAILING}"]


def test_what_was_told_is_known_from_what_an_earlier_version_noted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook
) -> None:
    """It did not note who was told."""
    office = Office(monkeypatch, tmp_path, hook)
    office.restart("desk")
    office.pass_time(4 * HOUR, broken=True)
    noted = json.loads(office.store.note("health:incidents"))
    for incident in noted["incidents"].values():
        del incident["heard"]
    office.store.put_note("health:incidents", json.dumps(noted))
    office.restart("desk", "chat")
    office.pass_time(4 * HOUR, broken=True)
    assert office.subjects == [FAILING, FAILING]
    assert {alert.channel for alert in office.store.alerts()} == {"desk", "chat"}


def test_a_channel_that_was_away_for_days_is_told_once_of_what_lasts_and_once_of_what_is_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook
) -> None:
    office = Office(monkeypatch, tmp_path, hook)
    office.restart("desk")
    hook.answers = [500] * 1000
    office.pass_time(5 * DAY + 12 * HOUR, broken=True)
    assert len(office.store.alerts()) == 1
    hook.answers.clear()
    office.pass_time(2 * HOUR, broken=True)
    assert office.subjects == [FAILING]
    hook.answers = [500] * 1000
    office.pass_time(6 * DAY, broken=True)  # told, and then away again
    office.pass_time(4 * HOUR, broken=False)
    oldest = office.store.due_alerts("desk", office.clock + DAY, 1)[0]
    assert oldest.due is not None
    assert office.clock - oldest.due > 4 * DAY  # the channel takes nothing since then, as before
    hook.answers.clear()
    office.pass_time(2 * HOUR, broken=False)
    assert office.subjects[1:] == [f"Over: {FAILING}"]
    assert hook.posts[-1]["lines"] == ["from 2024-05-16 13:00 UTC to 2024-05-28 02:00 UTC"]
    assert {alert.state for alert in office.store.alerts(rule="health")} == {"sent", "replaced"}


def test_of_what_is_silenced_nothing_is_told_until_that_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hook: Hook
) -> None:
    """A known outage of one site: not told; one that was told before goes on, another one is over meanwhile."""
    office = Office(monkeypatch, tmp_path, hook, sites=3)
    office.restart("desk")
    known, lasts, ends = office.sites

    def crawl(hours: int, broken: set[str]) -> list[str]:
        told = len(hook.posts)
        until = office.clock + hours * HOUR
        while office.clock < until:
            for site in office.sites:
                office.crawl(site, site in broken)
            office.look()
            office.clock += HOUR / 2
        return [line for post in hook.posts[told:] for line in (post["subject"], *post["lines"])]

    assert crawl(4, {lasts, ends})[0] == "2 sites fail again and again"
    silence(office.store, office.sites, office.clock + 12 * HOUR, office.clock)  # before a reminder would be due
    assert crawl(6, {known, lasts, ends}) == []
    office.restart("desk")
    assert crawl(5, {known, lasts}) == []
    (title, *lines) = crawl(4, {known, lasts})
    assert title == f"{known} fails again and again (and 2 more)"
    assert [line for line in lines if line.endswith(":")] == [
        f"{known} fails again and again:",
        f"Still: {lasts} fails again and again:",
        f"Over: {ends} fails again and again:",
    ]


def test_all_of_health_can_be_silenced_and_a_site_alone() -> None:
    store = MemoryStore()
    failing, disk = Problem("failures:a", "failures", "a"), Problem("disk:a:/", "disk", "a")
    silence(store, ["a"], NOW + HOUR, NOW)
    assert silences_of(store).covers(failing, NOW)
    assert not silences_of(store).covers(disk, NOW)  # of a machine of that name
    assert not silences_of(store).covers(replace(failing, subject="b"), NOW)
    assert not silences_of(store).covers(failing, NOW + HOUR)
    silence(store, [], NOW + HOUR, NOW)
    assert silences_of(store).covers(disk, NOW)
    end_silences(store, ["a"])
    assert silences_of(store).covers(failing, NOW)  # as everything
    end_silences(store)
    assert not silences_of(store).covers(failing, NOW)


def test_reminders_come_at_growing_distances_up_to_a_week_or_not_at_all() -> None:
    def days(remind: timedelta, length: int = 60) -> list[int]:
        incidents: dict[str, Incident] = {}
        told: list[int] = []
        for day in range(length):
            judged = Judged((Problem("failures:a", "failures", "a"),))
            incidents, more = followed(incidents, judged, NOW + day * DAY, remind)
            told += [day] * len(more)
        return told

    assert days(DAY) == [0, 1, 3, 7, 14, 21, 28, 35, 42, 49, 56]
    assert days(14 * DAY) == [0, 14, 28, 42, 56]
    assert days(timedelta()) == [0]


def noted(what: str, subject: str = "", kind: str = "new", title: str = "") -> Noted:
    return Noted(title or f"{what} {subject}", ("since noon",), kind, what, subject)


@pytest.mark.parametrize(
    ("notices", "language", "title", "lines"),
    [
        ([noted("quiet", title="Nothing")], "en", "Nothing", ["since noon"]),
        (
            [noted("failures", "b"), noted("failures", "a")],
            "de",
            "2 Websites scheitern immer wieder",
            ["a: since noon", "b: since noon"],
        ),
        (
            [noted("failures", "a", "over"), noted("failures", "b", "over")],
            "en",
            "Over: 2 sites fail again and again",
            ["a: since noon", "b: since noon"],
        ),
        (
            [noted("failures", "c", "over"), noted("silent", "a"), noted("failures", "b"), noted("failures", "a")],
            "en",
            "2 sites fail again and again (and 2 more)",
            [
                "2 sites fail again and again:",
                "a: since noon",
                "b: since noon",
                "silent a:",
                "since noon",
                "failures c:",
                "since noon",
            ],
        ),
        (
            [noted("", title="Old one"), noted("", title="Older one")],
            "de",
            "Old one (und 1 mehr)",
            ["Old one: since noon", "Older one: since noon"],
        ),
    ],
)
def test_what_is_told_together(notices: list[Any], language: str, title: str, lines: list[str]) -> None:
    told = together(notices, language)
    assert (told.title, list(told.lines)) == (title, lines)


@pytest.mark.parametrize("what", [*sorted(SITE_PROBLEMS), "disk", "outbox", "store", "store-full", "inbox", "quiet"])
def test_what_is_wrong_is_told_in_both_languages_of_one_and_of_several(what: str) -> None:
    incident = Incident(Problem(f"{what}:a", what, "a", "1"), NOW, NOW, told=NOW)
    told = {}
    for language in ("en", "de"):
        one = notice(Told("new", incident, ""), language, "UTC")
        told[language] = (one.title, together([one, replace(one, subject="b")], language).title)
        assert "2" in told[language][1] or "1" in told[language][1]
    assert all(en != de for en, de in zip(*told.values(), strict=True))


@pytest.mark.parametrize("language", ["en", "de"])
def test_that_it_is_over_is_told_without_what_was_measured_while_it_lasted(language: str) -> None:
    problem = Problem("disk:one:/", "disk", "one:/", "0.4 / 20.0 GB", since=NOW)
    incident = Incident(problem, NOW, NOW, told=NOW)
    measured = {"en": "free: 0.4 / 20.0 GB", "de": "frei: 0,4 / 20,0 GB"}[language]
    assert notice(Told("reminder", incident, ""), language, "UTC").lines[1] == measured
    over = replace(incident, gone=NOW + HOUR, over=NOW + 2 * HOUR)
    (line,) = notice(Told("over", over, ""), language, "UTC").lines
    assert ("12:00" in line, "13:00" in line) == (True, True)


def test_that_a_channel_takes_alerts_again_is_told_with_how_to_try_again_what_was_given_up() -> None:
    incident = Incident(Problem("outbox:desk", "outbox", "desk", "desk", since=NOW), NOW, NOW, told=NOW)
    over = replace(incident, gone=NOW + HOUR, over=NOW + 2 * HOUR)
    assert "--channel desk --state dead --retry" in notice(Told("over", over, ""), "en", "UTC").lines[1]
