"""What an engine refuses, and what is beyond one of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from monitor.errors import MappingConflict, QueryError, RecordRefused, SchemaTooNew, StoreError
from monitor.query import Bool, Phrase, Prefix, Term
from monitor.records import Decision, Document, Rule
from monitor.store.elastic import search
from monitor.store.elastic.notes import _COUNTER
from monitor.store.elastic.setup import indices
from monitor.store.elastic.store import ElasticStore, open_store
from monitor.store.port import SearchRequest
from monitor.store.spooled import open_spooled
from monitor.text import digest
from tests.articles import NOW, again, changes, document, later, put, run
from tests.engines.engine import Engine
from tests.engines.stores import made_by_another, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def store(engine: Engine, fresh_prefix: str, tmp_path: Path) -> Iterator[ElasticStore]:
    with opened(engine, fresh_prefix, tmp_path) as made:
        yield made


def unfit(id: str) -> Document:
    """More words than an integer of the engine can count."""
    made = document(id)
    return replace(made, article=replace(made.article, words=2**40))


def aside(folder: Path) -> list[Path]:
    return sorted(folder.glob("**/dead/engine/*.json"))


def test_a_refused_document_is_put_aside_with_the_reason_and_the_others_pass(
    store: ElasticStore, tmp_path: Path
) -> None:
    again(store.file, changes(document("a"), unfit("b"), document("c")))
    assert set(store.documents("abc")) == {"a", "c"}
    (letter,) = [orjson.loads(file.read_bytes()) for file in aside(tmp_path)]
    assert letter["action"]["_id"] == "b"
    assert "words" in letter["reason"]


def test_a_story_that_its_articles_left_is_named(store: ElasticStore) -> None:
    again(store.file, changes(document("a", story="s1"), document("b", story="s2")))
    assert store.check() == []
    again(store.file, replace(changes(document("a", story="s2")), stories=()))
    assert [finding.what for finding in store.check()] == ["story s1 has no articles"]


def test_an_article_that_the_engine_can_not_give_now_is_not_taken_for_one_that_is_not_there(
    store: ElasticStore, engine: Engine
) -> None:
    again(store.file, changes(document("a")))
    name = indices(store._connection, store._names)["articles"].name
    with engine.connected() as connection:
        connection.call(lambda client: client.indices.close(index=name))
        with pytest.raises(StoreError):
            store.documents("a")
        connection.call(lambda client: client.indices.open(index=name))
        connection.call(lambda client: client.cluster.health(index=name, wait_for_status="yellow"))
    assert set(store.documents("a")) == {"a"}


def test_what_was_put_aside_is_written_again_when_it_was_put_right(store: ElasticStore, tmp_path: Path) -> None:
    again(store.file, changes(unfit("a"), unfit("b"), unfit("c")))
    again(store.file, changes(document("b", text="Neuer.")))
    for file in aside(tmp_path):
        letter = orjson.loads(file.read_bytes())
        if letter["action"]["_id"] != "c":
            letter["action"]["_source"]["words"] = 7
            file.write_bytes(orjson.dumps(letter))
    retried = store.retry_dead()
    assert (retried.written, retried.outdated, retried.left) == (1, 1, 1)
    assert {id: one.article.text for id, one in store.documents("abc").items()} == {"a": "Ein Text.", "b": "Neuer."}
    assert len(aside(tmp_path)) == 1
    assert store.retry_dead().left == 1


def test_an_index_that_is_no_more_the_program_s_takes_nothing_and_nothing_is_put_aside(
    store: ElasticStore, engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    again(store.file, changes(document("a")))
    index = made_by_another(store)
    for _ in range(2):
        with pytest.raises(MappingConflict, match=f"{index} .* field words is of type boolean") as told:
            store.file(changes(document("b"), document("c")))
        assert "monitor store reindex" in told.value.hint
    assert [finding.what for finding in store.check()] == [told.value.message]
    with opened(engine, fresh_prefix, tmp_path) as other:
        with pytest.raises(MappingConflict):
            other.put_run(run("run-1"))
        assert other.reindex() == 1
    again(store.file, changes(document("b"), document("c")))
    assert set(store.documents("abc")) == {"a", "b", "c"}
    assert aside(tmp_path) == []
    assert store.check() == []


def test_a_run_that_is_refused_is_put_aside_on_its_machine_and_the_others_are_shipped(
    store: ElasticStore, engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    settings, spool = engine.settings(index_prefix=fresh_prefix), tmp_path / "spool"
    with closing(open_spooled(lambda: open_store(settings, tmp_path), spool, limit=100)) as machine:
        machine.put_run(run("run-1", discovered=2**40))  # more than an integer of the engine can count
        machine.put_run(run("run-2"))
        assert [one.id for one in store.runs()] == ["run-2"]
        shipping = machine.shipping()
        assert (shipping.dead, shipping.reason) == (1, "")
    (letter,) = [orjson.loads(file.read_bytes()) for file in (spool / "dead").glob("*.json")]
    assert letter["run"]["id"] == "run-1"
    assert "discovered" in letter["reason"]
    assert aside(tmp_path) == []


def test_a_number_that_the_engine_refuses_ends_a_decision(store: ElasticStore, tmp_path: Path) -> None:
    highest = {"kind": "counter", "name": _COUNTER, "count": 2**63 - 1}
    assert store._writer.settle(store._writer.put("notes", digest(_COUNTER), highest))
    with pytest.raises(RecordRefused, match="count"):
        store.decide(Decision("d1", NOW, "not-copy", "a", "b", "mara"))
    assert store.decisions("a") == []
    assert aside(tmp_path) == []


def test_a_field_that_something_adds_to_a_run_is_not_the_run_s_fault(store: ElasticStore) -> None:
    with pytest.raises(MappingConflict, match=r"-runs-write takes none of 1: .*ingested"):
        store._writer.settle(store._writer.create("runs", "a", {"id": "a", "ingested": 1}))


def test_a_field_that_something_adds_to_every_document_is_no_document_s_fault(
    store: ElasticStore, tmp_path: Path
) -> None:
    with_more = [store._writer.put("articles", id, {"id": id, "ingested": 1}) for id in "ab"]
    with pytest.raises(MappingConflict, match=r"-articles-write takes none of 2: .*ingested"):
        store._writer.write(with_more)
    assert aside(tmp_path) == []
    assert store._writer.write(with_more[:1]) == []
    assert len(aside(tmp_path)) == 1


def test_an_index_that_another_s_template_makes_is_not_put_in_place(
    store: ElasticStore, engine: Engine, fresh_prefix: str
) -> None:
    again(store.file, changes(document("a")))
    index = made_by_another(store)
    mine = {"mappings": {"properties": {"words": {"type": "keyword"}}}}
    with engine.connected() as connection:
        name, names = f"{fresh_prefix}-other", [f"{fresh_prefix}-articles-*"]
        connection.client.indices.put_index_template(name=name, index_patterns=names, template=mine, priority=500)
        with pytest.raises(MappingConflict, match="is not as this program makes it") as told:
            store.reindex()
        assert "another index template" in told.value.hint
        assert indices(connection, store._names)["articles"].name == index
        connection.client.indices.delete_index_template(name=name)
    assert store.reindex() == 1
    assert set(store.documents("a")) == {"a"}


def test_pages_far_behind_are_read_on_to(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, *(document(f"a{n:03}", text="gleich", story=f"s{n // 2:02}", at=later(minutes=n)) for n in range(60)))
    asked = SearchRequest(Term(None, "gleich"), sort="oldest", limit=7, offset=30)
    usual = [hit.document.id for hit in store.search(asked).hits]
    stories = [hit.document.id for hit in store.search(replace(asked, stories=True, offset=20)).hits]
    monkeypatch.setattr(search, "DEEPEST", 10)
    assert usual == [f"a{n:03}" for n in range(30, 37)]
    assert [hit.document.id for hit in store.search(asked).hits] == usual
    assert [hit.document.id for hit in store.search(replace(asked, stories=True, offset=20)).hits] == stories
    assert store.search(replace(asked, offset=1000)).hits == ()


def test_a_beginning_of_too_many_words_in_a_phrase_is_an_error_that_says_so(store: ElasticStore) -> None:
    put(store, document("a", text=" ".join(f"der x{n}" for n in range(20_000))))
    assert store.search(SearchRequest(Prefix("text", "x1"), highlight=False)).total == 1
    assert store.search(SearchRequest(Prefix("text", "der x199"), highlight=False)).total == 1
    with pytest.raises(QueryError, match="more words begin so"):
        store.search(SearchRequest(Prefix("text", "der x"), highlight=False))


def test_a_search_of_more_phrases_than_an_engine_takes_is_an_error_that_points_at_one(store: ElasticStore) -> None:
    put(store, document("a", text="Es sprach Herr Name7 im Saal."))
    phrases = tuple(Phrase(None, f"herr name{number}") for number in range(600))
    assert store.search(SearchRequest(Bool(should=phrases[:450]))).total == 1
    with pytest.raises(QueryError, match="600 words and phrases are more than") as told:
        store.search(SearchRequest(Bool(should=phrases)))
    assert told.value.pointed().startswith("herr name500\n^\n")


def test_status_counts_the_rules_that_are_too_large_for_the_percolator(store: ElasticStore) -> None:
    phrases = Bool(should=tuple(Phrase(None, f"herr name{number}") for number in range(600)))
    store.put_rules([(Rule("small"), Term(None, "name")), (Rule("large"), phrases)])
    told = dict(store.health(NOW).details)["alert rules"]
    if store.percolating:
        assert told == "1 held against articles by this program: too large for the engine's percolator"
    else:
        assert told == "held against articles by this program: the engine has no percolator"


def test_an_index_of_a_later_version_is_left_alone(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    settings = engine.settings(index_prefix=fresh_prefix)
    open_store(settings, tmp_path).close()
    with engine.connected() as connection:
        meta = {"schema_version": 99, "stemming": False}
        connection.client.indices.put_mapping(index=f"{fresh_prefix}-stories", meta=meta)
    with pytest.raises(SchemaTooNew, match="schema 99"):
        open_store(settings, tmp_path)


def test_nothing_is_made_where_nothing_is_to_be_made(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no index") as raised:
        open_store(engine.settings(index_prefix=fresh_prefix), tmp_path, create=False)
    assert "monitor store init" in raised.value.hint


def test_no_index_is_guessed_where_an_alias_is_missing(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    settings = engine.settings(index_prefix=fresh_prefix)
    with closing(open_store(settings, tmp_path)) as store, engine.connected() as connection:
        connection.client.indices.delete(index=f"{fresh_prefix}-articles-v1-000001")
        with pytest.raises(StoreError, match=f"{fresh_prefix}-articles") as raised:
            store.file(changes(document("a")))
        assert "store init" in raised.value.hint
        assert not connection.client.indices.exists(index=f"{fresh_prefix}-articles-write")
        connection.client.indices.create(index=f"{fresh_prefix}-articles-write")
    with pytest.raises(StoreError, match="an index where an alias belongs") as raised:
        open_store(settings, tmp_path)
    assert f"DELETE {fresh_prefix}-articles-write" in raised.value.hint


def test_an_index_that_is_none_of_ours_is_left_alone(engine: Engine, fresh_prefix: str, tmp_path: Path) -> None:
    with engine.connected() as connection:
        connection.client.indices.create(index=f"{fresh_prefix}-runs-v1-000007", aliases={f"{fresh_prefix}-runs": {}})
    with pytest.raises(StoreError, match="none that this program made"):
        open_store(engine.settings(index_prefix=fresh_prefix), tmp_path)
