"""HTTP answers of one site: pages, feeds, API, robots.txt, conditional GET (RFC 9110, 13.1), faults on request."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from monitor.demo import wordpress
from monitor.demo.feeds import feed
from monitor.demo.layouts import article_page, home_page, parts
from monitor.demo.records import View
from monitor.demo.running import SiteState

_HTML = "text/html; charset=utf-8"
_IDLE_SECONDS = 30  # a connection without a request is closed after that
_FAULTS = ("500", "429", "cut")


@dataclass(frozen=True, slots=True)
class Manners:
    """How the sites behave. `faults`: share of articles whose first request fails; `latency`: seconds per answer."""

    faults: float = 0.0
    latency: float = 0.0
    seed: int = 7

    def fault(self, site: str, path: str) -> str:
        """500, 429, cut or none: decided by seed and address, whatever the order of requests."""
        draw = hashlib.blake2b(f"{self.seed}|{site}|{path}".encode(), digest_size=8).digest()
        if int.from_bytes(draw[:4], "big") / 2**32 >= self.faults:
            return ""
        return _FAULTS[draw[4] % len(_FAULTS)]


class SiteHandler(BaseHTTPRequestHandler):
    """One connection to one site; `bind` makes the class of a site."""

    protocol_version = "HTTP/1.1"
    server_version = "NewsWorld"
    sys_version = ""
    timeout = _IDLE_SECONDS
    state: SiteState
    addresses: dict[str, str]
    manners: Manners

    @classmethod
    def bind(cls, state: SiteState, addresses: dict[str, str], manners: Manners) -> type[SiteHandler]:
        """`addresses` may still be empty; it is read at each request."""
        return type("BoundHandler", (cls,), {"state": state, "addresses": addresses, "manners": manners})

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted, not logged."""

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts_of_url = urlsplit(self.path)
        path = unquote(parts_of_url.path)
        if path == "/_hits":
            self._send(200, json.dumps(self.state.hits()), "application/json")
            return
        self.state.count(path)
        if self.manners.latency:
            time.sleep(self.manners.latency)
        view = self.state.view(self.addresses)
        if path.startswith(wordpress.ROOT.rstrip("/")) and view.site.wordpress:
            query = dict(parse_qsl(parts_of_url.query, keep_blank_values=True))
            told = wordpress.answer(view, path, query)
            self._send(told.status, told.body, "application/json; charset=UTF-8", told.headers)
        elif not self._special(view, path):
            self._article(view, path)

    def _special(self, view: View, path: str) -> bool:
        """Everything that is no article; False when the path is none of it."""
        if path == "/":
            extra = {"Link": f'<{view.base}/wp-json/>; rel="https://api.w.org/"'} if view.site.wordpress else {}
            self._send(200, home_page(view), _HTML, extra)
        elif path == "/robots.txt":
            self._send(200, f"User-agent: *\nDisallow: {parts.FORBIDDEN}\n", "text/plain; charset=utf-8")
        elif path == parts.FEED_PATHS[view.site.feed]:
            body, kind = feed(view)
            newest = max((one.modified_at or one.published_at for one in view.articles), default=None)
            self._conditional(body, f"{kind}; charset=utf-8", newest)
        elif path.startswith("/media/"):
            self._conditional(_picture(path), "image/svg+xml", None)
        elif path.startswith(parts.FORBIDDEN):
            self._send(
                200, "<!doctype html><title>-</title><p>robots.txt asks crawlers to stay away from here.</p>", _HTML
            )
        else:
            return False
        return True

    def _article(self, view: View, path: str) -> None:
        article = next((one for one in view.articles if one.path == path), None)
        if article is None:
            self._missing(HTTPStatus.GONE if self.state.is_gone(path) else HTTPStatus.NOT_FOUND)
            return
        fault = self.manners.fault(view.site.id, path)
        if fault and self.state.first_failure(path):
            self._fail(fault, article_page(view, article))
            return
        self._conditional(article_page(view, article), _HTML, article.modified_at or article.published_at)

    def _missing(self, status: HTTPStatus) -> None:
        self._send(
            status, f"<!doctype html><title>{status.phrase}</title><h1>{status.value} {status.phrase}</h1>", _HTML
        )

    def _fail(self, fault: str, body: str) -> None:
        if fault == "500":
            self._send(500, "<h1>Internal Server Error</h1>", _HTML)
        elif fault == "429":
            self._send(429, "<h1>Too Many Requests</h1>", _HTML, {"Retry-After": "1"})
        else:
            self._cut(body.encode())

    def _cut(self, data: bytes) -> None:
        """Promise the whole page, send half of it, hang up."""
        self.send_response(200)
        self.send_header("Content-Type", _HTML)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2])
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _conditional(self, body: str, kind: str, modified: datetime | None) -> None:
        """200, or 304 where the asker has it already: If-None-Match decides, else If-Modified-Since."""
        tag = '"' + hashlib.blake2b(body.encode(), digest_size=8).hexdigest() + '"'
        headers = {"ETag": tag}
        if modified:
            headers["Last-Modified"] = format_datetime(modified.astimezone(UTC), usegmt=True)
        given = self.headers.get("If-None-Match")
        if given is not None:
            known = [one.strip().removeprefix("W/") for one in given.split(",")]
            same = tag in known or "*" in known
        else:
            same = _not_since(modified, self.headers.get("If-Modified-Since"))
        if same:
            self._send(304, "", kind, headers)
        else:
            self._send(200, body, kind, headers)

    def _send(self, status: int, body: str, kind: str, headers: dict[str, str] | None = None) -> None:
        data = body.encode()
        self.send_response(status)
        if status != 304:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(data)


def _not_since(modified: datetime | None, asked: str | None) -> bool:
    if modified is None or not asked:
        return False
    try:
        return modified <= parsedate_to_datetime(asked)
    except (ValueError, TypeError):  # an unreadable date is as good as none (RFC 9110, 13.1.3)
        return False


def _picture(path: str) -> str:
    """A plain coloured picture, a colour per address."""
    hue = hashlib.blake2b(path.encode(), digest_size=2).digest()[0] * 360 // 256
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="675" viewBox="0 0 1200 675">'
        f"<title>{escape(path)}</title>"
        f'<rect width="1200" height="675" fill="hsl({hue} 45% 70%)"/></svg>'
    )
