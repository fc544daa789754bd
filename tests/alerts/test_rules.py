"""Rule files: what they say, and what is wrong with them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from monitor.alerts import addresses, channel_name, load_rules, question, read_rule
from monitor.errors import QueryError, RuleError
from monitor.query import Bool, Term
from monitor.records import Rule

FILE = Path("alerts/x.yaml")


def refused(text: str) -> str:
    with pytest.raises(RuleError) as error:
        read_rule(text, "x", FILE)
    return error.value.message


def test_a_rule_says_what_it_asks_and_whom_it_tells() -> None:
    text = """
    query: '"Musterwerk" OR "Musterwerke AG"'
    label: Our  name
    site: [kurier, post]
    language: de
    credited: no
    channels: [desk, "mailtos://u:secret@example.org?to=a@example.org"]
    cadence: weekly Monday 7:30
    time_zone: Europe/Berlin
    each: copy
    min_copies: 3
    max_age: 2d
    """.replace("credited: no", "credited: false")
    rule = read_rule(text, "x", FILE).rule("x", "here:alerts/x.yaml")
    assert (rule.id, rule.label, rule.sites, rule.languages) == ("x", "Our name", ("kurier", "post"), ("de",))
    assert (rule.cadence, rule.each, rule.min_copies, rule.max_age) == ("weekly mon 07:30", "copy", 3, 172_800)
    assert rule.channels[0] == "desk"
    assert rule.channels[1].startswith("mailtos-")
    assert "secret" not in repr(rule)
    asked = question(rule)
    assert isinstance(asked, Bool)
    assert asked.must[1:] == (
        Bool(should=(Term("site", "kurier"), Term("site", "post"))),
        Term("lang", "de"),
        Term("credited", "false"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file is empty"),
        ("- a", "expected `name: value` lines"),
        ("label: x", "would ring for every article"),
        ("query: a\nfoo: 1", "alerts/x.yaml:2: foo: no such field"),
        ("query: a\nchanels: x", "did you mean channels?"),
        ("query: a\ncadence: dayly", "alerts/x.yaml:2: cadence: 'dayly' is no cadence"),
        ("query: a\ntime_zone: Mars/Base", "'Mars/Base' is no time zone"),
        ("query: a\nlanguage: deutsch", "alerts/x.yaml:2: language.0: 'deutsch' is no code of a language"),
        ("query: a\nkind: press", "expected agency, mixed, own, unknown"),
        ("query: a\nmin_copies: 0", "alerts/x.yaml:2: min_copies"),
        ("query: a\nspike: 0.5", "spike: expected more than 1"),
        ("query: a\nspike: 2\neach: copy", "take `each: copy` away"),
        ("query: a\nmax_age: soon", "'soon' is no span of time"),
        ("query: a\nid: y", "alerts/x.yaml:2: id: expected x"),
        ("label: a\nquery: a AND (b", "alerts/x.yaml:2: query:\na AND (b\n      ^\n"),
        ("query: 'published:>now-7d'", "a rule takes no dates that count from now"),
        ("query: a\nsilenced_until: 2024", "expected a time like 2024-05-16T12:00+02:00"),
        ("query: a\nspike: 3\nmin_copies: 2", "spike: the stories of a day are counted as a search finds them"),
        ("query: a\nspike: 3\nreused_from: dpa", "spike: the stories of a day are counted as a search finds them"),
        ("query: a\nspike: 3\nwithdrawn: true", "spike: the stories of a day are counted as a search finds them"),
        ("query: a\nsilenced_until: soon", "expected a time like 2024-05-16T12:00+02:00"),
        ("query: a\nsite: ''", "alerts/x.yaml:2: site.0: it is empty"),
        ("query: a\nagency: [dpa, ' ']", "agency.1: it is empty"),
        ("spike: 3\neach: copy\nquery: a\nchannels: ['ntfys://h/x']", "spike: a rule that counts a day rings once"),
        ("channels: ['ntfys://h/x']", "a rule without `query` and without a filter would ring"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, told: str) -> None:
    assert told in refused(text)


def test_a_wrong_value_is_named_once() -> None:
    assert refused("query: a\ncadence: '07:30'").count("07:30'") == 1


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ('"know how" AND published:>now-7d', "now-7d"),
        ('"right now" published:[2024-01-01 TO now]', "now]"),
        ("published:>now-7d OR nowhere", "now-7d"),
        ("x published:[now-7d TO 2027-01-01]", "now-7d"),
    ],
)
def test_the_caret_stands_below_the_date_that_counts_from_now(query: str, at: str) -> None:
    with pytest.raises(QueryError) as error:
        question(Rule("x", query=query))
    assert error.value.column == query.index(at)


@pytest.mark.parametrize(("said", "code"), [("zh-cn", "zh"), ("en-US", "en"), ("sr-latn-rs", "sr"), ("de", "de")])
def test_of_a_language_the_region_is_left_out_as_articles_have_none(said: str, code: str) -> None:
    assert read_rule(f"query: a\nlanguage: {said}", "x", FILE).languages == (code,)


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("2024-05-16T18:00", "2024-05-16T16:00+00:00"),
        ("2024-05-16T18:00+00:00", "2024-05-16T18:00+00:00"),
        ("2024-05-16", "2024-05-16T22:00+00:00"),
        ("9999-12-31", "9999-12-30T23:00+00:00"),
    ],
)
def test_a_silence_is_in_the_zone_of_its_rule_and_a_day_is_whole(said: str, until: str) -> None:
    own = read_rule(f"query: a\nsilenced_until: {said}\ntime_zone: Europe/Berlin", "x", FILE)
    assert own.rule("x").silent_until == datetime.fromisoformat(until)
    settings = read_rule(f"query: a\nsilenced_until: {said}", "x", FILE)
    assert settings.rule("x", zone="Europe/Berlin").silent_until == datetime.fromisoformat(until)


def test_a_wrong_channel_is_not_shown_for_it_may_hold_a_secret() -> None:
    told = refused("query: a\nchannels: ['mailto:user:hunter2@example.org']")
    assert "alerts/x.yaml:2: channels.0: expected the name of a channel" in told
    assert "hunter2" not in told


def test_a_folder_gives_its_rules_and_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    address = "ntfys://ntfy.example.org/press"
    (tmp_path / "good.yaml").write_text(f'query: feuer\nchannel: "{address}"\n')
    (tmp_path / "bad.yaml").write_text("query: (\n")
    (tmp_path / "other.yml").write_text("query: a\n")
    (tmp_path / "Upper.yaml").write_text("query: a\n")
    (tmp_path / "README.md").write_text("# notes\n")
    rules, errors = load_rules(tmp_path)
    assert list(rules) == ["good"]
    assert len(errors) == 3
    assert addresses(rules) == {channel_name(address): address}
    assert load_rules(tmp_path / "none") == ({}, [])
