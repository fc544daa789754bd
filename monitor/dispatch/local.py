"""Crawls as processes on this machine: at most N at once, never two of one site, each with a time limit.

A crawl gets a process of its own because a Twisted reactor can't be started twice, and because what a site does to
a process ends with it. All processes stay in the group of the one that started them, so that a signal to the group
(Ctrl-C, SIGKILL) reaches all.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import IO

from monitor.config import Loaded
from monitor.crawl.progress import Event, new_run_id, read
from monitor.records import Run
from monitor.sites import origin_site

log = logging.getLogger(__name__)

GRACE = 30.0  # seconds a crawl has to end in good order before it is killed
OnEvent = Callable[[str, Event], None]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a crawl's process ended. `run` as the process told it last; None when it could not even begin."""

    site: str
    run_id: str
    ok: bool
    message: str = ""
    hint: str = ""
    run: Run | None = None


class LocalCrawls:
    """Queue of crawls with `slots` processes. Safe to use from several threads.

    `on_event` is called with the site and each progress event, `on_line` with each line that a crawl logs; both on
    threads of the queue.
    """

    def __init__(
        self,
        loaded: Loaded,
        *,
        slots: int,
        workers: int,
        on_event: OnEvent | None = None,
        on_line: Callable[[str], None] | None = None,
    ) -> None:
        self._loaded, self._workers = loaded, workers
        self._on_event, self._on_line = on_event, on_line
        self._threads = ThreadPoolExecutor(max_workers=slots, thread_name_prefix="crawl")
        self._lock = threading.Lock()
        self._active: dict[str, Future[Ended]] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._stopping = False

    def submit(self, site: str, *, trigger: str, time_limit: timedelta | None = None) -> Future[Ended]:
        """Queue a crawl. While one of the same site waits or runs, that one's future is the answer."""
        with self._lock:
            active = self._active.get(site)
            if active is not None and not active.done():
                return active
            future = self._threads.submit(self._crawl, site, trigger, time_limit)
            self._active[site] = future
            return future

    def active(self) -> list[str]:
        """Sites that wait or run."""
        with self._lock:
            return [site for site, future in self._active.items() if not future.done()]

    def stop(self) -> None:
        """Take nothing new, end what runs in good order (what it has is kept), and wait for it."""
        with self._lock:
            self._stopping = True
            running = list(self._processes.values())
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _crawl(self, site: str, trigger: str, time_limit: timedelta | None) -> Ended:
        run_id = new_run_id(site)
        command = [sys.executable, "-P", "-m", "monitor.crawl.runner", site, "--run", run_id]
        command += ["--trigger", trigger, "--workers", str(self._workers)]
        command += ["--seconds", str(time_limit.total_seconds())] if time_limit else []
        with self._lock:
            if self._stopping:
                return Ended(site, run_id, ok=False, message="not started: the program is ending")
            process = start(command, self._loaded, pipe_errors=self._on_line is not None)
            self._processes[site] = process
        killer = _timer(process, time_limit, expected=origin_site(site) is not None)
        lines = threading.Thread(target=self._pass_lines, args=(process.stderr,), daemon=True)
        lines.start()
        try:
            return self._listen(site, run_id, process)
        finally:
            if killer:
                killer.cancel()
            lines.join(5)
            with self._lock:
                self._processes.pop(site, None)

    def _listen(self, site: str, run_id: str, process: subprocess.Popen[bytes]) -> Ended:
        ended = Ended(site, run_id, ok=False)
        assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
        for line in process.stdout:
            event = read(line)
            if event is None:
                continue
            if self._on_event:
                self._on_event(site, event)
            if event.kind == "failed":
                ended = replace(ended, message=event.message, hint=event.hint)
            elif event.run is not None:
                ended = replace(ended, run=event.run, message=event.run.error)
        code = process.wait()
        if code == 0:
            return replace(ended, ok=True)
        if not ended.message:
            ended = replace(ended, message=_died(code))
        return ended

    def _pass_lines(self, stream: IO[bytes] | None) -> None:
        if stream is None or self._on_line is None:
            return
        for line in stream:
            self._on_line(line.decode("utf-8", "replace").rstrip("\n"))


def start(
    command: list[str], loaded: Loaded, *, pipe_input: bool = False, pipe_errors: bool = False, pipe_output: bool = True
) -> subprocess.Popen[bytes]:
    """Start one of our own modules in the folder of the settings."""
    return subprocess.Popen(  # noqa: S603  (our own interpreter and module)
        command,
        cwd=loaded.folder,
        env=_environment(loaded),
        stdin=subprocess.PIPE if pipe_input else subprocess.DEVNULL,
        stdout=subprocess.PIPE if pipe_output else None,
        stderr=subprocess.PIPE if pipe_errors else None,
    )


def _environment(loaded: Loaded) -> Mapping[str, str]:
    """The same settings for the child; the folder of the program where it is not installed; a user's own spiders."""
    environment = dict(os.environ)
    if loaded.file is not None:
        environment["MONITOR_CONFIG"] = str(loaded.file)
    program = str(Path(__file__).resolve().parents[2])
    paths = [program, str(loaded.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    return environment


def _timer(process: subprocess.Popen[bytes], limit: timedelta | None, *, expected: bool) -> threading.Timer | None:
    if limit is None:
        return None

    def end() -> None:
        level = logging.DEBUG if expected else logging.WARNING
        log.log(level, "crawl over its time limit, ended pid=%d limit=%s", process.pid, limit)
        _signal(process, signal.SIGTERM)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()

    timer = threading.Timer(limit.total_seconds(), end)
    timer.daemon = True
    timer.start()
    return timer


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)


def _died(code: int) -> str:
    if code < 0:
        return f"the crawl's process was killed by {signal.Signals(-code).name}; the next crawl goes on where it was"
    return f"the crawl's process ended with exit code {code}; its log tells why"
