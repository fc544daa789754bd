"""The indices: their names and fields. Pure data; knows no client. `templates` makes indices of it.

Words are cut, lower-cased and folded by `monitor.text` and arrive joined by blanks; the engine splits them at the
blanks, and stems those of the languages it has a stemmer for. An engine without the module for stemmers
(`stemming=False`) gets indices without the fields `stems`: there a word is found by its folded form alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from monitor.store.matching import KEYWORDS
from monitor.store.stemming import STEMMERS

Properties = dict[str, Any]

_LONGEST_TERM = 8191  # characters of at most 4 bytes: Lucene refuses terms over 32,766 bytes


@dataclass(frozen=True, slots=True)
class Names:
    """Of the indices of one archive. Everything is read and written by alias; `concrete` is what is behind it."""

    prefix: str

    def read(self, kind: str) -> str:
        return f"{self.prefix}-{kind}"

    def write(self, kind: str) -> str:
        return f"{self.prefix}-{kind}-write"

    def concrete(self, kind: str, version: int, number: int = 1) -> str:
        return f"{self.prefix}-{kind}-v{version}-{number:06}"

    def pattern(self, kind: str) -> str:
        """Of all concrete indices of a kind."""
        return f"{self.prefix}-{kind}-v*"

    def template(self, kind: str) -> str:
        return f"{self.prefix}-{kind}"

    def component(self, name: str) -> str:
        return f"{self.prefix}-part-{name}"


def _keyword(**more: Any) -> Properties:
    return {"type": "keyword", "ignore_above": _LONGEST_TERM, **more}


def _keywords(*names: str) -> Properties:
    return {name: _keyword() for name in names}


def _of(type_: str, *names: str) -> Properties:
    return {name: {"type": type_} for name in names}


def _title() -> Properties:
    return {"type": "text", "analyzer": "standard", "fields": {"raw": {"type": "keyword", "ignore_above": 512}}}


_KEPT: Properties = {"type": "object", "enabled": False}  # read back, never looked into
_UNSEEN: Properties = {"type": "keyword", "index": False, "doc_values": False}
_ASKED: Properties = {"type": "keyword", "doc_values": False}  # found by it, never sorted or counted by it
_WORDS: Properties = {"type": "text", "analyzer": "whitespace"}
_RECORD: Properties = {"record": _KEPT}


def _stems(stemming: bool) -> Properties:
    if not stemming:
        return {}
    languages = {
        language: {
            "properties": {
                name: {"type": "text", "analyzer": f"stems_{language}", "index_options": "freqs"}
                for name in ("title", "text")
            }
        }
        for language in STEMMERS
    }
    return {"stems": {"properties": languages}}


def _articles(stemming: bool) -> Properties:
    return {
        "id": {"type": "keyword"},
        **_keywords(
            "url", "canonical_url", "site", "lang", "role", "story", "agency", "photo_agency", "kind",
            "duplicate_kind", "origin_site", "origin_url", "origin_id", "origin_how", "origin", "time_zone", "authors",
            "exact", "links", "addresses", "dispatches", "former_story", "weekday",
        ),
        "hashes": _ASKED,
        **_of("boolean", "credited", "licensed", "uncredited_reuse", "is_root", "withdrawn"),
        **_of("date", "published", "published_at", "modified_at", "fetched", "last_seen"),
        **_of("long", "lag_seconds"),
        **_of("integer", "words", "words_changed", "revision", "pipeline_version", "generation", "hour"),
        **_of("float", "share_kept", "share_added"),
        "title": _title(),
        "text": {"type": "text", "analyzer": "standard"},
        "folded": {"properties": {"title": _WORDS, "text": _WORDS, "author": _WORDS}},
        **_stems(stemming),
        "keys": {
            "properties": {**dict.fromkeys(KEYWORDS, _ASKED), "day": {"type": "keyword"}},
        },
        # The same times as `published` and `fetched`, to the microsecond: an engine's date ends at the millisecond.
        "micros": {"properties": _of("long", "published", "fetched")},
        **_RECORD,
    }  # fmt: skip


def _properties(stemming: bool) -> dict[str, Properties]:
    return {
        "articles": _articles(stemming),
        "stories": {
            **_keywords("id", "root", "sites", "agencies", "aliases", "credited_by"),
            **_of("integer", "copies", "site_count"),
            **_of("date", "first", "last"),
            **_of("long", "spread_seconds"),
            "title": _title(),
            **_RECORD,
        },
        "edges": {
            **_keywords("article", "other", "kind"),
            **_of("float", "containment", "reverse"),
            **_of("integer", "longest_run", "article_revision", "other_revision"),
        },
        "revisions": {
            **_keywords("article", "text_hash"),
            **_of("integer", "number"),
            **_of("date", "fetched_at", "published_at", "modified_at"),
            "title": {"type": "text", "analyzer": "standard"},
            **_RECORD,
        },
        "decisions": {
            **_keywords("id", "subject", "verb"),
            **_of("date", "at"),
            **_of("long", "number"),
            "argument": _UNSEEN,
            "author": _UNSEEN,
            **_RECORD,
        },
        "runs": {
            **_keywords("id", "site", "status", "trigger"),
            **_of("date", "started_at", "finished_at"),
            **_of("float", "duration_seconds"),
            **_of("integer", "discovered", "fetched", "stored", "updated", "unchanged", "failed", "rejected"),
            "error": {"type": "text", "analyzer": "standard"},
            **_of("long", "started", "closed"),
            "kept": _KEPT,
            **_RECORD,
        },
        "rejections": {
            **_keywords("id", "run", "site", "url", "reason"),
            "detail": {"type": "text", "analyzer": "standard"},
            **_of("date", "at"),
            **_of("long", "number"),
            **_RECORD,
        },
        "urls": {
            **_keywords("site", "url", "status", "article_id", "reason", "via"),
            **_of("integer", "attempts", "checks"),
            **_of("date", "discovered_at", "fetched_at", "due_at"),
            **_of("long", "discovered", "due", "turn"),
            "settled": _UNSEEN,
            "put_in": _UNSEEN,
            **_RECORD,
        },
        "sources": {**_keywords("site", "key"), **_of("date", "fetched_at", "full_at"), **_RECORD},
        "inbox": {
            **_keywords("run", "article_id", "result"),
            **_of("boolean", "waiting"),
            **_of("long", "number"),
            **_of("date", "filed_at"),
            "key": _UNSEEN,
            "payload": _KEPT,
        },
        "notes": {
            **_keywords("kind", "name", "target"),
            **_of("long", "until", "epoch", "count"),
            "value": _KEPT,
        },
        "rules": {
            **_keywords("id"),
            **_of("boolean", "on"),
            **_of("long", "silenced"),
            "question": _KEPT,
            **_RECORD,
        },
        "outbox": {
            **_keywords("rule", "channel", "subject", "occurrence", "digest", "state", "story", "article"),
            **_of("date", "made", "due", "sent"),
            **_of("integer", "tries", "failures"),
            **_of("long", "order", "made_at", "ready"),
            **_RECORD,
        },
    }


@dataclass(frozen=True, slots=True)
class Schema:
    """A version of the fields. `properties` tells them by kind, with or without those for stems."""

    version: int
    properties: Callable[[bool], dict[str, Properties]]


CURRENT = Schema(1, _properties)
SCHEMA_VERSION = CURRENT.version
KINDS = tuple(CURRENT.properties(False))
_UNKEPT = ("folded", "stems", "keys")  # of an article: made again from its record, so not kept beside it


def _percolated(articles: Properties) -> Properties:
    """What a stored question can ask of an article: the same fields as those of the articles that are searched by.
    `percolated`: the rule has a question for the engine.
    """
    asked: Properties = {name: articles[name] for name in ("folded", "stems", "keys", "micros") if name in articles}
    return {**asked, **_of("integer", "copies"), **_of("boolean", "percolated"), "query": {"type": "percolator"}}


def mappings(kind: str, *, stemming: bool, percolating: bool = False, schema: Schema = CURRENT) -> Properties:
    """The whole mapping of an index of this kind. `percolating`: the engine holds rules against articles itself."""
    mapping: Properties = {
        "dynamic": "strict",
        "_meta": {"schema_version": schema.version, "stemming": stemming},
        "properties": schema.properties(stemming)[kind],
    }
    if kind == "rules" and percolating:
        mapping["_meta"]["percolating"] = True
        mapping["properties"] |= _percolated(schema.properties(stemming)["articles"])
    if kind == "articles":
        mapping["_source"] = {"excludes": [name for name in _UNKEPT if name in mapping["properties"]]}
    return mapping
