"""The search that a panel comes to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.kibana import DASHBOARDS, panel_request
from monitor.kibana.content.agencies import USE_BY_SITE
from monitor.kibana.content.overview import ARTICLES_OVER_TIME, HOURS, STORIES_OVER_TIME
from monitor.kibana.content.searches import WIDEST_SPREAD
from monitor.kibana.content.sites import YIELD
from monitor.kibana.content.stories import COPYING_SITES, LAG
from monitor.kibana.panels import Chart, Panel

PANELS = list({panel.name: panel for dashboard in DASHBOARDS for panel in dashboard.panels}.values())


def test_a_split_over_time_is_nested_as_it_is_drawn() -> None:
    asked = panel_request(ARTICLES_OVER_TIME)
    assert asked["size"] == 0
    assert asked["aggs"] == {
        "b0": {
            "terms": {"field": "site", "size": 9, "order": {"_count": "desc"}},
            "aggs": {"b1": {"date_histogram": {"field": "published", "calendar_interval": "day", "min_doc_count": 1}}},
        }
    }


def test_metrics_lie_in_the_innermost_bucket_those_with_a_filter_inside_it() -> None:
    inner = panel_request(STORIES_OVER_TIME)["aggs"]["b0"]["aggs"]
    assert inner["m0"] == {"cardinality": {"field": "story"}}
    assert inner["m1"]["filter"]["bool"]["should"] == [{"match": {"is_root": True}}]
    assert set(panel_request(USE_BY_SITE)["aggs"]["b0"]["aggs"]) == {"m1", "m2", "m3", "m4"}
    assert panel_request(COPYING_SITES)["aggs"]["b0"]["aggs"]["m1"] == {
        "percentiles": {"field": "lag_seconds", "percents": [50]}
    }


def test_what_values_are_ordered_by_lies_beside_them() -> None:
    asked = panel_request(YIELD)["aggs"]["b0"]
    assert asked["terms"]["order"] == {"m0": "desc"}
    assert asked["aggs"]["m0"] == asked["aggs"]["b1"]["aggs"]["m0"] == {"sum": {"field": "stored"}}


def test_values_come_in_their_order_and_cases_by_number() -> None:
    assert panel_request(HOURS)["aggs"]["b0"]["terms"]["order"] == {"_key": "asc"}
    assert list(panel_request(LAG)["aggs"]["b0"]["filters"]["filters"]) == ["0", "1", "2", "3", "4"]


def test_a_saved_search_asks_for_its_columns() -> None:
    asked = panel_request(WIDEST_SPREAD)
    assert asked["sort"] == [{"site_count": {"order": "desc"}}, {"copies": {"order": "desc"}}]
    assert {"field": "title"} in asked["fields"]
    assert asked["query"] == {"match_all": {}}


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
def test_every_panel_asks_for_fields_of_its_view_without_a_script(panel: Panel) -> None:
    asked = panel_request(panel)
    for field in _fields(asked):
        panel.view.field(field)
    assert "script" not in str(asked)
    assert ("aggs" in asked) == isinstance(panel, Chart)


def _fields(asked: Any) -> Iterator[str]:
    if isinstance(asked, dict):
        if isinstance(asked.get("field"), str):
            yield asked["field"]
        for value in asked.values():
            yield from _fields(value)
    elif isinstance(asked, list):
        for value in asked:
            yield from _fields(value)
