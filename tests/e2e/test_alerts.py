"""Alerts while the program watches the demo world and is killed again and again: each story is told on each channel,
and but for those that were being sent at a kill once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.demo.server import RunningWorld, World
from monitor.demo.site_files import site_files
from monitor.demo.world import new_article
from monitor.store.embedded import open_store
from tests.alerts.receivers import Hook, Mailbox, mail_server, web_server
from tests.program import start
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SECONDS = int(os.environ.get("MONITOR_TEST_SECONDS", "120"))
KILLS = 3
FIRST = "larkmere-notebook"  # a new article each second; by its API all are found, however long nobody looked
SECOND = "oderfelder-bote"
COPIED_EVERY = 6  # of the articles one is on the second site as well, a moment later
LATE = 4  # this one's agency is told by its copy alone
SYLLABLES = [
    "ber",
    "lin",
    "gen",
    "schaft",
    "ung",
    "mün",
    "chen",
    "straß",
    "häu",
    "ser",
    "vor",
    "stand",
    "ver",
    "trag",
    "ge",
    "richt",
    "kom",
    "mu",
    "nal",
    "wah",
    "len",
    "ös",
    "ter",
]
PATIENCE = 240  # seconds, on a machine with other work
SETTINGS = {
    "MONITOR_SCHEDULE__RELOAD_SECONDS": "0.5",
    "MONITOR_CRAWL__WORKERS": "1",
    "MONITOR_FILING__PROJECT_SECONDS": "1",
}


def title(number: int) -> str:
    return f"Meldung {number} aus der Gemeinde"


def text(number: int) -> str:
    """Paragraphs of invented words: no two articles are copies of each other."""
    dice = random.Random(number)
    words = ["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))) for _ in range(160)]
    return "\n\n".join(" ".join(words[at : at + 40]).capitalize() + "." for at in range(0, len(words), 40))


def publish(world: RunningWorld, site: str, number: int, credit: str = "") -> None:
    about = world.world.content.sites[site]
    slug, body = f"meldung-{number}", f"{credit}{text(number)}"
    now = datetime.now(UTC).replace(microsecond=0)
    world.publish(site, new_article(about, slug, title(number), body, published_at=now, language="de"))


def publish_next(world: RunningWorld, number: int) -> None:
    """The article of this second, and the copy of an earlier one where it is time for it."""
    publish(world, FIRST, number)
    copied = number - COPIED_EVERY
    if copied >= 0 and copied % COPIED_EVERY == LATE % COPIED_EVERY:
        publish(world, SECOND, copied, "Oderfeld (dpa) - " if copied == LATE else "")


def furnish(folder: Path, world: RunningWorld, mailbox: Mailbox, hook: Hook) -> None:
    """All sites of the world, of which two are looked at all the time; two rules with two channels each."""
    (folder / "sites").mkdir()
    for name, content in site_files(world.addresses).items():
        often = name.removesuffix(".yaml") in (FIRST, SECOND)
        assert "every: 10m" in content
        (folder / "sites" / name).write_text(content.replace("every: 10m", "every: 2s") if often else content)
    (folder / "alerts").mkdir()
    both = f'channels: ["{mailbox.address}", "{hook.address}"]\nmax_age: any\n'
    (folder / "alerts" / "all.yaml").write_text(f"query: title:Gemeinde\n{both}")
    (folder / "alerts" / "agency.yaml").write_text(f"query: title:Gemeinde\nagency: dpa\n{both}")


def killed(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def told_by_hook(hook: Hook, rule: str) -> Counter[str]:
    """How often each article's title was told."""
    sections = [section for post in hook.posts for section in post["sections"] if section["rule"] == rule]
    return Counter(entry["title"] for section in sections for entry in section["entries"])


def told_by_mail(mailbox: Mailbox, rule: str) -> Counter[str]:
    subjects = [str(mail["Subject"]) for mail in mailbox.mails]
    return Counter(one.removeprefix(f"{rule}: ") for one in subjects if one.startswith(f"{rule}: "))


def test_every_story_is_told_once_on_each_channel_whatever_is_killed(tmp_path: Path) -> None:
    titles = set(map(title, range(SECONDS)))
    between = SECONDS // (KILLS + 1)
    with World.load().start() as world, mail_server() as mailbox, web_server() as hook:
        furnish(tmp_path, world, mailbox, hook)
        process = start(tmp_path, "run", **SETTINGS)
        try:
            began = time.monotonic()
            for number in range(SECONDS):
                publish_next(world, number)
                if number and number % between == 0 and number // between <= KILLS:
                    killed(process)
                    process = start(tmp_path, "run", **SETTINGS)
                time.sleep(max(0.0, began + number + 1 - time.monotonic()))
            until(lambda: set(told_by_hook(hook, "all")) >= titles, "all by webhook", seconds=PATIENCE, pause=0.3)
            until(lambda: set(told_by_mail(mailbox, "all")) >= titles, "all by mail", seconds=PATIENCE, pause=0.3)
            until(
                lambda: bool(told_by_hook(hook, "agency")) and bool(told_by_mail(mailbox, "agency")),
                "agency",
                seconds=PATIENCE,
                pause=0.3,
            )
            time.sleep(3)  # nothing more comes
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=60)
            killed(process)
        for told in (told_by_hook(hook, "all"), told_by_mail(mailbox, "all")):
            assert set(told) == titles
            assert sum(told.values()) - len(titles) <= KILLS, told.most_common(KILLS + 1)
        assert set(told_by_hook(hook, "agency")) == set(told_by_mail(mailbox, "agency")) == {title(LATE)}
        with closing(open_store(tmp_path / "store")) as store:
            made = store.alerts(limit=10_000)
            assert {one.state for one in made} == {"sent"}
            assert len({one.key for one in made}) == len(made)
            assert {one.article.site for one in store.scan()} == set(world.addresses)
