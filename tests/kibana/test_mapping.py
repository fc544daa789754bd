"""Every field of a data view is in the index, with a type that the data view's kind of it stands for."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.kibana.views import VIEWS, View
from monitor.store.elastic.mapping import mappings

TYPES = {
    "keyword": {"keyword"},
    "text": {"text"},
    "boolean": {"boolean"},
    "date": {"date"},
    "number": {"long", "integer", "float"},
}


def _property(properties: dict[str, Any], name: str) -> dict[str, Any]:
    """Of a field, or of a field's sub-field (`title.raw`)."""
    first, _, rest = name.partition(".")
    found: dict[str, Any] = properties[first]
    return _property(found.get("fields") or found["properties"], rest) if rest else found


@pytest.mark.parametrize("stemming", [True, False])
@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
def test_every_field_is_in_the_mapping_with_its_type(view: View, stemming: bool) -> None:
    properties = mappings(view.name, stemming=stemming)["properties"]
    for field in view.fields:
        found = _property(properties, field.name)
        assert found["type"] in TYPES[field.kind], field.name
        assert found.get("doc_values", True) or field.kind == "text", f"{field.name} can't be counted or sorted by"
        assert found.get("index", True), f"{field.name} can't be asked for"
    for name in view.hidden:
        assert name in properties
