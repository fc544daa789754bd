from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.query import (
    All,
    Bool,
    Node,
    Phrase,
    Prefix,
    Range,
    Term,
    parse,
    read_moment,
    show,
    with_filters,
)

NOW = datetime(2024, 5, 16, 13, 45, 30, tzinfo=UTC)  # a Thursday


def t(text: str, field: str | None = None) -> Term:
    return Term(field, text)


def day(year: int, month: int, number: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, number, hour, minute, second, tzinfo=UTC)


a, b, c, d = t("a"), t("b"), t("c"), t("d")

READ: list[tuple[str, Node]] = [
    ("", All()),
    ("   ", All()),
    ("*", All()),
    ("*:*", All()),
    ("kreml", t("kreml")),
    ("a b", Bool(must=(a, b))),
    ("a AND b", Bool(must=(a, b))),
    ("a && b", Bool(must=(a, b))),
    ("a OR b", Bool(should=(a, b))),
    ("a || b", Bool(should=(a, b))),
    ("a OR b OR c", Bool(should=(a, b, c))),
    ("a b OR c d", Bool(should=(Bool(must=(a, b)), Bool(must=(c, d))))),
    ("a AND b OR c", Bool(should=(Bool(must=(a, b)), c))),
    ("a OR b AND c", Bool(should=(a, Bool(must=(b, c))))),
    ("a (b OR c)", Bool(must=(a, Bool(should=(b, c))))),
    ("((a))", a),
    ("NOT a", Bool(must_not=(a,))),
    ("-a", Bool(must_not=(a,))),
    ("!a", Bool(must_not=(a,))),
    ("-a -b", Bool(must_not=(a, b))),
    ("a NOT b", Bool(must=(a,), must_not=(b,))),
    ("a AND NOT b", Bool(must=(a,), must_not=(b,))),
    ("a -(b c)", Bool(must=(a,), must_not=(Bool(must=(b, c)),))),
    ("a OR NOT b", Bool(should=(a, Bool(must_not=(b,))))),
    ("NOT NOT a", Bool(must_not=(Bool(must_not=(a,)),))),
    ("+a", a),
    ("+a +b", Bool(must=(a, b))),
    ("+a b -c", Bool(must=(a,), should=(b,), must_not=(c,))),
    ("+a b AND c", Bool(must=(a, b, c))),
    ("+a b OR c", Bool(should=(Bool(must=(a,), should=(b,)), c))),
    ('"den Kreml"', Phrase(None, "den Kreml")),
    ('"den Kreml"~3', Phrase(None, "den Kreml", 3)),
    ("“den Kreml”", Phrase(None, "den Kreml")),
    ("haus*", Prefix(None, "haus")),
    ("title:kreml", t("kreml", "title")),
    ("title: kreml", t("kreml", "title")),
    ("-title:a", Bool(must_not=(t("a", "title"),))),
    ("title:-a", Bool(must_not=(t("a", "title"),))),
    ('title:(a OR "b c")', Bool(should=(t("a", "title"), Phrase("title", "b c")))),
    ("title:(a author:b)", Bool(must=(t("a", "title"), t("b", "author")))),
    ("title:haus*", Prefix("title", "haus")),
    ("site:(x OR y)", Bool(should=(t("x", "site"), t("y", "site")))),
    ('site:"x y"', t("x y", "site")),
    ("dpa-infocom", t("dpa-infocom")),
    ("C++", t("C++")),
    ("AC/DC", t("AC/DC")),
    ("a!b", t("a!b")),
    ("l'été", t("l'été")),
    (r"\+1", t("+1")),
    (r"\AND", t("AND")),
    ("and or not", Bool(must=(t("and"), t("or"), t("not")))),
    ("a TO b", Bool(must=(a, t("TO"), b))),
    (r"12\:30", t("12:30")),
    (r"haus\*", t("haus*")),
    (r"a\ b", t("a b")),
    (r'"say \"a\""', Phrase(None, 'say "a"')),
    (r"url:https\://example.org/x", t("https://example.org/x", "url")),
    (r"url:https\://example.org/sport*", Prefix("url", "https://example.org/sport")),
    ('url:"https://example.org/x?a=1"', t("https://example.org/x?a=1", "url")),
    ("北京日报", t("北京日报")),
]


@pytest.mark.parametrize(("text", "tree"), READ, ids=[text for text, _ in READ])
def test_a_query_is_read_as_this_tree_and_shown_as_text_that_reads_the_same(text: str, tree: Node) -> None:
    assert parse(text) == tree
    assert parse(show(tree)) == tree


DATES = [
    ("published:2024-05-16", day(2024, 5, 16), day(2024, 5, 17), True, False),
    ("published:16/05/2024", day(2024, 5, 16), day(2024, 5, 17), True, False),
    ("published:16.5.2024", day(2024, 5, 16), day(2024, 5, 17), True, False),
    ("published:2024-02", day(2024, 2, 1), day(2024, 3, 1), True, False),
    ("published:2024", day(2024, 1, 1), day(2025, 1, 1), True, False),
    ("published:2024-05-16T12:30", day(2024, 5, 16, 12, 30), day(2024, 5, 16, 12, 31), True, False),
    ("published:2024-05-16T12:30:00Z", day(2024, 5, 16, 12, 30), day(2024, 5, 16, 12, 30, 1), True, False),
    ("published:2024-05-16T12:30+02:00", day(2024, 5, 16, 10, 30), day(2024, 5, 16, 10, 31), True, False),
    ("published:2024-05-16T12:30:00-0230", day(2024, 5, 16, 15), day(2024, 5, 16, 15, 0, 1), True, False),
    ('published:"16.5.2024 12:30"', day(2024, 5, 16, 12, 30), day(2024, 5, 16, 12, 31), True, False),
    ("published:now/d", day(2024, 5, 16), day(2024, 5, 17), True, False),
    ("published:now/w", day(2024, 5, 13), day(2024, 5, 20), True, False),
    ("published:now-1M/M", day(2024, 4, 1), day(2024, 5, 1), True, False),
    ("published:[2024-01-01 TO 2024-02-01}", day(2024, 1, 1), day(2024, 2, 1), True, False),
    ("published:[2024-01-01 TO 2024-02-01]", day(2024, 1, 1), day(2024, 2, 2), True, False),
    ("published:{2024-01-01 TO 2024-02-01]", day(2024, 1, 2), day(2024, 2, 2), True, False),
    ("published:[now-7d TO now]", NOW - timedelta(days=7), NOW, True, True),
    ("published:{now-7d TO now}", NOW - timedelta(days=7), NOW, False, False),
    ("published:[now-7d/d TO now/d]", day(2024, 5, 9), day(2024, 5, 17), True, False),
    ("published:[now/d+8h TO *]", day(2024, 5, 16, 8), None, True, True),
    ("published:[* TO 2024-02-01}", None, day(2024, 2, 1), True, False),
    ("published:{* TO *}", None, None, True, True),
    ("published:>=2024-05-16", day(2024, 5, 16), None, True, True),
    ("published:>2024-05-16", day(2024, 5, 17), None, True, True),
    ("published:<2024-05-16", None, day(2024, 5, 16), True, False),
    ("published:<=2024-05-16", None, day(2024, 5, 17), True, False),
    ("published:<=2024-05-16T12:30:00Z", None, day(2024, 5, 16, 12, 30), True, True),
    ("fetched:[2024-05-16T12:30+02:00 TO 2024-05-16T14:00+02:00}", day(2024, 5, 16, 10, 30), day(2024, 5, 16, 12), True,
     False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "low", "high", "include_low", "include_high"), DATES, ids=[row[0] for row in DATES])
def test_dates_are_read_as_a_range(
    text: str, low: datetime | None, high: datetime | None, include_low: bool, include_high: bool
) -> None:
    tree = parse(text, now=NOW)
    assert tree == Range(text.split(":")[0], low, high, include_low, include_high)
    assert parse(show(tree)) == tree


def test_a_day_is_a_day_of_the_readers_zone_also_when_it_has_23_hours() -> None:
    tree = parse("published:2024-03-31", zone="Europe/Berlin")
    assert tree == Range("published", day(2024, 3, 30, 23), day(2024, 3, 31, 22), True, False)
    late = datetime(2024, 5, 16, 22, 30, tzinfo=UTC)  # already the 17th in Berlin
    assert parse("published:now/d", now=late, zone="Europe/Berlin") == Range(
        "published", day(2024, 5, 16, 22), day(2024, 5, 17, 22), True, False
    )


WRONG = [
    # text, column of the caret, part of the message, part of the hint
    ("titel:kreml", 0, "no field 'titel'", "title"),
    ("a AND (b OR quelle:dpa)", 12, "no field 'quelle'", "fields are title"),
    ("Site:x", 0, "no field 'Site'", "site"),
    ("um 12:30 Uhr", 3, "no field '12'", '"12:30"'),
    ("see http://example.org/a b", 4, "address", 'url:"http://example.org/a"'),
    ("url:https://example.org/a", 4, "quotes", 'url:"https://example.org/a"'),
    ('kreml "zu ende', 6, "not closed", '\\"'),
    ("kreml „zu ende", 6, "not closed", ""),
    ('abc"def"', 3, "inside a word", ""),
    ('"a b"c', 5, "blank is missing", ""),
    ('"a b"-c', 5, "blank is missing", ""),
    ("a (b (c d)", 2, "not closed", ""),
    ("a b)", 3, "no ( for this )", ""),
    ("a ()", 2, "empty", ""),
    ("( )", 0, "empty", ""),
    ("a AND", 2, "nothing after AND", ""),
    ("a OR OR b", 2, "nothing after OR", ""),
    ("a || && b", 2, "nothing after ||", ""),
    ("AND a", 0, "nothing before AND", ""),
    ("(OR a)", 1, "nothing before OR", ""),
    ("a NOT", 2, "nothing after NOT", ""),
    ("a -", 2, "nothing after -", ""),
    ("a (b !)", 5, "nothing after !", ""),
    ("Berlin - Paris", 7, "directly before", "\\-"),
    ("a + b", 2, "directly before", ""),
    ("a ! b", 2, "! stands directly before", ""),
    ("title:", 5, "nothing after title:", ""),
    ("a (title:)", 8, "nothing after title:", ""),
    (":b", 0, "no field before", ""),
    ('a "b":c', 5, "no field before", ""),
    ("ha*s", 2, "only stand at the end", "\\*"),
    ("x *haus", 2, "only stand at the end", ""),
    ("haus**", 4, "only stand at the end", ""),
    ("wer?", 3, "? is not supported", "\\?"),
    ("a kremel~", 8, "similar words", ""),
    ("kremel~2", 6, "similar words", ""),
    ('"a b"~', 5, "whole number", ""),
    ('"a b"~1.5', 5, "whole number", ""),
    ('"a b"~99999', 5, "whole number", ""),
    ("a kreml^2", 7, "weigh", ""),
    ("(a b)^", 5, "weigh", ""),
    ("a /kr.*/", 2, "regular expressions", ""),
    ("a /kr", 2, "regular expressions", ""),
    ("rock 'n roll", 5, "apostrophe", ""),
    ("a b\\", 3, "backslash", ""),
    ("a & b", 2, "no word", ""),
    ('a "--"', 2, "no word", ""),
    ('a ""', 2, "no word", ""),
    ('site:" "', 5, "empty", ""),
    ("a title:*", 8, "needs a value", ""),
    ("published:2024-13-01", 10, "no date: month must be in 1..12", "16/05/2024"),
    ("a published:31/02/2024", 12, "no date", ""),
    ("published:gestern", 10, "'gestern' is no date", "now-7d"),
    ("published:[2024-01-01 TO 2024-02-30]", 25, "no date", ""),
    ("published:[now-7x TO now]", 11, "no date", ""),
    ("published:(2024 OR x)", 19, "no date", ""),
    ("published:>=x", 12, "no date", ""),
    ("published:now-999999y", 10, "too far away", ""),
    ("published:0001-01-01", 10, "its year", ""),
    ("published:2024*", 10, "no words that begin so", ""),
    ("published:[2024 TO 2023]", 10, "ends before", ""),
    ("published:{2024 TO 2024}", 10, "ends before", ""),
    ("published:[2024 to 2025]", 16, "written [from TO to]", ""),
    ("published:[2024 TO]", 18, "written [from TO to]", ""),
    ("published:[2024 TO 2025", 10, "not closed", ""),
    ("published:[TO 2025]", 11, "written [from TO to]", ""),
    ("published>=2024", 9, "colon is missing", "published:>=2024"),
    ("a [b TO c]", 2, "field before", ""),
    ("a b]", 3, "no range", ""),
    ("a title:[b TO c]", 8, "has no ranges", "published"),
    ("a > 3", 2, "field before", ""),
    ("published:> ", 10, "no value after >", ""),
    ('site:"x y"~2', 5, "no words", ""),
    ("a copies:many", 9, "'many' is no number", "copies:>=3"),
    ("copies:nan", 7, "is no number", "copies:[2 TO 5]"),
    ("copies:[2 TO x]", 13, "is no number", ""),
    ("copies:3*", 7, "no words that begin so", "copies:3"),
    ("copies:[5 TO 2]", 7, "ends before", ""),
    ("copies>=3", 6, "colon is missing", "copies:>=3"),
    ("credited:perhaps", 9, "credited is true or false", "credited:true"),
    ("credited:t*", 9, "no words that begin so", "credited:true"),
    ("credited:[a TO b]", 9, "has no ranges", "copies"),
    ("a kind:agence", 7, "kind is agency, mixed, own or unknown", "did you mean kind:agency?"),
    ("kind:dpa", 5, "kind is agency, mixed, own or unknown", "kind:agency"),
    ("agencies:dpa", 0, "no field 'agencies'", "agency"),
    ("a" * 10_001, 10_000, "10,000 characters", ""),
    ("(" * 51 + "a" + ")" * 51, 50, "inside each other", ""),
    ("-" * 60 + "a", 50, "inside each other", ""),
    ("title:" * 60 + "a", 300, "inside each other", ""),
    ("x " * 1001, 2000, "1,000 words", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column", "message", "hint"), WRONG, ids=[f"{row[0][:30]}-{row[1]}" for row in WRONG])
def test_an_error_points_at_its_column_and_says_what_to_do(text: str, column: int, message: str, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, now=NOW)
    assert caught.value.column == column, caught.value.pointed()
    assert message in caught.value.message
    assert hint in caught.value.hint
    shown, caret, _ = caught.value.pointed().split("\n")
    assert caret.index("^") == column <= len(shown)


def test_a_thousand_terms_and_fifty_groups_are_still_read() -> None:
    assert parse(" ".join(["x"] * 1000)) == Bool(must=(t("x"),) * 1000)
    assert parse("(" * 50 + "a" + ")" * 50) == a
    alternating = " ".join(f"x{i} {'OR' if i % 2 else 'AND'}" for i in range(900)) + " y"
    assert parse(show(parse(alternating))) == parse(alternating)


NUMBERS = [
    ("copies:5", Range("copies", 5.0, 5.0)),
    ("copies:[-2 TO 10}", Range("copies", -2.0, 10.0, True, False)),
    ("copies:>3", Range("copies", 3.0, None, False, True)),
    ("copies:>=3", Range("copies", 3.0, None)),
    ("copies:<3", Range("copies", None, 3.0, True, False)),
    ("copies:[2 TO *]", Range("copies", 2.0, None)),
    ('copies:"3"', Range("copies", 3.0, 3.0)),
    ("-copies:1", Bool(must_not=(Range("copies", 1.0, 1.0),))),
    ("copies:(1 OR 3)", Bool(should=(Range("copies", 1.0, 1.0), Range("copies", 3.0, 3.0)))),
    ("credited:No", t("false", "credited")),
    ("credited:true", t("true", "credited")),
    ("-credited:yes", Bool(must_not=(t("true", "credited"),))),
    ("kind:mixed", t("mixed", "kind")),
    ("kind:Agency", t("Agency", "kind")),
    ("agency:dpa", t("dpa", "agency")),
    ("photo_agency:(dpa OR afp)", Bool(should=(t("dpa", "photo_agency"), t("afp", "photo_agency")))),
    (r"origin:https\://quelle.example/*", Prefix("origin", "https://quelle.example/")),
    ("story:0123456789abcdef", t("0123456789abcdef", "story")),
]


@pytest.mark.parametrize(("text", "tree"), NUMBERS, ids=[text for text, _ in NUMBERS])
def test_where_a_text_is_from_and_how_often_it_ran_can_be_asked(text: str, tree: Node) -> None:
    assert parse(text) == tree
    assert parse(show(tree)) == tree


def test_threads_do_not_disturb_each_other() -> None:
    texts = [f"title:a{i} (b{i} OR c{i}) -d" for i in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(parse, texts)) == [parse(text) for text in texts]


def test_filters_are_added_and_an_unfiltered_query_stays_as_it_is() -> None:
    since, until = day(2024, 1, 1), day(2024, 2, 1)
    assert with_filters(a) == a
    assert with_filters(All()) == All()
    assert with_filters(All(), langs=["de"]) == t("de", "lang")
    assert with_filters(a, langs=["de", "tr", "de"], sites=["x"], since=since, until=until) == Bool(
        must=(
            a,
            Range("published", since, until, True, False),
            Bool(should=(t("de", "lang"), t("tr", "lang"))),
            t("x", "site"),
        )
    )
    assert with_filters(a, agencies=["dpa"]) == Bool(must=(a, t("dpa", "agency")))
    assert with_filters(All(), since=since) == Range("published", since, None)


def test_a_span_alone_is_so_long_ago() -> None:
    assert read_moment("7d", now=NOW, ago=True).start == NOW - timedelta(days=7)
    with pytest.raises(ValueError, match="no date"):
        read_moment("7d", now=NOW)


# Hypothesis: whatever is typed, and whatever is a query.

_PIECES = st.sampled_from(
    [*"()[]{}\"'\\/:+-!~^*?&|<>= \t\n“„", "AND", "OR", "NOT", "TO", "title:", "published:", "http://", "now-7d", "2024"]
)
_TYPED = st.one_of(
    st.text(max_size=40), st.lists(st.one_of(_PIECES, st.text("aBü1.", max_size=3)), max_size=25).map("".join)
)


@given(_TYPED)
@settings(max_examples=1500, deadline=None)
def test_whatever_is_typed_is_a_tree_or_a_query_error_and_trees_survive_being_shown(text: str) -> None:
    try:
        tree = parse(text, now=NOW, zone="Europe/Berlin")
    except QueryError:
        return
    assert parse(show(tree)) == tree


_WORDS = st.text("abcäß北IŞ0123 :()\"\\*+-!/'&|“?~^<>[]{}.", min_size=1, max_size=8).filter(
    lambda text: any(character.isalnum() for character in text)
)
_NAMES = st.sampled_from([None, "title", "text", "author"])
_TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
_LEAVES = st.one_of(
    st.builds(Term, _NAMES, _WORDS),
    st.builds(Term, st.sampled_from(["site", "url", "id"]), _WORDS.map(str.strip)),
    st.builds(Phrase, _NAMES, _WORDS, st.integers(0, 9)),
    st.builds(Prefix, _NAMES, _WORDS),
    st.builds(lambda one, other: Range("published", min(one, other), max(one, other)), _TIMES, _TIMES),
    st.builds(lambda at: Range("fetched", None, at, True, False), _TIMES),
    st.just(All()),
)


def _bools(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def several(least: int) -> st.SearchStrategy[tuple[Node, ...]]:
        return st.lists(children, min_size=least, max_size=3).map(tuple)

    return st.one_of(
        st.builds(lambda must: Bool(must=must), several(2)),
        st.builds(lambda should: Bool(should=should), several(2)),
        st.builds(lambda must_not: Bool(must_not=must_not), several(1)),
        st.builds(Bool, several(1), several(1), several(0)),
        st.builds(lambda must, must_not: Bool(must=must, must_not=must_not), several(1), several(1)),
    )


@given(st.recursive(_LEAVES, _bools, max_leaves=12))
@settings(max_examples=500, deadline=None)
def test_every_tree_is_shown_as_text_that_reads_as_the_same_tree(tree: Node) -> None:
    assert parse(show(tree)) == tree, show(tree)
