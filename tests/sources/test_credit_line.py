"""Lines that are nothing but a credit, and lines that only look so."""

from __future__ import annotations

import pytest

from monitor.sources import load_agencies
from monitor.sources.credit_line import Credit, read_credit

TABLE = load_agencies()


def read(text: str, *, byline: bool = False) -> Credit | None:
    return read_credit(text, TABLE.find(text), TABLE, byline=byline)


@pytest.mark.parametrize(
    ("text", "agencies", "people"),
    [
        ("Von Felix Schmid und Jörg Sold, dpa", ["dpa"], ["Felix Schmid", "Jörg Sold"]),
        ("AFP, MANILA", ["afp"], ["MANILA"]),
        ("Associated Press in Valencia", ["ap"], []),
        ("Tom Stone, Ap Auto Writer", ["ap"], ["Tom Stone"]),
        ("Tom Stone Associated Press", ["ap"], ["Tom Stone"]),
        ("Haberler - Anadolu Ajansı", ["aa"], []),
        ("- Associated Press - Friday, April 28, 2023", ["ap"], []),
        ("Larkmere News wire services", ["unknown"], ["Larkmere News"]),
        ("Par Le Courrier avec AFP", ["afp"], ["Le Courrier"]),
        ("+++ dpa-Meldung +++", ["dpa"], []),
        ("By The Associated Press", ["ap"], []),
    ],
)
def test_bylines(text: str, agencies: list[str], people: list[str]) -> None:
    credit = read(text, byline=True)
    assert credit is not None
    assert [one.agency for one in credit.agencies] == agencies
    assert list(credit.people) == people
    assert not credit.picture


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Quelle: bote.example, ino/dpa", True),
        ("(red, APA)", True),
        ("von unserer Redaktion und dpa", True),
        ("Reuters/kra Frankfurt", True),
        ("dpa/lno", False),
        ("(Quelle: APA/sda/dpa)", False),
        ("APA/Reuters, 5.6.2024", False),
    ],
)
def test_the_papers_own_part_is_told_from_a_desk_of_the_agency(text: str, own: bool) -> None:
    credit = read(text)
    assert credit is not None
    assert credit.own == own


@pytest.mark.parametrize(
    "text",
    ["AFP/Paul Ellis", "Mia Lang/dpa", "EFE/ J.J. Gil", "Foto: dpa", "dpa-Bildfunk", "© Mia Lang / AFP", "Getty/AFP"],
)
def test_a_photographer_or_a_word_for_pictures_makes_it_a_pictures_credit(text: str) -> None:
    credit = read(text)
    assert credit is not None
    assert credit.picture


@pytest.mark.parametrize(
    "text",
    [
        "AP Dhillon",
        "Associated Press Sues Donald Dale",
        "Mehr zum Thema dpa",
        "Tags: Reuters, AP, AFP",
        "AP news page",
        "Die dpa ist eine Agentur",
        "Ein Gespräch über die dpa",
        "© 2024 Bote. Contains material of Reuters and others.",
        "x" * 300 + " dpa",
    ],
)
def test_more_than_names_is_no_credit(text: str) -> None:
    assert read(text, byline=True) is None
