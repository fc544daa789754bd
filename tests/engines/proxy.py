"""A proxy before a real engine: it passes everything on, but for the single answers that a test wants otherwise."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import urllib3

from tests.engines.engine import Engine

CLOSED = {"type": "node_closed_exception", "reason": "node closed"}
PAGE = b"<html>The service is not available</html>"
_JSON = {"content-type": "application/json"}
_HTML = {"content-type": "text/html"}
_OF_ONE_HOP = frozenset({"connection", "keep-alive", "host", "accept-encoding", "content-length", "transfer-encoding"})
_PATIENCE = 60.0  # seconds for an answer of the engine: longer than any client of the tests waits


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


Ask = Callable[[Asked], Answer]
# What becomes of one request: it asks the engine or does not, and None cuts the connection.
Fault = Callable[[Asked, Ask], Answer | None]


class Proxy:
    """`put_off`: answers so far in which the engine refused something because it had too much to do."""

    def __init__(self, engine: Engine) -> None:
        self.put_off = 0
        self._engine = engine
        self._faults: dict[str, Iterator[Fault]] = {}
        self._asked: list[str] = []
        self._lock = threading.Lock()
        # Without retries: where the engine is gone, the client is to see it.
        self._http = urllib3.PoolManager(retries=False, timeout=_PATIENCE, maxsize=16)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def disturb(self, path: str, faults: Iterable[Fault]) -> None:
        """Each for one request to this path, in order; those after the last are passed on."""
        with self._lock:
            self._faults[path] = iter(faults)

    def asked(self, path: str) -> int:
        """How many requests to this path came so far."""
        with self._lock:
            return self._asked.count(path)

    def answer(self, asked: Asked) -> Answer | None:
        with self._lock:
            self._asked.append(asked.path)
            fault = next(self._faults.get(asked.path, iter(())), None)
        return fault(asked, self._passed_on) if fault else self._passed_on(asked)

    def _passed_on(self, asked: Asked) -> Answer:
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in _OF_ONE_HOP}
        told = self._http.request(
            asked.method, self._engine.url + asked.target, headers=headers, body=asked.body, redirect=False
        )
        if b"rejected_execution_exception" in told.data:
            with self._lock:
                self.put_off += 1
        kept = {name: value for name, value in told.headers.items() if name.lower() not in _OF_ONE_HOP}
        return Answer(told.status, kept, told.data)

    @contextmanager
    def up(self) -> Iterator[Proxy]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._http.clear()
            thread.join()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                answer = proxy.answer(Asked(self.command, self.path, dict(self.headers.items()), body))
            except urllib3.exceptions.HTTPError:
                answer = None
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _pass

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with suppress(ConnectionError):  # the client has not waited
                super().handle()

    return Handler


def passed_on(asked: Asked, ask: Ask) -> Answer:
    """Nothing is wrong."""
    return ask(asked)


def said(status: int, body: bytes | Mapping[str, Any] = PAGE) -> Fault:
    """In the engine's place, which is not asked: a page, or JSON."""
    if isinstance(body, bytes):
        return lambda asked, ask: Answer(status, _HTML, body)
    return lambda asked, ask: Answer(status, _JSON, orjson.dumps(body))


def cut(asked: Asked, ask: Ask) -> None:
    """The connection is cut, and the engine was not asked."""


def lost(asked: Asked, ask: Ask) -> None:
    """The connection is cut when the engine has done what it was asked."""
    ask(asked)


def late(seconds: float) -> Fault:
    """The engine has done it, and its answer comes so much later."""

    def fault(asked: Asked, ask: Ask) -> Answer:
        answer = ask(asked)
        time.sleep(seconds)
        return answer

    return fault


def failed(asked: Asked, ask: Ask) -> Answer:
    """The engine has done it, and says that it failed."""
    ask(asked)
    return Answer(500, _JSON, orjson.dumps({"error": CLOSED, "status": 500}))


def one_failed(asked: Asked, ask: Ask) -> Answer:
    """The first of the documents of a bulk request does not reach the engine: its item says that the node failed."""
    lines = asked.body.splitlines(keepends=True)
    ((kind, header),) = orjson.loads(lines[0]).items()
    item = {kind: {"_index": header["_index"], "_id": header["_id"], "status": 500, "error": CLOSED}}
    rest = b"".join(lines[1 if kind == "delete" else 2 :])
    if not rest:
        return Answer(200, _JSON, orjson.dumps({"took": 1, "errors": True, "items": [item]}))
    answer = ask(Asked(asked.method, asked.target, asked.headers, rest))
    body = orjson.loads(answer.body)
    body |= {"errors": True, "items": [item, *body["items"]]}
    return Answer(answer.status, answer.headers, orjson.dumps(body))


def no_larger_than(limit: int) -> Fault:
    """As proxies, and engines, refuse what is larger: with a page, before the engine."""
    return lambda asked, ask: Answer(413, _HTML, PAGE) if len(asked.body) > limit else ask(asked)


def without_header(name: str) -> Fault:
    def fault(asked: Asked, ask: Ask) -> Answer:
        answer = ask(asked)
        return Answer(answer.status, {k: v for k, v in answer.headers.items() if k.lower() != name}, answer.body)

    return fault
