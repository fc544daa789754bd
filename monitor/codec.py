"""Records to JSON bytes and back: for the inbox, the stores and the pipes between processes."""

from __future__ import annotations

from typing import Any, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from monitor.errors import StoreCorrupt

R = TypeVar("R")


def encode(record: object) -> bytes:
    """A record as compact JSON; times in UTC with "Z". Lone surrogates, which JSON can't carry, become "?"."""
    try:
        return orjson.dumps(record, option=orjson.OPT_UTC_Z)
    except TypeError:
        adapter = _adapter(record.__class__)
        return adapter.dump_json(adapter.validate_python(_without_surrogates(adapter.dump_python(record))))


def decode(kind: type[R], data: bytes | str) -> R:
    """The record again. Raises StoreCorrupt when the bytes are not one."""
    try:
        record: R = _adapter(kind).validate_json(data)
    except ValidationError as error:
        raise StoreCorrupt(
            f"a stored {kind.__name__} can't be read: {error.errors()[0]['msg']}",
            hint="run `monitor store check`",
        ) from error
    return record


_adapters: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Built once per kind: building costs a thousand times what using it does."""
    found = _adapters.get(kind)
    if found is None:
        found = _adapters[kind] = TypeAdapter(kind)
    return found


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, dict):
        return {_without_surrogates(k): _without_surrogates(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(v) for v in value]
    return value
