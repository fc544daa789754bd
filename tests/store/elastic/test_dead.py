"""What the engine refused lies on the disk, one file each, and can be tried again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from monitor.store.elastic.bulk import Action, Refused
from monitor.store.elastic.dead import DeadLetters


def action(id: str, **source: object) -> Action:
    """Of a version of the program's; tests/engines/test_dead_letters.py has those without."""
    fence = {"version": 1, "version_type": "external_gte"}
    return {"_op_type": "index", "_index": "m-articles-write", "_id": id, "_source": source, **fence}


def nothing(_: object) -> list[Any]:
    return []


def refused(id: str, status: int = 400, reason: str = "no such field") -> Refused:
    return Refused("index", "m-articles-write", id, status, "mapper_parsing_exception", reason)


def test_each_document_is_a_file_with_its_reason(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    assert len(letters) == 0
    two = [(action("a", text="größer"), refused("a")), (action("b"), refused("b", reason="too long"))]
    letters.bury(two, nothing)
    assert len(letters) == 2
    told = {json.loads(file.read_text())["reason"] for file in letters.folder.iterdir()}
    assert told == {"no such field", "too long"}


def test_what_can_not_be_read_is_left_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    letters.bury([(action("a"), refused("a"))], nothing)
    (letters.folder / "0-torn.json").write_text('{"at": "2024-05-16T12:00:00Z", "kind": "x", "rea')
    assert letters.retry(nothing, nothing).written == 1
    assert [file.name for file in letters.folder.iterdir()] == ["0-torn.json"]


def test_a_document_that_is_no_json_is_kept_for_people(tmp_path: Path) -> None:
    letters = DeadLetters(tmp_path)
    letters.bury([(action("a", text=object()), refused("a")), (action("b"), refused("b"))], nothing)
    assert len(letters) == 2
    assert letters.retry(nothing, nothing).left == 1
    (file,) = letters.folder.iterdir()
    assert "object object" in json.loads(file.read_text())["unwritable"]
