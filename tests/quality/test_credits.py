"""Floors of attribution on labelled cases written for the project, and on real pages where they lie beside it."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.extract import extract
from monitor.filing import first_document
from monitor.records import Analysis, Article, Hint, Language, Origin, Page
from monitor.sources import Context, credit, join, load_agencies, local_evidence, photo_agencies
from tests.extract.making import FETCHED
from tests.quality import agency_pages

FILE = Path(__file__).with_name("credits.yaml")
# Measured on 421 cases: every agency found, none too many, every picture and kind. At first sight, before the rules
# were mended by them: 113 cases with 5 errors; 154 with recall 0.85 and precision 0.99; 105, most of them traps, with
# recall 0.98 and precision 0.81; the last 45 with 0.94 and 1.00.
PRECISION, RECALL, PICTURES, KINDS = 0.99, 0.98, 0.95, 0.95


@cache
def cases() -> list[dict[str, Any]]:
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for case in data["cases"]:
        first, second = data["prose"][case["lang"]]
        for key in ("text", "html"):
            if key in case:
                case[key] = case[key].replace("{1}", first).replace("{2}", second)
    return list(data["cases"])


def article_of(case: dict[str, Any]) -> Article:
    title = case.get("title", "Die neue Brücke kommt" if case["lang"] == "de" else "A new bridge it is")
    url = case.get("url", "https://bote.example/2024/bridge")
    if "text" in case:
        body, kind = case["text"], "text"
    else:
        head = f"<head><meta charset='utf-8'><title>{title}</title></head>"
        body, kind = f"<html>{head}<body><article><h1>{title}</h1>{case['html']}</article></body></html>", "page"
    hint = Hint(title=title) if kind == "text" else Hint()
    page = Page(url=url, site="bote", body=body.encode(), fetched_at=FETCHED, kind=kind, hint=hint)
    return extract(page, min_words=5)


def judged(case: dict[str, Any], article: Article) -> tuple[set[str], set[str], str]:
    """(text agencies, picture agencies, kind)."""
    table = load_agencies()
    local = local_evidence(article, case["lang"], table)
    credited = {one.id for one in credit(local.evidence) if one.confidence >= 0.5}
    language = Language(case["lang"], 0.9, "text")
    document = first_document(Analysis(article, language, "hash", evidence=local.evidence))
    trace = join(document, Context(), Origin(), None)
    return credited, set(photo_agencies(local.evidence)) - credited, trace.kind


def test_there_are_enough_cases_languages_and_bare_texts() -> None:
    assert len(cases()) >= 415
    assert len({case["lang"] for case in cases()}) >= 16
    assert sum("text" in case for case in cases()) >= len(cases()) / 2
    assert sum(not case["agencies"] for case in cases()) >= 80  # traps


def test_attribution_stays_above_its_floors() -> None:
    counts: Counter[str] = Counter()
    errors = []
    for case in cases():
        text, photos, kind = judged(case, article_of(case))
        wanted, pictures = set(case["agencies"]), set(case.get("photos", []))
        counts["right"] += len(text & wanted)
        counts["false"] += len(text - wanted)
        counts["missed"] += len(wanted - text)
        counts["pictures"] += len(photos & pictures)
        counts["pictures wrong"] += len(photos ^ pictures)
        counts["kinds"] += "kind" in case
        counts["kinds right"] += case.get("kind") == kind
        if text != wanted or photos != pictures or case.get("kind", kind) != kind:
            errors.append(f"{case['lang']} {case['name']}: {text} {photos} {kind}, labelled {case}")
    report = "\n".join(errors)
    assert counts["right"] >= PRECISION * (counts["right"] + counts["false"]), report
    assert counts["right"] >= RECALL * (counts["right"] + counts["missed"]), report
    assert counts["pictures"] >= PICTURES * (counts["pictures"] + counts["pictures wrong"]), report
    assert counts["kinds right"] >= KINDS * counts["kinds"], report


def test_a_text_handed_in_without_extraction_is_read_alike() -> None:
    wrong = []
    for case in cases():
        if "text" in case:
            bare = Article("a", "https://bote.example/a", "bote", "", case["text"], FETCHED)
            text, _, _ = judged(case, bare)
            if text != set(case["agencies"]):
                wrong.append(f"{case['lang']} {case['name']}: {text}")
    assert len(wrong) <= (1 - RECALL) * len(cases()), "\n".join(wrong)


@pytest.mark.slow
def test_real_pages_stay_above_the_floors(shared: Path) -> None:
    text, picture = agency_pages.measure(agency_pages.pages(shared / "pages"), load_agencies())
    assert text.pages_false <= agency_pages.MOST_FALSE, text.errors
    assert text.pages_found >= agency_pages.LEAST_FOUND, text.errors
    assert picture.precision >= agency_pages.PICTURE_PRECISION, picture.errors
    assert picture.recall >= agency_pages.PICTURE_RECALL, picture.errors
