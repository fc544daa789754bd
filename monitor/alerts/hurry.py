"""A request with one time limit over all of it: name look-up, TLS and an answer that comes byte by byte as well.

The limits of urllib3 count anew with each read.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

import urllib3

Answer = tuple[int, Mapping[str, str]]


def post_in_time(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> Answer:
    """Status and headers; the body of the answer is not read. Raises TimeoutError, and errors of urllib3."""
    line, done = _Line(), Future[Answer]()

    def ask() -> None:
        try:
            done.set_result(_post(url, body, headers, seconds, line))
        except BaseException as error:  # told where it is waited for
            done.set_exception(error)

    threading.Thread(target=ask, name="post", daemon=True).start()
    try:
        return done.result(seconds)
    finally:
        line.cut()


class _Line:
    """Connections that another thread can cut. A copy of the socket is kept, as TLS takes the socket itself away."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._is_cut = False
        self._lock = threading.Lock()

    def open(self, made: socket.socket) -> socket.socket:
        with self._lock:
            if self._is_cut:
                made.close()
                raise TimeoutError
            self._sockets.append(made.dup())
        return made

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for one in self._sockets:
                with suppress(OSError), one:
                    one.shutdown(socket.SHUT_RDWR)


def _post(url: str, body: bytes, headers: Mapping[str, str], seconds: float, line: _Line) -> Answer:
    with urllib3.connection_from_url(url, retries=False, timeout=urllib3.Timeout(total=seconds)) as pool:
        kind: Any = pool.ConnectionCls

        def connection(**given: Any) -> Any:
            made = kind(**given)
            opened = made._new_conn
            made._new_conn = lambda: line.open(opened())
            return made

        pool.ConnectionCls = connection  # type: ignore[assignment]
        target = urllib3.util.parse_url(url).request_uri
        answer = pool.urlopen("POST", target, body=body, headers=headers, redirect=False, preload_content=False)
        answer.close()
        return answer.status, answer.headers
