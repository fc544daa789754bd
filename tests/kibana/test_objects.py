"""Saved objects: levels, references, ids, forms of fields; the shipped files are what the builder makes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.kibana import LANGUAGES, Language, Options, SavedObject, build, ndjson

ROOT = Path(__file__).resolve().parents[2]
OBJECTS = build(Options())
BY_KEY = {(one.type, one.id): one for one in OBJECTS}


def _of(type_: str) -> list[SavedObject]:
    return [one for one in OBJECTS if one.type == type_]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipped_file_is_what_the_builder_makes(language: Language) -> None:
    shipped = (ROOT / "deploy" / "kibana" / f"monitor-{language}.ndjson").read_bytes()
    assert shipped == ndjson(build(Options(language))), (
        f"monitor kibana export --language {language} --output deploy/kibana/monitor-{language}.ndjson"
    )


def test_every_reference_resolves_to_an_object_before_it() -> None:
    seen = set()
    for one in OBJECTS:
        assert {(reference.type, reference.id) for reference in one.references} <= seen
        seen.add((one.type, one.id))
    assert len(seen) == len(OBJECTS)


def test_objects_are_at_the_oldest_level_that_is_supported() -> None:
    levels = {one.type: one.exported()["typeMigrationVersion"] for one in OBJECTS}
    assert levels == {"index-pattern": "8.0.0", "search": "7.9.3", "lens": "8.9.0", "dashboard": "8.9.0"}
    assert {one.exported()["coreMigrationVersion"] for one in OBJECTS} == {"8.8.0"}


def test_what_kibana_keeps_as_strings_are_strings() -> None:
    for one in OBJECTS:
        for name in ("panelsJSON", "optionsJSON", "fieldAttrs", "fieldFormatMap", "fields", "sourceFilters"):
            if name in one.attributes:
                assert isinstance(one.attributes[name], str)
                json.loads(one.attributes[name])
        if meta := one.attributes.get("kibanaSavedObjectMeta"):
            assert json.loads(meta["searchSourceJSON"])["query"]["language"] == "kuery"


def test_panels_of_a_dashboard_name_their_references_and_do_not_overlap() -> None:
    for one in _of("dashboard"):
        names = {reference.name: reference for reference in one.references}
        taken: set[tuple[int, int]] = set()
        for panel in json.loads(one.attributes["panelsJSON"]):
            assert names[f"{panel['panelIndex']}:{panel['panelRefName']}"].type == panel["type"]
            grid = panel["gridData"]
            cells = {(x + grid["x"], y + grid["y"]) for x in range(grid["w"]) for y in range(grid["h"])}
            assert not taken & cells
            taken |= cells
        controls = json.loads(one.attributes.get("controlGroupInput", {}).get("panelsJSON", "{}"))
        assert {f"controlGroup_{key}:optionsListDataView" for key in controls} <= set(names)
        assert len(names) == len(taken and json.loads(one.attributes["panelsJSON"])) + len(controls)


def _layer(one: SavedObject) -> tuple[str, dict[str, Any]]:
    ((name, layer),) = one.attributes["state"]["datasourceStates"]["formBased"]["layers"].items()
    return name, layer


def test_a_chart_draws_columns_of_its_layer_and_refers_to_its_data_view() -> None:
    for one in _of("lens"):
        name, layer = _layer(one)
        assert [reference.name for reference in one.references] == [f"indexpattern-datasource-layer-{name}"]
        assert set(layer["columnOrder"]) == set(layer["columns"])
        drawn = json.dumps(one.attributes["state"]["visualization"])
        assert all(f'"{column}"' in drawn for column in layer["columns"])
        assert f'"layerId": "{name}"' in drawn
        for column in layer["columns"].values():
            order = column.get("params", {}).get("orderBy", {}).get("columnId")
            assert order is None or order in layer["columns"]


def test_buckets_come_before_metrics_and_a_split_before_its_time() -> None:
    _, layer = _layer(BY_KEY["lens", "monitor-articles-over-time"])
    assert [layer["columns"][name]["operationType"] for name in layer["columnOrder"]] == [
        "terms", "date_histogram", "count",
    ]  # fmt: skip
    drawn = BY_KEY["lens", "monitor-articles-over-time"].attributes["state"]["visualization"]["layers"][0]
    assert (drawn["xAccessor"], drawn["splitAccessor"], drawn["accessors"]) == ("b1", "b0", ["m0"])


def test_fields_are_written_as_links_percents_and_durations() -> None:
    built = build(Options(monitor_url="https://monitor.example.org/"))
    objects = {one.id: one for one in built if one.type == "index-pattern"}
    formats = json.loads(objects["monitor-articles"].attributes["fieldFormatMap"])
    assert formats["id"]["params"]["urlTemplate"] == "https://monitor.example.org/articles/{{value}}"
    assert formats["story"]["params"]["urlTemplate"] == "https://monitor.example.org/stories/{{value}}"
    assert formats["url"]["id"] == "url"
    assert "urlTemplate" not in formats["url"]["params"]
    assert formats["share_kept"]["id"] == "percent"
    assert formats["lag_seconds"]["params"]["inputFormat"] == "seconds"
    stories = json.loads(objects["monitor-stories"].attributes["fieldFormatMap"])
    assert stories["root"]["params"]["urlTemplate"].endswith("/articles/{{value}}")


def test_titles_change_with_the_language_and_ids_do_not() -> None:
    german = build(Options("de"))
    assert [(one.type, one.id) for one in german] == [(one.type, one.id) for one in OBJECTS]
    titles = {one.id: one.title for one in german if one.type == "dashboard"}
    assert titles["monitor-overview"] == "Medienbeobachtung: Überblick"
    labels = json.loads(next(one for one in german if one.id == "monitor-articles").attributes["fieldAttrs"])
    assert labels["lag_seconds"]["customLabel"] == "Verzug"


def test_another_prefix_is_another_set_over_other_indices() -> None:
    others = build(Options(index_prefix="press"))
    assert not {one.id for one in others} & {one.id for one in OBJECTS}
    assert next(one for one in others if one.id == "press-articles").attributes["title"] == "press-articles"


def test_every_line_is_one_object() -> None:
    lines = [json.loads(line) for line in ndjson(OBJECTS).splitlines()]
    assert [(line["type"], line["id"]) for line in lines] == [(one.type, one.id) for one in OBJECTS]
