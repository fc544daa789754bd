"""Every panel can be drawn: its fields are there, with a type that its operation takes; filters ask what they can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.kibana.content import DASHBOARDS
from monitor.kibana.content.searches import NEWEST, REJECTED, ROOTS_ONLY, UNCREDITED_REUSE
from monitor.kibana.filters import And, Filter, Is, Not, Or, Range, asked
from monitor.kibana.panels import (
    ACCEPTED,
    GRID_WIDTH,
    Cases,
    Chart,
    Dashboard,
    Dates,
    Listing,
    Panel,
    Shape,
    Terms,
)
from monitor.kibana.texts import Text
from monitor.kibana.views import VIEWS, View

PANELS = list({panel.name: panel for dashboard in DASHBOARDS for panel in dashboard.panels}.values())
CHARTS = [panel for panel in PANELS if isinstance(panel, Chart)]
LISTINGS = [panel for panel in PANELS if isinstance(panel, Listing)]
named = pytest.mark.parametrize
by_name = dict(ids=lambda one: one.name)  # noqa: C408 - keyword arguments of the marks below


def _filters(panel: Panel) -> Iterator[Filter | None]:
    yield panel.where
    if isinstance(panel, Chart):
        yield from (metric.where for metric in panel.metrics)
        for bucket in panel.buckets:
            if isinstance(bucket, Cases):
                yield from (case for _, case in bucket.cases)


def _parts(filter_: Filter | None) -> Iterator[object]:
    if filter_ is not None:
        yield filter_
        inner = filter_.parts if isinstance(filter_, And | Or) else (filter_.part,) if isinstance(filter_, Not) else ()
        for part in inner:
            yield from _parts(part)


def test_the_dashboards_and_the_saved_searches_are_there() -> None:
    assert [one.name for one in DASHBOARDS] == ["overview", "stories", "agencies", "sites", "alerts"]
    assert {NEWEST, ROOTS_ONLY, UNCREDITED_REUSE, REJECTED} <= set(LISTINGS)


def test_no_two_panels_share_a_name() -> None:
    every = [panel for dashboard in DASHBOARDS for panel in dashboard.panels]
    assert len({panel.name for panel in every}) == len(set(every))


@named("panel", CHARTS, **by_name)
def test_every_operation_takes_its_field(panel: Chart) -> None:
    assert panel.metrics
    for metric in panel.metrics:
        if metric.operation == "count":
            assert not metric.field
        else:
            assert panel.view.field(metric.field).kind in ACCEPTED[metric.operation]
    for bucket in panel.buckets:
        if isinstance(bucket, Terms):
            assert panel.view.field(bucket.field).kind in ACCEPTED["terms"]
            assert bucket.by is None or panel.metrics[bucket.by].where is None, "ordered by a metric of its own filter"
        if isinstance(bucket, Dates):
            assert panel.view.field(bucket.field).kind in ACCEPTED["date_histogram"]


@named("panel", CHARTS, **by_name)
def test_every_shape_has_what_it_draws(panel: Chart) -> None:
    times = [bucket for bucket in panel.buckets if isinstance(bucket, Dates)]
    match panel.shape:
        case Shape.NUMBER:
            assert not panel.buckets
            assert len(panel.metrics) == 1
        case Shape.TABLE:
            assert panel.buckets
        case Shape.DONUT:
            assert len(panel.buckets) == len(panel.metrics) == 1
        case _:
            assert 1 <= len(panel.buckets) <= 2
            assert len(times) <= 1
            assert len(panel.buckets) == 1 or len(panel.metrics) == 1, "a split of several metrics can't be read"


@named("panel", LISTINGS, **by_name)
def test_every_saved_search_shows_and_sorts_what_is_there(panel: Listing) -> None:
    for column in panel.columns:
        panel.view.field(column)
    for field, order in panel.sort:
        assert panel.view.field(field).kind in ("date", "number", "keyword")
        assert order in ("asc", "desc")


@named("panel", PANELS, **by_name)
def test_filters_ask_only_values_and_ranges_of_fields_that_can_answer(panel: Panel) -> None:
    for filter_ in _filters(panel):
        assert all(isinstance(part, Is | Range | And | Or | Not) for part in _parts(filter_))
        for leaf in asked(filter_):
            kind = panel.view.field(leaf.field).kind
            if isinstance(leaf, Range):
                assert kind in ("number", "date")
                assert (leaf.from_, leaf.below) != (None, None)
            elif isinstance(leaf.value, bool):
                assert kind == "boolean"
            else:
                assert kind == ("keyword" if isinstance(leaf.value, str) else "number")


@named("panel", [panel for panel in PANELS if panel.view.name == "articles"], **by_name)
def test_pages_behind_links_and_dispatches_are_left_out(panel: Panel) -> None:
    assert any(leaf == Is("role", "article") for leaf in asked(panel.where))


@named("dashboard", DASHBOARDS, **by_name)
def test_rows_fill_the_grid_and_controls_ask_known_fields(dashboard: Dashboard) -> None:
    for row in dashboard.rows:
        assert sum(width for _, width in row.panels) == GRID_WIDTH
    for control in dashboard.controls:
        assert control.view.field(control.field).kind in ("keyword", "boolean")
        for panel in dashboard.panels:
            panel.view.field(control.field)  # a control filters every panel: one without the field would be empty


@named("view", VIEWS, **by_name)
def test_a_view_lists_its_fields_once_and_has_its_time(view: View) -> None:
    names = [field.name for field in view.fields]
    assert len(names) == len(set(names))
    assert view.field(view.time).kind == "date"


def _texts() -> Iterator[Text]:
    for dashboard in DASHBOARDS:
        yield from (dashboard.title, dashboard.note)
    for panel in PANELS:
        yield panel.title
        if panel.note:
            yield panel.note
    for view in VIEWS:
        yield view.title
        yield from (field.title for field in view.fields)


def test_everything_has_a_title_in_both_languages() -> None:
    for text in _texts():
        assert text.en.strip()
        assert text.de.strip()
    assert sum(text.en != text.de for text in _texts()) > 60


def _times(chart: Chart) -> list[str]:
    return [bucket.field for bucket in chart.buckets if isinstance(bucket, Dates)]


def test_deliveries_are_shown_when_they_were_sent_and_failures_when_they_were_due() -> None:
    """An alert that was found a week ago may be sent, or given up, today."""
    charts = {panel.name: panel for panel in CHARTS}
    assert _times(charts["deliveries"]) == ["sent"]
    assert _times(charts["failed_attempts"]) == ["due"]
    days = {one.name: one.days for one in DASHBOARDS}
    assert days.pop("alerts") > 2 * 7  # alerting.give_up
    assert set(days.values()) == {7}
