"""What the engine refused lies on the disk, one file each, and can be tried again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.dead import DeadLetters


def action(id: str, **source: object) -> Action:
    return {"_op_type": "index", "_index": "m-articles-write", "_id": id, "_source": source}


def refused(id: str, status: int = 400, reason: str = "no such field") -> Refused:
    return Refused("index", "m-articles-write", id, status, "mapper_parsing_exception", reason)


def names(letters: DeadLetters) -> list[str]:
    return [json.loads(file.read_text())["action"]["_id"] for file in sorted(letters.folder.glob("*.json"))]


def test_each_document_is_a_file_with_its_reason(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    assert len(letters) == 0
    letters.bury([(action("a", text="größer"), refused("a")), (action("b"), refused("b", reason="too long"))])
    assert len(letters) == 2
    told = {json.loads(file.read_text())["reason"] for file in letters.folder.iterdir()}
    assert told == {"no such field", "too long"}


def test_written_outdated_and_refused_again_are_told_apart(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    letters.bury([(action(id, text=id), refused(id)) for id in "abc"])
    seen: list[Action] = []

    def write(actions: Sequence[Action]) -> list[Refused]:
        seen.extend(actions)
        answers = {"b": refused("b", 409), "c": refused("c", reason="still no such field")}
        return [answers[one["_id"]] for one in actions if one["_id"] in answers]

    retried = letters.retry(write)
    assert (retried.written, retried.outdated, retried.left) == (1, 1, 1)
    assert {one["_id"]: one["_source"] for one in seen} == {id: {"text": id} for id in "abc"}
    (file,) = letters.folder.iterdir()
    assert json.loads(file.read_text())["reason"] == "still no such field"


def test_what_can_not_be_read_is_left_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    letters.bury([(action("a"), refused("a"))])
    (letters.folder / "0-torn.json").write_text('{"at": "2024-05-16T12:00:00Z", "kind": "x", "rea')
    assert letters.retry(lambda _: []).written == 1
    assert [file.name for file in letters.folder.iterdir()] == ["0-torn.json"]


def test_a_document_that_is_no_json_is_kept_for_people(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    letters.bury([(action("a", text=object()), refused("a")), (action("b"), refused("b"))])
    assert len(letters) == 2
    assert letters.retry(lambda _: []).left == 1
    (file,) = letters.folder.iterdir()
    assert "object object" in json.loads(file.read_text())["unwritable"]
