"""Objects into Kibana, each with what became of it; and whether they are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from monitor.errors import KibanaError
from monitor.kibana.client import Kibana
from monitor.kibana.objects import SavedObject, ndjson

# Where an answer has one of these, Kibana writes nothing at all of the file and still lists the rest as successes.
_WRITES_NOTHING = ("conflict", "ambiguous_conflict", "missing_references")

Key = tuple[str, str]  # type, id


@dataclass(frozen=True, slots=True)
class Wrong:
    """An object that is not there as it should be, and why."""

    type: str
    id: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Installed:
    """`ids`: under which id each object stands in this Kibana; another one where a second space has the first."""

    created: tuple[Key, ...]
    replaced: tuple[Key, ...]
    kept: tuple[Key, ...]
    failed: tuple[Wrong, ...]
    ids: Mapping[Key, str]


def install(kibana: Kibana, objects: tuple[SavedObject, ...], *, overwrite: bool) -> Installed:
    """Idempotent. Without `overwrite` an object that is there stays as somebody may have changed it.

    Raises KibanaError when Kibana refuses the whole; single objects that fail are in the result.
    """
    kibana.check_space()
    file = ndjson(objects)
    answer = kibana.import_objects(file, overwrite=overwrite)
    done, errors = _done(answer), _errors(answer)
    conflicts = [one for one in errors if _kind(one) == "conflict" and not overwrite]
    kept = {_key(one): str(one["error"].get("destinationId", one["id"])) for one in conflicts}
    if kept and done:
        answer = kibana.resolve(file, [{"type": type_, "id": id_, "overwrite": False} for type_, id_ in done])
        done, again = _done(answer), _errors(answer)
        errors = [*errors, *again]
    failed = {_key(one): one for one in errors if _key(one) not in kept}
    if any(_kind(one) in _WRITES_NOTHING for one in failed.values()):
        done = {}
    return Installed(
        created=tuple(key for key, one in done.items() if not one.get("overwrite")),
        replaced=tuple(key for key, one in done.items() if one.get("overwrite")),
        kept=tuple(kept),
        failed=tuple(Wrong(*key, _title(one, objects), _reason(one["error"])) for key, one in failed.items()),
        ids={key: str(one.get("destinationId", key[1])) for key, one in done.items()} | kept,
    )


def read_back(kibana: Kibana, objects: Iterable[SavedObject], ids: Mapping[Key, str]) -> tuple[Wrong, ...]:
    """Asks Kibana for every dashboard with all that it refers to; what of it is missing or is called differently."""
    wrong: list[Wrong] = []
    known = {(one.type, one.id): one for one in objects}
    for dashboard in (one for one in known.values() if one.type == "dashboard"):
        there = ids.get((dashboard.type, dashboard.id), dashboard.id)
        try:
            lines = kibana.export_objects([("dashboard", there)], deep=True).splitlines()
        except KibanaError as error:
            wrong.append(Wrong("dashboard", there, dashboard.title, error.message))
            continue
        answered = [orjson.loads(line) for line in lines if line.strip()]
        titles = {_key(one): one["attributes"]["title"] for one in answered if "type" in one}
        for key in [(dashboard.type, dashboard.id), *_needed(dashboard, known)]:
            wanted, found = known[key], titles.get((key[0], ids.get(key, key[1])))
            if found is None:
                wrong.append(Wrong(*key, wanted.title, f"not there, and {dashboard.title!r} needs it"))
            elif found != wanted.attributes["title"]:
                wrong.append(Wrong(*key, wanted.title, f"is called {found!r} there"))
    return tuple(dict.fromkeys(wrong))


def _needed(one: SavedObject, known: Mapping[Key, SavedObject]) -> list[Key]:
    direct = [(reference.type, reference.id) for reference in one.references]
    return list(dict.fromkeys([*direct, *(key for part in direct for key in _needed(known[part], known))]))


def _done(answer: dict[str, Any]) -> dict[Key, dict[str, Any]]:
    return {_key(one): one for one in answer.get("successResults", [])}


def _errors(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [one if isinstance(one.get("error"), dict) else {**one, "error": {}} for one in answer.get("errors", [])]


def _key(one: dict[str, Any]) -> Key:
    return str(one["type"]), str(one["id"])


def _kind(one: dict[str, Any]) -> str:
    return str(one["error"].get("type", ""))


def _title(one: dict[str, Any], objects: Iterable[SavedObject]) -> str:
    ours = {(known.type, known.id): known.title for known in objects}
    return ours.get(_key(one)) or str(one.get("title") or one.get("meta", {}).get("title") or "")


def _reason(error: dict[str, Any]) -> str:
    """What the documented kinds of errors mean."""
    match error.get("type"):
        case "missing_references":
            names = ", ".join(f"{one['type']} {one['id']}" for one in error.get("references", []))
            return f"refers to what is not there: {names}"
        case "ambiguous_conflict":
            names = ", ".join(str(one["id"]) for one in error.get("destinations", []))
            return f"stands there more than once: {names}; delete all but one"
        case "conflict":
            return "somebody else changed it at the same time; run it again"
        case "unsupported_type":
            return "this Kibana does not know such objects"
        case kind:
            return f"{error.get('message') or kind or 'no reason given'} ({error.get('statusCode', 'no status')})"
