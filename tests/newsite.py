"""A news site on loopback that tests shape as they need it: articles, feed, WordPress, robots, redirects, faults."""

from __future__ import annotations

import hashlib
import html
import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

# Sentences with words of their own per number, so that no two articles are alike.
_WORDS = (
    "Hafen",
    "Brücke",
    "Gemeinde",
    "Rathaus",
    "Bürger",
    "Antrag",
    "Sitzung",
    "Entwurf",
    "Straße",
    "Schule",
    "Kosten",
    "Planung",
    "Verein",
    "Brunnen",
    "Markt",
    "Bahnhof",
    "Turm",
    "Ufer",
    "Wiese",
    "Mühle",
    "Garten",
    "Theater",
    "Museum",
    "Archiv",
    "Bücherei",
    "Halle",
    "Becken",
    "Steg",
    "Kanal",
    "Deich",
)


def article_text(number: int, paragraphs: int = 4) -> list[str]:
    """Paragraphs of an article of some 120 words, different for each number."""
    found = []
    for p in range(paragraphs):
        picked = [_WORDS[(number * 7 + p * 5 + k * (number % 11 + 1)) % len(_WORDS)] for k in range(12)]
        found.append(
            f"Im Absatz {p + 1} der Meldung {number} geht es um {picked[0]} und {picked[1]}, wie die Verwaltung am "
            f"Montag mitteilte. Der Ausschuss berät über {picked[2]}, {picked[3]} und {picked[4]}; die Vorlage "
            f"{number * 31 + p} nennt {picked[5]} sowie {picked[6]}. Nach den Worten der "
            f"Sprecherin hängt {picked[7]} von {picked[8]} ab, und {picked[9]} folgt im Herbst."
        )
    return found


def article_page(number: int, *, title: str = "", paragraphs: list[str] | None = None, site: str = "Testblatt") -> str:
    heading = title or f"Meldung {number} aus der Gemeinde"
    body = "".join(f"<p>{html.escape(text)}</p>" for text in paragraphs or article_text(number))
    return (
        f'<!doctype html><html lang="de"><head><meta charset="utf-8"><title>{html.escape(heading)} | {site}</title>'
        f'<meta property="article:published_time" content="2024-05-{1 + number % 28:02}T08:00:00+02:00"></head><body>'
        '<nav><a href="/">Start</a> <a href="/impressum">Impressum</a></nav>'
        f"<article><h1>{html.escape(heading)}</h1>{body}"
        "</article><footer>Alle Rechte vorbehalten</footer></body></html>"
    )


def heading_of(page: str) -> str:
    return page.split("<h1>")[1].split("</h1>")[0]


def body_of(page: str) -> str:
    return page.split("</h1>")[1].split("</article>")[0]


@dataclass
class Answer:
    status: int = 200
    body: bytes | str = b""
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # close the connection without an answer
    delay: float = 0.0


class NewsSite:
    """Use as a context manager. `routes` win over articles: path -> Answer or function of the request's headers."""

    def __init__(self, articles: int = 0, *, address: str = "127.0.0.1", latency: float = 0.0) -> None:
        self.articles: dict[str, str] = {f"/a/{n}/": article_page(n) for n in range(articles)}
        self.routes: dict[str, Answer | Callable[[dict[str, str]], Answer]] = {}
        self.hits: Counter[str] = Counter()
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        self.robots = "User-agent: *\nDisallow: /private/\n"
        self.latency = latency
        self.listed: list[str] | None = None  # paths in the feed; None: all articles
        self.removed: set[str] = set()  # articles that are there no more: 404, and not among the posts
        self._server = ThreadingHTTPServer((address, 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{address}:{self._server.server_address[1]}"

    def __enter__(self) -> NewsSite:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def article_hits(self) -> int:
        return sum(count for path, count in self.hits.items() if path.startswith("/a/"))

    def feed(self, *, whole: bool = False) -> str:
        """The feed; with whole articles in it where asked."""
        items = "".join(
            f"<item><title>{self._title(path, whole)}</title><link>{self.url}{html.escape(path)}</link>"
            f"<guid>{html.escape(path)}</guid>{self._content(path) if whole else ''}</item>"
            for path in (self.articles if self.listed is None else self.listed)
        )
        return (
            '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>Testblatt</title>{items}</channel></rss>"
        )

    def _title(self, path: str, whole: bool) -> str:
        return heading_of(self.articles[path]) if whole else html.escape(path)

    def _content(self, path: str) -> str:
        return f"<content:encoded><![CDATA[{body_of(self.articles[path])}]]></content:encoded>"

    def posts(self, query: dict[str, list[str]]) -> Answer:
        posts = [one for one in enumerate(self.articles.items(), 1) if one[1][0] not in self.removed]
        if "include" in query:
            wanted = {int(one) for one in query["include"][0].split(",")}
            posts = [one for one in posts if one[0] in wanted]
        size, sheet = int(query.get("per_page", ["10"])[0]), int(query.get("page", ["1"])[0])
        chunk = posts[(sheet - 1) * size : sheet * size]
        found = [
            {
                "id": number,
                "date_gmt": "2024-05-16T08:00:00",
                "link": f"{self.url}{path}",
                "title": {"rendered": heading_of(page)},
                "content": {"rendered": body_of(page), "protected": False},
            }
            for number, (path, page) in chunk
        ]
        headers = {"X-WP-Total": str(len(posts)), "X-WP-TotalPages": str(-(-len(posts) // size))}
        return Answer(200, json.dumps(found), "application/json", headers)

    def _answer(self, target: str, headers: dict[str, str]) -> Answer:
        url = urlsplit(target)
        query = parse_qs(url.query)
        if query.get("rest_route") == ["/wp/v2/posts"]:  # WordPress without pretty addresses, on any path
            return self.posts(query)
        route = self.routes.get(url.path)
        if route is not None:
            return route(headers) if callable(route) else route
        if url.path == "/robots.txt":
            return Answer(200, self.robots, "text/plain")
        if url.path == "/feed.xml":
            return _conditional(self.feed(), "application/rss+xml", headers)
        if url.path == "/full.xml":
            return _conditional(self.feed(whole=True), "application/rss+xml", headers)
        if url.path == "/wp-json/wp/v2/posts":
            return self.posts(query)
        if url.path in self.articles and url.path not in self.removed:
            return _conditional(self.articles[url.path], "text/html; charset=utf-8", headers)
        if url.path == "/":
            return Answer(
                200,
                '<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head>'
                "<body>Start</body></html>",
            )
        return Answer(404, "<h1>404</h1>")

    def _handler(site) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                return

            def do_GET(self) -> None:
                path = urlsplit(self.path).path
                given = {name.lower(): value for name, value in self.headers.items()}
                site.hits[path] += 1
                site.requests.append((time.monotonic(), self.path, given))
                answer = site._answer(self.path, given)
                time.sleep(answer.delay or site.latency)
                if answer.cut:
                    self.close_connection = True
                    self.connection.close()
                    return
                body = answer.body.encode() if isinstance(answer.body, str) else answer.body
                self.send_response(answer.status)
                for name, value in {
                    "Content-Type": answer.kind,
                    "Content-Length": str(len(body)),
                    **answer.headers,
                }.items():
                    self.send_header(name, value)
                try:
                    self.end_headers()
                    self.wfile.write(body)
                except ConnectionError:  # the program was killed in between
                    self.close_connection = True

        return Handler


def _conditional(body: str, kind: str, headers: dict[str, str]) -> Answer:
    tag = f'"{hashlib.sha1(body.encode(), usedforsecurity=False).hexdigest()[:16]}"'
    if headers.get("if-none-match") == tag:
        return Answer(304, b"", kind, {"ETag": tag})
    return Answer(200, body, kind, {"ETag": tag})


def site_file(folder: Path, site: NewsSite, *, site_id: str = "blatt", source: str = "feed", more: str = "") -> None:
    """Write the site's file below `folder`/sites."""
    (folder / "sites").mkdir(exist_ok=True)
    sources = {
        "feed": f"  - {{kind: feed, url: '{site.url}/feed.xml'}}",
        "full": f"  - {{kind: feed, url: '{site.url}/full.xml', full_content: true}}",
        "wordpress": f"  - {{kind: wordpress, url: '{site.url}/', pages: 10}}",
    }[source]
    text = f"url: {site.url}/\nallow_private: true\ndelay: 0\n{more}sources:\n{sources}\n"
    (folder / "sites" / f"{site_id}.yaml").write_text(text, encoding="utf-8")
