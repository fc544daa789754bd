"""What attribution makes of labelled cases and pages: extracted once, judged many times."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from monitor.records import Article
from monitor.sources import load_agencies
from tests.quality import agency_pages
from tests.quality.test_credits import article_of, cases, judged

COLUMNS = {
    "case_precision": "precision on cases",
    "case_recall": "recall on cases",
    "pictures_wrong": "pictures wrong",
    "kinds_wrong": "kinds wrong",
    "page_precision": "precision on pages",
    "page_recall": "recall on pages",
    "photo_precision": "pictures' precision",
    "photo_recall": "pictures' recall",
}


class Credits:
    """The cases of credits.yaml, and pages with labels."""

    def __init__(self, folder: Path | None) -> None:
        self._cases = [(case, article_of(case)) for case in cases()]
        self._pages: list[tuple[dict[str, Any], Article]] = list(agency_pages.pages(folder)) if folder else []

    def measure(self) -> dict[str, float]:
        """By COLUMNS; wrong ones are counts."""
        counts: Counter[str] = Counter()
        for case, article in self._cases:
            text, photos, kind = judged(case, article)
            wanted = set(case["agencies"])
            counts["right"] += len(text & wanted)
            counts["false"] += len(text - wanted)
            counts["missed"] += len(wanted - text)
            counts["pictures_wrong"] += len(photos ^ set(case.get("photos", [])))
            counts["kinds_wrong"] += case.get("kind", kind) != kind
        found = {
            "case_precision": counts["right"] / (counts["right"] + counts["false"] or 1),
            "case_recall": counts["right"] / (counts["right"] + counts["missed"] or 1),
            "pictures_wrong": float(counts["pictures_wrong"]),
            "kinds_wrong": float(counts["kinds_wrong"]),
        }
        if self._pages:
            text_score, pictures = agency_pages.measure(self._pages, load_agencies())
            found |= {"page_precision": text_score.precision, "page_recall": text_score.recall}
            found |= {"photo_precision": pictures.precision, "photo_recall": pictures.recall}
        return {name: round(value, 4) for name, value in found.items()}
