"""The page it all began with: a picture's credit alone, and an agency by the page behind its source link."""

from __future__ import annotations

from dataclasses import replace

from monitor.extract import extract
from monitor.filing import first_document
from monitor.records import Analysis, Article, Comparison, Document, Language
from monitor.sources import Context, find_origin, join, load_agencies, local_evidence
from tests.extract.making import fixture, page


def filed(article: Article) -> Document:
    local = local_evidence(article, "de", load_agencies())
    analysis = Analysis(article, Language("de", 0.9, "text"), "hash", evidence=local.evidence)
    return first_document(analysis)


def test_alone_it_yields_the_pictures_credit_and_with_the_page_behind_its_link_the_agency() -> None:
    body, expected = fixture("aggregator-de")
    copy = filed(extract(page(body, url=expected["url"])))
    (link,) = expected["source_links"]

    alone = join(copy, Context(), find_origin(copy, Context()), None)
    assert alone.photo_agencies == ("dpa",)
    assert (alone.agencies, alone.credited) == ((), False)
    assert (alone.origin.url, alone.origin.how) == (link, "link")

    behind = f"<html><body><article><h1>{expected['title']}</h1>" + "".join(
        f"<p>{text}{' (dpa)' if text == expected['text'][-1] else ''}</p>" for text in expected["text"]
    )
    origin_page = replace(filed(extract(page(behind.encode() + b"</article></body></html>", url=link))), story="s")
    context = Context(linked=(origin_page,))
    origin = find_origin(copy, context)
    assert (origin.article_id, origin.how) == (origin_page.id, "link")
    found = join(copy, context, origin, Comparison(1.0, 0.0, 0, 300))
    assert [one.id for one in found.agencies if one.confidence >= 0.5] == ["dpa"]
    assert [(one.kind, one.agency, one.quote, one.url) for one in found.evidence if one.kind == "link"] == [
        ("link", "dpa", "(dpa)", link)
    ]
    assert found.photo_agencies == ("dpa",)
