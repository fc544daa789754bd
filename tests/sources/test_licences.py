"""licences.yaml: what it allows, and what its errors say."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.sources.licences import Licence, Licences, WatchedLicences, doubts, load_licences

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)

FILE = """\
# The desk's own list.
- agency: dpa
  site: kielburg
  from: 2024-01-01
  until: 2024-12-31
- agency: DPA
  site: www.Partner.example
- {agency: apa, site: "*", until: 2023-12-31}
"""


def load(tmp_path: Path, text: str, zone: str = "UTC") -> Licences:
    path = tmp_path / "licences.yaml"
    path.write_text(text, encoding="utf-8")
    return load_licences(path, zone)


def complaint(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    return caught.value.message.replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("agency", "site", "at", "expected"),
    [
        ("dpa", "kielburg", datetime(2024, 1, 1, tzinfo=UTC), True),
        ("dpa", "kielburg", datetime(2024, 12, 31, 23, 59, tzinfo=UTC), True),
        ("dpa", "kielburg", datetime(2025, 1, 1, tzinfo=UTC), False),
        ("dpa", "kielburg", datetime(2023, 12, 31, 23, 59, tzinfo=UTC), False),
        ("dpa", "millford", NOW, False),
        ("dpa", "partner.example", NOW, True),
        ("apa", "anywhere", datetime(2023, 6, 1, tzinfo=UTC), True),
        ("apa", "anywhere", NOW, False),
        ("afp", "kielburg", NOW, None),
    ],
)
def test_a_licence_holds_for_its_site_and_its_days(
    tmp_path: Path, agency: str, site: str, at: datetime, expected: bool | None
) -> None:
    assert load(tmp_path, FILE).licensed(agency, site, at) is expected


def test_a_host_stands_for_its_subdomains_and_for_no_other_host(tmp_path: Path) -> None:
    licences = load(tmp_path, FILE)
    for host, expected in (
        ("partner.example", True),
        ("www.partner.example", True),
        ("sport.partner.example", True),
        ("notpartner.example", False),
        ("partner.example.org", False),
    ):
        assert licences.licensed("dpa", "site-7", NOW, host=host) is expected, host


def test_days_begin_at_midnight_of_the_zone(tmp_path: Path) -> None:
    text = "- {agency: dpa, site: a, from: 2024-05-16}"
    evening = datetime(2024, 5, 15, 22, 30, tzinfo=UTC)  # half past midnight in Berlin
    assert load(tmp_path, text).licensed("dpa", "a", evening) is False
    assert load(tmp_path, text, "Europe/Berlin").licensed("dpa", "a", evening) is True


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "[]", None])
def test_without_licences_nothing_is_unlicensed(tmp_path: Path, text: str | None) -> None:
    licences = load_licences(tmp_path / "none.yaml") if text is None else load(tmp_path, text)
    assert licences.licensed("dpa", "kielburg", NOW) is None
    assert licences.agencies == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("agency: dpa\nsite: a\n", "licences.yaml:1: expected a list of licences"),
        ("- agency: dpa\n", "licences.yaml:1: licence 1: site: expected, but missing"),
        ("- agency: dpa\n  site: a\n  til: 2024-01-01\n", "licences.yaml:3: licence 1: til: no such field; did you"),
        ("- agency: dpa\n  site: a\n  from: 16.05.2024\n", "from: expected a day like 2024-05-16 (found '16.05.2024')"),
        ("- agency: dpa\n  site: a\n  from: 2024-02-31\n", "licences.yaml:3: licence 1: from: there is no such day"),
        ("- agency: dpa\n  site: a\n  from: 20240101\n", "from: expected a day"),
        ("- agency: dpa\n  site: https://a.example/\n", "licences.yaml:2: licence 1: site: expected the id of a"),
        ("- agency: d p a\n  site: a\n", "licences.yaml:1: licence 1: agency: expected the id of an agency"),
        ("- {agency: dpa, site: a, from: 2024-02-01, until: 2024-01-01}", "until: 2024-01-01 is before from"),
        ("- dpa\n", "licences.yaml:1: licence 1: expected `name: value` lines"),
        ("- agency: dpa\n  agency: apa\n", "licences.yaml:2: agency stands here for the second time"),
        ("- &x {agency: dpa, site: a}\n- *x\n", "licences.yaml:2: not YAML: references"),
        ("- agency: [dpa\n", "not YAML"),
    ],
)  # fmt: skip
def test_an_error_names_the_line_the_entry_the_field_and_what_was_expected(
    tmp_path: Path, text: str, told: str
) -> None:
    assert told in complaint(tmp_path, text)


def test_every_wrong_entry_is_told_at_once(tmp_path: Path) -> None:
    told = complaint(tmp_path, "- {agency: dpa}\n- {agency: dpa, site: a}\n- {site: b}\n").splitlines()
    assert [line.split(": ", 2)[1] for line in told] == ["licence 1", "licence 3"]


def test_what_has_no_effect_is_doubted(tmp_path: Path) -> None:
    text = (
        "- {agency: dap, site: kielburg}\n- {agency: dpa, site: kielbrug}\n" + "- {agency: dpa, site: a.example}\n" * 2
    )
    found = list(doubts(load(tmp_path, text), ["dpa", "apa"], ["kielburg"]))
    assert [(one.entry, one.what.split(";")[0]) for one in found] == [
        (1, "no agency has the id 'dap'"),
        (2, "no site has the id 'kielbrug', and it is no host"),
        (4, "the same as licence 3"),
    ]
    assert "did you mean dpa?" in found[0].what


@given(
    st.integers(-400, 400),
    st.one_of(st.none(), st.integers(-300, 0)),
    st.one_of(st.none(), st.integers(1, 300)),
)
def test_a_day_is_licensed_exactly_between_both_ends(day: int, first: int | None, last: int | None) -> None:
    entry = {"agency": "dpa", "site": "a"}
    if first is not None:
        entry["from"] = (NOW + timedelta(days=first)).date().isoformat()
    if last is not None:
        entry["until"] = (NOW + timedelta(days=last)).date().isoformat()
    licences = Licences((Licence.model_validate(entry),))
    inside = (first is None or day >= first) and (last is None or day <= last)
    assert licences.licensed("dpa", "a", NOW + timedelta(days=day)) is inside


@given(st.text())
def test_no_text_raises_anything_but_a_message(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("licences") / "licences.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(ConfigError):
        load_licences(path)


def test_a_running_program_follows_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.sources.licences.LOOK_AGAIN", 0.0)
    path = tmp_path / "licences.yaml"
    watched = WatchedLicences(path)
    assert watched.licensed("dpa", "kielburg", NOW) is None
    path.write_text("- {agency: dpa, site: kielburg}\n")
    assert watched.licensed("dpa", "kielburg", NOW) is True
    assert watched.licensed("dpa", "larkmere", NOW) is False
    path.unlink()
    assert watched.licensed("dpa", "kielburg", NOW) is None


def test_a_file_that_has_become_wrong_leaves_what_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("monitor.sources.licences.LOOK_AGAIN", 0.0)
    path = tmp_path / "licences.yaml"
    path.write_text("- {agency: dpa, site: kielburg}\n")
    watched = WatchedLicences(path)
    path.write_text("- {agency: dpa, sight: kielburg}\n")
    assert watched.licensed("dpa", "kielburg", NOW) is True
    assert watched.licensed("dpa", "kielburg", NOW) is True
    (told,) = [record.getMessage() for record in caplog.records]
    assert "licences.yaml:1: licence 1: sight" in told
