"""The roles of deploy/elastic, as the engine's security enforces them: enough for what they are for, and no more.

The engine takes them from its files: the stripped distribution has no index for users and roles of the API.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from elasticsearch import ApiError, Elasticsearch

from monitor.errors import AccessRefused, SchemaTooNew, StoreError
from monitor.query import Term
from monitor.records import Filed
from monitor.settings import StoreSettings
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.mapping import CURRENT, KINDS
from monitor.store.elastic.migrating import migrate
from monitor.store.elastic.store import ElasticStore, layout, open_store, remove_store
from monitor.store.port import FILER_LEASE, SearchRequest
from tests.articles import NOW, again, changes, document, run, stored, url
from tests.engines.packaged import SecuredElasticsearch8
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("roles")]

ROLES = Path(__file__).resolve().parents[2] / "deploy" / "elastic"
PASSWORD = SecuredElasticsearch8.READER[1]
RELOAD_SECONDS = 90.0
INDEX, ALIAS = "monitor-articles-v9-000001", "monitor-articles"
MAPPING: dict[str, Any] = {"dynamic": "strict", "properties": {"site": {"type": "keyword"}}}


@pytest.fixture
def roles(secured: SecuredElasticsearch8) -> None:
    """A user for each role, with the reader's password; the engine looks at its files every few seconds."""
    files = {name: secured.config / name for name in ("roles.yml", "users", "users_roles")}
    if "daily-role" in files["roles.yml"].read_text():
        return
    names = [path.stem for path in ROLES.glob("*.json")]
    made = {name: json.loads((ROLES / f"{name}.json").read_text()) for name in names}
    hashed = next(line for line in files["users"].read_text().splitlines() if line.startswith("reader:"))
    _append(files["roles.yml"], yaml.safe_dump(made))
    _append(files["users"], "".join(f"{name}:{hashed.partition(':')[2]}\n" for name in names))
    _append(files["users_roles"], "".join(f"{name}:{name}\n" for name in names))
    with secured.connected() as owner:
        clients = [owner.client.options(basic_auth=(name, PASSWORD)) for name in names]
        until(lambda: all(map(_knows, clients)), "the engine reads its files again", seconds=RELOAD_SECONDS, pause=1)


def _append(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(text)


def _knows(client: Elasticsearch) -> bool:
    """Signed in, and the role is there: what it names may be searched, though there is nothing yet."""
    try:
        client.search(index="monitor-articles*")
    except ApiError as error:
        if error.meta.status not in (401, 403):
            raise
        return False
    return True


@contextmanager
def _as(secured: SecuredElasticsearch8, role: str) -> Iterator[Connection]:
    """Signed in as a user with the role of that file alone."""
    with secured.connected(user=role, password=PASSWORD) as connection:
        yield connection


@pytest.fixture
def index(secured: SecuredElasticsearch8) -> Iterator[str]:
    """An index of the monitor with one article, made by the owner."""
    with secured.connected() as owner:
        owner.client.indices.create(index=INDEX, mappings=MAPPING, aliases={ALIAS: {}, f"{ALIAS}-write": {}})
        assert not owner.bulk([_article("1")], refresh=True)
        yield ALIAS
        owner.client.options(ignore_status=404).indices.delete(index=INDEX)


def _article(id: str, index: str = INDEX) -> dict[str, Any]:
    return {"_op_type": "index", "_index": index, "_id": id, "site": "kielburg"}


@pytest.fixture
def archive(secured: SecuredElasticsearch8) -> Iterator[None]:
    """No index of the monitor is there before, nor after."""
    secured.remove("monitor")
    yield
    secured.remove("monitor")


def _settings(secured: SecuredElasticsearch8, role: str) -> StoreSettings:
    return secured.settings(user=role, password=PASSWORD)


@contextmanager
def _store(secured: SecuredElasticsearch8, role: str, folder: Path) -> Iterator[ElasticStore]:
    with closing(open_store(_settings(secured, role), folder)) as store:
        yield store


def _daily(store: ElasticStore) -> None:
    """What gathering, filing, searching and looking after the store ask of an engine."""
    store.put_run(run("run-1"))
    assert store.discover([url("a"), url("b")]) == 2
    store.settle([stored("a"), stored("b")])
    assert store.acquire(FILER_LEASE, "filer", 30, NOW)
    items = store.take(10)
    filed = [Filed(item.number, "run-1", "stored") for item in items]
    again(store.file, replace(changes(document("a"), document("b"), filed=filed), holder="filer"))
    store.release(FILER_LEASE, "filer")
    store.refresh()
    assert store.search(SearchRequest(Term(None, "text"))).total == 2
    assert {one.id for one in store.scan()} == {"a", "b"}
    told = store.run("run-1")
    assert told is not None
    assert told.stored == 2
    health = store.health(NOW)
    assert (health.articles, health.inbox) == (2, 0)
    assert {"health", "size"} <= set(health.details)
    assert store.check() == []
    assert store.rebuild_fingerprints() == 2


def test_the_role_does_everything_with_the_monitors_indices(
    secured: SecuredElasticsearch8, archive: None, tmp_path: Path
) -> None:
    with _store(secured, "role", tmp_path) as store:
        _daily(store)
        assert store.reindex() == 2
        assert {one.id for one in store.scan()} == {"a", "b"}
    settings = _settings(secured, "role")
    with _as(secured, "role") as connection:
        newer = replace(layout(connection, settings), schema=replace(CURRENT, version=CURRENT.version + 1))
        assert migrate(connection, newer) == len(KINDS)
    with pytest.raises(SchemaTooNew):
        open_store(settings, tmp_path)
    remove_store(settings, tmp_path)
    with pytest.raises(StoreError, match="there is no index monitor-articles"):
        open_store(settings, tmp_path, create=False)


def test_the_daily_role_gathers_files_and_searches_and_makes_no_index(
    secured: SecuredElasticsearch8, archive: None, tmp_path: Path
) -> None:
    with pytest.raises(AccessRefused):
        open_store(_settings(secured, "daily-role"), tmp_path)
    with _store(secured, "role", tmp_path):
        pass
    with _store(secured, "daily-role", tmp_path) as store:
        _daily(store)
        with pytest.raises(AccessRefused):
            store.reindex()
    with pytest.raises(AccessRefused):
        remove_store(_settings(secured, "daily-role"), tmp_path)


def test_a_reader_opens_no_store(secured: SecuredElasticsearch8, archive: None, tmp_path: Path) -> None:
    with _store(secured, "role", tmp_path):
        pass
    with pytest.raises(AccessRefused):
        open_store(_settings(secured, "reader-role"), tmp_path)


def test_readers_read_and_nothing_else(secured: SecuredElasticsearch8, index: str) -> None:
    with secured.connected() as owner:
        owner.client.indices.create(index="monitor-inbox-v9-000001")
    try:
        with _reading(secured) as client:
            assert client.search(index=index)["hits"]["total"]["value"] == 1
            assert "site" in client.field_caps(index=index, fields=["*"])["fields"]
            for ask in (
                lambda: client.index(index=INDEX, document={"site": "x"}),
                lambda: client.search(index="monitor-inbox-v9-000001"),
            ):
                with pytest.raises(Exception, match="unauthorized"):
                    ask()
    finally:
        with secured.connected() as owner:
            owner.client.indices.delete(index="monitor-inbox-v9-000001")


@contextmanager
def _reading(secured: SecuredElasticsearch8) -> Iterator[Elasticsearch]:
    """The owner's client as a reader, who may not even ask which engine it is."""
    with secured.connected() as owner:
        yield owner.client.options(basic_auth=("reader-role", PASSWORD))


@pytest.mark.parametrize("role", ["role", "daily-role"])
def test_other_indices_are_out_of_reach(secured: SecuredElasticsearch8, role: str) -> None:
    with _as(secured, role) as connection:
        _refused(connection, lambda client: client.indices.create(index="other"))
        _refused(connection, lambda client: client.index(index="other", document={}))
        _refused(connection, lambda client: client.security.get_user())


def _refused(connection: Connection, ask: Callable[[Elasticsearch], Any]) -> None:
    with pytest.raises(AccessRefused):
        connection.call(ask)
