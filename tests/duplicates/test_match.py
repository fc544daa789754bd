"""Articles find their story, in whatever order they arrive."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.duplicates import Matcher, MatchSettings, MemoryLookup, Placed, place, plain_document
from monitor.records import Story
from tests.duplicates.making import (
    HARBOUR,
    LIBRARY,
    ORCHARD,
    at,
    consistent,
    decision,
    document,
    paragraphs,
    placed,
    revised,
    stories,
    story,
)
from tests.duplicates.unspaced import THAI_BRIDGE, THAI_ORCHID


def test_an_article_without_copies_is_a_story_of_its_own() -> None:
    lookup = placed(document("a", HARBOUR, title="A breakwater"), document("b", ORCHARD))
    assert stories(lookup) == [["a"], ["b"]]
    assert lookup.stories([story(lookup, "a")])[story(lookup, "a")] == Story(
        story(lookup, "a"), "a", 1, at(0), at(0), ("a.example",), title="A breakwater"
    )
    consistent(lookup)


def test_cut_reordered_and_retitled_copies_join_their_original() -> None:
    lookup = placed(
        document("a", HARBOUR, 0, title="Larkmere approves breakwater"),
        document("b", paragraphs(HARBOUR, 0), 2, title="What the board decided"),
        document("c", paragraphs(HARBOUR, 2, 1), 5, title="Divers want a reef"),
        document("d", f"{LIBRARY}\n\n{HARBOUR}", 90, title="Other times"),
    )
    assert stories(lookup) == [["a", "b", "c"], ["d"]]
    kept = lookup.documents(["b"])["b"].duplicate
    assert (kept.kind, kept.of, kept.containment) == ("contained", "a", 1.0)
    assert kept.reverse == pytest.approx(0.33, abs=0.05)
    consistent(lookup)


@pytest.mark.parametrize("batch", [1, 2, 50])
def test_the_batch_makes_no_difference(batch: int) -> None:
    documents = [document("a", HARBOUR), document("b", HARBOUR, 1), document("c", paragraphs(HARBOUR, 1), 2)]
    lookup = placed(*documents, batch=batch)
    assert stories(lookup) == [["a", "b", "c"]]
    assert lookup.documents(["b"])["b"].duplicate.kind == "exact"
    consistent(lookup)


def test_exact_copies_are_found_without_a_limit_in_time_and_others_are_not() -> None:
    changed = HARBOUR.replace("Thursday", "Friday")
    lookup = placed(document("a", HARBOUR), document("b", HARBOUR, 2000), document("c", changed, 4000))
    assert stories(lookup) == [["a", "b"], ["c"]]
    wide = MatchSettings(window=MatchSettings().window * 100)
    documents = [document("a", HARBOUR), document("c", changed, 100)]
    assert len(place(MemoryLookup(), documents, wide).stories) == 1


def test_a_late_original_becomes_the_root_and_the_story_keeps_its_id() -> None:
    lookup = placed(document("b", HARBOUR, 1), document("c", paragraphs(HARBOUR, 0, 1), 2))
    before = story(lookup, "b")
    placed(document("a", HARBOUR, 0, title="The first"), lookup=lookup)
    assert stories(lookup) == [["a", "b", "c"]]
    record = lookup.stories([before])[before]
    assert (record.id, record.root, record.first, record.title) == (before, "a", at(0), "The first")
    assert not lookup.documents(["b"])["b"].is_root
    consistent(lookup)


def test_a_late_original_brings_its_excerpts_together_and_the_oldest_id_survives() -> None:
    lookup = placed(document("b", paragraphs(HARBOUR, 0), 1), document("c", paragraphs(HARBOUR, 2), 2))
    first, second = story(lookup, "b"), story(lookup, "c")
    assert first != second
    placed(document("a", HARBOUR), lookup=lookup)
    assert stories(lookup) == [["a", "b", "c"]]
    assert story(lookup, "a") == first
    assert lookup.stories([second])[second].id == first
    consistent(lookup)


def test_an_article_made_of_two_stories_belongs_to_its_main_one() -> None:
    both = f"{HARBOUR}\n\n{paragraphs(ORCHARD, 0, 1)}"
    lookup = placed(document("h", HARBOUR, 0), document("o", ORCHARD, 0.5), document("m", both, 2))
    assert stories(lookup) == [["h", "m"], ["o"]]
    assert lookup.documents(["m"])["m"].also_in == (story(lookup, "o"),)
    placed(document("p", ORCHARD, 3), document("q", paragraphs(ORCHARD, 0, 1), 4), lookup=lookup)
    assert stories(lookup) == [["h", "m"], ["o", "p", "q"]]
    consistent(lookup)


@pytest.mark.parametrize("batch", [1, 50])
def test_in_scripts_without_spaces_as_well(batch: int) -> None:
    both = document("m", f"{THAI_BRIDGE}\n\n{THAI_ORCHID}", 1)
    later = placed(document("a", THAI_BRIDGE, 0), both, document("b", THAI_ORCHID, 2), batch=batch)
    assert stories(later) == [["a", "m"], ["b"]]
    before = placed(document("a", THAI_BRIDGE, 0), both, document("b", THAI_ORCHID, 0.5), batch=batch)
    assert stories(before) == [["a", "m"], ["b"]]
    assert before.documents(["m"])["m"].also_in == (story(before, "b"),)
    consistent(later)
    consistent(before)


def test_an_article_made_of_two_stories_that_comes_first_is_taken_apart_again() -> None:
    both = f"{HARBOUR}\n\n{paragraphs(ORCHARD, 0, 1)}"
    documents = {
        "m": document("m", both, 2),
        "h": document("h", HARBOUR, 0),
        "o": document("o", ORCHARD, 0.5),
        "i": document("i", paragraphs(HARBOUR, 0, 2), 3),
        "p": document("p", paragraphs(ORCHARD, 0, 1), 4),
    }
    for order in itertools.permutations("mhoip"):
        lookup = placed(*(documents[id] for id in order), batch=1)
        assert stories(lookup) == [["h", "i", "m"], ["o", "p"]], order
        consistent(lookup)


def test_an_intro_that_a_site_puts_before_two_reports_joins_nothing() -> None:
    intro = " ".join(LIBRARY.split()[:70])
    lookup = placed(
        document("h", HARBOUR, 0),
        document("i", f"{intro}\n\n{HARBOUR}", 1),
        document("l", LIBRARY, 2),
    )
    assert stories(lookup) == [["h", "i"], ["l"]]


def test_a_quotation_is_stored_and_joins_nothing() -> None:
    sentence = HARBOUR.split("\n\n")[1].split(". ")[0] + ". " + HARBOUR.split("\n\n")[1].split(". ")[1]
    lookup = placed(document("h", HARBOUR), document("q", f"{ORCHARD} {sentence} {LIBRARY}", 3))
    assert stories(lookup) == [["h"], ["q"]]
    (edge,) = lookup.edges(["q"])["q"]
    assert (edge.kind, edge.article, edge.other) == ("quote", "q", "h")


def test_a_revision_that_no_longer_matches_leaves_its_story() -> None:
    lookup = placed(document("a", HARBOUR), document("b", HARBOUR, 1), document("c", paragraphs(HARBOUR, 1), 2))
    placed(revised(lookup, "b", ORCHARD), lookup=lookup)
    assert stories(lookup) == [["a", "c"], ["b"]]
    assert not lookup.edges(["b"])
    consistent(lookup)
    placed(revised(lookup, "b", HARBOUR), lookup=lookup)
    assert stories(lookup) == [["a", "b", "c"]]
    consistent(lookup)


def test_a_root_that_is_revised_away_leaves_the_story_to_the_others() -> None:
    lookup = placed(document("a", HARBOUR), document("b", HARBOUR, 1), document("c", paragraphs(HARBOUR, 1), 2))
    placed(revised(lookup, "a", ORCHARD), lookup=lookup)
    assert stories(lookup) == [["a"], ["b", "c"]]
    consistent(lookup)


def test_bulletins_of_one_form_stay_apart() -> None:
    def closing(points: int, winner: str, day: str) -> str:
        return (
            f"The exchange in Avelin closed higher on {day}. The leading index ended the session at "
            f"{points}.{points % 97} "
            f"points, a gain of 0.{points % 89} per cent. Shares of {winner} rose by "
            f"{points % 9}.{points % 83} per cent and "
            f"led the list. The euro cost 1.{points % 79} dollars in the evening. Dealers spoke of quiet "
            f"trading without a "
            f"clear direction; turnover reached {points % 71} million. The bond market hardly moved."
        )

    lookup = placed(
        document("a", closing(9813, "Kellmann", "Monday"), 0, title="Avelin exchange closes higher"),
        document("b", closing(9764, "Norvik", "Tuesday"), 24, title="Avelin exchange closes higher"),
        document("c", closing(9923, "Astrel", "Wednesday"), 48, title="Avelin exchange closes higher"),
    )
    assert len(stories(lookup)) == 3


def test_a_split_keeps_two_articles_apart_and_a_later_merge_brings_them_together() -> None:
    documents = [document("a", HARBOUR), document("b", HARBOUR, 1), document("c", HARBOUR, 2)]
    for order in itertools.permutations(documents):
        lookup = MemoryLookup()
        lookup.decide(decision("split", "c", "a"))
        placed(*order, batch=1, lookup=lookup)
        assert story(lookup, "a") != story(lookup, "c")
        consistent(lookup)
    lookup.decide(decision("merge", "a", "c", 5))
    placed(lookup.documents(["a"])["a"], lookup=lookup)
    assert story(lookup, "a") == story(lookup, "c")
    consistent(lookup)


def test_a_second_story_that_was_taken_into_another_is_found_by_what_it_is_called_now() -> None:
    both = f"{HARBOUR}\n\n{paragraphs(ORCHARD, 0, 1)}"
    lookup = placed(
        document("l", LIBRARY, 0), document("h", HARBOUR, 1), document("o", ORCHARD, 2), document("m", both, 3)
    )
    (former,) = lookup.documents(["m"])["m"].also_in
    lookup.decide(decision("merge", "l", "o"))
    placed(lookup.documents(["l"])["l"], lookup=lookup)
    assert lookup.documents(["m"])["m"].also_in == (former,)
    assert lookup.stories([former])[former].id == story(lookup, "l") != former
    placed(document("e", HARBOUR, 0.5), lookup=lookup)  # the oldest of its story, which is divided anew
    assert stories(lookup) == [["e", "h", "m"], ["l", "o"]]
    consistent(lookup)


def test_a_record_that_its_articles_left_keeps_none_out() -> None:
    both = f"{HARBOUR}\n\n{paragraphs(ORCHARD, 0, 1)}"
    lookup = placed(document("h", HARBOUR, 1), document("o", ORCHARD, 2), document("m", both, 3))
    lookup.file(Placed(documents=(replace(lookup.documents(["o"])["o"], story="another"),)))
    placed(document("e", HARBOUR, 0.5), lookup=lookup)
    assert [story for story in stories(lookup) if "m" in story] == [["e", "h", "m"]]


def test_a_merge_joins_what_shares_nothing_and_splitting_ends_it() -> None:
    lookup = placed(document("h", HARBOUR), document("o", ORCHARD, 1), document("p", ORCHARD, 2))
    lookup.decide(decision("merge", "h", "p"))
    placed(lookup.documents(["h"])["h"], lookup=lookup)
    assert stories(lookup) == [["h", "o", "p"]]
    consistent(lookup)
    lookup.decide(decision("split", "h", "p", 1))
    placed(lookup.documents(["h"])["h"], lookup=lookup)
    assert stories(lookup) == [["h"], ["o", "p"]]
    consistent(lookup)


def test_reference_wires_are_matched_and_not_counted_as_copies() -> None:
    lookup = placed(document("w", HARBOUR, role="reference"), document("b", HARBOUR, 1))
    record = lookup.all_stories()[0]
    assert (record.root, record.copies, record.sites) == ("w", 1, ("b.example",))
    consistent(lookup)


def test_agencies_of_a_story_and_other_fields_are_left_as_they_are() -> None:
    lookup = placed(document("a", HARBOUR))
    record = lookup.all_stories()[0]
    placed_before = place(lookup, [])
    lookup.file(replace(placed_before, stories=(replace(record, agencies=("dpa",)),)))
    lookup.file(replace(placed_before, documents=(replace(lookup.documents(["a"])["a"], withdrawn=True),)))
    placed(document("b", HARBOUR, 1), lookup=lookup)
    placed(document("z", HARBOUR, -1), lookup=lookup)
    assert lookup.all_stories()[0].agencies == ("dpa",)
    assert lookup.documents(["a"])["a"].withdrawn


def test_only_what_changed_is_given_back() -> None:
    lookup = placed(document("a", HARBOUR), document("b", HARBOUR, 1), document("o", ORCHARD))
    found = Matcher().place(lookup, [document("c", paragraphs(HARBOUR, 0, 1), 2)])
    assert [one.id for one in found.documents] == ["c"]
    assert len(found.stories) == 1
    assert Matcher().place(lookup, []).documents == ()


def test_placing_what_is_known_again_changes_nothing() -> None:
    both = f"{HARBOUR}\n\n{paragraphs(ORCHARD, 0, 1)}"
    documents = [document("a", HARBOUR), document("b", HARBOUR, 1), document("m", both, 2), document("o", ORCHARD)]
    lookup = placed(*documents)
    before = {one.id: one for one in lookup.all()}
    placed(*lookup.all(), lookup=lookup)
    after = {one.id: one for one in lookup.all()}
    assert {id: (one.story, one.is_root, one.part) for id, one in before.items()} == {
        id: (one.story, one.is_root, one.part) for id, one in after.items()
    }
    consistent(lookup)


def test_large_stories_take_late_articles_in_without_being_divided_whole() -> None:
    rng = random.Random(3)
    documents = []
    for number in range(150):
        words = HARBOUR.split()
        for _ in range(8):
            words[rng.randrange(len(words))] = f"odd{rng.randrange(500)}"
        documents.append(document(f"d{number:03}", " ".join(words), number / 10))
    late = documents.pop(0)
    rng.shuffle(documents)
    lookup = placed(*documents)
    placed(late, lookup=lookup)
    assert len(stories(lookup)) == 1
    assert lookup.all_stories()[0].root == "d000"
    consistent(lookup)


def test_any_order_of_arrival_and_revision_leaves_consistent_stories() -> None:
    rng = random.Random(11)
    texts = [HARBOUR, ORCHARD, LIBRARY]
    for _ in range(25):
        lookup, matcher = MemoryLookup(), Matcher()
        for step in range(30):
            id = f"x{rng.randrange(16):02}"
            picked = rng.sample(texts, rng.choice([1, 1, 1, 2]))
            text = "\n\n".join(paragraphs(one, *sorted(rng.sample(range(2), rng.randrange(1, 3)))) for one in picked)
            known = lookup.documents([id])
            made = revised(lookup, id, text) if known else document(id, text, rng.uniform(0, 60))
            if step % 7 == 6:
                verb = rng.choice(["split", "merge"])
                lookup.decide(decision(verb, id, f"x{rng.randrange(16):02}", step))
            lookup.file(matcher.place(lookup, [made]))
            consistent(lookup)


@pytest.mark.parametrize("at", [datetime.min, datetime.max])
def test_the_ends_of_time_can_be_matched(at: datetime) -> None:
    lookup = MemoryLookup()
    one = plain_document("a", "Der Hafen wird tiefer und breiter als je zuvor", at=at.replace(tzinfo=UTC))
    assert [document.id for document in place(lookup, [one]).documents] == ["a"]
