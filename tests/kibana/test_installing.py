"""Installing against a server that answers as Kibana does: idempotent, partial failures named, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.errors import KibanaError
from monitor.kibana import Access, Kibana, Options, SavedObject, build, install, read_back
from tests.kibana.server import Behaviour, kibana

OBJECTS = build(Options())
KEYS = [(one.type, one.id) for one in OBJECTS]
OVERVIEW = ("dashboard", "monitor-overview")


def _title(told: Behaviour, key: tuple[str, str], space: str = "default") -> str:
    return str(told.held[space][key]["attributes"]["title"])


def test_everything_is_created_once() -> None:
    told = Behaviour()
    with kibana(told) as url:
        done = install(Kibana(Access(url)), OBJECTS, overwrite=False)
    assert (list(done.created), done.replaced, done.kept, done.failed) == (KEYS, (), (), ())
    assert set(told.held["default"]) == set(KEYS)


def test_again_without_overwriting_keeps_what_people_changed() -> None:
    told = Behaviour()
    with kibana(told) as url:
        install(Kibana(Access(url)), OBJECTS, overwrite=False)
        told.held["default"][OVERVIEW]["attributes"]["title"] = "Ours"
        done = install(Kibana(Access(url)), OBJECTS, overwrite=False)
    assert (done.created, done.replaced, list(done.kept), done.failed) == ((), (), KEYS, ())
    assert _title(told, OVERVIEW) == "Ours"


def test_what_is_missing_is_added_to_what_is_there() -> None:
    told = Behaviour()
    with kibana(told) as url:
        install(Kibana(Access(url)), OBJECTS, overwrite=False)
        told.held["default"][OVERVIEW]["attributes"]["title"] = "Ours"
        gone = [KEYS[5], KEYS[-1]]
        for key in gone:
            del told.held["default"][key]
        done = install(Kibana(Access(url)), OBJECTS, overwrite=False)
    assert list(done.created) == gone
    assert len(done.kept) == len(KEYS) - 2
    assert set(told.held["default"]) == set(KEYS)
    assert _title(told, OVERVIEW) == "Ours"


def test_overwriting_replaces_and_changes_the_language() -> None:
    told = Behaviour()
    with kibana(told) as url:
        install(Kibana(Access(url)), OBJECTS, overwrite=True)
        done = install(Kibana(Access(url)), build(Options("de")), overwrite=True)
    assert (done.created, list(done.replaced), done.kept, done.failed) == ((), KEYS, (), ())
    assert _title(told, OVERVIEW) == "Medienbeobachtung: Überblick"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"type": "unsupported_type"}, "this Kibana does not know such objects"),
        ({"type": "unknown", "message": "Document \"x\" belongs to a more recent version", "statusCode": 422},
         'Document "x" belongs to a more recent version (422)'),
        ({"type": "conflict"}, "somebody else changed it at the same time; run it again"),
        ({"type": "ambiguous_conflict", "destinations": [{"id": "a"}, {"id": "b"}]},
         "stands there more than once: a, b; delete all but one"),
    ],
)  # fmt: skip
def test_an_object_that_fails_is_named_with_the_reason(error: dict[str, Any], reason: str) -> None:
    with kibana(Behaviour(broken={OVERVIEW: error})) as url:
        done = install(Kibana(Access(url)), OBJECTS, overwrite=True)
    (wrong,) = done.failed
    assert (wrong.type, wrong.id, wrong.title, wrong.reason) == (*OVERVIEW, "Media monitor: overview", reason)


def test_one_failure_leaves_the_others_written() -> None:
    told = Behaviour(broken={OVERVIEW: {"type": "unsupported_type"}})
    with kibana(told) as url:
        done = install(Kibana(Access(url)), OBJECTS, overwrite=False)
    assert set(done.created) == set(KEYS) - {OVERVIEW} == set(told.held["default"])


def test_with_a_missing_reference_nothing_is_written_and_nothing_else_is_claimed() -> None:
    told = Behaviour(missing={"search"})
    with kibana(told) as url:
        done = install(Kibana(Access(url)), OBJECTS, overwrite=True)
    assert not told.held["default"]
    assert (done.created, done.replaced) == ((), ())
    assert OVERVIEW in {(one.type, one.id) for one in done.failed}
    assert "refers to what is not there: search monitor-newest" in {one.reason for one in done.failed}


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (
            403,
            "Unable to bulk_create dashboard",
            r"does not let this user import saved objects \(403\): Unable to bulk_",
        ),
        (409, "version conflict", r"somebody else changed these objects at the same time \(409\)"),
        (503, "License is not available.", r"Kibana is not ready \(503\)"),
        (413, "Payload too large", r"could not import saved objects \(413\): Payload too large"),
    ],
)
def test_a_refusal_of_the_whole_is_one_message(status: int, message: str, told: str) -> None:
    with kibana(Behaviour(refuse={"/_import": (status, message)})) as url, pytest.raises(KibanaError, match=told):
        install(Kibana(Access(url)), OBJECTS, overwrite=True)


def test_an_unknown_space_gets_nothing() -> None:
    told = Behaviour(spaces=("press",))
    with kibana(told) as url, pytest.raises(KibanaError, match="there is no space 'desk'"):
        install(Kibana(Access(url, space="desk")), OBJECTS, overwrite=True)
    assert not told.held


def test_a_second_space_may_give_other_ids_and_is_read_back_by_them() -> None:
    told = Behaviour(spaces=("press",), foreign={key: f"copy-of-{key[1]}" for key in KEYS})
    with kibana(told) as url:
        client = Kibana(Access(url, space="press"))
        done = install(client, OBJECTS, overwrite=True)
        assert done.ids[OVERVIEW] == "copy-of-monitor-overview"
        assert read_back(client, OBJECTS, done.ids) == ()
    assert "default" not in told.held


def test_reading_back_finds_what_is_gone_or_renamed() -> None:
    told = Behaviour()
    with kibana(told) as url:
        client = Kibana(Access(url))
        done = install(client, OBJECTS, overwrite=True)
        assert read_back(client, OBJECTS, done.ids) == ()
        del told.held["default"]["search", "monitor-newest"]
        told.held["default"]["dashboard", "monitor-sites"]["attributes"]["title"] = "Ours"
        del told.held["default"]["dashboard", "monitor-stories"]
        wrong = {(one.type, one.id): one.reason for one in read_back(client, OBJECTS, done.ids)}
    assert wrong["search", "monitor-newest"] == "not there, and 'Media monitor: overview' needs it"
    assert wrong["dashboard", "monitor-sites"] == "is called 'Ours' there"
    assert "400" in wrong["dashboard", "monitor-stories"]
    assert len(wrong) == 3


def test_requests_carry_what_kibana_demands() -> None:
    told = Behaviour()
    with kibana(told) as url:
        install(Kibana(Access(f"{url}/")), OBJECTS[:1], overwrite=True)
    ((line, headers),) = told.asked
    assert line == "POST /api/saved_objects/_import?overwrite=true"
    assert headers["kbn-xsrf"] == "true"
    assert headers["content-type"].startswith("multipart/form-data")


def test_the_objects_arrive_as_they_were_built() -> None:
    told = Behaviour()
    with kibana(told) as url:
        install(Kibana(Access(url)), OBJECTS, overwrite=True)
    one: SavedObject = OBJECTS[0]
    assert told.held["default"][one.type, one.id] == one.exported()
