"""Rules of a folder in the store, as people write, change and remove them."""

from __future__ import annotations

import logging
import shutil
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.alerts import question
from monitor.errors import AccessRefused, StoreUnreachable
from monitor.filing import Desk, Filer, RuleFolder, Teller, rule_folder
from monitor.records import Document, Rule
from monitor.settings import FilingSettings
from monitor.store.memory import MemoryStore
from monitor.store.stemming import stem
from tests.articles import changes, document


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(stem)


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def fresh(id: str, text: str) -> Document:
    now = datetime.now(UTC)
    return document(id, text=text, at=now, first_seen=now)


def test_rules_come_change_and_go_with_their_files(tmp_path: Path, store: MemoryStore) -> None:
    folder = RuleFolder(tmp_path, "UTC")
    assert folder.bring_in(store) == []
    write(tmp_path, "fire", "query: feuer\n")
    folder.bring_in(store)
    assert [(rule.id, rule.query) for rule in store.rules()] == [("fire", "feuer")]
    write(tmp_path, "fire", "query: feuerwehr\n")
    folder.bring_in(store)
    assert [rule.query for rule in store.rules()] == ["feuerwehr"]
    (tmp_path / "fire.yaml").unlink()
    folder.bring_in(store)
    assert store.rules() == []


def test_a_file_that_is_wrong_by_now_leaves_its_rule_as_it_was(tmp_path: Path, store: MemoryStore) -> None:
    folder = RuleFolder(tmp_path, "UTC")
    write(tmp_path, "fire", "query: feuer\n")
    folder.bring_in(store)
    write(tmp_path, "fire", "query: (feuer\n")
    assert "not closed" in folder.bring_in(store)[0].message
    assert [rule.query for rule in store.rules()] == ["feuer"]


def test_what_a_command_said_of_a_rule_outlasts_its_file_being_written_again(
    tmp_path: Path, store: MemoryStore
) -> None:
    folder = RuleFolder(tmp_path, "UTC")
    write(tmp_path, "fire", "query: feuer\n")
    folder.bring_in(store)
    until = datetime(2030, 1, 1, tzinfo=UTC)
    store.put_rules([(replace(store.rules()[0], switched_off=True, silenced_until=until), question(store.rules()[0]))])
    write(tmp_path, "fire", "query: feuer OR brand\n")
    folder.bring_in(store)
    rule = store.rules()[0]
    assert (rule.query, rule.switched_off, rule.silenced_until) == ("feuer OR brand", True, until)


def test_rules_of_others_are_left_alone(tmp_path: Path, store: MemoryStore) -> None:
    others = [Rule("added", query="a"), Rule("elsewhere", query="b", origin="other:alerts/elsewhere.yaml")]
    store.put_rules([(rule, question(rule)) for rule in others])
    write(tmp_path, "added", "query: feuer\n")
    write(tmp_path, "elsewhere", "query: feuer\n")
    told = [error.message for error in RuleFolder(tmp_path, "UTC").bring_in(store)]
    assert "it was added by a command" in told[0]
    assert "it is from other:alerts/elsewhere.yaml" in told[1]
    assert store.rules() == others


def test_a_folder_that_is_moved_keeps_its_rules(tmp_path: Path, store: MemoryStore) -> None:
    before, after = tmp_path / "alerts", tmp_path / "moved"
    before.mkdir()
    write(before, "fire", "query: feuer\n")
    write(before, "water", "query: wasser\n")
    RuleFolder(before, "UTC").bring_in(store)
    before.rename(after)
    write(after, "fire", "query: feuerwehr\n")
    (after / "water.yaml").unlink()
    assert RuleFolder(after, "UTC").bring_in(store) == []
    assert [(rule.id, rule.query) for rule in store.rules()] == [("fire", "feuerwehr")]


def test_a_folder_that_is_away_for_a_while_takes_no_rule_with_it(tmp_path: Path, store: MemoryStore) -> None:
    place = tmp_path / "alerts"
    place.mkdir()
    write(place, "fire", "query: feuer\n")
    write(place, "storm", "query: sturm\n")
    folder = RuleFolder(place, "UTC")
    assert folder.bring_in(store) == []
    store.put_rules([(replace(rule, switched_off=True), question(rule)) for rule in store.rules()])
    place.rename(tmp_path / "elsewhere")
    for there in ("", "mount", "mount/lost+found"):
        if there:
            (place / there.removeprefix("mount").removeprefix("/")).mkdir()
        (error,) = folder.bring_in(store)
        assert "is not there any more" in error.message
        assert [rule.id for rule in store.rules()] == ["fire", "storm"]
    shutil.rmtree(place)
    (tmp_path / "elsewhere").rename(place)
    (place / "storm.yaml").unlink()
    assert folder.bring_in(store) == []
    assert [(rule.id, rule.switched_off) for rule in store.rules()] == [("fire", True)]


def test_a_folder_that_is_mounted_after_the_start_is_known_again(tmp_path: Path, store: MemoryStore) -> None:
    place, later = tmp_path / "alerts", tmp_path / "later"
    later.mkdir()
    write(later, "fire", "query: feuer\n")
    RuleFolder(later, "UTC").bring_in(store)
    place.mkdir()
    folder = RuleFolder(place, "UTC")
    assert folder.bring_in(store) == []
    shutil.rmtree(place)
    later.rename(place)
    write(place, "fire", "query: feuer OR brand\n")
    assert folder.bring_in(store) == []
    assert store.rules()[0].query == "feuer OR brand"


def test_a_folder_whose_files_are_all_replaced_keeps_its_number(tmp_path: Path, store: MemoryStore) -> None:
    write(tmp_path, "fire", "query: feuer\n")
    folder = RuleFolder(tmp_path, "UTC")
    folder.bring_in(store)
    for file in tmp_path.iterdir():
        file.unlink()
    write(tmp_path, "storm", "query: sturm\n")
    assert folder.bring_in(store) == []
    assert [rule.id for rule in store.rules()] == ["storm"]
    assert RuleFolder(tmp_path, "UTC").is_ours(store.rules()[0])


def test_questions_follow_the_zone_of_the_settings(tmp_path: Path, store: MemoryStore) -> None:
    write(tmp_path, "day", "query: published:2024-05-16\n")
    write(tmp_path, "own", "query: published:2024-05-16\ntime_zone: UTC\n")
    RuleFolder(tmp_path, "UTC").bring_in(store)
    command = Rule("command", query="published:2024-05-16")
    store.put_rules([(command, question(command))])
    night = document("a", at=datetime(2024, 5, 15, 23, 30, tzinfo=UTC))
    assert store.match_rules([night], {}) == []
    RuleFolder(tmp_path, "Europe/Berlin").bring_in(store)
    assert {hit.rule for hit in store.match_rules([night], {})} == {"command", "day"}


def test_another_folder_takes_nothing_over(tmp_path: Path, store: MemoryStore) -> None:
    for name in ("eins", "zwei"):
        (tmp_path / name).mkdir()
    write(tmp_path / "eins", "fire", "query: feuer\n")
    RuleFolder(tmp_path / "eins", "UTC").bring_in(store)
    second = RuleFolder(tmp_path / "zwei", "UTC")
    assert second.bring_in(store) == []
    assert [rule.query for rule in store.rules()] == ["feuer"]
    write(tmp_path / "zwei", "fire", "query: brand\n")
    assert "it is from eins/fire.yaml of folder " in second.bring_in(store)[0].message
    assert second.bring_in(store) == []  # told, and not read again
    store.remove_rules(["fire"])
    assert second.bring_in(store) == []
    assert [rule.query for rule in store.rules()] == ["brand"]


def test_a_folder_that_nothing_can_be_written_to_is_known_by_its_place(tmp_path: Path, store: MemoryStore) -> None:
    write(tmp_path, "fire", "query: feuer\n")
    (tmp_path / ".folder").mkdir()  # nobody can write a file of that name
    RuleFolder(tmp_path, "UTC").bring_in(store)
    assert str(tmp_path) in store.rules()[0].origin
    (tmp_path / "fire.yaml").unlink()
    RuleFolder(tmp_path, "UTC").bring_in(store)
    assert store.rules() == []


def test_the_silence_of_a_file_and_that_of_a_command_are_two(tmp_path: Path, store: MemoryStore) -> None:
    folder, now = RuleFolder(tmp_path, "UTC"), datetime.now(UTC)
    write(tmp_path, "fire", "query: feuer\nsilenced_until: 2999-01-01T00:00+00:00\n")
    folder.bring_in(store)
    rule = store.rules()[0]
    store.put_rules([(replace(rule, silenced_until=datetime(2998, 1, 1, tzinfo=UTC)), question(rule))])
    write(tmp_path, "fire", "query: feuerwehr\n")  # without its silence
    folder.bring_in(store)
    rule = store.rules()[0]
    assert rule.quiet_until == datetime(2998, 1, 1, tzinfo=UTC)
    assert not rule.is_on(now)


def test_a_rule_rings_for_what_is_filed_right_after_it_was_added(store: MemoryStore, tmp_path: Path) -> None:
    teller = Teller(RuleFolder(tmp_path, "UTC"), "UTC")
    for number, words in enumerate(("feuer", "wasser", "sturm")):
        store.put_rules([(rule := Rule(words, query=words, channels=("desk",)), question(rule))])
        made = changes(fresh(f"a{number}", f"Es gab {words} in der Stadt."))
        assert {one.rule for one in teller(store, made).alerts} == {words}


def test_a_rule_that_is_edited_or_switched_off_while_articles_are_filed(
    store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Off at once; another channel within five seconds."""
    clock = [0.0]
    monkeypatch.setattr(rule_folder.time, "monotonic", lambda: clock[0])
    teller = Teller(RuleFolder(tmp_path, "UTC"), "UTC")

    def told(number: int) -> set[str]:
        made = teller(store, changes(fresh(f"a{number}", "Es gab Feuer in der Stadt.")))
        return {one.channel for one in made.alerts} - {"feed"}

    rule = Rule("fire", query="feuer", channels=("desk",))
    store.put_rules([(rule, question(rule))])
    assert told(1) == {"desk"}
    store.put_rules([(replace(rule, channels=("chat",)), question(rule))])
    clock[0] += rule_folder.LOOK_AGAIN + 0.1
    assert told(2) == {"chat"}
    store.put_rules([(replace(rule, switched_off=True), question(rule))])
    assert told(3) == set()


def test_a_store_that_refuses_the_rules_keeps_no_article_out(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "fire", "query: feuer\n")
    teller = Teller(RuleFolder(tmp_path, "UTC"), "UTC")

    def refused(rules: object) -> None:
        raise AccessRefused("the user may not do indices:data/write", hint="give the user more")

    with monkeypatch.context() as patched:
        patched.setattr(store, "put_rules", refused)
        assert teller(store, changes(fresh("a", "Feuer"))).alerts == ()
        assert "the store refuses the rules" in caplog.text
        patched.setattr(store, "put_rules", away)
        with pytest.raises(StoreUnreachable):
            teller(store, changes(fresh("a", "Feuer")))
    assert teller(store, changes(fresh("b", "Feuer"))).alerts != ()


def away(rules: object) -> None:
    raise StoreUnreachable("nothing answers")


def test_rules_are_taken_in_while_nothing_is_filed(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(rule_folder.time, "monotonic", lambda: clock[0])
    teller = Teller(RuleFolder(tmp_path, "UTC"), "UTC")
    desk = Desk(tell=teller, look=teller.look)
    write(tmp_path, "fire", "query: feuer\n")
    Filer(store, FilingSettings(), desk=desk).run(threading.Event(), until_idle=True)
    assert [rule.id for rule in store.rules()] == ["fire"]
    write(tmp_path, "flood", "query: flut\n")
    teller.look(store)
    assert len(store.rules()) == 1  # not at every moment
    clock[0] += rule_folder.LOOK_AGAIN + 0.1
    teller.look(store)
    assert len(store.rules()) == 2


def test_what_is_wrong_is_logged_once(tmp_path: Path, store: MemoryStore, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, "fire", "query: (\n")
    folder = RuleFolder(tmp_path, "UTC")
    with caplog.at_level(logging.WARNING):
        folder.tell(folder.bring_in(store))
        write(tmp_path, "other", "query: a\n")
        folder.tell(folder.bring_in(store))
    assert len([one for one in caplog.messages if "rule not taken in" in one]) == 1


def test_a_batch_carries_what_it_tells(tmp_path: Path, store: MemoryStore) -> None:
    write(tmp_path, "fire", "query: feuer\nchannel: desk\n")
    tell = Teller(RuleFolder(tmp_path, "UTC"), "UTC")
    made = tell(store, changes(document("a", text="Feuer", first_seen=datetime.now(UTC), at=datetime.now(UTC))))
    assert [one.key for one in made.alerts] == [
        ("fire", "desk", "story:story-a", ""),
        ("fire", "feed", "story:story-a", ""),
    ]


TOO_MANY_MOVES = '"eins zwei drei vier fünf sechs"~10'


def test_a_rule_that_no_store_can_be_asked_is_refused_and_keeps_nothing_out(tmp_path: Path, store: MemoryStore) -> None:
    write(tmp_path, "fire", "query: feuer\n")
    write(tmp_path, "moves", f"query: '{TOO_MANY_MOVES}'\n")
    write(tmp_path, "silence", "query: feuer\nsilenced_until: '0001-01-01T00:00+02:00'\n")
    folder = RuleFolder(tmp_path, "UTC")
    told = sorted(error.message for error in folder.bring_in(store))
    assert folder.bring_in(store) == []  # not read again while no file changes
    assert [rule.id for rule in store.rules()] == ["fire"]
    assert "moves.yaml:1: query:" in told[0]
    assert "can have at most 5 moves" in told[0]
    assert "silence.yaml:2: silenced_until: expected a time" in told[1]
