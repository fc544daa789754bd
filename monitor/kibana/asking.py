"""The search that a panel comes to: pure, so that an engine can be asked without a Kibana."""

from __future__ import annotations

from typing import Any

from monitor.kibana.filters import dsl
from monitor.kibana.panels import Bucket, Cases, Chart, Dates, Listing, Metric, Panel, Terms

LISTED = 50  # documents that a saved search asks for at once

_AGGREGATIONS = {"unique_count": "cardinality", "sum": "sum", "average": "avg", "min": "min", "max": "max"}


def panel_request(panel: Panel) -> dict[str, Any]:
    """Body of a search in the index of the panel's view: what Kibana asks, without a time range.

    Time intervals are days here: in Kibana they depend on the time range. Aggregations are called like the columns
    of the chart: b0, b1, ... from the outermost in, and m0, m1, ... for the metrics.
    """
    if isinstance(panel, Listing):
        return {
            "size": LISTED,
            "query": dsl(panel.where),
            "sort": [{field: {"order": order}} for field, order in panel.sort],
            "fields": [{"field": column} for column in panel.columns],
            "_source": False,
        }
    return {"size": 0, "track_total_hits": True, "query": dsl(panel.where), "aggs": _aggregations(panel)}


def _aggregations(chart: Chart) -> dict[str, Any]:
    metrics = {f"m{n}": one for n, metric in enumerate(chart.metrics) if (one := _metric(metric, f"m{n}"))}
    made = metrics
    for number, bucket in reversed(list(enumerate(chart.buckets))):
        # What values are ordered by has to lie beside them, also where another bucket is inside.
        inner = {name: metrics[name] for name in _ordering(bucket) if name in metrics} | made
        made = {f"b{number}": {**_bucket(bucket, chart), **({"aggs": inner} if inner else {})}}
    return made


def _ordering(bucket: Bucket) -> tuple[str, ...]:
    return (f"m{bucket.by}",) if isinstance(bucket, Terms) and bucket.by is not None else ()


def _metric(metric: Metric, name: str) -> dict[str, Any] | None:
    """None for the number of documents: every bucket has it anyway."""
    plain: dict[str, Any] | None = None
    if metric.operation == "median":
        plain = {"percentiles": {"field": metric.field, "percents": [50]}}
    elif metric.operation != "count":
        plain = {_AGGREGATIONS[metric.operation]: {"field": metric.field}}
    if metric.where is None:
        return plain
    return {"filter": dsl(metric.where), **({"aggs": {name: plain}} if plain else {})}


def _bucket(bucket: Bucket, chart: Chart) -> dict[str, Any]:
    match bucket:
        case Dates(field):
            return {"date_histogram": {"field": field, "calendar_interval": "day", "min_doc_count": 1}}
        case Cases(_, cases):
            return {"filters": {"filters": {str(number): dsl(case) for number, (_, case) in enumerate(cases)}}}
        case Terms(field, _, size, by):
            return {"terms": {"field": field, "size": size, "order": _order(by, chart)}}


def _order(by: int | None, chart: Chart) -> dict[str, str]:
    if by is None:
        return {"_key": "asc"}
    operation = chart.metrics[by].operation
    return {"_count" if operation == "count" else f"m{by}.50" if operation == "median" else f"m{by}": "desc"}
