"""licences, decide, report and what show tells of a trace, as their user runs them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.records import AgencyCredit, Changes, Evidence, Origin, SourceTrace
from monitor.store.embedded import open_store
from monitor.store.port import Store

Run = Callable[..., Result]
HARBOUR, BRIDGE, FERRY = "01" * 10, "02" * 10, "03" * 10

CREDITED = SourceTrace(
    kind="agency",
    agencies=(AgencyCredit("dpa", 0.96),),
    photo_agencies=("afp",),
    credited=True,
    origin=Origin("https://wire.example/7", how="link"),
    evidence=(
        Evidence("mention", "reuters", "sagte er Reuters", "text", 0.1),
        Evidence("text", "dpa", "Mit Material von dpa", "note", 0.96),
    ),
    lag_seconds=3900,
    share_kept=0.82,
    share_added=0.1,
    words_changed=7,
)
UNCREDITED = SourceTrace(
    kind="unknown",
    agencies=(AgencyCredit("dpa", 0.75),),
    uncredited_reuse=True,
    origin=Origin("https://wire.example/8", BRIDGE, how="earliest"),
    evidence=(Evidence("cluster", "dpa", "Bridge to close", "story", 0.9, "https://wire.example/8"),),
    share_kept=0.6,
)


@pytest.fixture
def traced(filled: Path) -> Path:
    """The filled folder with a trace on two articles."""
    with_store(filled, put_traces)
    return filled


def with_store(folder: Path, do: Callable[[Store], None]) -> None:
    store = open_store(folder / "store")
    do(store)
    store.refresh()
    store.close()


def put_traces(store: Store) -> None:
    found = store.documents([HARBOUR, FERRY])
    changed = (replace(found[HARBOUR], source=CREDITED), replace(found[FERRY], source=UNCREDITED))
    store.file(Changes(documents=changed))


# --- show ---


def test_the_trace_is_shown_with_its_evidence(traced: Path, run: Run) -> None:
    shown = run("show", HARBOUR).stdout
    facts = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.strip()}
    assert (facts["source"], facts["agencies"], facts["credited"]) == (["agency"], ["dpa", "(0.96)"], ["yes"])
    assert facts["photos"] == ["afp"]
    for part in (
        "https://wire.example/7 (the page behind its source link)",
        "lag 1 h 05 min, kept 82% of its words, added 10%, changed 7 words",
    ):
        assert part in shown
    rows = [line for line in shown.splitlines() if "Reuters" in line or "Material" in line]
    assert [line.split()[:3] for line in rows] == [["text", "dpa", "0.96"], ["mention", "reuters", "0.10"]]
    assert '"Mit Material von dpa"' in shown


def test_uncredited_reuse_and_licences_are_told(traced: Path, run: Run) -> None:
    (traced / "licences.yaml").write_text("- {agency: dpa, site: kielburg}\n")
    shown = run("show", FERRY).stdout
    assert "no: the text is used without its agency's name" in shown
    assert "dpa: not licensed" in shown
    assert f"https://wire.example/8 [{BRIDGE}] (the story's earliest article)" in shown
    assert "dpa: licensed" in run("show", HARBOUR).stdout


def test_json_carries_the_whole_trace(traced: Path, run: Run) -> None:
    source = json.loads(run("show", FERRY, "--json").stdout)["source"]
    assert source["agencies"] == [{"id": "dpa", "confidence": 0.75}]
    assert (source["uncredited_reuse"], source["licensed"], source["share_kept"]) == (True, None, 0.6)
    assert source["origin"]["how"] == "earliest"
    assert source["evidence"] == [
        {"kind": "cluster", "agency": "dpa", "quote": "Bridge to close", "where": "story", "weight": 0.9,
         "url": "https://wire.example/8"}
    ]  # fmt: skip


# --- decide ---


def test_a_decision_is_told_written_listed_and_shown(traced: Path, run: Run) -> None:
    done = run("decide", HARBOUR[:8], "reject-credit", "dpa", "--author", "Ada")
    assert done.exit_code == 0, done.stderr
    assert f"dpa no longer counts as an agency of 'Hafen von Kielburg wird tiefer' ({HARBOUR})" in done.stdout
    run("decide", HARBOUR, "note", "mit dem Dienst gesprochen")
    (first, second) = json.loads(run("decide", HARBOUR, "list", "--json").stdout)
    assert (first["verb"], first["argument"], first["author"]) == ("reject-credit", "dpa", "Ada")
    assert (second["verb"], second["author"] != "") == ("note", True)
    for shown in (run("decide", HARBOUR, "list").stdout, run("show", HARBOUR).stdout):
        assert "Ada" in shown
        assert "mit dem Dienst gesprochen" in shown
    assert len(json.loads(run("show", HARBOUR, "--json").stdout)["decisions"]) == 2


def test_a_dry_run_tells_and_writes_nothing(traced: Path, run: Run) -> None:
    told = run("decide", FERRY, "split", "--dry-run")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("would: 'Köprü iki ay kapalı'")
    assert "leave their common story s020202 (2 articles)" in told.stdout
    assert json.loads(run("decide", FERRY, "list", "--json").stdout) == []


def test_split_takes_an_article_from_the_one_it_came_through(traced: Path, run: Run) -> None:
    assert run("decide", FERRY, "split").exit_code == 0
    for one, other in ((FERRY, BRIDGE), (BRIDGE, FERRY)):
        (found,) = json.loads(run("decide", one, "list", "--json").stdout)
        assert (found["verb"], found["argument"]) == ("split", other)


@pytest.mark.parametrize(
    "arguments",
    [
        (HARBOUR, "confirm-credit"),
        (HARBOUR, "confirm-credit", "no agency at all"),
        (HARBOUR, "merge"),
        (HARBOUR, "merge", HARBOUR),
        (HARBOUR, "split"),
        (HARBOUR, "note"),
        (HARBOUR, "praise", "dpa"),
        (HARBOUR, "list", "dpa"),
    ],
)
def test_a_decision_that_makes_no_sense_is_wrong_use(traced: Path, run: Run, arguments: tuple[str, ...]) -> None:
    done = run("decide", *arguments)
    assert done.exit_code == 2
    assert "Traceback" not in done.stderr
    assert json.loads(run("decide", HARBOUR, "list", "--json").stdout) == []


def test_an_unknown_article_is_told(traced: Path, run: Run) -> None:
    assert run("decide", "ffffffff", "note", "x").exit_code == 1
    assert run("decide", HARBOUR, "merge", "ffffffff").exit_code == 1


# --- licences ---


def test_licences_are_listed_with_their_state(folder: Path, run: Run) -> None:
    assert "holds no licence" in run("licences", "list").stdout
    (folder / "licences.yaml").write_text(
        "- {agency: dpa, site: kielburg}\n- {agency: apa, site: '*', until: 2001-01-01}\n"
        "- {agency: afp, site: a.example, from: 2999-01-01}\n"
    )
    shown = run("licences", "list").stdout.splitlines()
    assert [line.split()[-1] for line in shown[-3:]] == ["holds", "over", "yet"]
    assert json.loads(run("licences", "list", "--json").stdout)[1] == {
        "agency": "apa", "site": "*", "from": None, "until": "2001-01-01", "state": "over",
    }  # fmt: skip


def test_check_tells_what_has_no_effect(folder: Path, run: Run) -> None:
    path = folder / "licences.yaml"
    path.write_text("- {agency: dpa, site: kielburg}\n")
    good = run("licences", "check")
    assert (good.exit_code, "1 licence, all is well" in good.stdout) == (0, True)
    path.write_text("- {agency: dpa, site: kielbrug}\n")
    doubted = run("licences", "check")
    assert doubted.exit_code == 1
    assert "licence 1: no site has the id 'kielbrug'" in doubted.stdout
    path.write_text("- {agency: dpa}\n")
    wrong = run("licences", "check")
    assert wrong.exit_code == 2
    assert "licences.yaml:1: licence 1: site: expected, but missing" in wrong.stderr


# --- report ---


def test_the_usage_report_in_every_format(traced: Path, run: Run) -> None:
    (traced / "licences.yaml").write_text("- {agency: dpa, site: kielburg}\n")
    table = run("report", "usage", "--agency", "dpa")
    assert table.exit_code == 0, table.stderr
    lines = table.stdout.splitlines()
    assert lines[:3] == ["Usage of dpa", "Published at any time", "Articles: 2"]
    assert next(line for line in lines if line.startswith("kielburg")).split() == (
        ["kielburg", "1", "1", "0", "1", "0", "82%", "1", "h", "05", "min"]
    )
    assert next(line for line in lines if line.startswith("all sites")).split()[2:7] == ["2", "1", "1", "1", "1"]
    rows = list(csv.DictReader(io.StringIO(run("report", "usage", "--agency", "dpa", "--format", "csv").stdout)))
    assert [(row["site"], row["licensed"], row["uncredited"]) for row in rows] == [
        ("haber", "0", "1"),
        ("kielburg", "1", "0"),
    ]
    told = json.loads(run("report", "usage", "--agency", "dpa", "--format", "json").stdout)
    assert (told["agency"], told["total"]["articles"], told["total"]["unlicensed"]) == ("dpa", 2, 1)
    assert told["sites"][0]["examples"][0]["id"] == FERRY
    page = run("report", "usage", "--agency", "dpa", "--format", "html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert "Köprü iki ay kapalı" in page


def test_the_usage_report_is_narrowed(traced: Path, run: Run) -> None:
    def articles(*more: str) -> int:
        told = run("report", "usage", "--agency", "dpa", "--format", "json", *more)
        assert told.exit_code == 0, told.stderr
        return int(json.loads(told.stdout)["total"]["articles"])

    assert articles("--site", "haber") == 1
    assert articles("--since", "2024-05-17") == 0
    assert articles("--until", "2024-05-16") == 2
    assert run("report", "usage", "--agency", "dpa", "--since", "bald").exit_code == 2
    assert run("report", "usage").exit_code == 2


# --- import of dispatches ---


def test_dispatches_need_their_agency(folder: Path, run: Run) -> None:
    for arguments in (("--reference",), ("--agency", "dpa")):
        done = run("import", "a.jsonl", *arguments)
        assert done.exit_code == 2
        assert "go together" in done.stderr


# --- agencies ---


def test_agencies_are_listed_with_those_of_the_users_own_file(folder: Path, run: Run) -> None:
    (folder / "agencies.toml").write_text('[kna-lokal]\nname = "Kielburger Nachrichtenagentur"\ntokens = ["KNL"]\n')
    found = {one["id"]: one for one in json.loads(run("agencies", "list", "--json").stdout)}
    assert {"dpa", "afp", "reuters", "kna-lokal"} <= set(found)
    assert found["kna-lokal"]["tokens"] == ["KNL"]
    assert "Kielburger Nachrichtenagentur" in run("agencies", "list").stdout
    text = "Der Hafen wird tiefer, sagte die Verwaltung.\n\nEin zweiter Absatz steht hier.\n\n(KNL)"
    told = json.loads(run("agencies", "check", text, "--lang", "de", "--json").stdout)
    assert [one["id"] for one in told["agencies"]] == ["kna-lokal"]


def test_check_tells_who_is_credited_and_why(folder: Path, run: Run) -> None:
    told = run("agencies", "check", "BERLIN (dpa) - Der Hafen von Kielburg soll bis zum Herbst tiefer werden.")
    assert told.exit_code == 0, told.stderr
    assert told.stdout.startswith("text:   dpa (0.9")
    assert "dateline" in told.stdout
    picture = run("agencies", "check", "Ein Bagger im Hafen. Foto: B. Agger/dpa", "--caption", "--lang", "de")
    assert "photos: dpa" in picture.stdout
    assert "text:   nobody is credited" in picture.stdout
    assert run("agencies", "check", "Reuters", "--byline", "--lang", "en").stdout.startswith("text:   reuters")
    nobody = run("agencies", "check", "Der Hafen soll tiefer werden.")
    assert nobody.exit_code == 1
    assert run("agencies", "check", "x", "--byline", "--caption").exit_code == 2


def test_a_wrong_file_of_agencies_is_one_error(folder: Path, run: Run) -> None:
    (folder / "agencies.toml").write_text("[x]\ntoken = 1\n")
    done = run("agencies", "list")
    assert done.exit_code == 2
    assert "agencies.toml: [x] token: expected one of" in done.stderr


@pytest.mark.parametrize("command", [("report", "usage", "--agency"), ("decide", HARBOUR, "confirm-credit")])
def test_an_agency_can_be_named_in_full_and_a_slip_is_told(traced: Path, run: Run, command: tuple[str, ...]) -> None:
    assert run(*command, "Deutsche Presse-Agentur").exit_code == 0
    slip = run(*command, "reuter")
    assert slip.exit_code == 2
    assert "reuters" in slip.stderr
