"""`monitor alerts`, as a user calls it."""

from __future__ import annotations

import email
import json
import re
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import policy
from pathlib import Path

import pytest
from docx import Document as open_docx
from typer.testing import Result

from monitor.alerts import Notice, channel_name
from monitor.cli.alerts import tried_again
from monitor.cli.asking import marked
from monitor.codec import encode
from monitor.records import Alert, Attempt
from monitor.store.embedded import open_store
from monitor.store.memory import MemoryStore
from tests.articles import changes, document

Run = Callable[..., Result]

SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
ADDRESS = f"ntfys://{SECRET}@ntfy.example.org/press"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With three articles of today, two of them of one story."""
    monkeypatch.chdir(tmp_path)
    now = datetime.now(UTC)
    made = [
        document("a", "Großbrand", "Das Feuer brennt in Köln.", at=now, first_seen=now, story="s"),
        document("b", "Großbrand", "Das Feuer brennt in Köln.", at=now, first_seen=now, story="s", site="post"),
        document("c", "Wetter", "Morgen scheint die Sonne.", at=now, first_seen=now),
    ]
    store = open_store(tmp_path / "store")
    store.file(changes(*made))
    store.close()
    return tmp_path


def test_a_rule_is_added_listed_shown_and_removed(folder: Path, run: Run) -> None:
    added = run(
        "alerts", "add", "fire", "feuer OR brand", "--channel", "desk", "--label", "Fire", "--cadence", "daily 7:30"
    )
    assert added.exit_code == 0, added.stderr
    assert "tells desk daily 07:30" in added.stdout
    assert "No channel is called desk here yet" in added.stderr
    assert "feuer OR brand" in run("alerts", "list").stdout
    shown = json.loads(run("alerts", "show", "fire", "--json").stdout)
    assert (shown["query"], shown["channels"], shown["cadence"]) == ("feuer OR brand", ["desk"], "daily 07:30")
    assert run("alerts", "remove", "fire").exit_code == 0
    assert "No rule yet" in run("alerts", "list").stdout


def test_a_rule_is_not_added_over_another(folder: Path, run: Run) -> None:
    run("alerts", "add", "fire", "feuer")
    again = run("alerts", "add", "fire", "brand")
    assert again.exit_code != 0
    assert "--overwrite" in again.stderr
    assert run("alerts", "add", "fire", "brand", "--overwrite").exit_code == 0
    run("alerts", "disable", "fire")
    assert "off or silent, as before" in run("alerts", "add", "fire", "rauch", "--overwrite").stdout
    shown = json.loads(run("alerts", "show", "fire", "--json").stdout)
    assert (shown["query"], shown["switched_off"]) == ("rauch", True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("fire", "feuer AND ("), "feuer AND (\n          ^\n"),
        (("fire", "colour:red"), "there is no field 'colour'"),
        (("fire", ""), "would ring for every article"),
        (("fire", "x", "--cadence", "dayly"), "Error: --cadence: 'dayly' is no cadence"),
        (
            ("fire", "x", "--kind", "own", "--kind", "press"),
            "Error: --kind: expected agency, mixed, own, unknown (found 'press')",
        ),
        (("fire", "x", "--lang", "german"), "Error: --lang: 'german' is no code of a language; write for example de"),
        (("fire", "x", "--min-copies", "0"), "Error: --min-copies: Input should be greater than or equal to 1"),
        (("fire", "x", "--max-age", "long"), "Error: --max-age: "),
        (("fire", "x", "--time-zone", "Mars"), "Error: --time-zone: "),
        (("fire", "published:>now-7d"), "takes no dates that count from now"),
        (("Fire!", "x"), "use lower-case letters"),
        (("fire", "x", "--channel", "nonsense://abc"), "none that Apprise knows"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_reason(folder: Path, run: Run, arguments: tuple[str, ...], told: str) -> None:
    made = run("alerts", "add", *arguments)
    assert made.exit_code != 0
    assert told in made.stderr
    assert "Traceback" not in made.stderr


def test_an_address_in_a_wrong_place_is_not_told_again(folder: Path, run: Run) -> None:
    wrong = run("alerts", "add", "fire", "x", "--kind", ADDRESS)
    assert "Error: --kind: expected agency" in wrong.stderr
    assert SECRET.lower() not in wrong.stderr.lower()


def test_the_address_of_a_channel_is_kept_for_its_owner_and_shown_nowhere(folder: Path, run: Run) -> None:
    added = run("alerts", "add", "fire", "feuer", "--channel", ADDRESS)
    assert added.exit_code == 0, added.stderr
    kept = folder / "alerts" / "channels.txt"
    assert ADDRESS in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    told = [added, run("alerts", "list"), run("alerts", "list", "--json"), run("alerts", "show", "fire", "--json")]
    told += [run("alerts", "history", "--json"), run("config"), run("status", "--json"), run("export")]
    for one in told:
        assert SECRET not in one.stdout + one.stderr


def test_the_address_of_a_rule_that_is_refused_is_written_nowhere(folder: Path, run: Run) -> None:
    run("alerts", "add", "fire", "feuer")
    for wrong in (("works", "feuer AND ("), ("works", "x", "--cadence", "dayly"), ("fire", "x"), ("works", "")):
        assert run("alerts", "add", *wrong, "--channel", ADDRESS).exit_code != 0
    assert not (folder / "alerts" / "channels.txt").exists()


def test_an_address_that_can_not_be_written_is_told_with_what_became_of_the_rule(folder: Path, run: Run) -> None:
    (folder / "alerts").mkdir()
    (folder / "alerts" / "channels.txt").write_bytes(b"\xff")
    told = run("alerts", "add", "fire", "feuer", "--channel", ADDRESS)
    assert told.exit_code == 2
    assert "fire is added, but not the address of its channel: " in told.stderr
    (folder / "alerts" / "channels.txt").unlink()
    assert run("alerts", "add", "fire", "feuer", "--channel", ADDRESS, "--overwrite").exit_code == 0
    assert ADDRESS in (folder / "alerts" / "channels.txt").read_text()


def test_an_address_that_no_rule_needs_any_more_is_told(folder: Path, run: Run) -> None:
    for rule in ("fire", "again"):
        run("alerts", "add", rule, "feuer", "--channel", ADDRESS)
    assert "stays in" not in run("alerts", "remove", "fire").stderr
    last = run("alerts", "remove", "again")
    assert "stays in" in last.stderr
    assert "channels.txt; no other rule names it." in last.stderr
    assert SECRET not in last.stderr
    run("alerts", "add", "other", "feuer")
    assert "stays in" not in run("alerts", "remove", "other").stderr
    (folder / "monitor.toml").write_text(f'[alerting]\nhealth_channels = ["{channel_name(ADDRESS)}"]\n')
    run("alerts", "add", "fire", "feuer", "--channel", ADDRESS)
    assert "stays in" not in run("alerts", "remove", "fire").stderr


def test_a_rule_is_tried_on_the_archive(folder: Path, run: Run) -> None:
    run("alerts", "add", "fire", "feuer", "--channel", "desk")
    tried = run("alerts", "test", "fire", "--since", "2d")
    assert "1 story of 2 articles that answer, in 1 message to each" in tried.stdout
    found = json.loads(run("alerts", "test", "fire", "--json").stdout)
    assert [one["story"] for one in found["told"]] == ["s"]
    run("alerts", "add", "each", "feuer", "--channel", "desk", "--each", "copy")
    assert len(json.loads(run("alerts", "test", "each", "--json").stdout)["told"]) == 2
    assert json.loads(run("alerts", "history", "--json").stdout) == []


def test_a_silence_that_is_over_is_refused(folder: Path, run: Run) -> None:
    run("alerts", "add", "fire", "feuer")
    for until in ("7d", "2020-01-01"):
        told = run("alerts", "silence", "fire", "--until", until)
        assert told.exit_code == 2
        assert "is over" in told.stderr
    assert "--for 7d" in run("alerts", "silence", "fire", "--until", "7d").stderr


def test_the_history_of_an_unknown_rule_says_so(folder: Path, run: Run) -> None:
    run("alerts", "add", "works", "feuer")
    assert "did you mean works?" in run("alerts", "history", "wroks").stderr
    assert run("alerts", "history", "works").exit_code == 0


def test_a_history_without_an_alert_says_so(folder: Path, run: Run) -> None:
    assert "Nothing was told yet" in run("alerts", "history").stderr
    assert "No alert of that kind" in run("alerts", "history", "--channel", "desk").stderr


def test_the_monitors_own_notices_are_no_rule(folder: Path, run: Run) -> None:
    assert "notices" in run("alerts", "add", "health", "feuer").stderr
    assert "RSS" in run("alerts", "add", "feed", "feuer").stderr
    told = run("alerts", "disable", "health")
    assert told.exit_code == 1
    assert "silence health" in told.stderr


def test_a_rule_that_is_added_without_settings_says_where_it_is_kept(folder: Path, run: Run) -> None:
    assert f"There is no monitor.toml in {folder}" in run("alerts", "add", "fire", "feuer").stderr
    (folder / "monitor.toml").write_text("")
    assert "monitor.toml" not in run("alerts", "add", "water", "wasser").stderr


def test_what_was_published_long_ago_and_found_lately_is_tried_too(folder: Path, run: Run) -> None:
    now = datetime.now(UTC)
    with closing(open_store(folder / "store")) as store:
        old = document("old", "Alt", "Quark von damals.", at=now - timedelta(days=40), first_seen=now)
        store.file(changes(old))
    run("alerts", "add", "quark", "quark", "--channel", "desk", "--max-age", "any")
    assert "1 story of 1 article that answers" in run("alerts", "test", "quark", "--since", "30d").stdout
    run("alerts", "add", "late", "quark", "--channel", "desk")
    tried = run("alerts", "test", "late", "--since", "30d").stdout
    assert "1 article was too old when found" in tried


def test_digests_are_counted_by_their_times_and_days_are_those_of_the_zone(folder: Path, run: Run) -> None:
    Path("monitor.toml").write_text('time_zone = "Europe/Berlin"\n', encoding="utf-8")
    times = [
        datetime(2026, 5, 4, 21, 30, tzinfo=UTC),  # 23:30 there
        datetime(2026, 5, 4, 22, 30, tzinfo=UTC),  # 0:30 of the next day
        datetime(2026, 5, 5, 6, 30, tzinfo=UTC),  # 8:30
        datetime(2026, 5, 5, 8, 30, tzinfo=UTC),  # 10:30, after the digest of 9
    ]
    with closing(open_store(folder / "store")) as store:
        made = [
            document(f"n{n}", f"Nacht {n}", f"Sirenen {n} heulen.", at=at, first_seen=at) for n, at in enumerate(times)
        ]
        store.file(changes(*made))
    run("alerts", "add", "sirens", "sirenen", "--channel", "desk", "--cadence", "daily 9:00")
    tried = run("alerts", "test", "sirens", "--since", "2026-05-01")
    assert "4 stories of 4 articles that answer, in 2 messages to each channel (daily 09:00), on 2 days" in tried.stdout
    found = json.loads(run("alerts", "test", "sirens", "--since", "2026-05-01", "--json").stdout)
    assert (found["messages"], found["days"]) == (2, {"2026-05-04": 1, "2026-05-05": 3})


def test_rules_are_switched_and_silenced(folder: Path, run: Run) -> None:
    run("alerts", "add", "fire", "feuer")
    run("alerts", "disable", "fire")
    assert "off" in run("alerts", "list").stdout
    run("alerts", "enable", "fire")
    run("alerts", "silence", "fire", "--for", "4h")
    assert "silent until" in run("alerts", "list").stdout
    run("alerts", "enable", "fire")
    assert "silent" not in run("alerts", "list").stdout
    assert run("alerts", "silence", "fire").exit_code != 0
    assert "90m" not in run("alerts", "silence", "fire", "--for", "soon").stdout


def test_rules_of_files_are_listed_and_changed_there_alone(folder: Path, run: Run) -> None:
    (folder / "alerts").mkdir()
    (folder / "alerts" / "works.yaml").write_text("query: Musterwerk\nenabled: false\n")
    (folder / "alerts" / "wrong.yaml").write_text("query: (\n")
    listed = run("alerts", "list")
    assert "works" in listed.stdout
    assert "wrong.yaml:1: query:" in listed.stderr
    for refused in (
        run("alerts", "remove", "works"),
        run("alerts", "add", "works", "x"),
        run("alerts", "enable", "works"),
    ):
        assert refused.exit_code != 0
        assert "works.yaml" in refused.stderr


def test_an_unknown_rule_is_told_with_those_that_are_near(folder: Path, run: Run) -> None:
    run("alerts", "add", "works", "x")
    made = run("alerts", "show", "work")
    assert made.exit_code != 0
    assert "did you mean works?" in made.stderr


def given_up(number: int, *, channel: str = "desk", state: str = "dead", tries: int = 9) -> Alert:
    at = datetime(2024, 5, 16, 12, tzinfo=UTC)
    attempts = tuple(Attempt(at + timedelta(hours=hour), f"no answer {hour}") for hour in range(tries))
    made = at + timedelta(seconds=number)
    return Alert("fire", channel, f"story:{number}", made=made, due=at, state=state, attempts=attempts, tried_since=at)


def test_the_history_shows_every_attempt_and_feeds_take_no_place(folder: Path, run: Run) -> None:
    store = open_store(folder / "store")
    store.put_alerts([given_up(0), given_up(1), *(given_up(n, channel="feed", state="sent") for n in range(2, 99))])
    store.close()
    shown = run("alerts", "history")
    assert all(shown.stdout.count(f"no answer {hour}") == 2 for hour in range(9))
    assert [one["subject"] for one in json.loads(run("alerts", "history", "--limit", "1", "--json").stdout)] == [
        "story:1"
    ]
    feeds = json.loads(run("alerts", "history", "--channel", "feed", "--limit", "9", "--json").stdout)
    assert [one["channel"] for one in feeds] == ["feed"] * 9


def test_the_history_names_what_was_told_by_its_title_and_site(folder: Path, run: Run) -> None:
    now = datetime.now(UTC)
    told = Alert("fire", "desk", "story:s", made=now, due=now, story="s", article="a")
    day = replace(
        told, subject="day:2026-05-04", article="", note=encode(Notice("Fire: 9 stories on 2026-05-04")).decode()
    )
    gone = replace(told, subject="story:gone", article="gone")
    with closing(open_store(folder / "store")) as store:
        store.put_alerts([told, day, gone])
    lines = run("alerts", "history").stdout.splitlines()
    assert any("Großbrand  kurier  story:s" in line for line in lines)
    assert any("Fire: 9 stories on 2026-05-04  day:2026-05-04" in line for line in lines)
    found = {one["subject"]: one for one in json.loads(run("alerts", "history", "--json").stdout)}
    known = found["story:s"]
    assert (known["title"], known["site"], known["url"]) == ("Großbrand", "kurier", "https://kurier.example/a")
    assert found["day:2026-05-04"]["title"] == "Fire: 9 stories on 2026-05-04"
    assert (found["story:gone"]["title"], found["story:gone"]["article"]) == ("", "gone")


@pytest.mark.parametrize("title", ["\u202eetirW \u200b\x1b[31m Feuer", "Feuer " * 2000, "Feuer" * 2000])
def test_a_title_is_shown_in_a_terminal_as_letters_and_no_longer_than_a_line(
    folder: Path, run: Run, title: str
) -> None:
    now = datetime.now(UTC)
    with closing(open_store(folder / "store")) as store:
        store.file(changes(document("evil", title, "Das Feuer.", at=now, first_seen=now)))
        store.put_alerts([Alert("fire", "desk", "story:x", made=now, due=now, story="x", article="evil")])
    run("alerts", "add", "fire", "feuer OR etirw", "--channel", "desk")
    for command in (("alerts", "history"), ("alerts", "test", "fire"), ("search", "feuer", "--no-facets")):
        shown = run(*command).stdout
        assert "Feuer" in shown
        assert not re.search("[\u202a-\u202e\u200b\x1b]", shown)
        assert max(map(len, shown.splitlines())) < 250


def test_a_passage_that_is_highlighted_is_letters_too() -> None:
    shown = marked("Das \u202eFeu\u200ber brennt", [(4, 11)])
    assert shown.plain == "Das Feuer brennt"
    assert [shown.plain[span.start : span.end] for span in shown.spans] == ["Feuer"]


def test_all_that_were_given_up_are_tried_again_however_many_are_shown(folder: Path, run: Run) -> None:
    store = open_store(folder / "store")
    store.put_alerts([given_up(n) for n in range(120)])
    store.put_alerts([given_up(n, channel="chat") for n in range(3)])
    store.put_alerts([given_up(n, state="sent") for n in range(500, 503)])
    store.close()
    told = run("alerts", "history", "--state", "dead", "--channel", "desk", "--retry", "--limit", "2", "--json")
    assert "120 are tried again" in told.stderr
    shown = json.loads(told.stdout)
    assert [(one["state"], len(one["attempts"]), one["tried_since"]) for one in shown] == [("waiting", 9, None)] * 2
    store = open_store(folder / "store")
    assert store.alert_counts() == {("desk", "waiting"): 120, ("chat", "dead"): 3, ("desk", "sent"): 3}
    store.mark_alerts([replace(given_up(0, state="waiting"), next_try=datetime(2034, 1, 1, tzinfo=UTC))])
    store.close()
    assert "4 are tried again" in run("alerts", "history", "--retry").stderr
    store = open_store(folder / "store")
    assert len(store.due_alerts("desk", datetime.now(UTC), 999)) == 120
    store.close()


def test_what_is_sent_while_it_is_to_be_tried_again_is_not_sent_again() -> None:
    class Late(MemoryStore):
        def alerts(
            self, rule: str = "", channel: str = "", state: str = "", limit: int = 100, but: str = ""
        ) -> list[Alert]:
            found = super().alerts(rule, channel, state, limit, but)
            self.mark_alerts([replace(one, state="sent") for one in found[:1]])
            return found

    store = Late()
    store.put_alerts([given_up(0), given_up(1)])
    assert tried_again(store, "", "", "dead", "") == 1
    assert store.alert_counts() == {("desk", "sent"): 1, ("desk", "waiting"): 1}


def test_what_a_later_one_replaced_is_not_tried_again() -> None:
    store = MemoryStore()
    replaced = given_up(0, state="replaced")
    store.put_alerts([replaced, replace(given_up(1, state="replaced"), next_try=datetime(2034, 1, 1, tzinfo=UTC))])
    for state in ("", "dead", "replaced"):
        assert tried_again(store, "", "", state, "") == 0
    assert store.alert_counts() == {("desk", "replaced"): 2}


def test_a_review_is_a_page_a_document_or_a_mail_of_the_time_that_is_asked_for(folder: Path, run: Run) -> None:
    page = run("review", "feuer OR sonne", "--language", "de")
    assert page.stdout.count("<h3>") == 2
    assert "Quelle:" in page.stdout
    narrowed = run("review", "", "--lang", "de", "--site", "post", "--title", "Heute").stdout
    assert "<p>Asks for: site: post; lang: de</p>" in narrowed
    assert re.search(r"<p>Period: [-\d]+ \d\d:\d\d UTC to [-\d]+ \d\d:\d\d UTC</p>", narrowed)
    assert "<h1>Press review</h1>" in run("review", "").stdout
    assert "2 stories" in page.stderr
    old = datetime.now(UTC) - timedelta(days=3)
    with closing(open_store(folder / "store")) as store:
        store.file(changes(document("old", "Brand", "Das Feuer ist aus.", at=old, first_seen=old)))
    assert run("review", "feuer OR sonne").stdout.count("<h3>") == 2
    assert run("review", "feuer OR sonne", "--since", "7d").stdout.count("<h3>") == 3
    mail = email.message_from_string(run("review", "feuer", "--format", "mail").stdout, policy=policy.default)
    assert mail["Subject"] == "feuer"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    many = " OR ".join(["feuer", *(f"name{number}" for number in range(200))])  # its title, too
    made = run("review", many, "--format", "docx", "--output", "review.docx")
    assert made.exit_code == 0, made.stderr
    paragraphs = open_docx(str(folder / "review.docx")).paragraphs
    headings = [one.text for one in paragraphs if one.style is not None and "Heading" in str(one.style.name)]
    assert len(headings) == 2
    assert headings[0].startswith("feuer OR name0")
