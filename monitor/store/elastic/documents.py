"""Articles and what belongs to them as the engine's documents, and back. Pure.

A document shows what people plot and what is asked; the record itself lies beside it in `record`, from which it is
read again. Only what is long (title, text, hashes) is not kept twice.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.records import (
    Document,
    Edge,
    Fingerprint,
    Revision,
    Story,
)
from monitor.store.asked import both_words, folded_words
from monitor.store.elastic.encoding import Made, Source, as_json, filled, filled_plainly, read, record_of
from monitor.store.linked import linked
from monitor.store.matching import KEYWORDS, credited_agencies, values
from monitor.store.stemming import STEMMERS
from monitor.store.values import keyword, micros, plain
from monitor.text import digest

# What a Document is read from.
ARTICLE_PARTS = ("record", "title", "text", "hashes")

_PLAIN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,511}", re.ASCII)


def key(id: str) -> str:
    """`_id` of what has an id of its own: the id, or its digest where an engine's `_id` can't be it."""
    return id if _PLAIN_ID.fullmatch(id) else digest(id)


def edge_key(article: str, other: str) -> str:
    return digest("edge", article, other)


def revision_key(article: str, number: int) -> str:
    return digest("revision", article, str(number))


def hash_key(number: int) -> str:
    """A hash of a fingerprint as it is indexed."""
    return f"{number:016x}"


def hash_keys(numbers: Sequence[int]) -> list[str]:
    """`hash_key` of each, in a fifth of the time."""
    return struct.pack(f">{len(numbers)}Q", *numbers).hex(" ", 8).split()


# --- articles --------------------------------------------------------------------------------------------------------


def article_document(document: Document, *, stemming: bool) -> Made:
    """`stemming`: the index has fields for stems."""
    article, source, origin = document.article, document.source, document.source.origin
    local = _local_time(document.story_time, article.time_zone)
    return filled(
        {
            "id": plain(document.id),
            "url": article.url,
            "canonical_url": article.canonical_url,
            "site": article.site,
            "lang": document.language.code,
            "role": article.role,
            "story": document.story,
            "agency": credited_agencies(source),
            "photo_agency": source.photo_agencies,
            "kind": source.kind,
            "duplicate_kind": document.duplicate.kind,
            "origin_site": origin.site,
            "origin_url": origin.url,
            "origin_id": origin.article_id,
            "origin_how": origin.how,
            "origin": _lowered(document, "origin"),
            "time_zone": article.time_zone,
            "authors": article.authors,
            "exact": document.fingerprint.exact,
            "links": sorted(linked(article)),
            "addresses": sorted({article.url, document.fetched_from} - {""}),
            "dispatches": document.dispatches,
            "former_story": document.former_story,
            "weekday": str(local.isoweekday()),
            "hour": local.hour,
            "credited": source.credited,
            "licensed": source.licensed,
            "uncredited_reuse": source.uncredited_reuse,
            "is_root": document.is_root,
            "withdrawn": document.withdrawn,
            "published": document.story_time,
            "published_at": article.published_at,
            "modified_at": article.modified_at,
            "fetched": document.first_seen,
            "last_seen": document.last_seen,
            "lag_seconds": source.lag_seconds,
            "words": article.words,
            "words_changed": source.words_changed,
            "revision": document.revision,
            "pipeline_version": document.pipeline_version,
            "generation": document.generation,
            "share_kept": source.share_kept,
            "share_added": source.share_added,
            "micros": {"published": micros(document.story_time), "fetched": micros(document.first_seen)},
            "title": article.title,
            "text": article.text,
        }
    ) | filled_plainly(
        {
            "hashes": hash_keys(document.fingerprint.hashes),
            "keys": _keys(document),
            "record": record_of(_bare(document)),
            **_words(document, stemming=stemming),
        }
    )


def asked_document(document: Document, names: Sequence[str], copies: int, *, stemming: bool) -> Made:
    """What rules can ask of an article. `names`: ids that its story has and had."""
    kept = {**_keys(document), "story": [keyword(name) for name in names]}
    times = {"published": micros(document.story_time), "fetched": micros(document.first_seen)}
    return {"keys": kept, "micros": times, "copies": copies, **_words(document, stemming=stemming)}


def article(source: Source) -> Document:
    """The Document of an article's `_source` (ARTICLE_PARTS of it). Raises StoreCorrupt."""
    document = read(Document, source)
    # Nobody has seen it yet; `replace`, twice, costs as much as reading the record does.
    object.__setattr__(document.article, "title", source.get("title", ""))
    object.__setattr__(document.article, "text", source.get("text", ""))
    object.__setattr__(document.fingerprint, "hashes", tuple(int(number, 16) for number in source.get("hashes", ())))
    return document


def _bare(document: Document) -> Document:
    return replace(
        document,
        article=replace(document.article, title="", text=""),
        fingerprint=Fingerprint(document.fingerprint.exact),
    )


def _words(document: Document, *, stemming: bool) -> Made:
    """The words of the title, the text and the authors, as they are searched."""
    language = document.language.code
    folded, stems = {}, {}
    for name, text in (("title", document.article.title), ("text", document.article.text)):
        spoken, plain_words = both_words(text, language)
        folded[name] = " ".join(plain_words)
        stems[name] = " ".join(spoken)
    folded["author"] = " ".join(folded_words(" ; ".join(document.article.authors)))
    made: Made = {"folded": filled_plainly(folded)}
    if stemming and language in STEMMERS:
        made["stems"] = {language: filled_plainly(stems)}
    return made


def _keys(document: Document) -> Made:
    named = {name: list(_lowered(document, name)) for name in KEYWORDS}
    return filled_plainly(named) | {"day": document.story_time.date().isoformat()}


def _lowered(document: Document, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keyword(plain(value)) for value in values(document, name)))


def _local_time(at: datetime, zone: str) -> datetime:
    try:
        return at.astimezone(_zone(zone))
    except OverflowError:  # in the first or the last hours that there are
        return at


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    """UTC where the name is of no zone."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


# --- what belongs to articles ----------------------------------------------------------------------------------------


def story_document(story: Story) -> Made:
    return filled(
        {
            "id": story.id,
            "root": story.root,
            "title": story.title,
            "copies": story.copies,
            "site_count": len(story.sites),
            "first": story.first,
            "last": story.last,
            "spread_seconds": int((story.last - story.first).total_seconds()),
            "sites": story.sites,
            "agencies": story.agencies,
            "aliases": story.aliases,
            "credited_by": story.credited_by,
        }
    ) | {"record": record_of(story)}


def story(source: Source) -> Story:
    return read(Story, source)


def edge_document(edge: Edge) -> Made:
    """All there is to it: an edge has no other record."""
    return {field.name: as_json(getattr(edge, field.name)) for field in fields(Edge)}


def edge(source: Source) -> Edge:
    return Edge(**source)


def revision_document(revision: Revision) -> Made:
    return filled(
        {
            "article": revision.article_id,
            "number": revision.number,
            "title": revision.title,
            "text_hash": revision.text_hash,
            "fetched_at": revision.fetched_at,
            "published_at": revision.published_at,
            "modified_at": revision.modified_at,
        }
    ) | {"record": record_of(revision)}


def revision(source: Source) -> Revision:
    return read(Revision, source)
