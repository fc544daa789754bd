"""The table of agencies, and a user's own file over it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.sources import Agency, load_agencies
from monitor.sources.agencies import make_table
from monitor.sources.naming import PICTURE, STRONG, UNNAMED, WEAK

TABLE = load_agencies()


def ids(text: str) -> list[str]:
    return [one.agency for one in TABLE.find(text)]


def test_the_table_covers_the_regions() -> None:
    assert len(TABLE.agencies) >= 60
    wanted = {"dpa", "apa", "sda", "afp", "ap", "reuters", "aa", "dha", "iha", "tass", "ria", "ukrinform", "wafa"}
    wanted |= {"cp", "telam", "agenciabrasil", "xinhua", "kyodo", "yonhap", "pti", "aap", "aps", "nan", "unknown"}
    assert wanted <= set(TABLE.agencies)
    assert len({one.country for one in TABLE.agencies.values()}) >= 50


def test_no_two_agencies_share_a_full_name_or_a_domain() -> None:
    names = [(name.casefold(), one.id) for one in TABLE.agencies.values() for name in {one.name, *one.names}]
    assert len({name for name, _ in names}) == len({*names}), names
    domains = [domain for one in TABLE.agencies.values() for domain in one.domains]
    assert len(domains) == len(set(domains))


def test_the_table_is_read_once() -> None:
    assert load_agencies() is TABLE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BERLIN (dpa)", ["dpa"]),
        ("DEUTSCHE PRESSE-AGENTUR und ANADOLU AJANSI", ["dpa", "aa"]),
        ("İHLAS HABER AJANSI, ihlas haber ajansı", ["iha", "iha"]),
        ("Agence France Presse", ["afp"]),
        ("за матеріалами Укрінформу", ["ukrinform"]),
        ("【ワシントンAFP時事】", ["afp", "jiji"]),
        ("新华社北京6月5日电", ["xinhua"]),
        ("(서울=연합뉴스)", ["yonhap"]),
        ("news agencies", ["unknown"]),
        ("www.afp.com, presse@dpa.de, @Reuters, #AFP, https://x.example/dpa/1", []),
        ("Udpate, dpark, Reutersberg, Tassen", []),
    ],
)
def test_names_are_found_as_pages_print_them(text: str, found: list[str]) -> None:
    assert ids(text) == found


def test_a_name_says_how_sure_it_is() -> None:
    how = {text: TABLE.find(text)[0].how for text in ("dpa", "AA", "dpa-Bildfunk", "Agenturen", "Anadolu Ajansı")}
    assert how == {"dpa": STRONG, "AA": WEAK, "dpa-Bildfunk": PICTURE, "Agenturen": UNNAMED, "Anadolu Ajansı": STRONG}
    assert TABLE["aa"].means("tr")
    assert not TABLE["aa"].means("en")
    assert not TABLE["aa"].means("und")


def test_the_longest_name_wins() -> None:
    assert ids("Australian Associated Press") == ["aap"]
    assert ids("Associated Press of Pakistan") == ["app"]


def test_a_letter_wrong_in_a_long_name_is_forgiven_on_request_only() -> None:
    assert ids("Asociated Press") == []
    assert [one.agency for one in TABLE.find_misspelt("Tom Stone, Asociated Press")] == ["ap"]
    assert TABLE.find_misspelt("Tom Stone, Unrelated Dress Company") == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("© dpa-infocom, dpa:240516-99-53606/3", ["dpa:240516-99-53606"]),
        ("dpa-infocom:240516-99-53606/12 (dpa)", ["dpa-infocom:240516-99-53606"]),
        ("urn:newsml:afp.com:20240516:0a1b2c3d-1111", ["afp.com:20240516:0a1b2c3d-1111"]),
        ("xdpa:240516-99-53606, dpa:24-1", []),
    ],
)
def test_dispatch_numbers_are_read_without_their_revision(text: str, keys: list[str]) -> None:
    assert [one.key for one in TABLE.dispatches(text)] == keys


def test_an_agency_owns_its_hosts_and_those_below() -> None:
    owners = [TABLE.owner(url) for url in ("https://apnews.com/a", "https://www.dpa.com/b", "https://notafp.com/", "")]
    assert [one and one.id for one in owners] == ["ap", "dpa", None, None]
    assert TABLE.owner("http://[broken") is None


def test_an_agency_is_resolved_by_id_or_by_name() -> None:
    found = [TABLE.resolve(text) for text in ("dpa", " Europa Press ", "AFP", "the dpa", "nobody")]
    assert [one and one.id for one in found] == ["dpa", "europapress", "afp", None, None]


def test_a_file_of_ones_own_adds_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    file.write_text('[oderdienst]\nname = "Oder-Dienst"\ntokens = ["odn"]\n\n[dpa]\ntokens = ["dpa", "d p a"]\n')
    table = load_agencies(file)
    assert [one.agency for one in table.find("odn, d p a, Deutsche Presse-Agentur")] == ["oderdienst", "dpa", "dpa"]
    assert table["dpa"].country == "DE"
    assert "oderdienst" not in TABLE
    assert load_agencies(file) is table


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "agencies.toml"
    file.write_text('[oderdienst]\nname = "Oder-Dienst"\n')
    before = load_agencies(file)
    file.write_text('[oderdienst]\nname = "Oder-Draht"\n')
    os.utime(file, ns=(1, 1))
    assert load_agencies(file) is not before


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[x]\n", "[x] name: expected a text"),
        ('[x]\nname = "X"\ntokens = "X"\n', "[x] tokens: expected a list of texts, got 'X'"),
        ('[x]\nname = "X"\ncolour = "red"\n', "[x] colour: expected one of"),
        ('[x]\nname = "X"\nlanguages = ["german"]\n', "[x] languages: expected language codes"),
        ('[x]\nname = "X"\nids = ["("]\n', "[x] ids: expected regular expressions"),
        ('[x]\nname = "X"\nids = ["x:1"]\n', "[x] ids: expected regular expressions with one group"),
        ('[x]\nname = "X"\npictures_only = "yes"\n', "[x] pictures_only: expected true or false"),
        ('["X Y"]\nname = "X"\n', "expected an id of lower-case letters"),
        ("x = 1\n", "x: expected an entry such as [dpa]"),
        ("[x\n", "not TOML"),
    ],
)
def test_an_error_names_file_entry_and_what_was_expected(tmp_path: Path, written: str, message: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(written)
    with pytest.raises(ConfigError) as caught:
        load_agencies(file)
    assert str(file) in caught.value.message
    assert message in caught.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_agencies(tmp_path / "none.toml")


def test_a_table_can_be_made_of_a_few() -> None:
    table = make_table([Agency("odn", "Oder-Dienst", tokens=("odn",))])
    assert [one.agency for one in table.find("(odn/dpa)")] == ["odn"]
