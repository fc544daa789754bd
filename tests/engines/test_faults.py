"""Engines that die, stand still, are crowded or full, and processes that are killed: each article once, none lost.

MONITOR_TEST_STANDSTILL: seconds that an engine stands still, where the minute is too long.

The program runs as users run it; what is looked at afterwards is read by another process than those that wrote it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.consistent import parted, whole
from tests.engines.engine import Engine
from tests.engines.machines import Machine, kill_group, machine, made_sources, plain_stream, wait_until
from tests.engines.proxy import Proxy
from tests.engines.running import OF_EACH_NAME, running
from tests.engines.stores import opened
from tests.newsite import NewsSite, site_file
from tests.program import exported, monitor
from tests.quality.republishing import Item

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

# Faults are the business of the program and of what the engines have in common; two kinds show them. What takes long
# and asks nothing of its own of an engine is shown on one of them.
FAULTY = OF_EACH_NAME
STANDSTILL = float(os.environ.get("MONITOR_TEST_STANDSTILL", "60"))  # seconds
IMPATIENT = {"MONITOR_STORE__REQUEST_TIMEOUT": "3"}
CROWDED = 20.0  # seconds, or until everything is filed all the same
PUT_OFF = 5  # writes of the program that a crowded engine refuses at least, however long that takes
NOISE = 2000  # documents at once: the engine is longer about them than those who send them
PATIENCE = 400.0  # seconds for what takes ten on a machine of its own
PAGES = 40


def on(kind: str) -> pytest.MarkDecorator:
    """On this kind alone, or the one that is given."""
    kinds = [one for one in FAULTY if one in (kind, "given")]
    return pytest.mark.parametrize("engine_kind", kinds, scope="module")


@pytest.fixture(scope="module", params=FAULTY)
def engine_kind(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


@pytest.fixture(scope="module")
def stream() -> list[Item]:
    return plain_stream(6, made_sources(6, 16), copies=6, bulletins=10)


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory, stream: list[Item]) -> Mapping[str, str]:
    """Stories when nothing disturbs the program, on the embedded store."""
    here = Machine(tmp_path_factory.mktemp("straight"))
    here.run("import", here.file_of("all.jsonl", stream))
    return {one["id"]: one["cluster_id"] for one in exported(here.folder)}


@pytest.fixture
def here(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Machine:
    """A machine whose engine has its indices."""
    made = machine(tmp_path / "here", engine, fresh_prefix)
    made.run("store", "init")
    return made


class Checked:
    """The store of a test, looked at from outside."""

    def __init__(self, engine: Engine, prefix: str, folder: Path) -> None:
        self._engine, self._prefix, self._folder = engine, prefix, folder

    def articles(self) -> int:
        with opened(self._engine, self._prefix, self._folder) as store:
            store.refresh()
            return sum(1 for _ in store.scan())

    def whole(self, ids: Mapping[str, str]) -> None:
        """Each article once, in the stories that it belongs to."""
        with opened(self._engine, self._prefix, self._folder) as store:
            store.refresh()
            assert parted(whole(store, ids)) == parted(ids)
            assert store.check() == []


@pytest.fixture
def there(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Checked:
    return Checked(engine, fresh_prefix, tmp_path / "there")


def test_the_engine_is_killed_in_the_middle_of_writing(
    engine: Engine, here: Machine, there: Checked, stream: list[Item], straight: Mapping[str, str]
) -> None:
    importing = here.start("import", here.file_of("all.jsonl", stream), **IMPATIENT)
    try:
        wait_until(lambda: there.articles() >= 20, "some articles are filed")
        engine.kill()
        engine.start()
        importing.communicate(timeout=PATIENCE)
    finally:
        kill_group(importing)
    here.drain()
    there.whole(straight)


@on("opensearch-3")
def test_the_engine_stands_still(
    engine: Engine, here: Machine, there: Checked, stream: list[Item], straight: Mapping[str, str]
) -> None:
    importing = here.start("import", here.file_of("all.jsonl", stream), **IMPATIENT)
    try:
        wait_until(lambda: there.articles() >= 20, "some articles are filed")
        engine.pause()
        time.sleep(STANDSTILL)  # the fault itself
        engine.resume()
        importing.communicate(timeout=PATIENCE)
    finally:
        engine.resume()
        kill_group(importing)
    here.drain()
    there.whole(straight)


def test_the_disk_of_the_engine_is_full(
    engine: Engine, fresh_prefix: str, here: Machine, there: Checked, stream: list[Item], straight: Mapping[str, str]
) -> None:
    """First where articles are kept, then everywhere; told, and drained in order when there is room."""
    third = len(stream) // 3
    here.run("import", here.file_of("first.jsonl", stream[:third]))
    engine.set_flood_stage(f"{fresh_prefix}-articles", on=True)
    told = here.run("import", here.file_of("second.jsonl", stream[third : 2 * third]), expect=1)
    assert "filing waits since" in told
    assert "filing waits" in here.run("status", expect=0)
    assert there.articles() == third
    engine.set_flood_stage(f"{fresh_prefix}-*", on=True)
    told = here.run("import", here.file_of("third.jsonl", stream[2 * third :]), expect=0)
    assert "the disk of the engine is nearly full" in told
    assert "none is lost" in told
    engine.set_flood_stage(f"{fresh_prefix}-*", on=False)
    here.drain()
    there.whole(straight)


@on("elasticsearch-8.19")
def test_the_engine_is_down_for_a_whole_crawl(engine: Engine, here: Machine, fresh_prefix: str) -> None:
    with NewsSite(PAGES) as site:
        site.listed = list(site.articles)
        site_file(here.folder, site)
        engine.kill()
        done = monitor(here.folder, "crawl", "--json", **{**here.settings, **IMPATIENT})
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert (told["unfiled"], told["shipping"]["waiting"], told["shipping"]["answers"]) == (PAGES, PAGES, False)
        engine.start()
        here.drain()
        here.run("crawl")  # nothing is fetched again
        assert site.article_hits() == PAGES
        with opened(engine, fresh_prefix, here.folder) as store:
            store.refresh()
            urls = Counter(one.article.url for one in store.scan())
            assert urls == Counter(site.url + path for path in site.articles)
            whole(store, [one.id for one in store.scan()])
            assert store.counts("blatt") == {"stored": PAGES}


@on("elasticsearch-8.19")
def test_gatherers_and_filers_are_killed_while_the_inbox_drains(
    here: Machine, there: Checked, stream: list[Item], straight: Mapping[str, str]
) -> None:
    name = here.file_of("all.jsonl", stream)
    for fault in ("after-shipping:2", "before-inbox-commit:2", "before-shipping:2", "while-filing:3"):
        killed(here, "import", name, fault=fault)
    for _ in range(2):  # the batch at which the last one died waits each time
        killed(here, "file", "--until-idle", fault="while-filing:1")
    here.run("import", name)
    there.whole(straight)


def killed(here: Machine, *arguments: str, fault: str) -> None:
    process = here.start(*arguments, MONITOR_FAULT=fault)
    try:
        told, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL, f"not killed {fault}: {told}"
    finally:
        kill_group(process)


@on("opensearch-3")
def test_the_engine_has_too_much_to_do(
    engine_kind: str, tmp_path: Path, stream: list[Item], straight: Mapping[str, str]
) -> None:
    """A queue of one write, and others who crowd it: 429, again and again.

    Only the machines ask through the proxy: what it counts was said to the program, not to the others.
    """
    engine = running(engine_kind, {"thread_pool.write.size": 1, "thread_pool.write.queue_size": 1})
    prefix = "crowded"
    imports: list[subprocess.Popen[str]] = []
    try:
        with Proxy(engine).up() as proxy:
            machines = [machine(tmp_path / f"m{n}", engine, prefix, MONITOR_STORE__URL=proxy.url) for n in range(2)]
            machines[0].run("store", "init")
            before = proxy.put_off
            with crowd(engine, f"{prefix}-noise"):
                imports = [
                    one.start("import", one.file_of("part.jsonl", stream[n :: len(machines)]))
                    for n, one in enumerate(machines)
                ]
                until = time.monotonic() + CROWDED
                wait_until(
                    lambda: (
                        (time.monotonic() > until and proxy.put_off - before >= PUT_OFF)
                        or all(one.poll() is not None for one in imports)
                    ),
                    "the program was refused enough, or is done",
                )
            for importing in imports:
                importing.communicate(timeout=PATIENCE)
            assert proxy.put_off - before >= PUT_OFF
            for one in machines:
                one.drain()
        Checked(engine, prefix, tmp_path / "there").whole(straight)
    finally:
        for importing in imports:
            kill_group(importing)
        engine.remove(prefix)


@contextmanager
def crowd(engine: Engine, index: str, writers: int = 4) -> Iterator[None]:
    """Others who write at once and take no refusal for an answer, for three seconds of four: in the fourth the program
    gets on to what is refused next.
    """
    body = b"".join(b'{"index":{}}\n{"noise":"%d"}\n' % number for number in range(NOISE))
    enough = threading.Event()

    def write() -> None:
        with engine.connected() as connection:
            transport = connection.client.transport
            while not enough.is_set():
                if time.monotonic() % 4 >= 3:
                    enough.wait(0.1)
                    continue
                headers = {"content-type": "application/x-ndjson", "accept": "application/json"}
                transport.perform_request("POST", f"/{index}/_bulk?filter_path=took", headers=headers, body=body)

    threads = [threading.Thread(target=write, daemon=True) for _ in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join(60)
