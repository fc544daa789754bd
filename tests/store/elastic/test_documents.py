"""Records come back from the engine's documents as they were, and the documents fit their strict mappings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from monitor.records import (
    AgencyCredit,
    Article,
    Decision,
    Document,
    Duplicate,
    Edge,
    Fingerprint,
    Hint,
    Match,
    Origin,
    Rejection,
    Revision,
    Run,
    SourceLink,
    SourceState,
    SourceTrace,
    Status,
    Story,
    UrlState,
    WarcRef,
)
from monitor.store.elastic import documents as made
from monitor.store.elastic import journal
from monitor.store.elastic.encoding import instant
from monitor.store.elastic.mapping import KINDS, Names, mappings
from monitor.store.elastic.templates import analysis, component_templates, index_templates
from monitor.store.stemming import STEMMERS
from tests.articles import NOW, document

TEXTS = st.text(max_size=40)  # without surrogates: those come back as "?"
IDS = st.text(min_size=1, max_size=20)
TIMES = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda at: at.replace(tzinfo=UTC)
)
HASHES = st.lists(st.integers(0, 2**64 - 1), max_size=5).map(tuple)
SHARES = st.floats(0, 1)
LANGUAGES = st.sampled_from(["de", "tr", "zh", "pl", "und"])


@st.composite
def articles(draw: st.DrawFn) -> Article:
    return Article(
        id=draw(IDS),
        url=draw(TEXTS),
        site=draw(TEXTS),
        title=draw(TEXTS),
        text=draw(TEXTS),
        fetched_at=draw(TIMES),
        canonical_url=draw(TEXTS),
        authors=tuple(draw(st.lists(TEXTS, max_size=2))),
        published_at=draw(st.none() | TIMES),
        time_zone=draw(st.sampled_from(["UTC", "Europe/Berlin", "no zone", ""])),
        source_links=tuple(SourceLink(url) for url in draw(st.lists(TEXTS, max_size=2))),
        words=draw(st.integers(0, 10**6)),
        warc=draw(st.none() | st.builds(WarcRef, TEXTS, st.integers(0, 2**40))),
    )


@st.composite
def whole_documents(draw: st.DrawFn) -> Document:
    credits = draw(st.lists(st.builds(AgencyCredit, TEXTS, SHARES), max_size=2))
    origin = Origin(draw(TEXTS), draw(TEXTS), draw(TEXTS), draw(st.none() | TIMES), "link")
    return replace(
        document("a", lang=draw(LANGUAGES)),
        article=draw(articles()),
        story=draw(IDS),
        story_time=draw(TIMES),
        first_seen=draw(TIMES),
        last_seen=draw(TIMES),
        fetched_from=draw(TEXTS),
        revision=draw(st.integers(1, 9)),
        duplicate=draw(st.builds(Duplicate, TEXTS, TEXTS, SHARES, SHARES)),
        matches=tuple(draw(st.lists(st.builds(Match, TEXTS, SHARES, SHARES, TEXTS), max_size=2))),
        source=SourceTrace(
            "agency", tuple(credits), ("dpa",), True, licensed=draw(st.none() | st.booleans()), origin=origin,
            lag_seconds=draw(st.none() | st.integers(-(2**40), 2**40)), share_kept=draw(st.none() | SHARES),
        ),
        fingerprint=Fingerprint(draw(TEXTS), draw(HASHES)),
        dispatches=tuple(draw(st.lists(TEXTS, max_size=2))),
        part=((0, 7), (9, 12)),
        also_in=("s2",),
        former_story=draw(TEXTS),
    )  # fmt: skip


def sent(source: Mapping[str, Any]) -> Any:
    """As the engine gets it and gives it back."""
    return orjson.loads(orjson.dumps(source))


def unknown_fields(source: Mapping[str, Any], properties: Mapping[str, Any], path: str = "") -> list[str]:
    """Fields that the mapping does not have: a strict index refuses them."""
    found = []
    for name, value in source.items():
        field = properties.get(name)
        if field is None:
            found.append(path + name)
        elif isinstance(value, dict) and field.get("enabled", True):
            found += unknown_fields(value, field.get("properties", {}), f"{path}{name}.")
    return found


@given(whole_documents(), st.booleans())
def test_a_document_comes_back_whole(document: Document, stemming: bool) -> None:
    source = sent(made.article_document(document, stemming=stemming))
    assert unknown_fields(source, mappings("articles", stemming=stemming)["properties"]) == []
    assert made.article({name: source[name] for name in made.ARTICLE_PARTS if name in source}) == document


@given(st.builds(Story, IDS, TEXTS, st.integers(0, 9), TIMES, TIMES, aliases=st.just(("s2",)), title=TEXTS))
def test_a_story_comes_back_whole(story: Story) -> None:
    source = sent(made.story_document(story))
    assert unknown_fields(source, mappings("stories", stemming=True)["properties"]) == []
    assert made.story(source) == story


@given(st.builds(Edge, IDS, IDS, TEXTS, SHARES, SHARES, st.integers(0, 99)))
def test_an_edge_comes_back_whole(edge: Edge) -> None:
    source = sent(made.edge_document(edge))
    assert unknown_fields(source, mappings("edges", stemming=True)["properties"]) == []
    assert made.edge(source) == edge


@given(st.builds(Revision, IDS, st.integers(1, 9), TEXTS, TEXTS, TEXTS, TIMES, st.none() | TIMES))
def test_a_revision_comes_back_whole(revision: Revision) -> None:
    source = sent(made.revision_document(revision))
    assert unknown_fields(source, mappings("revisions", stemming=True)["properties"]) == []
    assert made.revision(source) == revision


@given(st.builds(Decision, IDS, TEXTS, TEXTS, TEXTS, TEXTS, TIMES))
def test_a_decision_comes_back_whole(decision: Decision) -> None:
    source = sent(journal.decision_document(decision, 7))
    assert unknown_fields(source, mappings("decisions", stemming=True)["properties"]) == []
    assert journal.decision(source) == decision


@given(st.builds(Run, IDS, TEXTS, TIMES, st.none() | TIMES, error=TEXTS, rejected=st.just({"short": 2, "no-text": 1})))
def test_a_run_comes_back_whole(run: Run) -> None:
    source = sent(journal.run_document(run, {"stored": 3}))
    assert unknown_fields(source, mappings("runs", stemming=True)["properties"]) == []
    assert (source["rejected"], source["stored"]) == (3, 3)
    assert journal.run(source) == run


@given(st.builds(Rejection, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TIMES))
def test_a_rejection_comes_back_whole(rejection: Rejection) -> None:
    source = sent(journal.rejection_document(rejection, 7))
    assert unknown_fields(source, mappings("rejections", stemming=True)["properties"]) == []
    assert journal.rejection(source) == rejection


@given(
    st.builds(
        UrlState, TEXTS, TEXTS, st.sampled_from(Status), st.none() | TIMES, due_at=st.none() | TIMES,
        hint=st.builds(Hint, TEXTS, st.none() | TIMES),
    )
)  # fmt: skip
def test_an_address_comes_back_whole(state: UrlState) -> None:
    source = sent(journal.url_document(state))
    assert unknown_fields(source, mappings("urls", stemming=True)["properties"]) == []
    assert journal.url_state(source) == state


@given(st.builds(SourceState, TEXTS, TEXTS, TEXTS, TEXTS, st.none() | TIMES, cursor=TEXTS))
def test_a_source_comes_back_whole(state: SourceState) -> None:
    source = sent(journal.source_document(state))
    assert unknown_fields(source, mappings("sources", stemming=True)["properties"]) == []
    assert journal.source_state(source) == state


def test_what_people_plot_is_beside_the_record() -> None:
    plain = document("a", at=datetime(2024, 5, 19, 22, 30, tzinfo=UTC))
    source = made.article_document(
        replace(plain, article=replace(plain.article, time_zone="Europe/Berlin")), stemming=False
    )
    assert (source["hour"], source["weekday"], source["keys"]["day"]) == (0, "1", "2024-05-19")
    assert source["published"] == "2024-05-19T22:30:00.000000Z"


def test_an_id_that_an_engine_can_not_take_is_replaced_by_its_digest() -> None:
    for id in ("0a1b", "import-7", "dpa:240516-99"):
        assert made.key(id) == id
    for id in ("x" * 513, "Größe", "a/b", "_x", ""):
        assert made.key(id) == made.digest(id)


def test_times_of_all_years_are_written_as_dates_are_read() -> None:
    assert instant(datetime.min.replace(tzinfo=UTC)) == "0001-01-01T00:00:00.000000Z"
    assert instant(NOW) == "2024-05-16T12:00:00.000000Z"


def test_an_engine_stems_by_snowball_the_languages_that_the_embedded_store_stems() -> None:
    filters = analysis(stemming=True)["filter"]
    assert filters["stem_no"] == {"type": "snowball", "language": "Norwegian"}
    assert set(filters) == {f"stem_{language}" for language in STEMMERS}


def test_every_kind_has_its_templates() -> None:
    names = Names("m")
    parts, whole = component_templates(names, stemming=True), index_templates(names, shards=3, replicas=1)
    for kind in KINDS:
        template = whole[f"m-{kind}"]
        assert set(template["composed_of"]) <= set(parts)
        mapping = parts[f"m-part-{kind}"]["template"]["mappings"]
        assert mapping["dynamic"] == "strict"
        assert mapping["_meta"]["schema_version"] == 1
        assert template["index_patterns"] == [f"m-{kind}-v*"]
    assert whole["m-articles"]["template"]["settings"]["index"]["number_of_shards"] == 3


def test_no_refresh_of_opensearch_waits_for_the_merging_of_what_is_large() -> None:
    made = index_templates(Names("m"), shards=1, replicas=0, engine="opensearch")
    assert made["m-articles"]["template"]["settings"]["index"]["merge_on_flush"] == {"enabled": False}
    others = index_templates(Names("m"), shards=1, replicas=0, engine="elasticsearch")  # it does not know the setting
    assert "merge_on_flush" not in others["m-articles"]["template"]["settings"]["index"]


def test_an_engine_without_stemmers_gets_no_analyzers_of_its_own() -> None:
    assert "stems" not in mappings("articles", stemming=False)["properties"]
    template = component_templates(Names("m"), stemming=False)["m-part-articles"]["template"]
    assert template["settings"] == {"analysis": {}}
