"""Servers that fail, pages that hang, addresses that lead inside, two crawls of one site at once."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from monitor.store.embedded import open_store
from tests.newsite import Answer, NewsSite, article_page, site_file
from tests.program import ROOT, crawl, exported, monitor, start
from tests.waiting import until

FAULTS = (
    Answer(500, "<h1>500</h1>"),
    Answer(503, headers={"Retry-After": "1"}),
    Answer(429, headers={"Retry-After": "0"}),
    Answer(cut=True),
)


def unsteady(site: NewsSite, share: float, seed: int) -> None:
    """A share of all answers, robots and feed included, is a fault."""
    rng, plain = random.Random(seed), site._answer

    def answer(target: str, headers: dict[str, str]) -> Answer:
        return rng.choice(FAULTS) if rng.random() < share else plain(target, headers)

    site._answer = answer  # type: ignore[method-assign]


def descendants(parent: int) -> list[int]:
    """Processes below, by /proc: a worker is told by its command."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(fields[1]) == parent and fields[0] not in "ZX":
                found.append(int(status.parent.name))
    return found + [below for child in found for below in descendants(child)]


@pytest.mark.slow
@pytest.mark.parametrize("source", ["feed", "wordpress"])
def test_with_a_fifth_of_all_answers_failing_every_article_arrives(tmp_path: Path, source: str) -> None:
    with NewsSite(60) as site:
        unsteady(site, 0.2, seed=20240516)
        site_file(tmp_path, site, source=source)
        summary = crawl(tmp_path)["blatt"]
    assert (summary["status"], summary["stored"], summary["failed"]) == ("finished", 60, 0)


def test_pages_that_take_too_long_cost_themselves_and_the_crawl_goes_on(tmp_path: Path) -> None:
    with NewsSite(2) as site:
        # Deeply nested and repetitive: some seconds of analysis, where an article takes a few hundredths.
        site.routes["/tief/"] = Answer(
            200, article_page(7).replace("<p>", "<div>" * 60 + "<p>x<b>y</b></p>" * 6000 + "<p>")
        )
        site.listed = ["/tief/", *site.articles]
        site_file(tmp_path, site)
        summary = crawl(tmp_path, MONITOR_CRAWL__PAGE_TIMEOUT="0.4", MONITOR_CRAWL__WORKERS="1")["blatt"]
    assert summary["rejected"] == {"analysis-timeout": 1}
    assert (summary["status"], summary["stored"]) == ("finished", 2)


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_at_most_the_page_it_had(tmp_path: Path) -> None:
    with NewsSite(80, latency=0.02) as site:
        site_file(tmp_path, site)
        process = start(tmp_path, "crawl", "--json", MONITOR_CRAWL__WORKERS="2")
        try:
            until(lambda: site.article_hits() > 20)
            workers = [pid for pid in descendants(process.pid) if _is_worker(pid)]
            os.kill(max(workers), signal.SIGKILL)
            output, _ = process.communicate(timeout=90)
        finally:
            process.kill()
    assert process.returncode == 0, output
    with closing(open_store(tmp_path / "store")) as store:
        lost = store.rejections()
        assert [one.reason for one in lost] in ([], ["analysis-crash"])
        assert store.counts("blatt").get("stored", 0) == 80 - len(lost)


def _is_worker(pid: int) -> bool:
    """A child of a fork server that is not the server."""
    with suppress(OSError):
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        own, above = (Path(f"/proc/{one}/cmdline").read_bytes() for one in (pid, parent))
        return b"forkserver" in own and b"forkserver" in above
    return False


def test_a_redirect_to_a_private_address_is_not_followed(tmp_path: Path) -> None:
    """127.0.0.2 counts as public here: the real check needs an address that a test machine does not have."""
    pretended = tmp_path / "pretended"
    pretended.mkdir()
    (pretended / "sitecustomize.py").write_text(
        "from monitor import urls\n"
        "plain = urls.is_public\n"
        "urls.is_public = lambda address: address == '127.0.0.2' or plain(address)\n"
    )
    with NewsSite(2, address="127.0.0.2") as public, NewsSite(1) as private:
        public.routes["/innen/"] = Answer(302, headers={"Location": f"{private.url}/a/0/"})
        public.routes["/metadaten/"] = Answer(302, headers={"Location": "http://169.254.169.254/latest/"})
        public.listed = ["/innen/", "/metadaten/", *public.articles]
        site_file(tmp_path, public)
        path = tmp_path / "sites" / "blatt.yaml"
        path.write_text(path.read_text().replace("allow_private: true\n", ""))
        done = monitor(tmp_path, "crawl", PYTHONPATH=os.pathsep.join([str(pretended), str(ROOT)]))
        assert private.requests == []
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    with closing(open_store(tmp_path / "store")) as store:
        assert {one.url.removeprefix(public.url): one.reason for one in store.rejections()} == {
            "/innen/": "private-address",
            "/metadaten/": "private-address",
        }
        assert store.counts("blatt")["stored"] == 2


def test_a_second_crawl_of_a_site_says_so_and_disturbs_nothing(tmp_path: Path) -> None:
    gate = threading.Event()
    with NewsSite(12) as site:
        site.routes["/a/5/"] = lambda headers: Answer(200, article_page(5)) if gate.wait(90) else Answer(500)
        site_file(tmp_path, site)
        first = start(tmp_path, "crawl", MONITOR_CRAWL__TIMEOUT="100")
        try:
            until(lambda: site.hits["/a/5/"])
            second = monitor(tmp_path, "crawl")
            gate.set()
            assert second.returncode == 1
            assert "site blatt is being crawled by another process" in second.stderr
            assert "Traceback" not in second.stderr
            output, _ = first.communicate(timeout=60)
        finally:
            first.kill()
        assert first.returncode == 0, output
        assert set(site.hits.values()) == {1}
    assert len(exported(tmp_path)) == 12
    with closing(open_store(tmp_path / "store")) as store:
        assert sorted(run.status for run in store.runs()) in (["failed", "finished"], ["finished"])


def test_the_crawl_delay_of_robots_is_kept_between_all_requests(tmp_path: Path) -> None:
    with NewsSite(5) as site:
        site.robots = "User-agent: *\nCrawl-delay: 1.5\n"
        site_file(tmp_path, site)
        assert crawl(tmp_path)["blatt"]["stored"] == 5
        times = [at for at, _, _ in site.requests]
    assert len(times) == 7
    # The first wait is that of the settings: robots.txt was not read when its request was sent.
    assert min(later - earlier for earlier, later in itertools.pairwise(times[1:])) >= 1.4


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[tuple[NewsSite, subprocess.Popen[str]]]:
    """A crawl that waits because the server asked it to, with six more articles in the queue."""
    with NewsSite(7) as site:
        site.routes["/warte/"] = Answer(503, headers={"Retry-After": "50"})
        site.listed = ["/a/0/", "/warte/", *list(site.articles)[1:]]
        site_file(tmp_path, site)
        process = start(tmp_path, "crawl", MONITOR_CRAWL__CONCURRENCY="1")
        until(lambda: site.hits["/warte/"])
        yield site, process
        process.kill()


def test_ctrl_c_ends_a_crawl_in_good_order_even_while_it_waits_for_a_server(
    tmp_path: Path, waiting: tuple[NewsSite, subprocess.Popen[str]]
) -> None:
    _, process = waiting
    time.sleep(1)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 130, output
    assert "Traceback" not in output
    assert time.monotonic() - began < 30  # the server asked for 50 seconds
    with closing(open_store(tmp_path / "store")) as store:
        counts = store.counts("blatt")
        assert set(counts) == {"stored", "discovered"}  # nothing counts as failed because the crawl ended
        assert (counts["stored"] <= 2, sum(counts.values())) == (True, 8)
        assert store.waiting() == 0
        (run,) = store.runs()
        assert run.status == "stopped"
