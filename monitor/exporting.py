"""Documents as the JSON objects and CSV rows that scripts rely on: export, show, search and inspect print the same."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.records import Document, Revision, WarcRef

CSV_COLUMNS = (
    "id", "url", "canonical_url", "site", "title", "authors", "published_at", "fetched_at", "language",
    "language_confidence", "words", "revision", "cluster_id", "duplicate_kind", "duplicate_of", "source_kind",
    "agencies", "credited", "origin_url", "source_links", "text", "photo_agencies", "uncredited_reuse", "licensed",
    "lag_seconds", "share_kept", "withdrawn",
)  # fmt: skip

# A spreadsheet takes a cell that begins so for a formula, and a crawled page could bring one (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")


def export_record(document: Document) -> dict[str, Any]:
    """The document as a JSON object; times are ISO 8601 in UTC, what is not known is null."""
    article = document.article
    return {
        "id": article.id,
        "url": article.url,
        "canonical_url": article.canonical_url or None,
        "site": article.site,
        "title": article.title,
        "text": article.text,
        "description": article.description or None,
        "authors": list(article.authors),
        "published_at": _time(article.published_at),
        "published_how": article.published_how or None,
        "modified_at": _time(article.modified_at),
        "fetched_at": _time(article.fetched_at),
        "first_seen_at": _time(document.first_seen),
        "last_seen_at": _time(document.last_seen),
        "time_zone": article.time_zone,
        "language": {
            "code": document.language.code,
            "confidence": document.language.confidence,
            "method": document.language.method,
        },
        "words": article.words,
        "image": article.image or None,
        "captions": [{"text": one.text, "credit": one.credit, "where": one.where} for one in article.captions],
        "lines": [{"text": one.text, "where": one.where} for one in article.lines],
        "structured": {
            "jsonld_authors": list(article.structured.jsonld_authors),
            "meta_authors": list(article.structured.meta_authors),
            "publisher": article.structured.publisher or None,
            "copyright": article.structured.copyright or None,
            "section": article.structured.section or None,
            "keywords": list(article.structured.keywords),
        },
        "source_links": [{"url": one.url, "label": one.label, "how": one.how} for one in article.source_links],
        "role": article.role,
        "revision": document.revision,
        "withdrawn": document.withdrawn,
        "cluster_id": document.story,
        "also_in": list(document.also_in),
        "duplicate": {
            "kind": document.duplicate.kind,
            "of": document.duplicate.of or None,
            "containment": document.duplicate.containment,
            "reverse": document.duplicate.reverse,
        },
        "matches": [
            {"id": one.id, "containment": one.containment, "reverse": one.reverse, "kind": one.kind}
            for one in document.matches
        ],
        "source": _source(document),
        "warc": _warc(article.warc),
    }


def _source(document: Document) -> dict[str, Any]:
    source = document.source
    return {
        "kind": source.kind,
        "agencies": [{"id": one.id, "confidence": one.confidence} for one in source.agencies],
        "photo_agencies": list(source.photo_agencies),
        "credited": source.credited,
        "uncredited_reuse": source.uncredited_reuse,
        "licensed": source.licensed,
        "origin": {
            "url": source.origin.url or None,
            "article_id": source.origin.article_id or None,
            "site": source.origin.site or None,
            "published_at": _time(source.origin.published_at),
            "how": source.origin.how or None,
        },
        "lag_seconds": source.lag_seconds,
        "share_kept": source.share_kept,
        "share_added": source.share_added,
        "words_changed": source.words_changed,
        "evidence": [
            {"kind": e.kind, "agency": e.agency, "quote": e.quote, "where": e.where, "weight": e.weight}
            | ({"url": e.url} if e.url else {})
            for e in source.evidence
        ],
    }


def revision_record(revision: Revision) -> dict[str, Any]:
    """One state of a text as a JSON object."""
    return {
        "number": revision.number,
        "title": revision.title,
        "text": revision.text,
        "fetched_at": _time(revision.fetched_at),
        "published_at": _time(revision.published_at),
        "modified_at": _time(revision.modified_at),
        "warc": _warc(revision.warc),
    }


def csv_header() -> str:
    return csv_line(CSV_COLUMNS)


def csv_row(document: Document) -> str:
    """One line of CSV (RFC 4180) with its line end. Several values are joined by "; ".

    A value that a spreadsheet would take for a formula (it begins with =, +, - or @) gets an apostrophe before it.
    """
    article, source = document.article, document.source
    values = {
        "id": article.id,
        "url": article.url,
        "canonical_url": article.canonical_url,
        "site": article.site,
        "title": article.title,
        "authors": "; ".join(article.authors),
        "published_at": _time(article.published_at) or "",
        "fetched_at": _time(article.fetched_at) or "",
        "language": document.language.code,
        "language_confidence": f"{document.language.confidence:.2f}",
        "words": str(article.words),
        "revision": str(document.revision),
        "cluster_id": document.story,
        "duplicate_kind": document.duplicate.kind,
        "duplicate_of": document.duplicate.of,
        "source_kind": source.kind,
        "agencies": "; ".join(one.id for one in source.agencies),
        "credited": _yes(source.credited),
        "origin_url": source.origin.url,
        "source_links": "; ".join(one.url for one in article.source_links),
        "text": article.text,
        "photo_agencies": "; ".join(source.photo_agencies),
        "uncredited_reuse": _yes(source.uncredited_reuse),
        "licensed": "" if source.licensed is None else _yes(source.licensed),
        "lag_seconds": "" if source.lag_seconds is None else str(source.lag_seconds),
        "share_kept": "" if source.share_kept is None else f"{source.share_kept:.3f}",
        "withdrawn": _yes(document.withdrawn),
    }
    return csv_line(inert(values[name]) for name in CSV_COLUMNS)


def _yes(value: bool) -> str:
    return "true" if value else "false"


def inert(value: str) -> str:
    """The value with an apostrophe before what a spreadsheet would take for a formula; a number is none."""
    return f"'{value}" if value.startswith(_FORMULA) and not _NUMBER.match(value) else value


def csv_line(values: Iterable[str]) -> str:
    """One line of CSV with its line end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue()


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _warc(ref: WarcRef | None) -> dict[str, Any] | None:
    return None if ref is None else {"file": ref.file, "offset": ref.offset}
