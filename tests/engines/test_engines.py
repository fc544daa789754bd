"""The connection on every engine: recognised, the calls that the store makes, and what each refusal becomes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import (
    Conflict,
    MappingConflict,
    NotFound,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnreachable,
)
from monitor.store.elastic.connection import Connection
from tests.articles import NOW, again, changes, document
from tests.engines.containers import ContainerEngine
from tests.engines.engine import Engine
from tests.engines.proxy import Proxy
from tests.engines.running import KINDS, running
from tests.engines.stores import made_by_another, opened
from tests.newsite import NewsSite, site_file
from tests.program import monitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MAPPING = {"dynamic": "strict", "properties": {"title": {"type": "keyword"}, "words": {"type": "integer"}}}


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connected() as opened:
        yield opened


@pytest.fixture
def index(connection: Connection, fresh_prefix: str) -> str:
    name = f"{fresh_prefix}-articles"
    connection.call(lambda client: client.indices.create(index=name, mappings=MAPPING))
    return name


def put(index: str, *ids: str, **more: Any) -> list[dict[str, Any]]:
    return [{"_op_type": "index", "_index": index, "_id": one, "_source": {"words": 7}, **more} for one in ids]


def stored(connection: Connection, index: str) -> int:
    connection.call(lambda client: client.indices.refresh(index=index))
    count: int = connection.call(lambda client: client.count(index=index))["count"]
    return count


def test_the_engine_is_recognised(engine: Engine, connection: Connection) -> None:
    if engine.kind == "given":
        assert connection.dialect.version
        return
    name, _, version = engine.kind.partition("-")
    assert connection.dialect.name == name
    assert connection.dialect.version.startswith(version + ".")
    complete = name == "opensearch" or isinstance(engine, ContainerEngine)
    assert connection.dialect.language_analyzers is complete


def test_the_calls_of_the_store_are_answered(connection: Connection, fresh_prefix: str) -> None:
    ask = connection.call
    ask(lambda c: c.cluster.put_component_template(name=f"{fresh_prefix}-mappings", template={"mappings": MAPPING}))
    ask(
        lambda c: c.indices.put_index_template(
            name=f"{fresh_prefix}-articles",
            index_patterns=[f"{fresh_prefix}-articles-v*"],
            composed_of=[f"{fresh_prefix}-mappings"],
        )
    )
    first = f"{fresh_prefix}-articles-v1-000001"
    read, write = f"{fresh_prefix}-articles", f"{fresh_prefix}-articles-write"
    ask(lambda c: c.indices.create(index=first, aliases={read: {}, write: {"is_write_index": True}}))
    assert connection.bulk(put(write, "a", "b", title="x"), refresh=True) == []
    assert ask(lambda c: c.get(index=read, id="a"))["_source"] == {"words": 7}
    found = ask(lambda c: c.mget(index=read, ids=["a", "c"]))["docs"]
    assert [one["found"] for one in found] == [True, False]
    query = {"query": {"bool": {"should": [{"term": {"words": 7}}, {"term": {"words": 8}}], "minimum_should_match": 1}}}
    assert ask(lambda c: c.search(index=read, **query))["hits"]["total"]["value"] == 2
    answers = ask(
        lambda c: c.msearch(searches=[{"index": read}, query, {"index": read}, {"query": {"match_none": {}}}])
    )
    assert [one["hits"]["total"]["value"] for one in answers["responses"]] == [2, 0]
    ask(lambda c: c.update(index=write, id="z", doc={"words": 1}, doc_as_upsert=True))
    assert ask(lambda c: c.get(index=read, id="z"))["_source"] == {"words": 1}


def test_somebody_who_wrote_in_between_is_a_conflict(connection: Connection, index: str) -> None:
    made = connection.call(lambda c: c.index(index=index, id="a", document={"words": 1}))
    names = {"if_seq_no": made["_seq_no"], "if_primary_term": made["_primary_term"]}
    connection.call(lambda c: c.index(index=index, id="a", document={"words": 2}, **names))
    with pytest.raises(Conflict):
        connection.call(lambda c: c.index(index=index, id="a", document={"words": 3}, **names))
    with pytest.raises(Conflict):
        connection.call(lambda c: c.create(index=index, id="a", document={"words": 3}))


def test_what_is_not_there(connection: Connection, index: str) -> None:
    with pytest.raises(NotFound):
        connection.call(lambda c: c.get(index=index, id="nobody"))
    with pytest.raises(StoreError, match="no such index") as told:
        connection.call(lambda c: c.search(index=f"{index}-missing"))
    assert "monitor store init" in told.value.hint
    with pytest.raises(StoreError, match="no such index"):
        connection.bulk([{"_op_type": "index", "_index": f"{index}-x", "_id": "1", "require_alias": True, "words": 1}])


def test_refused_documents_come_back_with_the_reason_and_the_others_pass(connection: Connection, index: str) -> None:
    actions: list[dict[str, Any]] = [
        *put(index, "a", "b"),
        {"_op_type": "index", "_index": index, "_id": "strict", "_source": {"colour": "red"}},
        {"_op_type": "index", "_index": index, "_id": "typed", "_source": {"words": "many"}},
        {"_op_type": "index", "_index": index, "_id": "term", "_source": {"title": "x" * 40_000}},
        {"_op_type": "index", "_index": index, "_id": "surrogate", "_source": {"title": "\ud800"}},
        {"_op_type": "create", "_index": index, "_id": "a", "_source": {"words": 9}},
        {"_op_type": "delete", "_index": index, "_id": "nobody"},
        *put(index, "c"),
    ]
    refused = {one.id: one for one in connection.bulk(actions)}
    assert set(refused) == {"strict", "typed", "term", "surrogate", "a"}
    assert "strict" in refused["strict"].reason
    assert refused["strict"].document == {"colour": "red"}
    assert "many" in refused["typed"].reason
    assert "immense term" in refused["term"].reason
    assert refused["surrogate"].kind == "not_json"
    assert [one.id for one in refused.values() if one.conflict] == ["a"]
    assert stored(connection, index) == 3


def test_many_documents_are_written_in_chunks(connection: Connection, index: str) -> None:
    actions = [{"_op_type": "index", "_index": index, "_id": str(n), "title": "y" * 9000} for n in range(1700)]
    assert connection.bulk(actions, refresh=True) == []
    assert stored(connection, index) == 1700


def test_a_mapping_that_the_engine_will_not_have(connection: Connection, index: str) -> None:
    with pytest.raises(MappingConflict, match="the mapping of an index is not the program's") as told:
        connection.call(lambda c: c.indices.put_mapping(index=index, properties={"title": {"type": "date"}}))
    assert "monitor store reindex" in told.value.hint
    with pytest.raises(MappingConflict, match="the mapping of an index is not the program's"):
        connection.call(lambda c: c.index(index=index, id="a", document={"colour": "red"}))


@pytest.mark.parametrize("engine_kind", KINDS[:1], scope="session")  # test_store_writing has it on all of them
def test_another_mapping_than_the_program_s_is_one_message_and_reindex_puts_it_right(
    engine: Engine, fresh_prefix: str, tmp_path: Path
) -> None:
    with opened(engine, fresh_prefix, tmp_path) as store:
        again(store.file, changes(document("a", at=NOW), document("b", at=NOW)))
        wrong = made_by_another(store)
    settings = {"KIND": "elasticsearch", "URL": engine.url, "INDEX_PREFIX": fresh_prefix}
    if engine.user:
        settings |= {"USER": engine.user, "PASSWORD": engine.password}
    if engine.ca:
        settings["CA_CERTS"] = str(engine.ca)
    environment = {f"MONITOR_STORE__{name}": value for name, value in settings.items()}
    text = " ".join(f"Der Deich von Kielburg hielt am Abend {n} Stunden dem Wasser stand." for n in range(12))
    article = {"url": "https://a.example/1", "site": "a", "title": "Deich", "text": text, "published_at": "2024-05-14"}
    (tmp_path / "new.jsonl").write_text(json.dumps(article))

    (tmp_path / "sites").mkdir()
    with NewsSite(2) as site:
        site_file(tmp_path, site, site_id="blatt")
        crawled = json.loads(monitor(tmp_path, "crawl", "--json", **environment).stdout)
    (one,) = crawled["sites"]
    assert (one["ok"], one["fetched"], one["error"]) == (True, 2, ""), crawled
    assert (crawled["unfiled"], crawled["shipping"]["waiting"]) == (2, 2), crawled

    said = f"{wrong} is not as this program makes it: the field words is of type boolean, it has to be integer"
    # What was imported waits on this machine; the status has the reason alone.
    for command, code, hint in (
        (("store", "init"), 1, True),
        (("import", "new.jsonl"), 0, True),
        (("store", "check"), 1, True),
        (("status",), 0, False),
    ):
        told = monitor(tmp_path, *command, **environment)
        words = " ".join((told.stderr + told.stdout).split())
        assert said in words, words
        assert told.returncode == code, words
        assert ("monitor store reindex" in words) is hint, words
        assert "Traceback" not in words
    assert not list(tmp_path.glob("**/dead/**/*.json"))

    done = monitor(tmp_path, "store", "reindex", **environment)
    assert "2 articles indexed" in done.stdout, done.stderr
    told = monitor(tmp_path, "import", "new.jsonl", **environment)
    assert told.returncode == 0, told.stderr
    told = monitor(tmp_path, "store", "check", **environment)
    assert "all is well: 5 articles" in told.stdout, told.stdout + told.stderr


def test_a_nearly_full_disk(engine: Engine, connection: Connection, index: str) -> None:
    engine.set_flood_stage(index, True)
    with pytest.raises(StoreFull) as told:
        connection.bulk(put(index, "a"))
    assert "make room" in told.value.hint
    with pytest.raises(StoreFull):
        connection.call(lambda c: c.index(index=index, id="a", document={"words": 1}))
    engine.set_flood_stage(index, False)
    assert connection.bulk(put(index, "a")) == []


def test_an_index_that_is_read_only(connection: Connection, index: str) -> None:
    connection.call(lambda c: c.indices.put_settings(index=index, settings={"index.blocks.write": True}))
    with pytest.raises(StoreReadOnly):
        connection.bulk(put(index, "a"))
    with pytest.raises(StoreReadOnly):
        connection.call(lambda c: c.index(index=index, id="a", document={"words": 1}))


def test_an_engine_that_is_killed_and_comes_back_has_everything(
    engine: Engine, connection: Connection, index: str
) -> None:
    connection.bulk(put(index, "a", "b"))
    engine.kill()
    with pytest.raises(StoreUnreachable):
        connection.call(lambda c: c.get(index=index, id="a"))
    with pytest.raises(StoreUnreachable), engine.connected():
        pass
    engine.start()
    assert stored(connection, index) == 2


def test_a_bulk_goes_on_over_a_kill_that_is_short(engine: Engine, connection: Connection, index: str) -> None:
    actions = [{"_op_type": "create", "_index": index, "_id": str(n), "title": "y" * 5000} for n in range(6000)]
    killed = threading.Timer(0.4, engine.kill)
    killed.start()
    try:
        refused = connection.bulk(actions)
    except StoreBusy:
        refused = []
    killed.join()
    engine.ensure_up()
    refused += connection.bulk(actions)
    assert all(one.conflict for one in refused)
    assert stored(connection, index) == 6000


def test_an_engine_that_stands_still(engine: Engine, connection: Connection, index: str) -> None:
    with engine.connected(request_timeout=1) as hasty:
        engine.pause()
        with pytest.raises(StoreBusy, match="no answer within 1 seconds"):
            hasty.call(lambda c: c.get(index=index, id="a"))
        engine.resume()
        with pytest.raises(NotFound):
            hasty.call(lambda c: c.get(index=index, id="a"))


def test_a_small_write_queue_puts_off_and_loses_nothing(engine_kind: str) -> None:
    engine = running(engine_kind, {"thread_pool.write.size": 1, "thread_pool.write.queue_size": 1})
    names = [f"queue-{n}" for n in range(6)]
    problems: list[Exception] = []

    def write(connection: Connection, name: str) -> None:
        actions = [{"_op_type": "index", "_index": name, "_id": str(n), "title": "y" * 500} for n in range(1000)]
        for _ in range(20):
            try:
                assert connection.bulk(actions) == []
            except StoreBusy as error:
                problems.append(error)
            else:
                return
        raise AssertionError(f"{name} was never written")

    try:
        with Proxy(engine).up() as proxy, engine.connected(url=proxy.url) as connection:
            threads = [threading.Thread(target=write, args=(connection, name)) for name in names]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert [stored(connection, name) for name in names] == [1000] * len(names)
            assert proxy.put_off > 0
    finally:
        engine.remove("queue-")
    assert all("too much to do" in str(problem) for problem in problems)
