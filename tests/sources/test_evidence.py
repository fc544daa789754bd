"""What an article's own page says of its source: by place, with exact quotes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.records import Article, Caption, Evidence, Line, Structured
from monitor.sources import credit, load_agencies, local_evidence, photo_agencies
from tests.sources.making import PROSE, an_article

TABLE = load_agencies()


def found(language: str = "de", text: str = PROSE, **more: Any) -> list[Evidence]:
    return list(local_evidence(an_article(text, **more), language, TABLE).evidence)


def places(evidence: list[Evidence], kind: str = "text") -> dict[str, str]:
    return {one.where: one.agency for one in evidence if one.kind == kind}


@pytest.mark.parametrize(
    ("more", "where", "agency"),
    [
        ({"structured": Structured(jsonld_authors=("Deutsche Presse-Agentur",))}, "json-ld-author", "dpa"),
        ({"structured": Structured(meta_authors=("Ann Leaf, Associated Press",))}, "meta-author", "ap"),
        ({"structured": Structured(publisher="Associated Press")}, "publisher", "ap"),
        ({"authors": ("AFP",)}, "author", "afp"),
        ({"lines": (Line("Von Jana Kern, dpa", "byline"),)}, "byline", "dpa"),
        ({"lines": (Line("Bron: BELGA", "source"),)}, "source", "belga"),
        ({"lines": (Line("(Quelle: APA)", "trailer"),)}, "trailer", "apa"),
        ({"lines": (Line("BERLIN (dpa) -", "dateline"),)}, "dateline", "dpa"),
        ({"lines": (Line("© 2019 Associated Press. All Rights Reserved.", "copyright"),)}, "copyright", "ap"),
        ({"lines": (Line("© dpa-infocom, dpa:240516-99-53606/3 (dpa)", "byline"),)}, "dispatch-id", "dpa"),
        ({"text": f"BERLIN (dpa) - {PROSE}"}, "dateline", "dpa"),
        ({"text": f"{PROSE} (dpa)"}, "trailer", "dpa"),
        ({"text": f"{PROSE}\n\nMit Material von dpa"}, "note", "dpa"),
        ({"text": f"{PROSE}\n\n(Reporting by Ann Leaf; Editing by Tom Stone)"}, "reporting", "reuters"),
        ({"url": "https://www.afp.com/en/1"}, "own-site", "afp"),
        ({"role": "reference", "structured": Structured(publisher="europapress")}, "reference", "europapress"),
    ],
)
def test_each_place_of_a_text_credit(more: dict[str, Any], where: str, agency: str) -> None:
    evidence = found(**more)
    assert places(evidence)[where] == agency
    assert {one.id for one in credit(evidence) if one.confidence >= 0.5} == {agency}


def test_a_stated_author_agency_and_name_is_a_photographer() -> None:
    evidence = found(structured=Structured(jsonld_authors=("AFP/Paul Ellis",)))
    assert (credit(evidence), photo_agencies(evidence)) == ((), ("afp",))


def test_a_picture_says_nothing_of_the_text() -> None:
    evidence = found(captions=(Caption("Die Brücke.", "-/Stadt/dpa"), Caption("The bridge (AP Photo/Ann Leaf)")))
    assert credit(evidence) == ()
    assert photo_agencies(evidence) == ("dpa", "ap")
    assert places(evidence, "photo") == {"caption": "ap"} or evidence[0].quote == "-/Stadt/dpa"


def test_a_mention_is_no_credit_and_told_once() -> None:
    evidence = found(text=f"{PROSE}\n\nDas sagte er der dpa. Die dpa fragte nach.\n\n{PROSE}")
    assert [(one.kind, one.agency) for one in evidence] == [("mention", "dpa")]
    assert credit(evidence) == ()


def test_two_letters_need_the_language_or_the_full_name() -> None:
    line = (Line("AA", "source"),)
    assert places(found("tr", lines=line)) == {"source": "aa"}
    assert places(found("en", lines=line)) == {}
    assert places(found("und", lines=line)) == {}
    assert places(found("en", lines=(*line, Line("Anadolu Agency", "byline")))) == {"source": "aa", "byline": "aa"}


def test_a_list_of_agencies_below_the_text_is_a_menu() -> None:
    names = ("Associated Press", "Reuters", "AFP")
    assert places(found("en", lines=tuple(Line(name, "trailer") for name in names))) == {}


def test_dispatch_numbers_are_kept_without_their_revision() -> None:
    local = local_evidence(an_article(f"{PROSE}\n\ndpa:240516-99-53606/3\n\ndpa:240516-99-53606/4"), "de", TABLE)
    assert local.dispatches == ("dpa:240516-99-53606",)


def test_places_that_agree_make_it_surer_but_never_certain() -> None:
    one = credit(found(text=f"{PROSE} (dpa)"))[0].confidence
    two = credit(found(text=f"{PROSE} (dpa)", authors=("dpa",)))[0].confidence
    assert 0.5 <= one < two <= 0.99


def test_unnamed_agencies_beside_a_named_one_add_nothing() -> None:
    assert [c.id for c in credit(found(text=f"{PROSE}\n\nMit Material von dpa und anderen Agenturen"))] == ["dpa"]


_PIECES = (
    "dpa AFP (dpa) Reuters - – / , Von By Quelle: BERLIN © 2024 Foto: Mia Lang mit Material von AP AA 共同 연합뉴스 "
    "ТАСС Agenturen . ( ) [ ] Reporting Editing by ; dpa:240516-99-53606/3 İHA \n\n \n"
)
_WORDS = st.sampled_from(_PIECES.split(" "))
_TEXTS = st.one_of(st.text(max_size=300), st.lists(_WORDS, max_size=40).map(" ".join))


@given(text=_TEXTS, line=_TEXTS, caption=_TEXTS, author=_TEXTS, where=st.sampled_from(["byline", "source", "trailer"]))
def test_any_text_is_read_and_every_quote_stands_where_it_came_from(
    text: str, line: str, caption: str, author: str, where: str
) -> None:
    article = Article(
        "a", "https://bote.example/a", "bote", "", text, an_article().fetched_at,
        lines=(Line(line, where), Line(line, "copyright")), captions=(Caption(caption, ""), Caption("", caption)),
        authors=(author,), structured=Structured(jsonld_authors=(author,), publisher=author),
    )  # fmt: skip
    for language in ("de", "tr", "und", ""):
        local = local_evidence(article, language, TABLE)
        assert local == local_evidence(article, language, TABLE)
        for one in local.evidence:
            assert one.agency in TABLE
            assert 0 <= one.weight <= 1
            assert any(one.quote in source for source in (text, line, caption, author)), one
        assert all(0 <= c.confidence <= 0.99 for c in credit(local.evidence))
