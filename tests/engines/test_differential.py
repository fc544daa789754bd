"""The embedded store and each engine hold the same archive, and find the same in it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from monitor.demo.server import RunningWorld, World
from monitor.query import Node
from monitor.store.elastic.mapping import STEMMERS
from monitor.store.port import SearchRequest, Store
from tests.engines.archive import ARTICLES, ROLES, Archive, filled, items
from tests.engines.exceptions import EXCEPTIONS, MOST_SHARE
from tests.engines.questions import COUNTS, SPOKEN, of_kinds, questions
from tests.engines.running import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SAME_STEMS = 0.95  # Jaccard of what is found by stems, per language
EVERYTHING = 10_000
SHOWN = 5  # differences that a failure tells


@dataclass(frozen=True)
class Pair:
    """The same world and articles on both."""

    embedded: Archive
    engine: Archive


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningWorld, Archive]]:
    """Filled once, for all engines; the world goes on being served for them."""
    with World.load().start() as world, filled(tmp_path_factory.mktemp("embedded"), world, {}) as archive:
        yield world, archive


@pytest.fixture(scope="session")
def answers(embedded: tuple[RunningWorld, Archive]) -> Mapping[str, frozenset[str]]:
    """What the embedded store finds to each question."""
    return {one.text: _found(embedded[1].store, one.node) for one in questions(items())}


@pytest.fixture(scope="module")
def pair(
    engine_kind: str, embedded: tuple[RunningWorld, Archive], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    world, archive = embedded
    engine = running(engine_kind)
    prefix = f"t{uuid.uuid4().hex[:12]}"
    settings = {"MONITOR_STORE__KIND": "elasticsearch", "MONITOR_STORE__URL": engine.url}
    settings |= {"MONITOR_STORE__INDEX_PREFIX": prefix, "MONITOR_STORE__REQUEST_TIMEOUT": "60"}
    if engine.user:
        settings |= {"MONITOR_STORE__USER": engine.user, "MONITOR_STORE__PASSWORD": engine.password}
    with ExitStack() as stack:
        stack.callback(engine.remove, prefix)
        yield Pair(archive, stack.enter_context(filled(tmp_path_factory.mktemp("engine"), world, settings)))


def test_articles_stories_traces_and_usage_are_the_same(pair: Pair) -> None:
    ours, theirs = pair.embedded, pair.engine
    assert len(ours.documents) > ARTICLES
    assert set(theirs.documents) == set(ours.documents)
    mine, other = ours.records(), theirs.records()
    wrong = [(key, one[key], other[id][key]) for id, one in mine.items() for key in one if one[key] != other[id][key]]
    assert not wrong, f"{len(wrong)} values differ: {wrong[:SHOWN]}"
    assert theirs.stories() == ours.stories()
    assert theirs.also_in() == ours.also_in()
    assert len(ours.agencies()) > 1
    for agency in ours.agencies():
        assert theirs.usage(agency) == ours.usage(agency), agency


def test_words_phrases_beginnings_and_fields_find_the_same(pair: Pair, answers: Mapping[str, frozenset[str]]) -> None:
    asked = list(of_kinds(questions(items()), tuple(COUNTS)))
    for kind in COUNTS:  # a question that finds nothing tells little
        answered = [bool(answers[one.text]) for one in asked if one.kind == kind]
        assert sum(answered) >= len(answered) / 2, kind
    found = {one.text: _found(pair.engine.store, one.node) for one in asked}
    differ = {text: sorted(ids ^ answers[text]) for text, ids in found.items() if ids != answers[text]}
    unexpected = [(text, ids[:SHOWN]) for text, ids in differ.items() if text not in EXCEPTIONS]
    assert not unexpected, f"{len(unexpected)} of {len(asked)} queries differ: {unexpected[:SHOWN]}"


def test_words_of_a_language_are_found_by_their_stems(
    pair: Pair, answers: Mapping[str, frozenset[str]], engine_kind: str
) -> None:
    with running(engine_kind).connected() as connection:
        stemming = connection.dialect.language_analyzers
    if not stemming:
        pytest.skip(f"{engine_kind} has no stemmers: the module analysis-common is not in its distribution")
    asked = list(of_kinds(questions(items()), ("stemmed",)))
    found = {one.text: _found(pair.engine.store, one.node) for one in asked}
    alike = {
        language: _alike(found, answers, [one.text for one in asked if one.language == language]) for language in SPOKEN
    }
    assert {language: share for language, share in alike.items() if share < SAME_STEMS} == {}


def test_the_questions_and_their_exceptions_are_what_they_should_be() -> None:
    asked = questions(items())
    texts = {one.text for one in asked}
    assert len(texts) == len(asked) == 200
    assert set(SPOKEN) <= set(STEMMERS)
    assert set(EXCEPTIONS) <= texts, "an exception is of no query that is asked"
    assert len(EXCEPTIONS) <= MOST_SHARE * len(asked)
    assert all(EXCEPTIONS.values())


def _found(store: Store, node: Node) -> frozenset[str]:
    """Ids of all that it finds. Of articles of one time any may be the first."""
    result = store.search(SearchRequest(node, sort="oldest", limit=EVERYTHING, roles=ROLES, highlight=False))
    times = [hit.document.story_time for hit in result.hits]
    assert times == sorted(times)
    ids = frozenset(hit.document.id for hit in result.hits)
    assert result.total == len(result.hits) == len(ids)
    return ids


def _alike(
    found: Mapping[str, frozenset[str]], answers: Mapping[str, frozenset[str]], questions: Iterable[str]
) -> float:
    """Of all that either finds to the questions, the share that both find."""
    both = either = 0
    for one in questions:
        both, either = both + len(found[one] & answers[one]), either + len(found[one] | answers[one])
    assert either
    return both / either
