"""Local evidence joined with link, story, references and decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from monitor.records import Comparison, Decision, Document, SourceTrace, Structured
from monitor.sources import Context, TraceSettings, find_origin, join
from tests.sources.making import PROSE, a_document, a_link, an_edge, hours

WIRE = f"Oderfeld (dpa) - {PROSE}"
SAME = Comparison(kept=0.96, added=0.04, changed=1, longest_run=44)


def trace(document: Document, comparison: Comparison | None = None, **context: Any) -> SourceTrace:
    known = Context(**context)
    return join(document, known, find_origin(document, known), comparison)


def decision(verb: str, agency: str, *, hour: float = 9) -> Decision:
    return Decision(f"d-{verb}-{hour}", "a", verb, agency, "Ada", hours(hour))


def credits_of(found: SourceTrace) -> dict[str, float]:
    return {one.id: one.confidence for one in found.agencies}


def test_a_page_alone_says_what_it_says_itself() -> None:
    found = trace(a_document(text=WIRE))
    assert (found.kind, found.credited, found.uncredited_reuse) == ("agency", True, False)
    assert credits_of(found) == {"dpa": pytest.approx(0.95)}
    assert found.origin.url == ""
    assert found.lag_seconds is None


def test_a_page_behind_the_source_link_that_credits_an_agency_credits_it_for_the_copy() -> None:
    page = a_document("origin", f"{PROSE} (dpa)", url="https://origin.example/x", at=hours(-2))
    copy = a_document("copy", source_links=(a_link("https://origin.example/x"),))
    alone = trace(copy)
    assert alone.agencies == ()
    assert (alone.origin.url, alone.origin.how, alone.origin.article_id) == ("https://origin.example/x", "link", "")
    found = trace(copy, SAME, linked=(page,))
    assert credits_of(found)["dpa"] >= 0.5
    (evidence,) = [one for one in found.evidence if one.kind == "link"]
    assert (evidence.agency, evidence.quote, evidence.url) == ("dpa", "(dpa)", "https://origin.example/x")
    assert (found.origin.article_id, found.origin.how) == ("origin", "link")
    assert found.lag_seconds == 7200
    assert (found.share_kept, found.share_added, found.words_changed) == (0.96, 0.04, 1)
    assert (found.kind, found.credited, found.uncredited_reuse) == ("agency", True, False)


def test_a_mention_or_a_picture_behind_the_source_link_credits_nobody() -> None:
    page = a_document("origin", f"{PROSE} Das sagte der Rat der dpa am Montag.", url="https://origin.example/x")
    found = trace(a_document("copy", source_links=(a_link("https://origin.example/x"),)), linked=(page,))
    assert found.agencies == ()


def test_a_link_to_background_with_another_text_credits_nobody() -> None:
    page = a_document("origin", f"{PROSE} (dpa)", url="https://origin.example/x")
    copy = a_document("copy", source_links=(a_link("https://origin.example/x"),))
    found = trace(copy, Comparison(kept=0.05, added=0.95, changed=0), linked=(page,))
    assert all(one.confidence < 0.5 for one in found.agencies)
    assert found.kind != "agency"


def test_a_source_link_to_an_agency_itself_is_a_credit_even_unfetched() -> None:
    found = trace(a_document(source_links=(a_link("https://www.afp.com/en/news/1"),)))
    assert credits_of(found) == {"afp": pytest.approx(0.8)}


def test_a_link_to_the_own_host_is_no_origin() -> None:
    document = a_document("a", site="bote", source_links=(a_link("https://www.bote.example/other"),))
    assert find_origin(document, Context()).how == ""


def test_a_reference_wire_is_the_origin_before_all_else() -> None:
    wire = a_document("wire", PROSE, role="reference", site="dpa", at=hours(-1), structured=Structured(publisher="dpa"))
    linked = a_document("origin", url="https://origin.example/x")
    copy = a_document("copy", source_links=(a_link("https://origin.example/x"),))
    edge = an_edge("copy", "wire", 0.9, 0.8)
    found = trace(copy, references=((wire, edge),), linked=(linked,), matches=(edge,))
    assert (found.origin.article_id, found.origin.how) == ("wire", "reference")
    assert credits_of(found)["dpa"] >= 0.9
    assert (found.kind, found.credited, found.uncredited_reuse) == ("agency", False, True)
    assert any(one.kind == "reference" and one.agency == "dpa" for one in found.evidence)


def test_an_agency_named_by_its_dispatch_number_is_the_origin_of_its_copies() -> None:
    number = "© dpa-infocom, dpa:240516-99-53606/{}"
    first = a_document("first", f"{PROSE}\n\n{number.format(2)}", at=hours(-3))
    copy = a_document("copy", f"{PROSE}\n\n{number.format(3)}")
    assert first.dispatches == copy.dispatches == ("dpa:240516-99-53606",)
    assert find_origin(copy, Context(same_dispatch=(first, copy))).how == "id"
    assert find_origin(first, Context(same_dispatch=(first, copy))).how == ""


def test_the_earliest_member_that_credits_an_agency_is_the_origin() -> None:
    members = (
        a_document("root", at=hours(-5)),
        a_document("late", WIRE, at=hours(-1)),
        a_document("early", WIRE, at=hours(-2)),
    )
    origin = find_origin(a_document("copy"), Context(members=members))
    assert (origin.article_id, origin.how) == ("early", "agency-member")


def test_without_any_agency_the_earliest_member_is_the_origin_and_the_root_has_none() -> None:
    root, copy = a_document("root", at=hours(-5)), a_document("copy")
    assert find_origin(copy, Context(members=(root, copy))).how == "earliest"
    assert find_origin(root, Context(members=(root, copy))).how == ""


@pytest.fixture
def credited() -> Document:
    return a_document("credited", WIRE, at=hours(-2))


def test_text_of_an_earlier_credited_article_without_its_credit_is_uncredited_reuse(credited: Document) -> None:
    found = trace(a_document("copy"), SAME, members=(credited,), matches=(an_edge("credited", "copy", 0.9, 0.95),))
    assert found.uncredited_reuse
    assert not found.credited
    (evidence,) = [one for one in found.evidence if one.kind == "cluster"]
    assert (evidence.agency, evidence.url) == ("dpa", credited.article.url)


@pytest.mark.parametrize(
    ("text", "edge"),
    [
        (f"{PROSE} (dpa)", an_edge("copy", "credited", 0.9, 0.9)),  # credits it
        (f"{PROSE} (Agenturen)", an_edge("copy", "credited", 0.9, 0.9)),  # credits agencies
        (PROSE, an_edge("copy", "credited", 0.9, 0.9, "quote")),  # a quotation
        (PROSE, an_edge("copy", "credited", 0.3, 0.4, "contained")),  # too small a share
    ],
)
def test_what_is_no_uncredited_reuse(credited: Document, text: str, edge: Any) -> None:
    assert not trace(a_document("copy", text), members=(credited,), matches=(edge,)).uncredited_reuse


def test_a_few_words_are_no_reuse(credited: Document) -> None:
    edge = an_edge("copy", "credited", 0.9, 0.9)
    settings = TraceSettings(reuse_words=500)
    assert not trace(a_document("copy"), members=(credited,), matches=(edge,), settings=settings).uncredited_reuse


def test_the_earlier_article_reuses_nothing() -> None:
    later = a_document("later", WIRE, at=hours(3))
    found = trace(a_document("copy"), members=(later,), matches=(an_edge("copy", "later", 0.9, 0.9),))
    assert not found.uncredited_reuse
    assert all(one.confidence < 0.5 for one in found.agencies)


def test_members_do_not_confirm_each_other_in_a_circle(credited: Document) -> None:
    edge = an_edge("copy", "credited", 0.9, 0.9)
    copy = a_document("copy")
    joined = trace(copy, members=(credited,), matches=(edge,))
    copy = replace(copy, source=joined)
    third = a_document("third", at=hours(2))
    found = trace(third, members=(copy,), matches=(an_edge("third", "copy", 0.9, 0.9),))
    assert found.agencies == ()
    assert not found.uncredited_reuse


def test_what_people_decided_stands_above_the_evidence() -> None:
    document = a_document(text=WIRE)
    rejected = trace(document, decisions=(decision("reject-credit", "dpa"),))
    assert rejected.agencies == ()
    assert (rejected.kind, rejected.credited) == ("unknown", False)
    assert any(one.kind == "decision" and "Ada" in one.quote for one in rejected.evidence)
    confirmed = trace(a_document(), decisions=(decision("confirm-credit", "afp"),))
    assert (credits_of(confirmed), confirmed.kind) == ({"afp": 1.0}, "agency")
    assert (confirmed.credited, confirmed.uncredited_reuse) == (False, True)  # the page still names nobody
    agreed = trace(document, decisions=(decision("confirm-credit", "dpa"),))
    assert (agreed.credited, agreed.uncredited_reuse) == (True, False)
    turned = (decision("confirm-credit", "dpa", hour=10), decision("reject-credit", "dpa"))
    assert credits_of(trace(document, decisions=turned)) == {"dpa": 1.0}


def test_a_rejected_agency_is_no_uncredited_reuse(credited: Document) -> None:
    edge = an_edge("copy", "credited", 0.9, 0.9)
    found = trace(
        a_document("copy"), members=(credited,), matches=(edge,), decisions=(decision("reject-credit", "dpa"),)
    )
    assert not found.uncredited_reuse


def test_licences_are_asked_for_each_agency_at_the_time_of_publication() -> None:
    asked: list[tuple[str, str]] = []

    def licence(agency: str, site: str, at: datetime) -> bool | None:
        asked.append((agency, site))
        return {"dpa": True, "afp": False}.get(agency)

    assert trace(a_document(text=WIRE, site="bote"), licence=licence).licensed is True
    assert trace(a_document(text=f"{PROSE} (dpa/AFP)"), licence=licence).licensed is False
    assert trace(a_document(text=f"{PROSE} (Reuters)"), licence=licence).licensed is None
    assert trace(a_document(), licence=licence).licensed is None
    assert asked[0] == ("dpa", "bote")


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"text": f"{PROSE} (dpa)"}, "agency"),
        ({"text": f"{PROSE} (dpa)", "authors": ("Max Muster",)}, "mixed"),
        ({"text": f"{PROSE}\n\nMit Material von dpa"}, "mixed"),
        ({"text": f"{PROSE} (ino/dpa)"}, "mixed"),
        ({"text": f"{PROSE} (dpa/lno)"}, "agency"),
        ({"text": WIRE, "authors": ("Max Muster",)}, "agency"),  # the dateline is the author's, too
        ({"authors": ("Max Muster", "dpa"), "structured": Structured(jsonld_authors=("Max Muster, dpa",))}, "agency"),
        ({"authors": ("Max Muster", "dpa"), "structured": Structured(jsonld_authors=("Max Muster", "dpa"))}, "mixed"),
        ({"authors": ("Max Muster",)}, "own"),
        ({"text": f"{PROSE} (Agenturen)"}, "agency"),
        ({}, "unknown"),
    ],
)
def test_kind_tells_agency_mixed_own_and_unknown(more: dict[str, Any], kind: str) -> None:
    assert trace(a_document(**more)).kind == kind


def test_lag_is_none_where_the_origin_is_later() -> None:
    page = a_document("origin", url="https://origin.example/x", at=hours(4))
    found = trace(a_document("copy", source_links=(a_link("https://origin.example/x"),)), linked=(page,))
    assert found.lag_seconds is None
