"""A chart as Lens keeps it: one layer of columns, and how they are drawn.

The shape is that of Kibana 8.9 (saved object level 8.9.0), as in the sample dashboards that Kibana ships.
"""

from __future__ import annotations

from typing import Any

from monitor.kibana.filters import kql
from monitor.kibana.panels import Bucket, Cases, Chart, Dates, Metric, Shape, Terms
from monitor.kibana.texts import Language

Json = dict[str, Any]

_VISUALIZATIONS = {Shape.NUMBER: "lnsMetric", Shape.TABLE: "lnsDatatable", Shape.DONUT: "lnsPie"}
_DATA_TYPES = {"keyword": "string", "text": "string"}
_RECORDS = "___records___"  # Lens's name for "the documents themselves"


def attributes(chart: Chart, language: Language) -> Json:
    """Attributes of the saved object; its one reference is called `layer_reference(chart)`."""
    columns = _columns(chart, language)
    layer = {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}}
    return {
        "title": chart.title.within(language),
        "description": chart.note.within(language) if chart.note else "",
        "visualizationType": _VISUALIZATIONS.get(chart.shape, "lnsXY"),
        "state": {
            "visualization": _visualization(chart),
            "query": query(kql(chart.where)),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {chart.name: layer}}, "textBased": {"layers": {}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def layer_reference(chart: Chart) -> str:
    return f"indexpattern-datasource-layer-{chart.name}"


def query(text: str) -> Json:
    return {"query": text, "language": "kuery"}


def _columns(chart: Chart, language: Language) -> dict[str, Json]:
    buckets = {f"b{number}": _bucket(bucket, chart, language) for number, bucket in enumerate(chart.buckets)}
    metrics = {f"m{number}": _metric(metric, chart, language) for number, metric in enumerate(chart.metrics)}
    return buckets | metrics


def _metric(metric: Metric, chart: Chart, language: Language) -> Json:
    date = metric.operation in ("min", "max") and chart.view.field(metric.field).kind == "date"
    column = {
        "label": metric.title.within(language),
        "customLabel": True,
        "dataType": "date" if date else "number",
        "operationType": metric.operation,
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": metric.field or _RECORDS,
        "params": {"emptyAsNull": False} if metric.operation in ("count", "unique_count", "sum") else {},
    }
    return column if metric.where is None else {**column, "filter": query(kql(metric.where))}


def _bucket(bucket: Bucket, chart: Chart, language: Language) -> Json:
    column: Json = {"label": bucket.title.within(language), "customLabel": True, "isBucketed": True}
    match bucket:
        case Dates(field):
            return {
                **column,
                "dataType": "date",
                "operationType": "date_histogram",
                "scale": "interval",
                "sourceField": field,
                "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
            }
        case Cases(_, cases):
            filters = [{"label": title.within(language), "input": query(kql(case))} for title, case in cases]
            return {
                **column,
                "dataType": "string",
                "operationType": "filters",
                "scale": "ordinal",
                "params": {"filters": filters},
            }
        case Terms(field, _, size, by, other):
            kind = chart.view.field(field).kind
            order: Json = {"type": "alphabetical", "fallback": False}
            if by is not None:
                order = {"type": "column", "columnId": f"m{by}"}
            return {
                **column,
                "dataType": _DATA_TYPES.get(kind, kind),
                "operationType": "terms",
                "scale": "ordinal",
                "sourceField": field,
                "params": {
                    "size": size,
                    "orderBy": order,
                    "orderDirection": "asc" if by is None else "desc",
                    "otherBucket": other,
                    "missingBucket": False,
                    "parentFormat": {"id": "terms"},
                },
            }


def _visualization(chart: Chart) -> Json:
    layer: Json = {"layerId": chart.name, "layerType": "data"}
    buckets = [f"b{number}" for number in range(len(chart.buckets))]
    metrics = [f"m{number}" for number in range(len(chart.metrics))]
    match chart.shape:
        case Shape.NUMBER:
            return {**layer, "metricAccessor": metrics[0]}
        case Shape.TABLE:
            columns = [{"columnId": column, "isTransposed": False} for column in (*buckets, *metrics)]
            return {**layer, "columns": columns, "paging": {"size": 10, "enabled": True}}
        case Shape.DONUT:
            drawn = {"numberDisplay": "percent", "categoryDisplay": "default", "legendDisplay": "default"}
            groups = {"primaryGroups": buckets, "metrics": metrics, "nestedLegend": False}
            return {"shape": "donut", "layers": [{**layer, **groups, **drawn}]}
        case _:
            return _axes(chart, layer, buckets, metrics)


def _axes(chart: Chart, layer: Json, buckets: list[str], metrics: list[str]) -> Json:
    times = [column for column, bucket in zip(buckets, chart.buckets, strict=True) if isinstance(bucket, Dates)]
    across = (times or buckets)[0]
    splits = [column for column in buckets if column != across]
    shown = {"x": True, "yLeft": True, "yRight": True}
    drawn = {**layer, "seriesType": chart.shape.value, "xAccessor": across, "accessors": metrics}
    return {
        "legend": {"isVisible": True, "position": "right", "legendSize": "auto"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "preferredSeriesType": chart.shape.value,
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": shown,
        "gridlinesVisibilitySettings": shown,
        "layers": [{**drawn, "splitAccessor": splits[0]} if splits else drawn],
    }
