"""The call to a monitor outside: what counts as taken, what is logged, and that nothing waits for it."""

from __future__ import annotations

import logging
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from monitor.health.heartbeat import Heartbeat


@dataclass
class Outside:
    address: str = ""
    answers: list[int] = field(default_factory=list)  # for the next calls; then 200
    calls: int = 0
    authorization: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)  # unset: no answer is given

    def __post_init__(self) -> None:
        self.held.set()


@pytest.fixture
def outside() -> Iterator[Outside]:
    kept = Outside()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.calls += 1
            kept.authorization.append(self.headers.get("Authorization", ""))
            kept.paths.append(self.path)
            kept.held.wait(20)
            self.send_response(kept.answers.pop(0) if kept.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.address = f"http://127.0.0.1:{server.server_port}/ping/hush"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield kept
    finally:
        kept.held.set()
        server.shutdown()
        server.server_close()


def test_what_is_not_taken_is_logged_once_until_it_changes_and_called_again(
    outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "monitor.health")
    outside.answers = [204, 302, 404, 404, 500, 200, 404]
    heartbeat = Heartbeat(outside.address)
    for _ in range(7):
        heartbeat.beat()
        heartbeat.join()
    assert outside.calls == 7
    assert [record.getMessage() for record in caplog.records if record.name.startswith("monitor")] == [
        "heartbeat not taken reason=HTTP status 404",
        "heartbeat not taken reason=HTTP status 500",
        "heartbeat taken again",
        "heartbeat not taken reason=HTTP status 404",
    ]
    assert not any("hush" in record.getMessage() for record in caplog.records if record.name.startswith("monitor"))


@pytest.mark.parametrize(("given", "sent"), [("", ""), ("mara:ge%3Aheim@", "mara:ge:heim"), ("mar%40a:@", "mar@a:")])
def test_user_and_password_of_the_address_are_sent_for_basic_authorization(
    outside: Outside, given: str, sent: str
) -> None:
    heartbeat = Heartbeat(outside.address.replace("http://", f"http://{given}") + "?a=b%20c")
    heartbeat.beat()
    heartbeat.join()
    assert outside.paths == ["/ping/hush?a=b%20c"]
    assert outside.authorization == [f"Basic {b64encode(sent.encode()).decode()}" if sent else ""]


def test_nobody_waits_for_one_that_hangs_and_no_second_is_begun(outside: Outside) -> None:
    outside.held.clear()
    heartbeat = Heartbeat(outside.address)
    begun = time.monotonic()
    for _ in range(5):
        heartbeat.beat()
    assert time.monotonic() - begun < 2
    outside.held.set()
    heartbeat.join()
    assert outside.calls == 1


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "http://[", "nonsense://a", f"http://{'a' * 70}.test/"])
def test_an_address_where_nobody_is_harms_nothing(address: str, caplog: pytest.LogCaptureFixture) -> None:
    heartbeat = Heartbeat(address, seconds=1)
    heartbeat.beat()
    heartbeat.join()
    assert "heartbeat not taken reason=" in caplog.text
