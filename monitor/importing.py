"""Articles from files: JSON lines, folders of HTML, WARC. Every step runs on each record, in the order of the file.

A record that can't be used is refused with a reason, counted, and the next one follows. Nothing is fetched.
"""

from __future__ import annotations

import gzip
import time
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html
import orjson

from monitor.analysis import AnalysisPool, Refused
from monitor.errors import FetchError, InputError
from monitor.inbox import InboxWriter
from monitor.records import Analysis, ExtractionRules, Hint, Outcome, Page, Status, UrlState
from monitor.text import clean, digest
from monitor.urls import host_of, normalise
from monitor.warc import read_responses

WINDOW = 64  # records on their way through analysis: enough for every worker, little memory
LONGEST_LINE = 20_000_000  # bytes of a JSON line; a longer one is no article
HTML_ENDINGS = (".html", ".htm", ".html.gz", ".htm.gz", ".xhtml")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that can't be used, and why. `where` is file and line."""

    where: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An agency took a dispatch of its own back. `page` is the text that came with that, if any."""

    where: str
    article_id: str
    page: Page | None = None
    version: int = 0  # 0: not said


@dataclass
class Imported:
    """What an import came to so far. `error`: why the file could not be read to its end."""

    read: int = 0
    analysed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    withdrawals: list[Withdrawal] = field(default_factory=list)  # to be done when the rest is filed
    withdrawn: int = 0
    error: InputError | None = None


def read_pages(path: Path, *, site: str = "", now: datetime | None = None) -> Iterator[Page | Refusal]:
    """Pages of a file or folder, told apart by its ending. Raises InputError when it is none of those."""
    moment = now or datetime.now(UTC)
    if path.is_dir():
        return _html_folder(path, site, moment)
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    name = path.name.lower()
    if name.endswith((".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz", ".json.gz", ".json")):
        return _jsonl(path, site, moment)
    if name.endswith((".warc", ".warc.gz", ".arc", ".arc.gz")):
        return _warc(path, site, moment)
    if name.endswith(HTML_ENDINGS):
        return iter([_html_file(path, site, moment)])
    raise InputError(
        f"{path}: not a file that can be imported",
        hint="NewsML-G2 is imported with --reference --agency ID"
        if ".xml" in name
        else "import takes .jsonl, .jsonl.gz, .warc.gz, .html or a folder of HTML",
    )


def import_pages(
    pages: Iterable[Page | Refusal | Withdrawal],
    pool: AnalysisPool,
    inbox: InboxWriter,
    *,
    run: str,
    rules: Callable[[str], ExtractionRules] = lambda _: ExtractionRules(),
    finish: Callable[[Page, Analysis], Analysis] = lambda _, analysis: analysis,
    on_refused: Callable[[Refusal], None] | None = None,
    on_step: Callable[[Imported], None] | None = None,
) -> Imported:
    """Analyse in processes, hand over to the inbox in the order of the file. What stands before a damage is kept.

    `finish` adds to an analysis what only the importer knows.
    """
    done = Imported()
    window: deque[tuple[Page, Future[Analysis]]] = deque()

    def refuse(refusal: Refusal) -> None:
        done.refused[refusal.reason] += 1
        if on_refused:
            on_refused(refusal)

    def settle_first() -> None:
        page, future = window.popleft()
        try:
            analysis = future.result()
        except Refused as error:
            refuse(Refusal(page.url, error.reason, error.message))
            return
        wait_for_room(inbox)
        inbox.put(outcome(page, finish(page, analysis), run))
        done.analysed += 1

    try:
        for page in pages:
            done.read += 1
            if isinstance(page, Refusal):
                refuse(page)
                continue
            if isinstance(page, Withdrawal):
                done.withdrawals.append(page)
                continue
            page = replace(page, run=run)
            window.append((page, pool.submit(page, rules(page.site))))
            if len(window) >= WINDOW:
                settle_first()
            if on_step:
                on_step(done)
    except InputError as error:
        done.error = error
    while window:
        settle_first()
        if on_step:
            on_step(done)
    return done


def wait_for_room(inbox: InboxWriter) -> None:
    while inbox.crowded() and not inbox.error:
        time.sleep(0.05)


def outcome(page: Page, analysis: Analysis, run: str) -> Outcome:
    """What goes into the inbox for one imported record."""
    now = datetime.now(UTC)
    state = UrlState(
        page.site,
        page.url,
        Status.STORED,
        discovered_at=now,
        fetched_at=page.fetched_at,
        article_id=analysis.article.id,
        via="import",
    )
    return Outcome(state, analysis, run)


# --- JSON lines ------------------------------------------------------------------------------------------------------


def _jsonl(path: Path, site: str, now: datetime) -> Iterator[Page | Refusal]:
    for where, record in json_lines(path):
        yield record if isinstance(record, Refusal) else page_of_record(record, where=where, site=site, now=now)


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any] | Refusal]]:
    """Each line that is not empty: where it stands, and its object. Raises InputError where the file is damaged."""
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        if len(line) > LONGEST_LINE:
            yield where, Refusal(where, "too-large", f"the line has more than {LONGEST_LINE} bytes")
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            yield where, Refusal(where, "not-json", str(error))
            continue
        if not isinstance(record, dict):
            yield where, Refusal(where, "not-json", "the line is no JSON object")
            continue
        yield where, record


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") if path.name.endswith(".gz") else path.open("rb") as file:
            yield from file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path}: damaged, read up to there: {error}") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror or error}") from error


def page_of_record(record: dict[str, Any], *, where: str, site: str = "", now: datetime) -> Page | Refusal:
    """`id?, url, site?, title?, text | html, published_at?, fetched_at?, lang?` -> Page."""
    for name in ("id", "url", "site", "title", "text", "html", "published_at", "fetched_at", "lang"):
        if record.get(name) is not None and not isinstance(record[name], str):
            return Refusal(where, "bad-field", f"{name} is no text")
    try:
        url = normalise(record.get("url") or "")
    except FetchError as error:
        return Refusal(where, "no-url", error.message)
    whole = bool((record.get("html") or "").strip())
    content = record["html"] if whole else record.get("text") or ""
    if not content.strip():
        return Refusal(where, "empty", "neither text nor html")
    try:
        published, fetched = _moment(record.get("published_at")), _moment(record.get("fetched_at"))
    except ValueError as error:
        return Refusal(where, "bad-date", str(error))
    authors = record.get("authors")
    names = tuple(clean(one) for one in authors if isinstance(one, str)) if isinstance(authors, list) else ()
    return Page(
        url=url,
        site=site_id(record.get("site") or site or host_of(url)),
        body=content.encode("utf-8", "replace"),
        fetched_at=_seen(fetched, now),
        kind="page" if whole else "text",
        content_type=f"text/{'html' if whole else 'plain'}; charset=utf-8",
        hint=Hint(
            title=clean(record.get("title") or ""),
            published_at=published,
            language=record.get("lang") or "",
            authors=names,
        ),
        via="import",
        article_id=record_id(record.get("id") or ""),
    )


def record_id(text: str) -> str:
    """The record's own id; one that would not fit a command line or an address is hashed."""
    if not text or (len(text) <= 128 and text.isprintable() and not any(c.isspace() or c in "/?#&\\" for c in text)):
        return text
    return digest("import", text)


def site_id(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-._" else "-" for c in text.lower())[:100] or "import"


def _moment(text: object) -> datetime | None:
    """An ISO time; without a zone it is UTC. Raises ValueError."""
    if not isinstance(text, str) or not text.strip():
        return None
    moment = datetime.fromisoformat(text.strip())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error


def _seen(fetched: datetime | None, now: datetime) -> datetime:
    """When a record was fetched, as it says; `now` for what can't be: the time bounds all others of the article."""
    return fetched if fetched and _EARLIEST <= fetched <= now else now


# --- HTML ------------------------------------------------------------------------------------------------------------


def _html_folder(folder: Path, site: str, now: datetime) -> Iterator[Page | Refusal]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.lower().endswith(HTML_ENDINGS))
    if not files:
        raise InputError(f"{folder}: no HTML files in this folder", hint="files must end in .html, .htm or .html.gz")
    for path in files:
        yield _html_file(path, site or folder.resolve().name, now)


def _html_file(path: Path, site: str, now: datetime) -> Page | Refusal:
    """The address is the page's own canonical one, which extraction finds; until then the file's name stands for it."""
    try:
        body = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        return Refusal(str(path), "unreadable", str(error))
    return html_page(path, body, site=site_id(site or path.resolve().parent.name), now=now)


def html_page(path: Path, body: bytes, *, site: str, now: datetime, url: str = "") -> Page:
    """A saved page. Without an address, it gets one that names the file and can't be mistaken for a web address."""
    address = url or canonical_of(body) or f"https://file.invalid{path.resolve().as_posix().replace(' ', '%20')}"
    return Page(url=normalise(address), site=site, body=body, fetched_at=now, content_type="text/html", via="import")


def canonical_of(body: bytes) -> str:
    """The absolute address that a saved page gives itself (canonical link, else og:url); empty when it gives none."""
    try:
        tree = lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(huge_tree=False))
    except (lxml.etree.LxmlError, ValueError):
        return ""
    found = tree.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    for address in found:
        try:
            return normalise(str(address))
        except FetchError:
            continue
    return ""


# --- WARC ------------------------------------------------------------------------------------------------------------


def _warc(path: Path, site: str, now: datetime) -> Iterator[Page | Refusal]:
    for record in read_responses(path):
        kind = record.header("Content-Type").partition(";")[0].strip().lower()
        if record.status != 200 or kind not in ("text/html", "application/xhtml+xml", ""):
            yield Refusal(f"{path}: {record.url}", "not-html", f"HTTP {record.status}, {kind or 'no content type'}")
            continue
        try:
            url = normalise(record.url)
        except FetchError as error:
            yield Refusal(f"{path}: {record.url[:200]}", "no-url", error.message)
            continue
        yield Page(
            url=url,
            site=site_id(site or host_of(url)),
            body=record.body,
            fetched_at=_seen(record.at, now),
            content_type=record.header("Content-Type"),
            via="import",
        )
