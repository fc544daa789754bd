"""The roles of deploy/elastic, as the engine's security enforces them: enough for what they are for, and no more.

The engine takes them from its files: the stripped distribution has no index for users and roles of the API.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from elasticsearch import ApiError, Elasticsearch

from monitor.errors import AccessRefused
from monitor.store.elastic.connection import Connection
from tests.engines.packaged import SecuredElasticsearch8

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
        until = time.monotonic() + RELOAD_SECONDS
        while not all(_knows(client) for client in clients):
            assert time.monotonic() < until, "the engine did not read its files again"
            time.sleep(1)


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
        for name in (INDEX, INDEX.replace("v9", "v10")):
            owner.client.options(ignore_status=404).indices.delete(index=name)
        owner.client.options(ignore_status=404).indices.delete_index_template(name="monitor-articles")
        owner.client.options(ignore_status=404).cluster.delete_component_template(name="monitor-part-articles")


def _article(id: str, index: str = INDEX) -> dict[str, Any]:
    return {"_op_type": "index", "_index": index, "_id": id, "site": "kielburg"}


def _daily(connection: Connection, alias: str) -> None:
    """What gathering, filing and searching ask of an engine."""
    assert not connection.bulk([_article("2", f"{alias}-write")], refresh="wait_for")
    client = connection.client
    client.index(index=f"{alias}-write", id="3", document={"site": "millford"}, op_type="create")
    client.delete(index=f"{alias}-write", id="3")
    client.indices.refresh(index=alias)
    assert client.search(index=alias, query={"term": {"site": "kielburg"}})["hits"]["total"]["value"] == 2
    assert client.mget(index=alias, ids=["1", "2"])["docs"][1]["found"]
    assert client.msearch(searches=[{"index": alias}, {"query": {"match_all": {}}}])["responses"][0]["status"] == 200
    assert client.cluster.health(index=alias)["status"] in ("green", "yellow")
    assert INDEX in client.indices.get_mapping(index=alias)


def test_the_role_does_everything_with_the_monitors_indices(secured: SecuredElasticsearch8, index: str) -> None:
    with _as(secured, "role") as connection, connection.translating():
        client = connection.client
        client.cluster.put_component_template(name="monitor-part-articles", template={"mappings": MAPPING})
        client.indices.put_index_template(
            name="monitor-articles", index_patterns=["monitor-articles-v*"], composed_of=["monitor-part-articles"]
        )
        _daily(connection, index)
        newer = INDEX.replace("v9", "v10")
        client.indices.create(index=newer)
        client.indices.update_aliases(
            actions=[
                {"remove": {"index": INDEX, "alias": index}},
                {"add": {"index": newer, "alias": index}},
            ]
        )
        client.indices.put_mapping(index=newer, properties={"lang": {"type": "keyword"}})
        client.indices.put_settings(index=newer, settings={"index.number_of_replicas": 0})
        client.indices.delete(index=INDEX)


def test_the_daily_role_gathers_files_and_searches_and_makes_no_index(
    secured: SecuredElasticsearch8, index: str
) -> None:
    with _as(secured, "daily-role") as connection:
        with connection.translating():
            _daily(connection, index)
        _refused(connection, lambda client: client.indices.create(index="monitor-more"))
        _refused(connection, lambda client: client.indices.delete(index=INDEX))


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
