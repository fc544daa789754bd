from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.cli.show import difference

Run = Callable[..., Result]
ID = "01" * 10


def test_an_article_is_shown_with_what_is_kept_apart_from_its_text(filled: Path, run: Run) -> None:
    shown = run("show", ID)
    assert shown.exit_code == 0
    for part in (
        "Hafen von Kielburg wird tiefer",
        "https://kielburg.example/hafen",
        "2024-05-16 12:30 (from meta)",
        "Europe/Berlin",
        "de (0.99, by text)",
        "Ada Beispiel, dpa",
        "text changed once",
        "Gegner des Vorhabens",
        "Ein Bagger im Hafen  [credit: Foto: B. Agger/dpa]",
        "Quelle: https://quelle.example/hafen",
        "byline: Von Ada Beispiel",
        "JSON-LD author: Ada Beispiel",
        "publisher: Kielburger Bote",
        ".warc.gz, byte ",
    ):
        assert part in shown.stdout


def test_a_copy_names_its_story_and_what_it_is_a_copy_of(filled: Path, run: Run) -> None:
    shown = run("show", "03" * 10).stdout
    assert "s020202 (2 articles)" in shown
    assert f"near copy of {'02' * 10} (90% of its words)" in shown


def test_the_beginning_of_an_id_is_enough(filled: Path, run: Run) -> None:
    assert "Bridge to close" in run("show", "020202").stdout
    assert "Vorlage" in run("show", "050505").stdout


@pytest.mark.parametrize(
    ("id_", "message"), [("0101", "at least 6"), ("ffffff", "no article"), ("0" * 20, "no article")]
)
def test_an_unknown_id_is_an_error_with_a_hint(filled: Path, run: Run, id_: str, message: str) -> None:
    shown = run("show", id_)
    assert shown.exit_code == 1
    assert message in shown.stderr
    assert "Hint:" in shown.stderr


def test_revisions_are_compared_word_by_word(filled: Path, run: Run) -> None:
    shown = run("show", ID, "--revisions").stdout
    assert "Revision 1, 2024-05-16 12:35" in shown
    assert "Revision 2, 2024-05-16 18:35" in shown
    assert "title: Hafen {+von Kielburg+} wird tiefer" in shown
    assert "bis zum [-Herbst-] {+nächsten Frühjahr+} tiefer werden" in shown
    assert "[-Sie nennen die Prüfung der Umwelt einen schlechten Scherz.-]" in shown
    as_json = json.loads(run("show", ID, "--revisions", "--json").stdout)
    assert [state["number"] for state in as_json["revisions"]] == [1, 2]


def test_unchanged_passages_between_changes_are_shortened() -> None:
    words = [f"w{number}" for number in range(60)]
    changed = ["new", *words[:30], "middle", *words[30:]]
    shown = difference(" ".join(words), " ".join(changed)).plain
    assert shown == "{+new+} w0 w1 w2 w3 w4 w5 w6 w7 … w22 w23 w24 w25 w26 w27 w28 w29 {+middle+} " + (
        "w30 w31 w32 w33 w34 w35 w36 w37 …"
    )
    assert difference("same words", "same words").plain == "same words"


def test_the_raw_page_comes_with_its_headers_byte_for_byte(filled: Path, run: Run) -> None:
    raw = run("show", ID, "--raw")
    assert raw.exit_code == 0
    assert raw.stdout_bytes.startswith(
        b"HTTP/1.1 200\r\nContent-Type: text/html\r\nX-Served-By: test\r\n\r\n<p>Der Hafen"
    )
    missing = run("show", "02" * 10, "--raw")
    assert missing.exit_code == 1
    assert "no raw page" in missing.stderr
    assert run("show", ID, "--raw", "--json").exit_code == 2


def test_json_holds_the_article_alone(filled: Path, run: Run) -> None:
    record = json.loads(run("show", ID, "--json").stdout)
    assert record["id"] == ID
    assert record["captions"] == [{"text": "Ein Bagger im Hafen", "credit": "Foto: B. Agger/dpa", "where": "figure"}]
    assert "revisions" not in record
