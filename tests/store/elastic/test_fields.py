"""The fields of an index against those that the program writes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from monitor.store.elastic.fields import Difference, difference
from monitor.store.elastic.mapping import KINDS, mappings


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("stemming", [False, True])
def test_what_the_program_makes_fits(kind: str, stemming: bool) -> None:
    made = mappings(kind, stemming=stemming)["properties"]
    assert difference(made, copy.deepcopy(made)) is None


@pytest.mark.parametrize(
    ("path", "put", "told"),
    [
        (("words",), {"type": "date"}, Difference("words", "date", "integer")),
        (("words",), {"properties": {"many": {"type": "long"}}}, Difference("words", "object", "integer")),
        (("words",), None, Difference("words", "", "integer")),
        (("published",), {"type": "date", "format": "yyyy"}, Difference("published", "date as yyyy", "date")),
        (("folded", "properties", "title"), {"type": "keyword"}, Difference("folded.title", "keyword", "text")),
        (("title", "fields", "raw"), None, Difference("title.raw", "", "keyword")),
        (("record",), {"type": "object"}, Difference("record", "object", "object, not looked into")),
        # What engines add, write in another way or leave out does not matter.
        (("words",), {"type": "integer", "coerce": True, "ignore_malformed": False}, None),
        (("words",), {"type": "integer", "fields": {"text": {"type": "text"}}}, None),
        (("url",), {"type": "keyword"}, None),
        (("record",), {"type": "object", "enabled": "false"}, None),
        (("another",), {"type": "keyword"}, None),
    ],
)
def test_a_field_that_is_not_as_it_is_written_is_told(
    path: tuple[str, ...], put: dict[str, Any] | None, told: Difference | None
) -> None:
    needed = mappings("articles", stemming=True)["properties"]
    found = copy.deepcopy(needed)
    inside = found
    for name in path[:-1]:
        inside = inside[name]
    if put is None:
        del inside[path[-1]]
    else:
        inside[path[-1]] = put
    assert difference(needed, found) == told
