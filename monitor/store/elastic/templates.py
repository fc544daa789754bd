"""The templates that indices are made by: analysis, mappings, settings. Pure data."""

from __future__ import annotations

from monitor.store.elastic.dialect import EngineName
from monitor.store.elastic.mapping import CURRENT, KINDS, Names, Properties, Schema, mappings
from monitor.store.stemming import STEMMERS

_SMALL = 1  # shards of what never grows large
_LARGE = ("articles", "stories", "edges", "revisions", "urls")
# Seconds after which a search sees what was written, where nobody refreshes: the filer does it itself, and what it
# wrote meanwhile it knows; of the inbox and of addresses, who asks does it. An engine's own second costs it a segment.
_REFRESHED = {"articles": "5s", "revisions": "10s", "edges": "5s", "stories": "5s", "inbox": "10s", "urls": "10s"}
# For so long an engine knows the version of what was deleted, and refuses what a stopped filer writes under it.
_DELETED_KNOWN = {"stories": "1h", "edges": "1h", "notes": "1h"}
# A refresh of OpenSearch waits, for ten seconds at most, until the segments that it makes are merged with others, while
# the filer and who searches wait for it: merging goes on beside it as well.
_MERGING: dict[EngineName, Properties] = {"opensearch": {"merge_on_flush": {"enabled": False}}}


def analysis(*, stemming: bool) -> Properties:
    """Settings of the analyzers that the mappings name. Empty without stemmers: `whitespace` is every engine's own."""
    if not stemming:
        return {}
    return {
        # Lucene's own light stemmers differ from Snowball's, which the embedded store has.
        "filter": {f"stem_{code}": {"type": "snowball", "language": name.title()} for code, name in STEMMERS.items()},
        "analyzer": {
            f"stems_{code}": {"type": "custom", "tokenizer": "whitespace", "filter": [f"stem_{code}"]}
            for code in STEMMERS
        },
    }


def component_templates(
    names: Names, *, stemming: bool, percolating: bool = False, schema: Schema = CURRENT
) -> dict[str, Properties]:
    """By name: the mapping of each kind, with the analysis that it needs (an engine checks each part for itself)."""
    parts: dict[str, Properties] = {}
    for kind in KINDS:
        template = {"mappings": mappings(kind, stemming=stemming, percolating=percolating, schema=schema)}
        if kind == "articles" or (kind == "rules" and percolating):
            template["settings"] = {"analysis": analysis(stemming=stemming)}
        parts[names.component(kind)] = {"template": template}
    return parts


def index_templates(
    names: Names, *, shards: int, replicas: int, engine: EngineName = "elasticsearch"
) -> dict[str, Properties]:
    """By name: the composable template of each kind, from the component templates."""
    return {
        names.template(kind): {
            "index_patterns": [names.pattern(kind)],
            "composed_of": [names.component(kind)],
            "priority": 200,
            "template": {"settings": settings(kind, shards=shards, replicas=replicas, engine=engine)},
        }
        for kind in KINDS
    }


def settings(kind: str, *, shards: int, replicas: int, engine: EngineName) -> Properties:
    made: Properties = {
        "number_of_shards": shards if kind in _LARGE else _SMALL,
        "number_of_replicas": replicas,
    }
    if kind in _LARGE:
        made |= _MERGING.get(engine, {})
    if kind in _REFRESHED:
        made["refresh_interval"] = _REFRESHED[kind]
    if kind in _DELETED_KNOWN:
        made["gc_deletes"] = _DELETED_KNOWN[kind]
    return {"index": made}
