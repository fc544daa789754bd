"""A small, fast server of pages from memory, in a process of its own so that its CPU can be left out.

/feed/K.xml lists 1,000 articles each; /a/N/ is article N (the pages in turn); /wp-json/... lists posts with content;
/full/K.xml is a feed of 250 with whole content.
"""

from __future__ import annotations

import asyncio
import html
import json
import multiprocessing
import random
import re
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from urllib.parse import parse_qs, urlsplit

from corpus import Saved

PER_FEED = 1000
PER_FULL = 250  # whole articles: a feed of 1 MB or so


class _Site:
    def __init__(self, pages: list[Saved], contents: list[str], total: int) -> None:
        self.pages, self.total, self.base = pages, total, ""
        made = [_article(pages[n % len(pages)].title, contents[n % len(contents)], n) for n in range(total)]
        self.titles, self.texts = [title for title, _ in made], [text for _, text in made]

    def answer(self, target: str) -> tuple[int, str, bytes, str]:
        url = urlsplit(target)
        if match := re.fullmatch(r"/a/(\d+)/", url.path):
            return 200, "text/html; charset=utf-8", self.pages[int(match[1]) % len(self.pages)].html, ""
        if match := re.fullmatch(r"/(feed|full)/(\d+)\.xml", url.path):
            return 200, "application/rss+xml", self._feed(int(match[2]), whole=match[1] == "full"), ""
        if url.path == "/wp-json/wp/v2/posts":
            body, pages = self._posts(parse_qs(url.query))
            return 200, "application/json", body, f"X-WP-Total: {self.total}\r\nX-WP-TotalPages: {pages}\r\n"
        return 404, "text/plain", b"", ""

    def _numbers(self, part: int, size: int) -> range:
        return range(part * size, min(self.total, (part + 1) * size))

    def _feed(self, part: int, *, whole: bool) -> bytes:
        items = []
        for n in self._numbers(part, PER_FULL if whole else PER_FEED):
            content = f"<content:encoded><![CDATA[{self.texts[n]}]]></content:encoded>" if whole else ""
            title = html.escape(self.titles[n] if whole else self.pages[n % len(self.pages)].title)
            date = f"<pubDate>{format_datetime(_date(n))}</pubDate>" if whole else ""
            items.append(f"<item><title>{title}</title><link>{self.base}/a/{n}/</link>{date}{content}</item>")
        return (
            '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
            f"<channel><title>Bench</title>{''.join(items)}</channel></rss>"
        ).encode()

    def _posts(self, query: dict[str, list[str]]) -> tuple[bytes, int]:
        page, size = int(query.get("page", ["1"])[0]), min(100, int(query.get("per_page", ["10"])[0]))
        posts = [
            {
                "id": n,
                "date_gmt": _date(n).strftime("%Y-%m-%dT%H:%M:%S"),
                "modified_gmt": _date(n).strftime("%Y-%m-%dT%H:%M:%S"),
                "link": f"{self.base}/a/{n}/",
                "title": {"rendered": html.escape(self.titles[n])},
                "content": {"rendered": self.texts[n], "protected": False},
            }
            for n in self._numbers(page - 1, size)
        ]
        return json.dumps(posts).encode(), -(-self.total // size)


def _date(n: int) -> datetime:
    """Newest first, ten minutes apart, as a site lists its posts."""
    return datetime(2024, 5, 16, 10, tzinfo=UTC) - timedelta(minutes=10 * n)


def _article(title: str, content: str, n: int) -> tuple[str, str]:
    """Seven of ten are reports of their own: the page's words in another order within each paragraph. Three are copies
    of the page but for a line, as elsewhere in these benchmarks.
    """
    dice = random.Random(n)
    if n % 10 < 3:
        return title, f"{content}<p>Nr. {n}</p>"
    return _shuffled(title, dice), re.sub(r"(?<=<p>)[^<]+", lambda match: _shuffled(match[0], dice), content)


def _shuffled(text: str, dice: random.Random) -> str:
    words = text.split()
    dice.shuffle(words)
    return " ".join(words)


async def _serve(site: _Site, ready: Connection) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                status, kind, body, more = site.answer(head.split(b" ", 2)[1].decode())
                writer.write(
                    f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    site.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    ready.send(site.base)
    async with server:
        await server.serve_forever()


def _run(pages: list[Saved], contents: list[str], total: int, ready: Connection) -> None:
    try:
        asyncio.run(_serve(_Site(pages, contents, total), ready))
    except KeyboardInterrupt:
        sys.exit(0)


def start(pages: list[Saved], contents: list[str], total: int) -> tuple[multiprocessing.Process, str]:
    """The server's process and its address."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_run, args=(pages, contents, total, there), daemon=True)
    process.start()
    return process, here.recv()
