"""Alerts while the program is killed again and again: each story is told on each channel, and but for those that were
being sent at a kill once.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from tests.alerts.receivers import Hook, Mailbox, mail_server, web_server
from tests.newsite import NewsSite, article_page, site_file
from tests.program import start

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SECONDS = int(os.environ.get("MONITOR_TEST_SECONDS", "120"))
KILLS = 3
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
    "MONITOR_SCHEDULE__EVERY": "2s",
    "MONITOR_CRAWL__WORKERS": "1",
    "MONITOR_FILING__PROJECT_SECONDS": "1",
}


def path(number: int) -> str:
    return f"/a/{number}/"


def text(number: int) -> list[str]:
    """Paragraphs of invented words: no two articles are copies of each other."""
    dice = random.Random(number)
    words = ["".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))) for _ in range(160)]
    return [" ".join(words[at : at + 40]).capitalize() + "." for at in range(0, len(words), 40)]


def page(number: int, *, site: str, credit: str = "") -> str:
    paragraphs = text(number)
    return article_page(number, site=site, paragraphs=[f"{credit}{paragraphs[0]}", *paragraphs[1:]])


def rules(folder: Path, mailbox: Mailbox, hook: Hook) -> None:
    (folder / "alerts").mkdir()
    both = f'channels: ["{mailbox.address}", "{hook.address}"]\nmax_age: any\n'
    (folder / "alerts" / "all.yaml").write_text(f"query: Gemeinde\n{both}")
    (folder / "alerts" / "agency.yaml").write_text(f"query: Gemeinde\nagency: dpa\n{both}")


def killed(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.3)


def told_by_hook(hook: Hook, rule: str) -> Counter[str]:
    """How often each article's title was told."""
    sections = [section for post in hook.posts for section in post["sections"] if section["rule"] == rule]
    return Counter(entry["title"] for section in sections for entry in section["entries"])


def told_by_mail(mailbox: Mailbox, rule: str) -> Counter[str]:
    subjects = [str(mail["Subject"]) for mail in mailbox.mails]
    return Counter(one.removeprefix(f"{rule}: ") for one in subjects if one.startswith(f"{rule}: "))


def test_every_story_is_told_once_on_each_channel_whatever_is_killed(tmp_path: Path) -> None:
    titles = {f"Meldung {number} aus der Gemeinde" for number in range(SECONDS)}
    with (
        NewsSite() as first,
        NewsSite(address="127.0.0.2") as second,
        mail_server() as mailbox,
        web_server() as hook,
    ):
        site_file(tmp_path, first, site_id="erst")
        site_file(tmp_path, second, site_id="zweit")
        rules(tmp_path, mailbox, hook)
        process = start(tmp_path, "run", **SETTINGS)
        try:
            began = time.monotonic()
            for number in range(SECONDS):
                first.articles[path(number)] = page(number, site="Erst")
                copied = number - COPIED_EVERY
                if copied >= 0 and copied % COPIED_EVERY == LATE % COPIED_EVERY:
                    credit = "Musterstadt (dpa) - " if copied == LATE else ""
                    second.articles[path(copied)] = page(copied, site="Zweit", credit=credit)
                if number and number % (SECONDS // (KILLS + 1)) == 0 and number // (SECONDS // (KILLS + 1)) <= KILLS:
                    killed(process)
                    process = start(tmp_path, "run", **SETTINGS)
                time.sleep(max(0.0, began + number + 1 - time.monotonic()))
            until(lambda: set(told_by_hook(hook, "all")) >= titles, PATIENCE, "all by webhook")
            until(lambda: set(told_by_mail(mailbox, "all")) >= titles, PATIENCE, "all by mail")
            until(
                lambda: bool(told_by_hook(hook, "agency")) and bool(told_by_mail(mailbox, "agency")), PATIENCE, "agency"
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
        late = f"Meldung {LATE} aus der Gemeinde"
        assert set(told_by_hook(hook, "agency")) == set(told_by_mail(mailbox, "agency")) == {late}
        with closing(open_store(tmp_path / "store")) as store:
            made = store.alerts(limit=10_000)
            assert {one.state for one in made} == {"sent"}
            assert len({one.key for one in made}) == len(made)
