"""What every store owes to rules: they find in articles what searches find when these are stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.query import All, Bool, Node, Phrase, Prefix, Range, Term
from monitor.records import Document, Rule, Story
from monitor.store.asked import ask
from monitor.store.matching import holds, no_stem
from monitor.store.port import RuleHit, SearchRequest, Store
from tests.articles import document, put
from tests.contract.adapters import demand_stems
from tests.contract.test_store_search import CASES, FIRE, RUNS, WORLD

# Each case under the name of a rule; those that need stems, for themselves.
BY_RULE = {f"r{number}": case for number, case in enumerate(CASES)}
PLAIN = {
    rule: (node, ids)
    for rule, (node, ids) in BY_RULE.items()
    if {one.id for one in WORLD if holds(ask(node), one, no_stem)} == ids
}
STEMMED = {rule: case for rule, case in BY_RULE.items() if rule not in PLAIN}


def matched(store: Store, documents: Iterable[Document], **rules: Node) -> dict[str, set[str]]:
    """Ids of what each rule finds; the rules are taken away again."""
    store.put_rules([(Rule(name), node) for name, node in rules.items()])
    hits = store.match_rules(list(documents), {})
    store.remove_rules(rules)
    assert len(set(hits)) == len(hits)
    found: dict[str, set[str]] = {name: set() for name in rules}
    for hit in hits:
        found[hit.rule].add(hit.article_id)
    return found


def test_a_rule_finds_in_articles_what_a_search_finds(store: Store) -> None:
    found = matched(store, WORLD, **{rule: node for rule, (node, _) in PLAIN.items()})
    assert found == {rule: ids for rule, (_, ids) in PLAIN.items()}


def test_a_rule_finds_words_by_their_stems(store: Store) -> None:
    demand_stems(store)
    found = matched(store, WORLD, **{rule: node for rule, (node, _) in STEMMED.items()})
    assert found == {rule: ids for rule, (_, ids) in STEMMED.items()}


def test_nothing_has_to_be_stored_for_it(store: Store) -> None:
    assert matched(store, [FIRE], fire=Term(None, "feuerwehr")) == {"fire": {"fire"}}
    assert store.documents(["fire"]) == {}


def test_what_it_says_of_stories_is_taken_from_those_that_are_given(store: Store) -> None:
    at = FIRE.story_time
    story = Story(FIRE.story, "fire", 3, at, at, aliases=("former",))
    store.put_rules(
        [
            (Rule("spread"), Range("copies", 3, None)),
            (Rule("alone"), Range("copies", None, 1)),
            (Rule("former"), Term("story", "former")),
            (Rule("not"), Bool(must_not=(Range("copies", 2, None),))),
        ]
    )
    hits = store.match_rules([FIRE, RUNS], {story.id: story})
    assert {(hit.rule, hit.article_id) for hit in hits} == {
        ("spread", "fire"), ("alone", "runs"), ("former", "fire"), ("not", "runs"),
    }  # fmt: skip


def test_what_is_off_or_silenced_finds_nothing(store: Store) -> None:
    soon, before = (datetime.now(UTC) + timedelta(minutes=sign * 5) for sign in (1, -1))
    rules = [
        Rule("on"),
        Rule("off", enabled=False),
        Rule("switched", switched_off=True),
        Rule("silent", silenced_until=soon),
        Rule("again", silenced_until=before),
    ]
    store.put_rules([(rule, Term(None, "feuerwehr")) for rule in rules])
    assert {hit.rule for hit in store.match_rules([FIRE], {})} == {"on", "again"}
    assert [rule.id for rule in store.rules()] == ["again", "off", "on", "silent", "switched"]


def test_a_rule_is_what_was_put_last(store: Store) -> None:
    store.put_rules([(Rule("r", query="feuer", label="Fire", channels=("desk",), max_age=3600.5), Term(None, "feuer"))])
    changed = replace(store.rules()[0], query="feuerwehr", changed_at=datetime(2024, 5, 16, 12, 0, 0, 7, tzinfo=UTC))
    assert store.match_rules([FIRE], {}) == []
    store.put_rules([(changed, Term(None, "feuerwehr"))])
    assert store.rules() == [changed]
    assert [hit.article_id for hit in store.match_rules([FIRE], {})] == ["fire"]
    store.remove_rules(["r", "unknown"])
    assert store.rules() == []
    assert store.match_rules([FIRE], {}) == []


def test_many_rules_and_articles_at_once(store: Store) -> None:
    count = 300
    documents = [document(f"a{number}", f"Titel {number}", f"Der Text nennt wort{number}.") for number in range(count)]
    store.put_rules([(Rule(f"r{number}"), Term(None, f"wort{number}")) for number in range(count)])
    store.put_rules([(Rule("all"), All())])
    hits = {(hit.rule, hit.article_id) for hit in store.match_rules(documents, {})}
    assert hits == {(f"r{n}", f"a{n}") for n in range(count)} | {("all", f"a{n}") for n in range(count)}


@pytest.mark.parametrize(
    "node",
    [Phrase(None, "feuerwehr loschte"), Prefix(None, "feuerw"), Bool(must_not=(Term("site", "kurier"),))],
)
def test_no_article_is_no_hit(store: Store, node: Node) -> None:
    assert matched(store, [], r=node) == {"r": set()}


def many(count: int) -> Bool:
    """Names of which any will do; every fifth of two words, every fifth a beginning."""
    made: list[Node] = [Term(None, "Strohhüte"), Phrase(None, "helga brandt"), Prefix(None, "kielb")]
    for number in range(count - len(made)):
        word = f"name{number}"
        other: dict[int, Node] = {1: Phrase(None, f"herr {word}"), 2: Prefix(None, word)}
        made.append(other.get(number % 5, Term(None, word)))
    return Bool(should=tuple(made))


NAMED = [
    document("word", text="Dort lag Name3 im Sand."),
    document("stem", text="Ein Strohhut lag im Sand."),
    document("phrase", text="Es sprach Helga Brandt."),
    document("other way round", text="Es sprach Brandt, Helga."),
    document("beginning", text="Der Hafen von Kielburg."),
    document("nothing", text="Ein Tag am Meer."),
]


@pytest.mark.parametrize("count", [20, 100, 500])
def test_a_rule_and_a_search_take_hundreds_of_names(store: Store, count: int) -> None:
    demand_stems(store)
    names = many(count)
    filtered = Bool(must=(names, Term("lang", "de")), must_not=(many(count // 2).should[3],))
    wanted = {"word", "stem", "phrase", "beginning"}
    assert matched(store, NAMED, names=names, others=Bool(must_not=names.should), few=Term(None, "meer")) == {
        "names": wanted,
        "others": {"other way round", "nothing"},
        "few": {"nothing"},
    }
    assert matched(store, NAMED, filtered=filtered) == {"filtered": wanted}
    put(store, *NAMED)
    assert {hit.document.id for hit in store.search(SearchRequest(names)).hits} == wanted


def test_no_rule_is_too_large(store: Store) -> None:
    """And none keeps the others from being answered."""
    text = " ".join(f"wort{number} und" for number in range(700))
    long = document("long", text=text)
    rules: dict[str, Node] = {
        "all": Bool(must=tuple(Term(None, f"wort{number}") for number in range(60))),
        "all but one": Bool(must=(*(Term(None, f"wort{number}") for number in range(60)), Term(None, "fehlt"))),
        "phrases": Bool(should=tuple(Phrase(None, f"herr wort{number} und") for number in range(700))),
        "last": Bool(should=tuple(Phrase(None, f"wort{number} und wort{number + 1}") for number in range(698, 0, -1))),
        "few": Term(None, "wort7"),
    }
    assert matched(store, [long, *NAMED], **rules) == {
        "all": {"long"},
        "all but one": set(),
        "phrases": set(),
        "last": {"long"},
        "few": {"long"},
    }
    store.put_rules([(Rule("changed"), rules["last"])])
    store.put_rules([(Rule("changed"), rules["few"])])
    assert store.match_rules([long], {}) == [RuleHit("changed", "long")]
    store.put_rules([(Rule("changed"), rules["phrases"])])
    assert store.match_rules([long], {}) == []


def test_a_beginning_in_a_row_may_be_that_of_any_number_of_words(store: Store) -> None:
    documents = [
        document(f"d{number}", text=" ".join(f"am s{number}x{word}" for word in range(40))) for number in range(50)
    ]
    found = matched(store, documents, row=Prefix(None, "am s"), few=Term(None, "s7x7"))
    assert found == {"row": {one.id for one in documents}, "few": {"d7"}}


@pytest.mark.parametrize("count", [20, 30, 300])
def test_a_rule_may_name_hundreds(store: Store, count: int) -> None:
    """As the names of a press office's customers; what else there is rings as before."""
    names = [f"musterwerk{number}" for number in range(count - 1)]
    plain = Bool(should=tuple(Term(None, name) for name in (*names, "feuerwehr")))
    phrases = Bool(should=(*(Phrase(None, f"{name} ag") for name in names), Term(None, "feuerwehr")))
    beginnings = Bool(should=(*(Prefix(None, name) for name in names), Term(None, "feuerwehr")))
    few = Term(None, "feuerwehr")
    found = matched(
        store, [FIRE], plain=plain, phrases=phrases, beginnings=beginnings, few=few, none=Term(None, names[0])
    )
    assert found == {"plain": {"fire"}, "phrases": {"fire"}, "beginnings": {"fire"}, "few": {"fire"}, "none": set()}
