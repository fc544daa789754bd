"""Page -> Analysis: all that can be said of a page without looking at any other. No I/O.

`analyse` is a pure function; `AnalysisPool` runs it in processes with a time limit per page, so that a page
that hangs or kills the extractor costs that page and never the crawl. The heavy modules are loaded in the
workers only (a fork server holds them ready), so the process that crawls stays small.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import CancelledError, Future, TimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from pebble import ProcessExpired, ProcessPool

from monitor.errors import ExtractionError, MonitorError
from monitor.records import Analysis, Article, ExtractionRules, Page
from monitor.text import text_hash

log = logging.getLogger(__name__)

# Raised whenever a step gives another result for the same page; `store reanalyse` compares it.
PIPELINE_VERSION = 2

# A batch of small fragments shares one trip to a worker: passing one alone costs a third of analysing it.
FRAGMENT_BATCH = 16
MOST_POOLS = 3  # that may break under a page before the page is taken for the reason
STALLED = 15.0  # seconds over the time limit of a page in which nothing arrives, before a pool is given up

PLAIN = ExtractionRules()


def analyse(
    page: Page, rules: ExtractionRules = PLAIN, *, min_words: int = 20, agencies: Path | None = None
) -> Analysis:
    """Extract, then `derive`. `agencies`: the user's own table. Raises ExtractionError when there is no article."""
    from monitor.extract import extract

    article = extract(page, rules, min_words=min_words)
    derived = derive(article, site_language=rules.language or page.hint.language, agencies=agencies)
    return replace(derived, fetched_url=page.final_url or page.url, run=page.run)


def derive(article: Article, *, site_language: str = "", agencies: Path | None = None) -> Analysis:
    """All that follows from the captured article alone: language, fingerprint, what it says of its source."""
    from monitor.duplicates import fingerprint
    from monitor.language import detect
    from monitor.sources import is_withdrawal, load_agencies, local_evidence

    language = detect(article, site_language=site_language)
    local = local_evidence(article, language.code, load_agencies(agencies))
    if is_withdrawal(article.title, article.text):
        article = replace(article, withdrawn=True)
    return Analysis(
        article=article,
        language=language,
        text_hash=text_hash(article.title, article.text),
        fingerprint=fingerprint(article.title, article.text, language.code),
        evidence=local.evidence,
        dispatches=local.dispatches,
        pipeline_version=PIPELINE_VERSION,
    )


class Refused(MonitorError):
    """The page costs itself: `reason` is counted, the crawl goes on."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str]]:
        return type(self), (self.message, self.reason)


Job: TypeAlias = tuple[Page, ExtractionRules, int, Path | None]


def _work(jobs: Sequence[Job]) -> list[Analysis | Refused]:
    """What a worker does. An error of ours is a result: an exception with its chain is dear to pickle."""
    results: list[Analysis | Refused] = []
    for page, rules, min_words, agencies in jobs:
        try:
            results.append(analyse(page, rules, min_words=min_words, agencies=agencies))
        except ExtractionError as error:
            results.append(Refused(error.message, error.reason))
        except MemoryError:
            results.append(_out_of_memory())
        except Exception as error:  # process border: a defect of ours costs the page, and is told with its place
            log.exception("analysis failed url=%s", page.url)
            results.append(Refused(f"the analysis failed: {type(error).__name__}: {error}", "analysis-error"))
    return results


def _out_of_memory() -> Refused:
    return Refused("the analysis needs more memory than it may have", "analysis-memory")


def _prepare(memory_mb: int) -> None:
    """Start of a worker: interrupts are the parent's affair, memory is limited, what all pages need is loaded."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if memory_mb:
        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


@dataclass(slots=True, eq=False)
class _Trip:
    """Pages that go to a worker together. `pools`: how many broke under it."""

    jobs: list[Job]
    futures: list[Future[Analysis]]
    pools: int = 0


class AnalysisPool:
    """Processes that analyse. `submit` gives a future of Analysis, or one that fails with Refused.

    The library gives its whole pool up when a worker is killed while none has work (by the kernel, short of memory),
    and waits for long when one is killed in the middle of a message: then a new pool takes its place, and what was
    under way starts again there.
    """

    def __init__(
        self, workers: int = 0, *, timeout: float = 20.0, memory_mb: int = 2048, min_words: int = 20,
        agencies: Path | None = None,
    ) -> None:  # fmt: skip
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["monitor.analysis_warm"])
        self._workers, self._memory_mb = workers or os.cpu_count() or 1, memory_mb
        self._timeout, self._min_words, self._agencies = timeout, min_words, agencies
        self._change = threading.Condition(threading.RLock())
        self._under_way: dict[_Trip, None] = {}  # in order
        self._closed = False
        self._pool = self._new_pool()
        self._moved = time.monotonic()  # when something arrived, or there was nothing to wait for
        threading.Thread(target=self._watch, name="analysis-watch", daemon=True).start()

    def submit(self, page: Page, rules: ExtractionRules) -> Future[Analysis]:
        """Analyse one page. The future fails with Refused: analysis-timeout, analysis-crash, or the page's reason."""
        (future,) = self.submit_many([(page, rules)])
        return future

    def submit_many(self, pages: Sequence[tuple[Page, ExtractionRules]]) -> list[Future[Analysis]]:
        """Analyse several in one trip. When one of them hangs or kills the worker, each is tried again alone."""
        futures: list[Future[Analysis]] = [Future() for _ in pages]
        self._start(_Trip([(page, rules, self._min_words, self._agencies) for page, rules in pages], futures))
        return futures

    def close(self, *, wait: bool = True) -> None:
        """End the workers; with `wait`, after what was submitted."""
        with self._change:
            while wait and self._under_way:
                self._change.wait(1.0)
            self._closed = True
            self._change.notify_all()
        _dispose(self._pool)

    def _watch(self) -> None:
        """Replace a pool that is broken or stands still while something is under way."""
        with self._change:
            while not self._closed:
                self._change.wait(1.0)
                stalled = time.monotonic() - self._moved > self._timeout + STALLED
                if self._under_way and (stalled or not self._pool.active):
                    self._replace(self._pool)

    def _new_pool(self) -> ProcessPool:
        return ProcessPool(
            max_workers=self._workers, initializer=_prepare, initargs=(self._memory_mb,), context=self._context
        )

    def _start(self, trip: _Trip) -> None:
        with self._change:
            pool = self._pool
            if not self._under_way:
                self._moved = time.monotonic()
            self._under_way[trip] = None
            try:
                task = pool.schedule(_work, args=(trip.jobs,), timeout=self._timeout)
            except RuntimeError:  # it broke since it was asked last
                if self._closed:
                    raise
                self._replace(pool)
                return
        task.add_done_callback(lambda done: self._arrived(trip, pool, done))

    def _replace(self, broken: ProcessPool) -> None:
        with self._change:
            if self._closed or self._pool is not broken:
                return
            log.warning("analysis processes lost, begun anew")
            self._pool = self._new_pool()
            self._moved = time.monotonic()
            threading.Thread(target=_dispose, args=(broken,), daemon=True).start()
            trips, self._under_way = list(self._under_way), {}
            for trip in trips:
                trip.pools += 1
                if trip.pools > MOST_POOLS:
                    _settle(trip.futures, [Refused("the analysis process died", "analysis-crash")] * len(trip.futures))
                else:
                    self._start(trip)

    def _arrived(self, trip: _Trip, pool: ProcessPool, task: Future[list[Analysis | Refused]]) -> None:
        error = CancelledError() if task.cancelled() else task.exception()
        with self._change:
            if pool is not self._pool:
                return  # on its way again, in another pool
            self._moved = time.monotonic()
            if isinstance(error, BrokenProcessPool) and not self._closed:
                self._replace(pool)
                return
        refused = self._why(error)
        if refused is None:
            _settle(trip.futures, task.result())
        elif len(trip.jobs) == 1 or self._closed:
            _settle(trip.futures, [refused] * len(trip.futures))
        else:
            for job, future in zip(trip.jobs, trip.futures, strict=True):
                self._start(_Trip([job], [future]))
        with self._change:
            self._under_way.pop(trip, None)
            self._change.notify_all()

    def _why(self, error: BaseException | None) -> Refused | None:
        if error is None:
            return None
        if isinstance(error, TimeoutError):
            return Refused(f"the analysis took longer than {self._timeout:g} s", "analysis-timeout")
        if isinstance(error, MemoryError):
            return _out_of_memory()
        if isinstance(error, ProcessExpired):
            return Refused(f"the analysis process died (exit code {error.exitcode})", "analysis-crash")
        return Refused(f"the analysis failed: {type(error).__name__}: {error}", "analysis-error")


def _settle(futures: Sequence[Future[Analysis]], results: Sequence[Analysis | Refused]) -> None:
    for future, result in zip(futures, results, strict=True):
        if isinstance(result, Refused):
            future.set_exception(result)
        else:
            future.set_result(result)


def _dispose(pool: ProcessPool) -> None:
    """End its processes at once."""
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()
