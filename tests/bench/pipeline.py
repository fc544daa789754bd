"""How fast `monitor crawl` is beside bare trafilatura on the same pages, and where its CPU goes.

    python tests/bench/pipeline.py [--pages 1236] [--memory-pages 5000] [--runs 3] [--small]

Pages come over loopback from a server whose CPU is left out (it runs on the same cores: half its CPU seconds are
taken off the wall time on two cores). Two analysis workers, store on disk, WARC on, no delay. The bound is on the
median of the runs. Of the articles that come with content, three of ten are copies, the others reports of their own.
Last line: OK or MISSED; exit code 1 when missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import webserver
from corpus import Saved, pages

BOUND_PAGES = 0.60  # of bare trafilatura's pages per second
BOUND_CONTENT = 5.0  # times the articles per second of page crawling, for WordPress and full-content feeds
BOUND_MEMORY = 250.0  # MB of the crawl's main process after 5,000 pages
TICKS = os.sysconf("SC_CLK_TCK")
CORES = min(2, os.cpu_count() or 1)


# --- bare trafilatura -----------------------------------------------------------------------------------------------


def _bare(html: bytes) -> int:
    import trafilatura

    found = trafilatura.bare_extraction(html, fast=True, with_metadata=True, include_comments=False)
    return 0 if found is None else len(found.text or "")


def bare_rate(saved: list[Saved], total: int) -> float:
    """Pages per second of two processes that do nothing but extract; start-up left out."""
    work = [saved[n % len(saved)].html for n in range(total)]
    with multiprocessing.Pool(CORES) as pool:
        pool.map(_bare, work[: 4 * CORES], chunksize=1)
        begin = time.perf_counter()
        for _ in pool.imap_unordered(_bare, work, chunksize=8):
            continue
        return total / (time.perf_counter() - begin)


# --- ours -----------------------------------------------------------------------------------------------------------


@dataclass
class Crawled:
    """One crawl: articles, seconds (the server's share taken off), CPU by role in seconds, memory in MB."""

    articles: int
    wall: float
    seconds: float
    cpu: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0

    @property
    def rate(self) -> float:
        return self.articles / self.seconds


class _Watch(threading.Thread):
    """CPU and memory of the crawl's processes by role, read from /proc."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self._root, self._done = root, threading.Event()
        self.cpu: dict[int, tuple[str, float]] = {}
        self.memory = 0.0

    def run(self) -> None:
        while not self._done.wait(0.1):
            self._look()

    def stop(self) -> dict[str, float]:
        self._done.set()
        self.join()
        roles: dict[str, float] = {}
        for role, seconds in self.cpu.values():
            roles[role] = roles.get(role, 0.0) + seconds
        return roles

    def _look(self) -> None:
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    text = (entry / "stat").read_text()
                except OSError:
                    continue
                parts = text.rpartition(")")[2].split()
                parents[int(entry.name)] = (int(parts[1]), (int(parts[11]) + int(parts[12])) / TICKS)
        family = {self._root}
        for _ in range(6):
            family |= {pid for pid, (parent, _) in parents.items() if parent in family}
        for pid in family & set(parents):
            role = self.cpu.get(pid, ("", 0.0))[0] or self._role(pid)
            self.cpu[pid] = (role, parents[pid][1])
            if role == "crawl (Scrapy, WARC, inbox)":
                self.memory = max(self.memory, _resident(pid))

    def _role(self, pid: int) -> str:
        try:
            line = (Path("/proc") / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
        if "crawl.runner" in line:
            return "crawl (Scrapy, WARC, inbox)"
        if "monitor file" in line:
            return "filer (SQLite, tantivy)"
        if "forkserver" in line or "resource_tracker" in line:
            return "analysis workers"
        return "display" if pid == self._root else "other"


def _resident(pid: int) -> float:
    try:
        for line in (Path("/proc") / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0.0
    return 0.0


def _cpu_of(pid: int) -> float:
    parts = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def crawl(saved: list[Saved], contents: list[str], total: int, kind: str) -> Crawled:
    """`monitor crawl` of one site with `total` articles. kind: pages | wordpress | feed."""
    server, base = webserver.start(saved, contents, total)
    try:
        with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
            _write_site(Path(folder), base, total, kind)
            environment = os.environ | {
                "MONITOR_CRAWL__WORKERS": str(CORES),
                "MONITOR_CRAWL__CONCURRENCY": "16",
                "MONITOR_CRAWL__CONCURRENT_SITES": "1",
                "MONITOR_LOG__LEVEL": "WARNING",
            }
            environment.pop("MONITOR_CONFIG", None)
            before, begin = _cpu_of(server.pid or 0), time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "monitor", "crawl", "--json"],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
            )
            watch = _Watch(process.pid)
            watch.start()
            out, _ = process.communicate()
            wall = time.perf_counter() - begin
            served = _cpu_of(server.pid or 0) - before
            run = json.loads(out)["sites"][0]
            if run["stored"] != total:
                raise SystemExit(f"MISSED: {run['stored']} of {total} articles stored: {run}")
            return Crawled(total, wall, wall - served / CORES, watch.stop(), watch.memory)
    finally:
        server.terminate()


def _write_site(folder: Path, base: str, total: int, kind: str) -> None:
    (folder / "sites").mkdir()
    parts = range(-(-total // (webserver.PER_FULL if kind == "feed" else webserver.PER_FEED)))
    if kind == "wordpress":
        sources = [f"  - {{kind: wordpress, url: '{base}', pages: 100}}"]
    elif kind == "feed":
        sources = [f"  - {{kind: feed, url: '{base}/full/{part}.xml', full_content: true}}" for part in parts]
    else:
        sources = [f"  - {{kind: feed, url: '{base}/feed/{part}.xml'}}" for part in parts]
    # The saved pages' canonical links lead to their real hosts: fetching those is no part of what is measured.
    lines = [f"url: {base}/", "allow_private: true", "follow_origin: false", "delay: 0", "sources:", *sources]
    (folder / "sites" / "bench.yaml").write_text("\n".join(lines) + "\n")


# --- where the CPU goes ---------------------------------------------------------------------------------------------


def steps(saved: list[Saved]) -> dict[str, float]:
    """CPU milliseconds per page of each step by itself, one process, no network."""
    from datetime import UTC, datetime

    from monitor.codec import encode
    from monitor.duplicates import fingerprint
    from monitor.extract import extract
    from monitor.filing import Desk, file_batch
    from monitor.language import detect
    from monitor.records import Analysis, Outcome, Page, Status, UrlState
    from monitor.sources import load_agencies, local_evidence
    from monitor.store.embedded import open_store
    from monitor.text import text_hash
    from monitor.warc import WarcWriter

    now, spent = (
        datetime.now(UTC),
        dict.fromkeys(
            ("WARC", "extract", "language", "hash", "fingerprint", "evidence", "encode", "inbox", "file", "index"), 0.0
        ),
    )

    def timed(name: str, work):  # type: ignore[no-untyped-def]
        begin = time.process_time()
        result = work()
        spent[name] += time.process_time() - begin
        return result

    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as folder:
        writer, store = WarcWriter(Path(folder) / "warc"), open_store(Path(folder) / "store")
        outcomes, table = [], load_agencies()
        for number, one in enumerate(saved):
            url = f"https://bench.example/{number}"
            page = Page(url, "bench", one.html, now, content_type="text/html; charset=utf-8")
            timed(
                "WARC", lambda page=page: writer.write(page.url, now, 200, [("Content-Type", "text/html")], page.body)
            )
            article = timed("extract", lambda page=page: extract(page))
            language = timed("language", lambda article=article: detect(article))
            hashed = timed("hash", lambda article=article: text_hash(article.title, article.text))
            prints = timed(
                "fingerprint", lambda article=article, of=language.code: fingerprint(article.title, article.text, of)
            )
            said = timed("evidence", lambda article=article, of=language.code: local_evidence(article, of, table))
            analysis = Analysis(article, language, hashed, prints, said.evidence, said.dispatches, fetched_url=url)
            timed("encode", lambda analysis=analysis: encode(analysis))
            outcomes.append(Outcome(UrlState("bench", url, Status.STORED, article_id=article.id), analysis, "r"))
        for start in range(0, len(outcomes), 32):
            timed("inbox", lambda start=start: store.settle(outcomes[start : start + 32]))
        desk = Desk()
        timed("file", lambda: [file_batch(store, 200, "", desk) for _ in range(-(-len(outcomes) // 200))])
        timed("index", store.refresh)
        writer.close()
        store.close()
    return {name: 1000 * seconds / len(saved) for name, seconds in spent.items()}


def contents_of(saved: list[Saved]) -> list[str]:
    """The pages' texts as HTML, for WordPress and full-content feeds."""
    from datetime import UTC, datetime
    from html import escape

    from monitor.extract import extract
    from monitor.records import Page

    found = []
    for number, one in enumerate(saved):
        article = extract(
            Page(f"https://bench.example/{number}", "b", one.html, datetime.now(UTC), content_type="text/html")
        )
        found.append("".join(f"<p>{escape(part)}</p>" for part in article.text.split("\n\n")))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=1236, help="articles per crawl")
    parser.add_argument("--memory-pages", type=int, default=5000)
    parser.add_argument("--content", type=int, default=5000, help="articles per WordPress or feed crawl")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--small", action="store_true", help="a quick look: few pages, one run, no verdict on memory")
    options = parser.parse_args()
    if options.small:
        options.pages, options.memory_pages, options.content, options.runs = 206, 0, 500, 1
    origin, saved = pages()
    contents = contents_of(saved)
    per_step = steps(saved)
    ratios, rates, bare = [], [], []
    last: Crawled | None = None
    for number in range(options.runs):
        bare.append(bare_rate(saved, options.pages))
        last = crawl(saved, contents, options.pages, "pages")
        rates.append(last.rate)
        ratios.append(last.rate / bare[-1])
        print(
            f"run {number + 1}: bare {bare[-1]:.1f} pages/s, monitor {last.rate:.1f} pages/s, ratio {ratios[-1]:.3f}",
            flush=True,
        )
    wordpress = crawl(saved, contents, options.content, "wordpress")
    feed = crawl(saved, contents, options.content, "feed")
    memory = crawl(saved, contents, options.memory_pages, "pages") if options.memory_pages else last
    return _report(options, origin, per_step, bare, rates, ratios, last, wordpress, feed, memory)


def _report(options, origin, per_step, bare, rates, ratios, last, wordpress, feed, memory) -> int:  # type: ignore[no-untyped-def]
    rate, ratio = statistics.median(rates), statistics.median(ratios)
    print(f"\npages: {origin}; {options.pages} a crawl; {CORES} workers")
    print("step                        CPU ms/page")
    for name, value in per_step.items():
        print(f"  {name:<26}{value:8.2f}")
    print("process                     CPU ms/page")
    for role, seconds in sorted(last.cpu.items()):
        print(f"  {role:<26}{1000 * seconds / last.articles:8.2f}")
    rows = [
        ("pages/s, bare trafilatura", statistics.median(bare), None),
        ("pages/s, monitor crawl", rate, None),
        ("ratio", ratio, ratio >= BOUND_PAGES),
        ("WordPress, times pages/s", wordpress.rate / rate, wordpress.rate >= BOUND_CONTENT * rate),
        ("full feed, times pages/s", feed.rate / rate, feed.rate >= BOUND_CONTENT * rate),
    ]
    if options.memory_pages:
        rows.append((f"MB of the crawl, {memory.articles} pages", memory.memory, memory.memory < BOUND_MEMORY))
    for name, value, good in rows:
        print(f"{name:<32}{value:9.2f}  {'' if good is None else 'ok' if good else 'MISSED'}")
    missed = [name for name, _, good in rows if good is False]
    print(json.dumps({"pages": origin, "steps": per_step, "cpu": last.cpu, **{name: value for name, value, _ in rows}}))
    print(f"MISSED: {', '.join(missed)}" if missed else "OK: all bounds kept")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
