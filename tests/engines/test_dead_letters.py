"""What an engine refused, written again: not over what was written since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from monitor.records import Outcome, Status
from monitor.store.elastic.alone import Alone
from monitor.store.elastic.moving import Move
from monitor.store.elastic.setup import indices
from monitor.store.elastic.store import ElasticStore
from tests.articles import NOW, later, url
from tests.engines.engine import Engine
from tests.engines.stores import opened

pytestmark = pytest.mark.slow

KINDS = ("urls", "sources", "notes", "rejections", "decisions")  # without a version of the program's
OLD, OURS, NEW = ({"record": {"value": value}} for value in ("old", "ours", "new"))


@pytest.fixture
def store(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    with opened(engine, fresh_prefix, tmp_path) as made:
        yield made


def put(store: ElasticStore, kind: str, source: Mapping[str, Any]) -> None:
    assert store._writer.write([store._writer.put(kind, "a", source)]) == []


def put_aside(store: ElasticStore, kind: str, source: Mapping[str, Any]) -> Path:
    """The letter, put right at once: without the field that the engine does not know."""
    before = set(letters(store))
    put(store, kind, {**source, "unknown": 1})
    (file,) = set(letters(store)) - before
    letter = orjson.loads(file.read_bytes())
    del letter["action"]["_source"]["unknown"]
    file.write_bytes(orjson.dumps(letter))
    return file


def letters(store: ElasticStore) -> list[Path]:
    return sorted(store._writer.dead.folder.glob("*.json"))


def standing(store: ElasticStore, kind: str) -> Any:
    found = store._reader.get(kind, "a")
    return found.source if found is not None else None


def retried(store: ElasticStore) -> tuple[int, int, int]:
    made = store.retry_dead()
    return made.written, made.outdated, made.left


def field(kind: str, source: Mapping[str, Any]) -> Mapping[str, Any]:
    """A note has no record."""
    return {"value": source["record"]["value"]} if kind == "notes" else source


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_written_over_what_stood_there_and_not_over_what_was_written_since(
    store: ElasticStore, kind: str
) -> None:
    old, ours, new = (field(kind, one) for one in (OLD, OURS, NEW))
    put(store, kind, old)
    put_aside(store, kind, ours)
    put(store, kind, old)  # again, which gives it another number
    assert retried(store) == (1, 0, 0)
    assert standing(store, kind) == ours

    put_aside(store, kind, old)
    put(store, kind, new)
    assert retried(store) == (0, 1, 0)
    assert standing(store, kind) == new
    assert letters(store) == []


def test_where_nothing_stood_it_is_written_if_there_is_still_nothing(store: ElasticStore) -> None:
    put_aside(store, "sources", OURS)
    assert retried(store) == (1, 0, 0)
    assert standing(store, "sources") == OURS
    put_aside(store, "rejections", OURS)
    put(store, "rejections", NEW)
    assert retried(store) == (0, 1, 0)
    assert standing(store, "rejections") == NEW


def test_of_several_of_one_id_the_newest_stands_in_the_end(store: ElasticStore) -> None:
    put(store, "sources", OLD)
    first = put_aside(store, "sources", OURS)
    second = put_aside(store, "sources", NEW)
    assert first < second
    right = second.read_bytes()
    second.write_bytes(right.replace(b'"record"', b'"unknown"'))
    assert retried(store) == (1, 0, 1)
    letter = orjson.loads(second.read_bytes())
    second.write_bytes(orjson.dumps({**letter, "action": orjson.loads(right)["action"]}))
    assert retried(store) == (1, 0, 0)
    assert standing(store, "sources") == NEW


def test_an_older_one_that_is_put_right_later_is_outdated(store: ElasticStore) -> None:
    first = put_aside(store, "sources", OLD)
    put_aside(store, "sources", NEW)
    right = first.read_bytes()
    first.write_bytes(right.replace(b'"record"', b'"unknown"'))
    assert retried(store) == (1, 0, 1)
    first.write_bytes(orjson.dumps({**orjson.loads(first.read_bytes()), "action": orjson.loads(right)["action"]}))
    assert retried(store) == (0, 1, 0)
    assert standing(store, "sources") == NEW


def test_one_that_was_cut_short_after_it_was_written_goes_on(store: ElasticStore) -> None:
    first = put_aside(store, "sources", OURS)
    put_aside(store, "sources", NEW)
    kept = first.read_bytes()
    second = letters(store)[1]
    as_it_was = second.read_bytes()
    second.rename(second.with_suffix(".later"))
    assert retried(store) == (1, 0, 0)
    first.write_bytes(kept)
    second.write_bytes(as_it_was)
    assert retried(store) == (2, 0, 0)
    assert standing(store, "sources") == NEW


def test_a_letter_that_does_not_tell_what_stood_is_written_where_nothing_is(store: ElasticStore) -> None:
    put(store, "sources", OLD)
    for kind in ("sources", "rejections"):
        file = put_aside(store, kind, OURS)
        letter = orjson.loads(file.read_bytes())
        letter.pop("stood")
        file.write_bytes(orjson.dumps(letter))
    assert retried(store) == (1, 1, 0)
    assert (standing(store, "sources"), standing(store, "rejections")) == (OLD, OURS)


def test_a_state_of_an_address_that_was_refused_is_not_put_over_that_of_a_later_crawl(store: ElasticStore) -> None:
    store.discover([url("a")])
    store.settle([Outcome(url("a", Status.FAILED, attempts=2**40, fetched_at=NOW))])
    (file,) = letters(store)
    letter = orjson.loads(file.read_bytes())
    letter["action"]["_source"]["attempts"] = 1
    file.write_bytes(orjson.dumps(letter))
    store.settle([Outcome(url("a", Status.STORED, fetched_at=later(hours=1)))])
    assert retried(store) == (0, 1, 0)
    assert store.known("kurier", [url("a").url])[url("a").url].status is Status.STORED


def test_moving_the_index_makes_no_letter_outdated(store: ElasticStore) -> None:
    put(store, "sources", NEW)
    put(store, "sources", OLD)
    put_aside(store, "sources", OURS)
    before = indices(store._connection, store._names)["sources"]
    with Alone(store._connection, store._names) as alone:
        Move(store._connection, store._layout, "sources", lambda source: source, alone, None).run(before)
    assert indices(store._connection, store._names)["sources"].name != before.name
    assert retried(store) == (1, 0, 0)
    assert standing(store, "sources") == OURS
