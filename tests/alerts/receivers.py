"""Real receivers on loopback: a mail server and a web server that take messages, or misbehave as they are told."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from aiosmtpd.controller import Controller


@dataclass
class Mailbox:
    """What came, and how the server answers: "" takes it; else the answer to the data, or "reset" after taking it."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answer: str = ""
    delay: float = 0.0  # seconds before it
    refused: set[str] = field(default_factory=set)  # recipients

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refused:
            return "550 nobody is called so"
        envelope.rcpt_tos.append(address)
        return "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.delay)
        if self.answer and self.answer != "reset":
            return self.answer
        self.raw.append(envelope.content)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        if self.answer == "reset":
            server.transport.abort()
        return "250 taken"

    @property
    def address(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=monitor@example.org&to=desk@example.org&mode=insecure"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def mail_server(port: int = 0) -> Iterator[Mailbox]:
    box = Mailbox(port or free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Hook:
    """What was posted, and how the server answers: a status, or "cut", "reset" (after reading), "hang"."""

    port: int = 0
    posts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)  # for the next requests; then 200
    retry_after: str = ""
    delay: float = 0.0  # seconds before an answer
    begun: int = 0  # requests
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"webhook://127.0.0.1:{self.port}/hook?secret=hush"


@contextmanager
def _serving(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """A web server on loopback; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def web_server(port: int = 0) -> Iterator[Hook]:
    hook = Hook(port)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = hook.answers.pop(0) if hook.answers else 200
            hook.begun += 1
            hook.gone.wait(hook.delay)
            if answer == "hang":
                hook.gone.wait(60)
                return
            if answer in ("cut", "reset"):
                if answer == "reset":
                    self._keep(body)
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.close_connection = True
                self.connection.close()
                return
            if answer == 200:
                self._keep(body)
            self.send_response(answer)
            if hook.retry_after:
                self.send_header("Retry-After", hook.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _keep(self, body: bytes) -> None:
            hook.bodies.append(body)
            hook.headers.append(dict(self.headers))
            hook.posts.append(json.loads(body))

        def log_message(self, *_: object) -> None:
            return

    with _serving(Handler, port) as hook.port:
        try:
            yield hook
        finally:
            hook.gone.set()


@dataclass
class Dripping:
    """A server that begins with `first`, and says a byte more every tenth of a second until it is `cut` off."""

    first: bytes
    port: int = 0
    cut: threading.Event = field(default_factory=threading.Event)


@contextmanager
def dripping(first: bytes) -> Iterator[Dripping]:
    kept = Dripping(first)

    def answer(server: socket.socket) -> None:
        with server.accept()[0] as client:
            client.recv(65536)
            client.sendall(first)
            try:
                for _ in range(100):
                    time.sleep(0.1)
                    client.sendall(b"x")
            except OSError:
                kept.cut.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        kept.port = server.getsockname()[1]
        threading.Thread(target=answer, args=(server,), daemon=True).start()
        yield kept


@dataclass
class Recorder:
    """A web server that takes everything, as a chat's would; `sent` is what came."""

    port: int = 0
    sent: list[bytes] = field(default_factory=list)


@contextmanager
def recorder() -> Iterator[Recorder]:
    kept = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.sent.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_PUT = do_POST

        def log_message(self, *_: object) -> None:
            return

    with _serving(Handler) as kept.port:
        yield kept


@dataclass
class Homeserver:
    """A server of Matrix: `said` has (room, text) of what came; `refused`: rooms that can't be written to."""

    port: int = 0
    logins: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)


@contextmanager
def homeserver() -> Iterator[Homeserver]:
    kept = Homeserver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._read()
            if self.path.endswith("/login"):
                kept.logins += 1
                self._answer({"access_token": "t", "user_id": "@monitor:localhost", "device_id": "d"})
            elif "/join/" in self.path:
                self._answer({"room_id": unquote(self.path.rpartition("/")[2])})
            else:
                self._answer({})

        def do_PUT(self) -> None:
            body = self._read()
            room = unquote(self.path.partition("/rooms/")[2].partition("/")[0])
            if room in kept.refused:
                self._answer({"errcode": "M_FORBIDDEN"}, 403)
                return
            kept.said.append((room, body["body"]))
            self._answer({"event_id": "$1"})

        def do_GET(self) -> None:
            self._answer({})

        def _read(self) -> Any:
            return json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")

        def _answer(self, data: dict[str, str], status: int = 200) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with _serving(Handler) as kept.port:
        yield kept
