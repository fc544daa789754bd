"""What stands on a dashboard, as frozen records: charts, saved searches, controls, rows.

The records say what is asked; `lens` writes a chart for Kibana and `asking` writes the search that it comes to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from monitor.kibana.filters import Filter
from monitor.kibana.texts import Text
from monitor.kibana.views import Kind, View

GRID_WIDTH = 48  # columns of a Kibana dashboard

Operation = Literal["count", "unique_count", "sum", "average", "median", "min", "max"]

# Which kinds of field an operation takes: what Lens offers for them. `count` counts documents and takes none.
ACCEPTED: dict[str, frozenset[Kind]] = {
    "count": frozenset(),
    "unique_count": frozenset({"keyword", "boolean", "date", "number"}),
    "sum": frozenset({"number"}),
    "average": frozenset({"number"}),
    "median": frozenset({"number"}),
    "min": frozenset({"number", "date"}),
    "max": frozenset({"number", "date"}),
    "terms": frozenset({"keyword", "boolean", "number"}),
    "date_histogram": frozenset({"date"}),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One number. `where` counts or sums only what matches."""

    operation: Operation
    title: Text
    field: str = ""
    where: Filter | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The values of a field: those with the largest `by`-th metric of the chart, or all in order of the value."""

    field: str
    title: Text
    size: int = 10
    by: int | None = 0
    other: bool = False  # the rest as one value


@dataclass(frozen=True, slots=True)
class Dates:
    """Intervals of time, as long as Kibana finds right for the time range."""

    field: str
    title: Text


@dataclass(frozen=True, slots=True)
class Cases:
    """One bucket for each filter."""

    title: Text
    cases: tuple[tuple[Text, Filter], ...]


Bucket = Terms | Dates | Cases


class Shape(StrEnum):
    NUMBER = "number"
    BARS = "bar"
    STACKED = "bar_stacked"
    ACROSS = "bar_horizontal"
    STACKED_ACROSS = "bar_horizontal_stacked"
    LINES = "line"
    DONUT = "donut"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Chart:
    """`buckets` from the outermost in. Of a chart with axes a time is the x axis, else the first; the other splits."""

    name: str
    title: Text
    view: View
    shape: Shape
    metrics: tuple[Metric, ...]
    buckets: tuple[Bucket, ...] = ()
    where: Filter | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A saved search: documents as a table, `sort` by (field, "asc" or "desc")."""

    name: str
    title: Text
    view: View
    columns: tuple[str, ...]
    sort: tuple[tuple[str, Literal["asc", "desc"]], ...]
    where: Filter | None = None
    note: Text | None = None


Panel = Chart | Listing


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side; their widths add up to the grid's."""

    height: int
    panels: tuple[tuple[Panel, int], ...]


@dataclass(frozen=True, slots=True)
class Control:
    """A list above the dashboard from which a value of the field is picked."""

    view: View
    field: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    title: Text
    note: Text
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()
    days: int = 7  # that are shown at first

    @property
    def panels(self) -> tuple[Panel, ...]:
        return tuple(panel for row in self.rows for panel, _ in row.panels)
