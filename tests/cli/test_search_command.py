from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.records import AgencyCredit, Changes, SourceTrace
from monitor.store.embedded import open_store

Run = Callable[..., Result]


def test_a_search_shows_number_title_date_in_the_zone_site_language_and_id(filled: Path, run: Run) -> None:
    found = run("search", "hafen")
    assert found.exit_code == 0
    lines = found.stdout.splitlines()
    assert lines[0] == "1 article"
    assert lines[2] == "1  Hafen von Kielburg wird tiefer"
    assert lines[3].split() == ["2024-05-16", "12:30", "kielburg", "de", "01" * 10]
    assert "Der Hafen von Kielburg" in lines[4]


def test_a_search_counts_by_site_language_and_day(filled: Path, run: Run) -> None:
    found = run("search", "hafen OR bridge OR köprü")
    assert found.stdout.startswith("3 articles")
    tail = found.stdout[found.stdout.index("Sites") :]
    assert [line.split()[:2] for line in tail.splitlines() if "█" in line] == [
        *(["haber", "1"], ["kielburg", "1"], ["millford", "1"]),
        *(["de", "1"], ["en", "1"], ["tr", "1"]),
        ["2024-05-16", "3"],
    ]
    assert "Sites" not in run("search", "hafen", "--no-facets").stdout


def test_words_need_no_quotes_around_them(filled: Path, run: Run) -> None:
    assert run("search", "hafen", "kielburg").stdout.startswith("1 article")
    assert run("search", "hafen", "bridge").stdout.startswith("No article matches.")


def test_without_a_query_every_article_is_shown_newest_first(filled: Path, run: Run) -> None:
    found = json.loads(run("search", "--json").stdout)
    assert found["total"] == 4
    assert [hit["id"][:2] for hit in found["hits"]] == ["04", "03", "02", "01"]
    oldest = json.loads(run("search", "--json", "--sort", "oldest", "--limit", "2", "--offset", "1").stdout)
    assert oldest["total"] == 4
    assert [hit["id"][:2] for hit in oldest["hits"]] == ["02", "03"]


def test_only_not_finds_the_rest(filled: Path, run: Run) -> None:
    found = json.loads(run("search", "--json", "--", "-hafen", "-bridge").stdout)
    assert {hit["site"] for hit in found["hits"]} == {"haber", "kielburg"}


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--lang", "en", "--lang", "TR"], {"02", "03"}),
        (["--site", "kielburg"], {"01", "04"}),
        (["--site", "kielburg", "--lang", "en"], set()),
        (["--since", "2024-05-16T13:30:00"], {"02", "03", "04"}),
        (["--since", "16/05/2024", "--until", "2024-05-16T14:00"], {"01", "02"}),
        (["--until", "2024-05-16"], {"01", "02", "03", "04"}),
        (["--until", "2024-05-15"], set()),
        (["--since", "7d"], set()),
    ],
)
def test_filters_narrow_the_search(filled: Path, run: Run, options: list[str], ids: set[str]) -> None:
    found = json.loads(run("search", "--json", *options).stdout)
    assert {hit["id"][:2] for hit in found["hits"]} == ids
    assert found["total"] == len(ids)


def test_json_carries_marks_facets_and_the_keys_of_an_export(filled: Path, run: Run) -> None:
    found = json.loads(run("search", "hafen", "--json").stdout)
    assert set(found) == {"total", "hits", "facets"}
    hit = found["hits"][0]
    assert [hit["title"][start:end] for start, end in hit["title_marks"]] == ["Hafen"]
    snippet = hit["snippets"][0]
    assert {snippet["text"][start:end] for start, end in snippet["marks"]} == {"Hafen"}
    assert hit["language"]["code"] == "de"
    assert hit["cluster_id"]
    assert found["facets"]["site"] == [{"value": "kielburg", "count": 1}]
    assert "facets" not in run("search", "hafen", "--json", "--no-facets").stdout.replace('"facets":{}', "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--agency", "nosuch", "bridge"], "no agency is called 'nosuch'"),
        (["agency:dppa OR (bridge -photo_agency:afpp)"], "did you mean"),
        (['agency:"Deutsche Presse-Agentur"'], "an agency is asked by its id: dpa"),
    ],
)
def test_an_agency_that_nobody_knows_is_told(filled: Path, run: Run, arguments: list[str], told: str) -> None:
    found = run("search", "--json", *arguments)
    assert (found.exit_code, told in found.stderr) == (0, True)
    assert "hits" in json.loads(found.stdout)
    assert told in run("export", "--query", " ".join(arguments[-1:])).stderr or "--agency" in arguments


def test_known_agencies_are_asked_without_a_word(filled: Path, run: Run) -> None:
    assert run("search", "--agency", "DPA", "agency:afp OR agency:unknown OR agency:reu*").stderr == ""


@pytest.fixture
def traced(filled: Path) -> Path:
    """The bridge and its copy are credited to an agency."""
    store = open_store(filled / "store")
    bridge, ferry = (store.documents([number * 10])[number * 10] for number in ("02", "03"))
    source = SourceTrace("agency", (AgencyCredit("dpa", 0.9), AgencyCredit("afp", 0.3)), credited=True)
    store.file(Changes(documents=(replace(bridge, source=source), replace(ferry, source=source))))
    store.refresh()
    store.close()
    return filled


def test_a_hit_shows_its_agencies_and_the_copies_of_its_story(traced: Path, run: Run) -> None:
    found = run("search", "bridge", "--no-facets").stdout.splitlines()
    assert found[3].split() == ["2024-05-16", "13:30", "millford", "en", "dpa", "2", "copies", "02" * 10]
    assert [hit["copies"] for hit in json.loads(run("search", "--json", "--sort", "oldest").stdout)["hits"]] == [
        1,
        2,
        2,
        1,
    ]


def test_stories_are_shown_once_each(traced: Path, run: Run) -> None:
    found = run("search", "--stories", "bridge OR köprü").stdout
    assert found.startswith("1 story\n")
    assert "dpa" in found[found.index("Agencies") :].splitlines()[1]
    every = json.loads(run("search", "--stories", "--json", "--sort", "newest").stdout)
    assert (every["total"], [hit["id"][:2] for hit in every["hits"]]) == (3, ["04", "03", "01"])
    assert every["facets"]["agency"] == [{"value": "dpa", "count": 2}]
    page = run("search", "--stories", "--limit", "1").stdout
    assert "3 stories, 1-1 shown" in page
    assert "2 more: --offset 1" in page


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--agency", "dpa"], {"02", "03"}),
        (["--agency", "dpa", "--agency", "afp", "--lang", "tr"], {"03"}),
        (["--agency", "afp"], set()),
        (["credited:true", "copies:>=2"], {"02", "03"}),
        (["kind:unknown"], {"01", "04"}),
        (["copies:1"], {"01", "04"}),
    ],
)
def test_articles_are_found_by_where_they_are_from(traced: Path, run: Run, arguments: list[str], ids: set[str]) -> None:
    found = json.loads(run("search", "--json", *arguments).stdout)
    assert {hit["id"][:2] for hit in found["hits"]} == ids


def test_what_is_left_out_is_said_with_the_way_to_see_it(filled: Path, run: Run) -> None:
    found = run("search", "--limit", "3")
    assert "4 articles, 1-3 shown" in found.stdout
    assert "1 more: --offset 3" in found.stdout


def test_nothing_found_comes_with_a_hint(filled: Path, run: Run) -> None:
    nothing = run("search", "zeppelin")
    assert nothing.exit_code == 0
    assert nothing.stdout.splitlines()[0] == "No article matches."
    assert "OR" in nothing.stdout
    assert "--lang" in run("search", "hafen", "--lang", "en").stdout


def test_an_empty_archive_says_so(folder: Path, run: Run) -> None:
    assert run("store", "init").exit_code == 0
    assert "the archive is empty" in run("search", "hafen").stdout


def test_a_page_behind_a_source_link_is_not_found(filled: Path, run: Run) -> None:
    assert json.loads(run("search", "vorlage", "--json").stdout)["total"] == 0


@pytest.mark.parametrize(
    "options", [["--since", "gestern"], ["--until", "2024-02-30"], ["--since", "1d", "--until", "2d"]]
)
def test_a_wrong_date_of_an_option_is_wrong_usage(filled: Path, run: Run, options: list[str]) -> None:
    wrong = run("search", *options)
    assert wrong.exit_code == 2
    assert wrong.stdout == ""
    assert options[-2] in wrong.stderr
