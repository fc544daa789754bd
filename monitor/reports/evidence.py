"""All that is known of one article in one zip: raw records, texts, comparison with its origin, hashes.

manifest.json     what each file is, its size and SHA-256; times of fetching and of making the file
SHA256SUMS        for `sha256sum -c`, the manifest included
article/          record.json, text.txt, revisions/, and of the page: .warc.gz as stored, headers, body
origin/           the same of where the text came from, as far as known
comparison.html, comparison.json
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from monitor import __version__
from monitor.codec import encode
from monitor.errors import NotFound
from monitor.exporting import export_record, revision_record
from monitor.records import Decision, Document, Revision, WarcRef
from monitor.reports.comparison import compared, comparison_page, comparison_record
from monitor.store.port import Store
from monitor.warc import raw_record, read_record

FORMAT = 1  # of manifest.json; raised when a name in it changes its meaning
_ENDINGS = {"text/html": "html", "application/xhtml+xml": "html", "text/plain": "txt", "application/json": "json"}


@dataclass(frozen=True, slots=True)
class Case:
    """What there is to tell of one article. `basis`: why the other article is taken for its origin."""

    document: Document
    revisions: tuple[Revision, ...]
    decisions: tuple[Decision, ...]
    origin: Document | None = None
    origin_revisions: tuple[Revision, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the zip."""

    name: str
    data: bytes
    what: str


def case_of(store: Store, document: Document) -> Case:
    """The article, its revisions and decisions, and its origin: the one traced, else its story's root."""
    origin, basis = origin_of(store, document)
    return Case(
        document=document,
        revisions=tuple(store.revisions(document.id)),
        decisions=tuple(store.decisions(document.id)),
        origin=origin,
        origin_revisions=tuple(store.revisions(origin.id)) if origin else (),
        basis=basis,
    )


def origin_of(store: Store, document: Document) -> tuple[Document | None, str]:
    """The stored article that the text is compared with, and why it is that one."""
    story = store.stories([document.story]).get(document.story)
    asked = [
        (document.source.origin.article_id, document.source.origin.how),
        (story.root if story else "", "root of the story"),
        (document.duplicate.of, "joined the story through it"),
    ]
    found = store.documents({id for id, _ in asked if id})
    for id, basis in asked:
        if id and id != document.id and id in found:
            return found[id], basis
    return None, ""


def write_evidence(out: BinaryIO, case: Case, *, warc: Path, now: datetime) -> list[str]:
    """Write the zip. What is missing in it, in words: pages that were not kept, or no origin."""
    missing: list[str] = []
    captures: list[dict[str, Any]] = []
    parts = list(_parts(case, warc, captures, missing))
    parts.append(Part("manifest.json", encode(_manifest(case, parts, captures, missing, now)) + b"\n", ""))
    sums = "".join(f"{_sha256(one.data)}  {one.name}\n" for one in parts)
    stamp = now.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in [*parts, Part("SHA256SUMS", sums.encode(), "")]:
            info = zipfile.ZipInfo(one.name, stamp)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, one.data)
    return missing


def _parts(case: Case, warc: Path, captures: list[dict[str, Any]], missing: list[str]) -> Iterator[Part]:
    sides = [("article", case.document, case.revisions)]
    if case.origin is not None:
        sides.append(("origin", case.origin, case.origin_revisions))
    else:
        missing.append("no origin is known: there is nothing to compare with")
    for folder, document, revisions in sides:
        record = {**export_record(document), "revisions": [revision_record(one) for one in revisions]}
        if folder == "article":
            record["decisions"] = case.decisions
        yield Part(f"{folder}/record.json", encode(record) + b"\n", "everything stored of the article")
        yield Part(f"{folder}/text.txt", _text(document.article.title, document.article.text), "title and text")
        for one in revisions:
            what = f"title and text of revision {one.number}, fetched {_iso(one.fetched_at)}"
            yield Part(f"{folder}/revisions/{one.number}.txt", _text(one.title, one.text), what)
        yield from _pages(folder, document, revisions, warc, captures, missing)
    if case.origin is not None:
        found = compared(case.document, case.origin)
        yield Part("comparison.json", encode(comparison_record(found)) + b"\n", "word by word, with offsets")
        title = f"{case.document.article.site}: compared with {case.origin.article.site}"
        yield Part("comparison.html", comparison_page(found, title), "word by word, to be read")


def _pages(
    folder: str,
    document: Document,
    revisions: Sequence[Revision],
    warc: Path,
    captures: list[dict[str, Any]],
    missing: list[str],
) -> Iterator[Part]:
    """The raw page of each revision; the present one last, and also when no revision names it."""
    named = {one.warc: (one.number, one.fetched_at) for one in revisions if one.warc}
    if document.article.warc:
        named.setdefault(document.article.warc, (document.revision, document.article.fetched_at))
    if not named:
        missing.append(f"no raw page was kept of {document.id}")
    for ref, (number, fetched_at) in sorted(named.items(), key=lambda one: one[1][0]):
        name = f"{folder}/page-{number}"
        try:
            parts, capture = _page(name, ref, warc)
        except NotFound as error:
            missing.append(error.message)
            continue
        captures.append({"of": document.id, "revision": number, "fetched_at": _iso(fetched_at), **capture})
        yield from parts


def _page(name: str, ref: WarcRef, warc: Path) -> tuple[list[Part], dict[str, Any]]:
    record, raw = read_record(warc, ref), raw_record(warc, ref)
    kind = record.header("Content-Type").partition(";")[0].strip().lower()
    head = f"HTTP/1.1 {record.status}\r\n" + "".join(f"{key}: {value}\r\n" for key, value in record.headers)
    parts = [
        Part(f"{name}.warc.gz", raw, "the response as it was stored: a WARC record (ISO 28500), unchanged"),
        Part(f"{name}.headers.txt", head.encode("utf-8", "replace"), "status and headers of the response"),
        Part(
            f"{name}.body.{_ENDINGS.get(kind, 'bin')}", record.body, "body of the response, without transfer encoding"
        ),
    ]
    return parts, {
        "url": record.url,
        "warc_date": _iso(record.at),
        "status": record.status,
        "stored_in": {"file": ref.file, "offset": ref.offset},
        "files": [one.name for one in parts],
    }


def _manifest(
    case: Case, parts: Sequence[Part], captures: Sequence[dict[str, Any]], missing: Sequence[str], now: datetime
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": _iso(now),
        "made_by": f"media-monitor {__version__}",
        "article": _summary(case.document),
        "origin": {**_summary(case.origin), "basis": case.basis} if case.origin else None,
        "captures": captures,
        "decisions": [asdict(one) for one in case.decisions],
        "missing": missing,
        "files": [
            {"name": one.name, "bytes": len(one.data), "sha256": _sha256(one.data), "what": one.what} for one in parts
        ],
    }


def _summary(document: Document) -> dict[str, Any]:
    article = document.article
    return {
        "id": article.id,
        "url": article.url,
        "canonical_url": article.canonical_url or None,
        "site": article.site,
        "title": article.title,
        "published_at": _iso(article.published_at) if article.published_at else None,
        "first_seen_at": _iso(document.first_seen),
        "fetched_at": _iso(article.fetched_at),
        "last_seen_at": _iso(document.last_seen),
        "revision": document.revision,
        "story": document.story,
    }


def _text(title: str, text: str) -> bytes:
    return f"{title}\n\n{text}\n".encode("utf-8", "replace")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
