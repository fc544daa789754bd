"""Dashboards and all they need as Kibana's saved objects, at the levels that Kibana 8.9 and later import.

Ids are made from the index prefix and the name, the same in every language: installing again replaces, it never
doubles, and two monitors with different prefixes share one Kibana.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from monitor.kibana import lens
from monitor.kibana.content import DASHBOARDS
from monitor.kibana.filters import kql
from monitor.kibana.panels import Chart, Control, Dashboard, Listing, Panel, Shape
from monitor.kibana.texts import Language
from monitor.kibana.views import VIEWS, Field, View

CORE_LEVEL = "8.8.0"
LEVELS = {"index-pattern": "8.0.0", "search": "7.9.3", "lens": "8.9.0", "dashboard": "8.9.0"}
OLDEST_KIBANA = (8, 9)

REFRESH_MILLISECONDS = 60_000
_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON.index"  # name of a search's reference to its data view

_FORMS: dict[str, dict[str, Any]] = {
    "link": {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}},
    "percent": {"id": "percent", "params": {"pattern": "0,0.[0]%"}},
    "count": {"id": "number", "params": {"pattern": "0,0"}},
    "seconds": {
        "id": "duration",
        "params": {
            "inputFormat": "seconds",
            "outputFormat": "humanizePrecise",
            "outputPrecision": 1,
            "includeSpaceWithSuffix": True,
            "useShortSuffix": True,
        },
    },
}
_PAGES = {"article": "articles", "story": "stories"}


@dataclass(frozen=True, slots=True)
class Options:
    """`monitor_url`: base address of the monitor's own page, as the people who look at Kibana reach it."""

    language: Language = "en"
    index_prefix: str = "monitor"
    monitor_url: str = "http://localhost:8000"


@dataclass(frozen=True, slots=True)
class Reference:
    name: str
    type: str
    id: str


@dataclass(frozen=True, slots=True)
class SavedObject:
    type: str
    id: str
    title: str
    attributes: dict[str, Any]
    references: tuple[Reference, ...] = ()

    def exported(self) -> dict[str, Any]:
        """One line of an export file, as a dict."""
        return {
            "id": self.id,
            "type": self.type,
            "attributes": self.attributes,
            "references": [{"name": one.name, "type": one.type, "id": one.id} for one in self.references],
            "coreMigrationVersion": CORE_LEVEL,
            "typeMigrationVersion": LEVELS[self.type],
            "managed": False,
        }


def build(options: Options) -> tuple[SavedObject, ...]:
    """Every object, what is referred to before what refers to it."""
    panels = {(type(panel), panel.name): panel for dashboard in DASHBOARDS for panel in dashboard.panels}
    return (
        *(_data_view(view, options) for view in VIEWS),
        *(_panel(panel, options) for panel in panels.values()),
        *(_dashboard(dashboard, options) for dashboard in DASHBOARDS),
    )


def ndjson(objects: Iterable[SavedObject]) -> bytes:
    """The file that Kibana imports: one object a line."""
    return b"".join(orjson.dumps(one.exported()) + b"\n" for one in objects)


def _id(name: str, options: Options) -> str:
    return f"{options.index_prefix}-{name}"


def _string(value: Any) -> str:
    """Kibana keeps these parts as JSON inside a string."""
    return orjson.dumps(value).decode()


def _data_view(view: View, options: Options) -> SavedObject:
    title = f"{options.index_prefix}-{view.name}"
    labels = {field.name: {"customLabel": field.title.within(options.language)} for field in view.fields}
    formats = {field.name: form for field in view.fields if (form := _form(field, options))}
    return SavedObject(
        "index-pattern",
        _id(view.name, options),
        view.title.within(options.language),
        {
            "title": title,
            "name": f"{view.title.within(options.language)} ({title})",
            "timeFieldName": view.time,
            "fields": "[]",
            "fieldAttrs": _string(labels),
            "fieldFormatMap": _string(formats),
            "runtimeFieldMap": "{}",
            "sourceFilters": _string([{"value": name} for name in view.hidden]),
            "typeMeta": "{}",
        },
    )


def _form(field: Field, options: Options) -> dict[str, Any] | None:
    if page := _PAGES.get(field.form):
        address = f"{options.monitor_url.rstrip('/')}/{page}/{{{{value}}}}"
        link = {"type": "a", "urlTemplate": address, "labelTemplate": "{{value}}", "openLinkInCurrentTab": False}
        return {"id": "url", "params": link}
    return _FORMS.get(field.form)


def _panel(panel: Panel, options: Options) -> SavedObject:
    title, view = panel.title.within(options.language), _id(panel.view.name, options)
    if isinstance(panel, Chart):
        reference = Reference(lens.layer_reference(panel), "index-pattern", view)
        return SavedObject(
            "lens", _id(panel.name, options), title, lens.attributes(panel, options.language), (reference,)
        )
    return SavedObject(
        "search",
        _id(panel.name, options),
        title,
        {
            "title": title,
            "description": panel.note.within(options.language) if panel.note else "",
            "hits": 0,
            "columns": list(panel.columns),
            "sort": [list(pair) for pair in panel.sort],
            "version": 1,
            "kibanaSavedObjectMeta": {
                "searchSourceJSON": _string({
                    "highlightAll": True,
                    "version": True,
                    "query": lens.query(kql(panel.where)),
                    "filter": [],
                    "indexRefName": _SOURCE,
                })
            },
        },
        (Reference(_SOURCE, "index-pattern", view),),
    )  # fmt: skip


def _dashboard(dashboard: Dashboard, options: Options) -> SavedObject:
    placed, references, top = [], [], 0
    for row in dashboard.rows:
        left = 0
        for panel, width in row.panels:
            key, kind = panel.name, "search" if isinstance(panel, Listing) else "lens"
            placed.append({
                "version": "8.9.0",
                "type": kind,
                "gridData": {"x": left, "y": top, "w": width, "h": row.height, "i": key},
                "panelIndex": key,
                "embeddableConfig": {"enhancements": {}, **_titles(panel)},
                "panelRefName": f"panel_{key}",
            })  # fmt: skip
            references.append(Reference(f"{key}:panel_{key}", kind, _id(panel.name, options)))
            left += width
        top += row.height
    looks = {
        "useMargins": True,
        "syncColors": True,
        "syncCursor": True,
        "syncTooltips": False,
        "hidePanelTitles": False,
    }
    attributes = {
        "title": dashboard.title.within(options.language),
        "description": dashboard.note.within(options.language),
        "panelsJSON": _string(placed),
        "optionsJSON": _string(looks),
        "timeRestore": True,
        "timeFrom": f"now-{dashboard.days}d",
        "timeTo": "now",
        "refreshInterval": {"pause": False, "value": REFRESH_MILLISECONDS},
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _string({"query": lens.query(""), "filter": []})},
    }
    if dashboard.controls:
        attributes["controlGroupInput"] = _controls(dashboard.controls, options)
        for control in dashboard.controls:
            name = f"controlGroup_{control.field}:optionsListDataView"
            references.append(Reference(name, "index-pattern", _id(control.view.name, options)))
    title = dashboard.title.within(options.language)
    return SavedObject("dashboard", _id(dashboard.name, options), title, attributes, tuple(references))


def _titles(panel: Panel) -> dict[str, Any]:
    """A single number says what it is itself."""
    return {"hidePanelTitles": True} if isinstance(panel, Chart) and panel.shape is Shape.NUMBER else {}


def _controls(controls: tuple[Control, ...], options: Options) -> dict[str, Any]:
    panels = {
        control.field: {
            "order": number,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {
                "id": control.field,
                "fieldName": control.field,
                "title": control.view.field(control.field).title.within(options.language),
                "enhancements": {},
            },
        }
        for number, control in enumerate(controls)
    }
    heed = dict.fromkeys(("ignoreFilters", "ignoreQuery", "ignoreTimerange", "ignoreValidations"), False)
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "panelsJSON": _string(panels),
        "ignoreParentSettingsJSON": _string(heed),
    }
