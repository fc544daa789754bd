"""The indices of an archive: made where they are missing, and looked at before anything is read."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from monitor.errors import MappingConflict, StoreError
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.fields import difference
from monitor.store.elastic.mapping import CURRENT, KINDS, SCHEMA_VERSION, Names, Properties, Schema, mappings
from monitor.store.elastic.refusals import newer_schema, other_fields
from monitor.store.elastic.templates import component_templates, index_templates

T = TypeVar("T")

_AT_ONCE = 4  # templates, or indices, that are made
_MIGRATE = "`monitor store migrate` brings them up to date"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the indices of an archive are made."""

    names: Names
    stemming: bool
    shards: int
    replicas: int
    schema: Schema = CURRENT
    percolating: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """One that is there, behind its aliases."""

    kind: str
    name: str
    version: int
    stemming: bool
    properties: Properties = field(compare=False, repr=False)
    percolating: bool = False


def init(connection: Connection, layout: Layout) -> list[str]:
    """Put the templates, and make the indices that are missing; their names. Others may do the same meanwhile.

    Raises SchemaTooNew, before anything is written, where a later version of the program made one of those that are
    there.
    """
    there = indices(connection, layout.names)
    refuse_newer(there, layout.schema.version)
    put_templates(connection, layout)
    missing = [kind for kind in KINDS if kind not in there]
    return _each(lambda kind: create(connection, layout, kind), missing)


def put_templates(connection: Connection, layout: Layout) -> None:
    parts = _parts(layout)
    whole = index_templates(
        layout.names, shards=layout.shards, replicas=layout.replicas, engine=connection.dialect.name
    )
    cluster, indices_ = connection.client.cluster, connection.client.indices
    with connection.translating():
        _each(lambda name: cluster.put_component_template(name=name, template=parts[name]["template"]), parts)
        _each(lambda name: indices_.put_index_template(name=name, **whole[name]), whole)


def _each(make: Callable[[str], T], names: Iterable[str]) -> list[T]:
    """Several at once: for most of the time an engine waits for its own shards. Raises the first error, after which no
    other is begun. An interrupt does not wait for what hangs, as it would in an executor's threads.
    """
    left = deque(enumerate(names))
    done: dict[int, T] = {}
    errors: list[Exception] = []

    def work() -> None:
        while not errors:
            try:
                number, name = left.popleft()
            except IndexError:
                return
            try:
                done[number] = make(name)
            except Exception as error:  # raised again below
                errors.append(error)

    threads = [threading.Thread(target=work, name="making indices", daemon=True) for _ in range(_AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [done[number] for number in sorted(done)]


def _parts(layout: Layout) -> dict[str, Properties]:
    return component_templates(
        layout.names, stemming=layout.stemming, percolating=layout.percolating, schema=layout.schema
    )


def remove(connection: Connection, layout: Layout) -> None:
    """All indices of the archive and their templates, for good."""
    names = layout.names
    with connection.translating():
        there = connection.client.indices.get(
            index=[f"{names.read(kind)}-v*" for kind in KINDS], filter_path="*.aliases"
        )
        for name in there.body:
            connection.client.indices.delete(index=name, ignore_unavailable=True)
        client = connection.client.options(ignore_status=404)
        for name in index_templates(names, shards=layout.shards, replicas=layout.replicas):
            client.indices.delete_index_template(name=name)
        for name in _parts(layout):
            client.cluster.delete_component_template(name=name)


def create(connection: Connection, layout: Layout, kind: str) -> str:
    """The first index of the kind, with its aliases."""
    name = layout.names.concrete(kind, layout.schema.version)
    aliases = {layout.names.read(kind): {}, layout.names.write(kind): {"is_write_index": True}}
    try:
        connection.call(lambda client: client.indices.create(index=name, aliases=aliases))
    except StoreError as error:
        if "already_exists" not in error.message:
            raise
    return name


def indices(connection: Connection, names: Names) -> dict[str, Index]:
    """Those that are there, by kind. Raises StoreError when one of them is none of ours."""
    aliases = {alias for kind in KINDS for alias in (names.read(kind), names.write(kind))}
    asked = ",".join(sorted(aliases))
    only = "*.settings.index.provided_name,*.mappings"  # the name, so that one without a mapping is told too
    answer: dict[str, Any] = connection.call(
        lambda client: (
            client.indices.get(index=asked, ignore_unavailable=True, allow_no_indices=True, filter_path=only).body
        )
    )
    there: dict[str, Index] = {}
    for name, one in answer.items():
        kind = next((kind for kind in KINDS if name.startswith(f"{names.read(kind)}-v")), None)
        mapping = one.get("mappings", {})
        meta = mapping.get("_meta", {})
        version = meta.get("schema_version")
        if name in aliases:
            raise StoreError(
                f"{name} is an index where an alias belongs",
                hint=f"the program did not make it; keep what is in it, delete it (DELETE {name}), "
                "then `monitor store init`",
            )
        if kind is None or not isinstance(version, int):
            raise StoreError(f"the index {name} is none that this program made", hint="set another index_prefix")
        if kind in there:
            raise StoreError(f"two indices are called {names.read(kind)}: {there[kind].name}, {name}", hint=_MIGRATE)
        there[kind] = Index(
            kind,
            name,
            version,
            bool(meta.get("stemming")),
            mapping.get("properties", {}),
            percolating=bool(meta.get("percolating")),
        )
    return there


def refuse_newer(there: Mapping[str, Index], known: int) -> None:
    """Raises SchemaTooNew where one has a higher schema than `known`."""
    for index in there.values():
        if index.version > known:
            raise newer_schema(index.name, index.version, known)


def demand(there: Mapping[str, Index], names: Names) -> None:
    """All indices are there, in this program's schema. Raises StoreError, SchemaTooNew."""
    refuse_newer(there, SCHEMA_VERSION)
    for kind in KINDS:
        index = there.get(kind)
        if index is None:
            hint = "`monitor store init` makes the indices, where store.index_prefix is right"
            raise StoreError(f"there is no index {names.read(kind)}", hint=hint)
        if index.version < SCHEMA_VERSION:
            raise StoreError(
                f"the index {index.name} has schema {index.version}, this version needs {SCHEMA_VERSION}", hint=_MIGRATE
            )


def conflict(there: Mapping[str, Index]) -> MappingConflict | None:
    """Of the first index of this program's schema that has not the fields that it writes: they would be refused."""
    for index in there.values():
        needed = mappings(index.kind, stemming=index.stemming, percolating=index.percolating)["properties"]
        if index.version == SCHEMA_VERSION and (found := difference(needed, index.properties)) is not None:
            return other_fields(index.name, found)
    return None
