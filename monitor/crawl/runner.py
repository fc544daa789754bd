"""One crawl of one site in this process: `python -m monitor.crawl.runner SITE --run ID`. Started by `monitor.dispatch`.

Progress goes to standard output as lines of JSON (`monitor.crawl.progress`), log lines to standard error. The exit code
is 0 when the site could be read, 1 when not. SIGTERM and SIGINT end the crawl in good order.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from monitor import config, logs
from monitor.crawl.options import scrapy_settings
from monitor.crawl.progress import emit
from monitor.errors import FetchError, MonitorError

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcess
    from twisted.python.failure import Failure


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="monitor.crawl.runner", description=__doc__)
    parser.add_argument("site")
    parser.add_argument("--run", required=True)
    parser.add_argument("--trigger", default="crawl")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0, help="time limit; 0: none. Who started it ends it then")
    options = parser.parse_args(arguments)
    try:
        loaded = config.load()
        logs.setup(loaded.settings.log.level, loaded.settings.log.format)
        return crawl_site(loaded, options.site, options.run, options.trigger, options.workers, options.seconds)
    except MonitorError as error:
        emit("failed", message=error.message, hint=error.hint)
        return 1


def crawl_site(loaded: config.Loaded, site: str, run: str, trigger: str, workers: int, seconds: float = 0.0) -> int:
    """Crawl, with progress on standard output. Raises MonitorError when it can't even begin."""
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings

    from monitor.crawl.attached import gathering_of
    from monitor.sites import origin_site

    settings = Settings()
    settings.setdict(scrapy_settings(loaded), priority="project")
    settings.setdict(
        {
            "MONITOR_RUN_ID": run,
            "MONITOR_TRIGGER": trigger,
            "MONITOR_WORKERS": workers,
            "MONITOR_EVENTS": True,
            "MONITOR_ENDS_AT": time.monotonic() + seconds if seconds else 0.0,
            "LOG_INSTALL_ROOT_HANDLER": False,
            # Scrapy's own lines tell of requests; ours tell of articles.
            "LOG_LEVEL": "WARNING" if loaded.settings.log.level == "INFO" else loaded.settings.log.level,
        },
        priority="cmdline",
    )
    # Scrapy sets its loggers' levels anew when it starts: only the handler has the last word.
    least = logging.getLevelName(settings["LOG_LEVEL"])
    for handler in logging.getLogger().handlers:
        handler.addFilter(lambda record: not record.name.startswith(("scrapy", "twisted")) or record.levelno >= least)
    process = CrawlerProcess(settings)
    crawler = process.create_crawler("origin" if origin_site(site) else "site")
    failures: list[BaseException] = []
    process.crawl(crawler, site=site).addErrback(_kept_in(failures))
    if not failures:
        _end_on_signals(process)
        process.start(install_signal_handlers=False)
    if failures:
        raise failures[0]
    gathering = gathering_of(crawler)
    return 0 if gathering is not None and gathering.run.status in ("finished", "stopped") else 1


def _end_on_signals(process: CrawlerProcess) -> None:
    """Both signals end the crawl in good order, however often they come.

    Ctrl-C reaches the whole process group, and the one that started this process sends SIGTERM on top: Scrapy would
    take the second for an order to drop everything.
    """
    from twisted.internet import reactor

    def end(*_: object) -> None:
        reactor.callFromThread(process.stop)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)


def _kept_in(failures: list[BaseException]) -> Callable[[Failure], None]:
    def keep(failure: Failure) -> None:
        failures.append(failure.value or FetchError("the crawl could not begin"))

    return keep


if __name__ == "__main__":
    sys.exit(main())
