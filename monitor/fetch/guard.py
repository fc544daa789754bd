"""Connections to judged addresses, and a time limit that holds whatever the other side does.

A name is resolved once, every address that it has is judged, and exactly a judged one is connected to: a name that
changes its address in between (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from monitor.errors import AddressRefused, FetchError
from monitor.urls import is_public

MOST_TRIED = 4  # addresses of one name; the time limit is for all of them

PRIVATE_HINT = "if that is meant: --allow-private, or `allow_private: true` in the site's file"


class NoConnection(FetchError):
    """The server itself can't be reached, so nothing of it can be had."""


class Deadline:
    """Ends the connections that it watches when the time is over.

    A socket's own time limit holds for one packet: a server that sends a byte now and then is never late by it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._watched: list[socket.socket] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    @property
    def passed(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds, above zero, so that it is a valid time limit of a socket."""
        return max(0.001, self._end - time.monotonic())

    def watch(self, connection: socket.socket) -> None:
        """By a second descriptor: TLS takes the first one over."""
        with self._lock:
            self._watched.append(connection.dup())
            if self._timer is None:
                self._timer = threading.Timer(self.left(), self._over)
                self._timer.daemon = True
                self._timer.start()

    def _over(self) -> None:
        with self._lock:
            for connection in self._watched:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # it has ended by itself
                    continue

    def close(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            for connection in self._watched:
                connection.close()
            self._watched.clear()


def addresses_of(host: str, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    """What the name resolves to, in the resolver's order. Raises NoConnection."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoConnection(
            f"host not found: {host}", hint="check the address, and this machine's connection to the network"
        ) from error
    return [(family, address) for family, _, _, _, address in found]


def judge(host: str, port: int) -> None:
    """Raises AddressRefused unless every address of the host is public."""
    for _, address in addresses_of(host, port):
        _refuse_private(host, str(address[0]))


def connect(host: str, port: int, *, allow_private: bool, deadline: Deadline) -> socket.socket:
    """A connection that the deadline watches. Raises AddressRefused and NoConnection."""
    found = addresses_of(host, port)
    if not allow_private:
        for _, address in found:
            _refuse_private(host, str(address[0]))
    problem: OSError | None = None
    for family, address in found[:MOST_TRIED]:
        opened = socket.socket(family, socket.SOCK_STREAM)
        try:
            opened.settimeout(deadline.left())
            opened.connect(address)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            opened.close()
            problem = error
        else:
            deadline.watch(opened)
            return opened
    if deadline.passed or isinstance(problem, TimeoutError):
        raise NoConnection(f"no connection to {host}:{port} within {deadline.seconds:g} s") from problem
    if isinstance(problem, ConnectionRefusedError):
        raise NoConnection(f"{host}:{port} refuses the connection: no server listens there") from problem
    raise NoConnection(f"no connection to {host}:{port}: {problem.strerror if problem else 'no address'}") from problem


def _refuse_private(host: str, address: str) -> None:
    if not is_public(address):
        named = "" if address == host else f" ({address})"
        raise AddressRefused(f"{host}{named} is not a public address", hint=PRIVATE_HINT)


def guard(manager: urllib3.PoolManager, opened: Callable[[str, int], socket.socket]) -> urllib3.PoolManager:
    """The manager, all of whose connections are made by `opened(host, port)`.

    `_new_conn` is where urllib3's own SOCKS support does the same.
    """

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return opened(self._dns_host, self.port)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return opened(self._dns_host, self.port)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager
