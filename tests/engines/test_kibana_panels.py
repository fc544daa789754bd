"""Every panel of the dashboards, asked on real engines over the demo's world: none is empty, no filter is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.alerts.outbox import Channel
from monitor.demo.server import World
from monitor.demo.site_files import site_files
from monitor.errors import DeliveryError
from monitor.kibana import DASHBOARDS, panel_request
from monitor.kibana.filters import Filter, dsl, kql
from monitor.kibana.panels import Cases, Chart, Panel
from monitor.records import Alert
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.documents import article_document, story_document
from monitor.store.elastic.journal import alert_document, rejection_document, run_document
from monitor.store.elastic.mapping import Names
from monitor.store.elastic.setup import Layout, init
from monitor.store.embedded import open_store
from monitor.store.port import Store
from tests.engines.engine import Engine
from tests.kibana.evaluating import holds
from tests.program import monitor

pytestmark = pytest.mark.slow

PANELS = list({panel.name: panel for dashboard in DASHBOARDS for panel in dashboard.panels}.values())
ROLES = ("article", "source", "reference")

# The world has no pages that are rejected, no licences and no site that fails: three of its articles have fewer words
# than this, and nobody listens on port 9.
SETTINGS = '[crawl]\nuser_agent = "media-monitor-tests"\nmin_words = 60\nretries = 0\n'
RULE = "kind: [agency, mixed, own, unknown]\nchannels: [desk, chat, pager]\nmax_age: any\n"
LICENCES = "- {agency: dpa, site: oderfelder-bote}\n"
BROKEN = "url: http://127.0.0.1:9/\nallow_private: true\nsources: [{kind: feed, url: 'http://127.0.0.1:9/feed.xml'}]\n"


@dataclass(frozen=True)
class Archive:
    """Documents as they are indexed, by the kind of their index."""

    of: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The demo's world, crawled."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "monitor.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "licences.yaml").write_text(LICENCES, encoding="utf-8")
    (folder / "sites").mkdir()
    (folder / "alerts").mkdir()
    (folder / "alerts" / "all.yaml").write_text(RULE, encoding="utf-8")
    with World.load().start() as world:
        for name, text in site_files(world.addresses).items():
            (folder / "sites" / name).write_text(text, encoding="utf-8")
        (folder / "sites" / "broken.yaml").write_text(BROKEN, encoding="utf-8")
        done = monitor(folder, "crawl", timeout=280)  # a minute on a machine that does nothing else
        assert done.returncode == 1, done.stdout + done.stderr
    return Archive(dict(_read(folder)))


def _read(folder: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    store = open_store(folder / "store")
    try:
        found = list(store.scan(roles=ROLES))
        stories = store.stories({one.story for one in found})
        runs, rejections = store.runs(limit=1000), store.rejections(limit=1000)
        _deliver(store)
        alerts = store.alerts(limit=10_000)
    finally:
        store.close()
    counts = {run.id: {"stored": run.stored, "updated": run.updated, "unchanged": run.unchanged} for run in runs}
    yield "articles", [_plain(article_document(one, stemming=False)) for one in found]
    yield "stories", [_plain(story_document(one)) for one in stories.values()]
    yield "runs", [_plain(run_document(one, counts[one.id])) for one in runs]
    yield "outbox", [_plain(alert_document(one)) for one in alerts]
    yield "rejections", [_plain(rejection_document(one, n)) for n, one in enumerate(rejections)]


def _deliver(store: Store) -> None:
    """The desk takes everything, the chat refuses it for good, and nobody has asked the pager yet."""

    def refuse(alerts: Sequence[Alert]) -> None:
        raise DeliveryError("refused", for_good=True)

    for name, send in (("desk", lambda alerts: None), ("chat", refuse)):
        assert store.due_alerts(name, datetime.now(UTC), 1)
        Channel(name).serve(store, send, lambda: datetime.now(UTC), timedelta(days=7))


def _plain(made: Any) -> dict[str, Any]:
    plain: dict[str, Any] = orjson.loads(orjson.dumps(made))
    return plain


def _index(connection: Connection, prefix: str, archive: Archive) -> None:
    """Through the store's own mappings."""
    names = Names(prefix)
    init(connection, Layout(names, stemming=False, shards=1, replicas=0))
    for kind, made in archive.of.items():
        index = names.write(kind)
        actions = [{"_op_type": "index", "_index": index, "_id": str(n), "_source": one} for n, one in enumerate(made)]
        assert not connection.bulk(actions, refresh=True)


def test_every_panel_finds_something_and_every_filter_what_it_says(
    engine: Engine, fresh_prefix: str, archive: Archive
) -> None:
    with engine.connected(index_prefix=fresh_prefix) as connection:
        _index(connection, fresh_prefix, archive)
        problems = [
            f"{panel.name}: {problem}"
            for panel in PANELS
            for problem in (*_empty(panel, connection, fresh_prefix), *_wrong(panel, connection, fresh_prefix, archive))
        ]
    assert not problems, "\n".join(problems)


def _asked(connection: Connection, index: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = connection.call(lambda client: client.search(index=index, body=body)).body
    return found


def _empty(panel: Panel, connection: Connection, prefix: str) -> Iterator[str]:
    answer = _asked(connection, f"{prefix}-{panel.view.name}", panel_request(panel))
    if not answer["hits"]["total"]["value"]:
        yield "no documents"
    if isinstance(panel, Chart):
        yield from _without_values(panel, answer.get("aggregations", {}), answer["hits"]["total"]["value"])
        return
    shown = {column for hit in answer["hits"]["hits"] for column in hit["fields"]}
    yield from (f"column {column} is always empty" for column in panel.columns if column not in shown)


def _without_values(chart: Chart, found: dict[str, Any], count: int) -> Iterator[str]:
    """Each metric has a value in some innermost bucket, 0 where it is a sum; what counts with a filter counts some."""
    innermost = [{**found, "doc_count": count}]
    for number in range(len(chart.buckets)):
        innermost = [bucket for outer in innermost for bucket in _buckets(outer[f"b{number}"])]
        if not any(bucket["doc_count"] for bucket in innermost):
            yield f"b{number} has no buckets"
    for number, metric in enumerate(chart.metrics):
        values = [_value(bucket, f"m{number}") for bucket in innermost]
        if not any(values) if metric.operation == "count" else all(value is None for value in values):
            yield f"m{number} ({metric.title.en}) is empty in {len(innermost)} buckets"


def _buckets(found: dict[str, Any]) -> list[dict[str, Any]]:
    buckets = found["buckets"]
    return list(buckets.values()) if isinstance(buckets, dict) else buckets


def _value(bucket: dict[str, Any], name: str) -> Any:
    found = bucket.get(name)
    if found is None or "doc_count" in found:  # the number of documents, or of those that a filter leaves
        count = (found or bucket)["doc_count"]
        return count and (_value(found, name) if found and name in found else count)
    return next(iter(found["values"].values())) if "values" in found else found["value"]


def _filters(panel: Panel) -> Iterator[Filter | None]:
    yield panel.where
    if isinstance(panel, Chart):
        yield from (metric.where for metric in panel.metrics)
        for bucket in panel.buckets:
            if isinstance(bucket, Cases):
                yield from (case for _, case in bucket.cases)


def _wrong(panel: Panel, connection: Connection, prefix: str, archive: Archive) -> Iterator[str]:
    for filter_ in _filters(panel):
        body = {"size": 0, "track_total_hits": True, "query": dsl(filter_)}
        found = _asked(connection, f"{prefix}-{panel.view.name}", body)["hits"]["total"]["value"]
        wanted = sum(holds(filter_, one) for one in archive.of[panel.view.name])
        if found != wanted:
            yield f"{kql(filter_)} finds {found} of {wanted}: {json.dumps(dsl(filter_))}"
