"""What every store owes to searching."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.errors import QueryError
from monitor.query import All, Bool, Node, Phrase, Prefix, Range, Term
from monitor.store.asked import ask
from monitor.store.matching import holds, no_stem
from monitor.store.port import SearchRequest, Store
from tests.articles import NOW, again, changes, document, found, later, put
from tests.contract.adapters import demand_stems, make

FIRE = document(
    "fire",
    "Häuser brennen in Köln",
    "Mehrere Häuser brannten am Freitag nieder.\n\nDie Feuerwehr löschte, meldet dpa-infocom; 30 Größen.",
    authors=("Anna Groß", "Bernd Klein"),
    at=later(days=-2),
)
LIGHT = document("light", "IŞIK yandı", "İstanbul'da ışık yandı, evlerde şenlik.", lang="tr", site="gazete")
DAILY = document("daily", "北京日报", "北京日报今天报道了天气。", lang="zh", site="ribao", at=later(days=1))
RUNS = document(
    "runs", "Runners run", "She was running while the others ran.", lang="en", site="post", at=later(days=2)
)
POLISH = document("polish", "Łódź płonie", "Pożar w Łodzi ugaszono.", lang="pl", site="post", at=later(days=3))
WORLD = (FIRE, LIGHT, DAILY, RUNS, POLISH)


@pytest.fixture
def world(store: Store) -> Store:
    put(store, *WORLD)
    return store


@pytest.fixture(scope="module")
def kept_world(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For the cases that only ask."""
    made = make(kind, tmp_path_factory.mktemp("world"))
    put(made, *WORLD)
    yield made
    made.close()


CASES: list[tuple[Node, set[str]]] = [
    (All(), {"fire", "light", "daily", "runs", "polish"}),
    # a folded word, in the title or in the text
    (Term(None, "häuser"), {"fire"}),
    (Term(None, "HAUSER"), {"fire"}),
    (Term(None, "grossen"), {"fire"}),
    (Term(None, "lodz"), {"polish"}),
    (Term("title", "freitag"), set()),
    (Term("text", "Freitag"), {"fire"}),
    # the same stem in the article's language
    (Term(None, "haus"), {"fire"}),
    (Term(None, "run"), {"runs"}),
    (Term(None, "evler"), {"light"}),
    (Term(None, "pożaru"), set()),  # no stemmer for Polish
    # dotted and dotless i
    (Term(None, "ışık"), {"light"}),
    (Term(None, "IŞIK"), {"light"}),
    (Term(None, "isik"), {"light"}),
    (Term(None, "istanbul"), {"light"}),
    # scripts without spaces
    (Term(None, "北京"), {"daily"}),
    (Term(None, "日报今天"), {"daily"}),
    (Term(None, "京北"), set()),
    (Prefix(None, "北京日"), {"daily"}),
    # a typed word of several words is a phrase
    (Term(None, "dpa-infocom"), {"fire"}),
    (Term(None, "infocom-dpa"), set()),
    # nothing but punctuation
    (Term(None, "---"), set()),
    (Phrase(None, "..."), set()),
    (Prefix(None, ""), set()),
    (Bool(must_not=(Term(None, "?!"),)), {"fire", "light", "daily", "runs", "polish"}),
    (Bool(), set()),
    # phrases: folded words as they stand, moves between them, no stems
    (Phrase(None, "mehrere hauser brannten"), {"fire"}),
    (Phrase(None, "mehrere haus"), set()),
    (Phrase("text", "hauser am"), set()),
    (Phrase("text", "hauser am", 1), {"fire"}),
    (Phrase("text", "hauser freitag", 1), set()),
    (Phrase("text", "mehrere brannten nieder", 2), set()),
    (Phrase("text", "mehrere brannten nieder", 3), {"fire"}),
    (Phrase("text", "brannten häuser", 5), set()),  # in this order
    (Phrase("text", "häuser häuser", 5), set()),
    (Phrase("text", "mehrere häuser", 299), {"fire"}),
    (Phrase("text", "brannten häuser", 299), set()),
    (Phrase(None, "koln mehrere"), set()),  # not from the title into the text
    # prefixes of folded words
    (Prefix(None, "feuer"), {"fire"}),
    (Prefix(None, "FEUERW"), {"fire"}),
    (Prefix(None, "groß"), {"fire"}),
    (Prefix("title", "feuer"), set()),
    (Prefix("text", "dpa-info"), {"fire"}),
    (Prefix("text", "am frei"), {"fire"}),
    (Prefix(None, "."), set()),
    # names
    (Term("author", "gross"), {"fire"}),
    (Phrase("author", "anna groß"), {"fire"}),
    (Term("author", "größe"), set()),
    # whole values, in any case
    (Term("site", "gazete"), {"light"}),
    (Term("site", "GAZETE"), {"light"}),
    (Term("site", "gaz"), set()),
    (Prefix("site", "gaz"), {"light"}),
    (Term("lang", "de"), {"fire"}),
    (Phrase("lang", "de"), {"fire"}),
    (Term("id", "fire"), {"fire"}),
    (Term("url", "https://gazete.example/light"), {"light"}),
    (Prefix("url", "https://post.example/"), {"runs", "polish"}),
    (Prefix("url", "https://p.st"), set()),
    (Prefix("url", "HTTPS://POST.example/r"), {"runs"}),
    # dates
    (Range("published", NOW, NOW), {"light"}),
    (Range("published", NOW, None, include_low=False), {"daily", "runs", "polish"}),
    (Range("published", None, NOW), {"fire", "light"}),
    (Range("published", None, NOW, include_high=False), {"fire"}),
    (Range("published", later(days=1), later(days=3), include_high=False), {"daily", "runs"}),
    (Range("fetched", NOW, NOW), {"fire", "light", "daily", "runs", "polish"}),
    (Range("published", later(days=9), None), set()),
    # clauses
    (Bool(must=(Term(None, "haus"), Term(None, "dpa"))), {"fire"}),
    (Bool(must=(Term(None, "haus"), Term(None, "run"))), set()),
    (Bool(should=(Term(None, "haus"), Term(None, "run"))), {"fire", "runs"}),
    (Bool(must=(Term("site", "post"),), should=(Term(None, "run"),)), {"runs", "polish"}),
    (Bool(must=(Term("site", "post"),), must_not=(Term(None, "run"),)), {"polish"}),
    (Bool(must_not=(Term(None, "haus"), Term(None, "run"))), {"light", "daily", "polish"}),
    (Bool(must=(Bool(must_not=(Term("site", "post"),)), Term("lang", "de"))), {"fire"}),
    (Bool(should=(Term(None, "---"), Term(None, "run"))), {"runs"}),
    (Bool(should=(Bool(must_not=(Term("site", "post"),)), Term(None, "run"))), {"fire", "light", "daily", "runs"}),
]


@pytest.mark.parametrize(("query", "ids"), CASES, ids=[str(query) for query, _ in CASES])
def test_a_query_finds(kept_world: Store, query: Node, ids: set[str]) -> None:
    if {one.id for one in WORLD if holds(ask(query), one, no_stem)} != ids:
        demand_stems(kept_world)
    assert found(kept_world, query) == sorted(ids)
    assert sorted(one.id for one in kept_world.scan(query)) == sorted(ids)


@pytest.mark.parametrize(
    "query",
    [
        Term("nonsense", "x"),
        Term("published", "2024"),
        Prefix("published", "2024"),
        Range("site", NOW, NOW),
        Range("nonsense", NOW, None),
        Range("published", 1.0, 2.0),
        Phrase(None, "eins zwei", 300),
        Phrase(None, "eins zwei drei vier fünf", 9),
        Bool(must_not=(Phrase("nonsense", "x"),)),
    ],
    ids=str,
)
def test_a_query_that_can_not_be_asked_is_an_error(kept_world: Store, query: Node) -> None:
    with pytest.raises(QueryError):
        kept_world.search(SearchRequest(query))
    with pytest.raises(QueryError):
        list(kept_world.scan(query))


@pytest.mark.parametrize("request_", [SearchRequest(sort="random"), SearchRequest(facets=("colour",))], ids=str)
def test_an_unknown_order_or_facet_is_an_error(world: Store, request_: SearchRequest) -> None:
    with pytest.raises(QueryError, match=r"random|colour"):
        world.search(request_)


def test_only_the_roles_that_are_named_are_found(world: Store) -> None:
    demand_stems(world)
    put(world, document("wire", "Häuser brennen", role="reference"), document("page", "Haus", role="source"))
    assert found(world, Term(None, "haus")) == ["fire"]
    assert found(world, Term(None, "haus"), roles=("reference",)) == ["wire"]
    assert found(world, Term(None, "haus"), roles=("article", "reference", "source")) == ["fire", "page", "wire"]
    assert found(world, All(), roles=()) == []
    facets = world.search(SearchRequest(Term(None, "haus"), facets=("site",))).facets
    assert facets == {"site": (("kurier", 1),)}


def test_the_newest_or_oldest_come_first(world: Store) -> None:
    newest = [hit.document.id for hit in world.search(SearchRequest(sort="newest")).hits]
    assert newest == ["polish", "runs", "daily", "light", "fire"]
    assert [hit.document.id for hit in world.search(SearchRequest(sort="oldest")).hits] == newest[::-1]


def test_a_word_in_the_title_ranks_higher(store: Store) -> None:
    text = "Am Abend kam die Feuerwehr in die Stadt."
    put(store, document("text", "Am Abend", text), document("title", "Feuerwehr", "Am Abend kam sie in die Stadt."))
    hits = store.search(SearchRequest(Term(None, "feuerwehr"))).hits
    assert [hit.document.id for hit in hits] == ["title", "text"]
    assert hits[0].score > hits[1].score > 0


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_show_every_hit_once(store: Store, sort: str) -> None:
    put(store, *(document(f"a{number:02}", text="gleich", at=later(hours=number // 10)) for number in range(45)))
    seen = []
    for offset in range(0, 50, 7):
        page = store.search(SearchRequest(Term(None, "gleich"), sort=sort, limit=7, offset=offset))
        assert page.total == 45
        seen += [hit.document.id for hit in page.hits]
    assert len(seen) == 45
    assert len(set(seen)) == 45


def test_no_hit_is_loaded_when_none_is_wanted(world: Store) -> None:
    result = world.search(SearchRequest(limit=0, facets=("lang",)))
    assert (result.total, result.hits, len(result.facets["lang"])) == (5, (), 5)
    assert world.search(SearchRequest(offset=100)).hits == ()


def test_facets_count_all_hits(store: Store) -> None:
    sites = ["b", "a", "b", "c", "a", "b"]
    put(store, *(document(f"{n}", site=site, at=later(days=n // 2), lang="de") for n, site in enumerate(sites)))
    facets = store.search(SearchRequest(limit=1, facets=("site", "lang", "day"))).facets
    assert facets["site"] == (("b", 3), ("a", 2), ("c", 1))
    assert facets["lang"] == (("de", 6),)
    assert facets["day"] == (("2024-05-16", 2), ("2024-05-17", 2), ("2024-05-18", 2))
    few = store.search(SearchRequest(facets=("site", "day"), facet_size=2)).facets
    assert few == {"site": (("b", 3), ("a", 2)), "day": (("2024-05-17", 2), ("2024-05-18", 2))}


def test_facets_of_equal_count_are_in_order_of_the_value(store: Store) -> None:
    put(store, *(document(site, site=site) for site in ("c", "a", "d", "b")))
    facets = store.search(SearchRequest(facets=("site",), facet_size=3)).facets
    assert facets == {"site": (("a", 1), ("b", 1), ("c", 1))}


def test_days_before_1970_have_their_date(store: Store) -> None:
    put(store, document("old", at=NOW.replace(year=1956, hour=0)))
    assert store.search(SearchRequest(facets=("day",))).facets == {"day": (("1956-05-16", 1),)}
    assert found(store, Range("published", None, NOW.replace(year=1957))) == ["old"]


def test_a_hit_shows_the_matched_words_where_they_stand(world: Store) -> None:
    demand_stems(world)
    hit = world.search(SearchRequest(Term(None, "haus"))).hits[0]
    assert [hit.document.article.title[start:end] for start, end in hit.title_marks] == ["Häuser"]
    assert [part.text[start:end] for part in hit.snippets for start, end in part.marks] == ["Häuser"]
    for part in hit.snippets:
        assert part.text in hit.document.article.text


def test_without_highlight_a_hit_has_no_passages(world: Store) -> None:
    hit = world.search(SearchRequest(Term(None, "häuser"), highlight=False)).hits[0]
    assert (hit.snippets, hit.title_marks) == ((), ())


def test_a_changed_article_is_found_by_its_new_words_alone(world: Store) -> None:
    put(world, document("fire", "Entwarnung", "Alles gut.", revision=2))
    assert found(world, Term(None, "entwarnung")) == ["fire"]
    assert found(world, Term(None, "feuerwehr")) == []
    assert found(world, All()) == sorted(one.id for one in WORLD)


def test_the_hit_is_the_article_as_it_is_now(world: Store) -> None:
    newer = document("fire", "Entwarnung", "Alles gut.", revision=2)
    again(world.file, changes(newer))
    for hit in world.search(SearchRequest(Term("id", "fire"))).hits:
        assert hit.document.id == "fire"
    world.refresh()
    assert world.search(SearchRequest(Term("id", "fire"))).hits[0].document == newer


def test_ids_that_differ_in_case_are_two_articles(store: Store) -> None:
    put(store, document("A1", "Montag"), document("a1", "Dienstag"))
    put(store, document("a1", "Mittwoch", revision=2))
    assert found(store, All()) == ["A1", "a1"]
    assert found(store, Term(None, "montag")) == ["A1"]


@pytest.mark.parametrize("word", ["x" * 99, "x" * 100, "x" * 101, "x" * 70_000, "字" * 12_000, "ß" * 60])
def test_a_word_of_any_length_is_stored_and_found(store: Store, word: str) -> None:
    put(store, document("long", text=f"vorher {word} nachher"), document("other"))
    assert found(store, Term(None, word[:500] if word[0] == "字" else word)) == ["long"]
    assert found(store, Term(None, "nachher")) == ["long"]
    assert found(store, Prefix(None, word[:20])) == ["long"]


def test_an_empty_article_is_no_obstacle(store: Store) -> None:
    put(store, document("empty", "", "", lang="und"), document("other"))
    assert found(store, All()) == ["empty", "other"]
    assert store.search(SearchRequest(Term("id", "empty"))).hits[0].snippets == ()


def test_a_search_of_an_empty_store_finds_nothing(store: Store) -> None:
    assert found(store, All()) == []
    assert list(store.scan(Term(None, "x"))) == []
    assert store.search(SearchRequest(facets=("site", "day"))).facets == {"site": (), "day": ()}
