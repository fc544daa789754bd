"""The filer as a process beside the crawls: started when needed, started again when it dies, ended in good order."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from monitor.config import Loaded
from monitor.dispatch.local import start
from monitor.holders import is_process
from monitor.wiring import open_desk, open_wait_note

log = logging.getLogger(__name__)

REST = 2.0  # seconds before a filer that died is started again
LAST_WORDS = 5  # lines of a dead filer's log that are kept


class FilerProcess:
    """Keeps `monitor file` running until `stop`, from the time on when `ready` says so. A filer elsewhere may hold the
    lease; ours stands by then.

    Raises ConfigError when licences.yaml or agencies.toml can't be read.
    """

    def __init__(
        self,
        loaded: Loaded,
        *,
        on_line: Callable[[str], None] | None = None,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        open_desk(loaded)  # a mistake in the files that it reads is told here, not by one filer after the other
        self._loaded, self._on_line, self._ready = loaded, on_line, ready
        self._note = open_wait_note(loaded)
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._hurried = False
        self.last_words: list[str] = []
        self.deaths = 0
        self._thread = threading.Thread(target=self._keep, name="filer", daemon=True)
        self._thread.start()

    @property
    def held_up(self) -> bool:
        """It can't file until somebody does something about the store."""
        wait, process = self._note.read(), self._process
        return wait is not None and wait.lasting and process is not None and is_process(wait.holder, process.pid)

    def hurry(self) -> None:
        """Somebody waits for what is left: file it without a rest between two small batches."""
        with self._lock:
            self._hurried = True
            self._pass_on()

    def _pass_on(self) -> None:
        """By a byte: a signal that comes before it is expected would end the process."""
        pipe = self._process.stdin if self._process is not None else None
        if self._hurried and pipe is not None and not pipe.closed:
            with suppress(OSError):  # it has just ended; its successor is told
                os.write(pipe.fileno(), b"\n")

    def stop(self) -> None:
        """Let it finish its batch and commit the search index; wait for that."""
        with self._lock:
            self._stop.set()
            if self._process is not None and self._process.poll() is None:
                self._process.send_signal(signal.SIGTERM)
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.is_set():
            if not self._ready():
                self._stop.wait(REST)
                continue
            with self._lock:
                if self._stop.is_set():
                    return
                command = [sys.executable, "-P", "-m", "monitor", "file", "--parent", str(os.getpid())]
                self._process = start(command, self._loaded, pipe_input=True, pipe_errors=True, pipe_output=False)
                self._pass_on()
            self._read(self._process)
            code = self._process.wait()
            self._close_pipe(self._process)
            if self._stop.is_set():
                return
            self.deaths += 1
            log.error("filer died code=%d, started again in %g s", code, REST * min(self.deaths, 15))
            self._stop.wait(REST * min(self.deaths, 15))

    def _close_pipe(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101  (a pipe was asked for)
        with self._lock:
            process.stdin.close()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None  # noqa: S101  (a pipe was asked for)
        with process.stderr as lines:
            for raw in lines:
                line = raw.decode("utf-8", "replace").rstrip("\n")
                self.last_words = [*self.last_words[1 - LAST_WORDS :], line]
                if self._on_line:
                    self._on_line(line)
                else:
                    sys.stderr.write(f"{line}\n")
