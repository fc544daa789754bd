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
from collections.abc import Callable, Sequence
from concurrent.futures import Future, TimeoutError
from typing import TypeAlias

from pebble import ProcessExpired, ProcessPool

from monitor.errors import ExtractionError, MonitorError
from monitor.records import Analysis, ExtractionRules, Page
from monitor.text import text_hash

log = logging.getLogger(__name__)

# Raised whenever a step gives another result for the same page; `store reanalyse` compares it.
PIPELINE_VERSION = 1

# A batch of small fragments shares one trip to a worker: passing one alone costs a third of analysing it.
FRAGMENT_BATCH = 16

PLAIN = ExtractionRules()


def analyse(page: Page, rules: ExtractionRules = PLAIN, *, min_words: int = 20) -> Analysis:
    """Extract, detect the language, hash. Raises ExtractionError when the page holds no article."""
    from monitor.extract import extract
    from monitor.language import detect

    article = extract(page, rules, min_words=min_words)
    return Analysis(
        article=article,
        language=detect(article, site_language=rules.language or page.hint.language),
        text_hash=text_hash(article.title, article.text),
        fetched_url=page.final_url or page.url,
        run=page.run,
        pipeline_version=PIPELINE_VERSION,
    )


class Refused(MonitorError):
    """The page costs itself: `reason` is counted, the crawl goes on."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str]]:
        return type(self), (self.message, self.reason)


Job: TypeAlias = tuple[Page, ExtractionRules, int]


def _work(jobs: Sequence[Job]) -> list[Analysis | Refused]:
    """What a worker does. An error of ours is a result: an exception with its chain is dear to pickle."""
    results: list[Analysis | Refused] = []
    for page, rules, min_words in jobs:
        try:
            results.append(analyse(page, rules, min_words=min_words))
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


class AnalysisPool:
    """Processes that analyse. `submit` gives a future of Analysis, or one that fails with Refused."""

    def __init__(self, workers: int = 0, *, timeout: float = 20.0, memory_mb: int = 2048, min_words: int = 20) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["monitor.analysis_warm"])
        self._timeout, self._min_words = timeout, min_words
        self._pool = ProcessPool(
            max_workers=workers or os.cpu_count() or 1, initializer=_prepare, initargs=(memory_mb,), context=context
        )

    def submit(self, page: Page, rules: ExtractionRules) -> Future[Analysis]:
        """Analyse one page. The future fails with Refused: analysis-timeout, analysis-crash, or the page's reason."""
        (future,) = self.submit_many([(page, rules)])
        return future

    def submit_many(self, pages: Sequence[tuple[Page, ExtractionRules]]) -> list[Future[Analysis]]:
        """Analyse several in one trip. When one of them hangs or kills the worker, each is tried again alone."""
        futures: list[Future[Analysis]] = [Future() for _ in pages]
        jobs = [(page, rules, self._min_words) for page, rules in pages]
        self._schedule(jobs, futures)
        return futures

    def _schedule(self, jobs: list[Job], futures: list[Future[Analysis]]) -> None:
        task = self._pool.schedule(_work, args=(jobs,), timeout=self._timeout)
        task.add_done_callback(self._finished(jobs, futures))

    def _finished(
        self, jobs: list[Job], futures: list[Future[Analysis]]
    ) -> Callable[[Future[list[Analysis | Refused]]], None]:
        def finished(task: Future[list[Analysis | Refused]]) -> None:
            if task.cancelled():
                for future in futures:
                    future.cancel()
                return
            refused = self._why(task.exception())
            if refused is None:
                for future, result in zip(futures, task.result(), strict=True):
                    if isinstance(result, Refused):
                        future.set_exception(result)
                    else:
                        future.set_result(result)
            elif len(jobs) == 1:
                futures[0].set_exception(refused)
            else:
                for job, future in zip(jobs, futures, strict=True):
                    self._schedule([job], [future])

        return finished

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

    def close(self, *, wait: bool = True) -> None:
        """End the workers; with `wait`, after what was submitted."""
        if wait:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
