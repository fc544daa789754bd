"""How well text and picture attribution does on real labelled pages: `agency_pages.py ../shared/pages`.

Page-level: a text agency counts as found where the article credits it from confidence 0.5. Picture agencies are
compared without those that also have a text credit, for the labels list picture-only agencies. Exit code 1 under the
floors.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.extract import extract
from monitor.records import Article, Page
from monitor.sources import CREDITED, AgencyTable, credit, load_agencies, local_evidence, photo_agencies

MOST_FALSE, LEAST_FOUND = 1, 32  # pages of text attribution
PICTURE_PRECISION, PICTURE_RECALL = 0.95, 0.92
_FETCHED = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass
class Score:
    """Counts of one kind of attribution, and the errors in words."""

    pages_found: int = 0  # labelled pages with at least one text agency, all of them found
    pages_labelled: int = 0
    pages_false: int = 0
    right: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def add(self, file: str, wanted: set[str], got: set[str], quotes: dict[str, str]) -> None:
        self.pages_labelled += bool(wanted)
        self.pages_found += bool(wanted) and wanted <= got
        self.pages_false += bool(got - wanted)
        self.right.update(wanted & got)
        self.false.update(got - wanted)
        self.missed.update(wanted - got)
        for agency in sorted(got - wanted):
            self.errors.append(f"false   {agency:12} {file}  {quotes.get(agency, '')[:100]}")
        for agency in sorted(wanted - got):
            self.errors.append(f"missed  {agency:12} {file}")

    @property
    def precision(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.false.total())

    @property
    def recall(self) -> float:
        return self.right.total() / max(1, self.right.total() + self.missed.total())


def pages(folder: Path) -> Iterator[tuple[dict[str, Any], Article]]:
    """Label and extracted article of each page."""
    for label in map(json.loads, (folder / "labels.jsonl").open(encoding="utf-8")):
        url = label.get("url") or f"https://pages.example/{label['file']}"
        body = gzip.decompress((folder / label["file"]).read_bytes())
        yield label, extract(Page(url=url, site="real", body=body, fetched_at=_FETCHED))


def labelled(ids: list[str]) -> set[str]:
    """Ids as the product has them: `other:unnamed` is its `unknown`."""
    return {"unknown" if one == "other:unnamed" else one.removeprefix("other:") for one in ids}


def measure(rows: Iterable[tuple[dict[str, Any], Article]], table: AgencyTable) -> tuple[Score, Score]:
    """(text, picture)."""
    text, picture = Score(), Score()
    for label, article in rows:
        evidence = local_evidence(article, label["lang"], table).evidence
        quotes = {f"{one.kind}:{one.agency}": f"{one.where}: {one.quote}" for one in reversed(evidence)}
        credited = {one.id for one in credit(evidence) if one.confidence >= CREDITED}
        wanted = labelled(label["text_agencies"])
        text.add(
            label["file"], wanted, credited, {k.partition(":")[2]: v for k, v in quotes.items() if k.startswith("text")}
        )
        photos = set(photo_agencies(evidence)) - wanted - credited
        picture.add(
            label["file"], labelled(label["photo_only_agencies"]) - wanted - credited, photos,
            {k.partition(":")[2]: v for k, v in quotes.items() if k.startswith("photo")},
        )  # fmt: skip
    return text, picture


def gains(rows: Sequence[tuple[dict[str, Any], Article]], table: AgencyTable) -> Iterator[str]:
    """For each place of a text credit, the credits that only it brings, on either half of the publishers."""
    publishers = sorted({_publisher(label["file"]) for label, _ in rows})
    half = {name: number % 2 for number, name in enumerate(publishers)}
    seen: Counter[tuple[str, int]] = Counter()
    alone: Counter[tuple[str, int]] = Counter()
    wrong: Counter[tuple[str, int]] = Counter()
    for label, article in rows:
        evidence = local_evidence(article, label["lang"], table).evidence
        wanted = labelled(label["text_agencies"])
        for where in {one.where for one in evidence if one.kind == "text"}:
            key = (where, half[_publisher(label["file"])])
            of_it = {one.agency for one in evidence if one.kind == "text" and one.where == where}
            without = {c.id for c in credit(e for e in evidence if e.where != where) if c.confidence >= CREDITED}
            seen[key] += len(of_it & wanted)
            wrong[key] += len(of_it - wanted)
            alone[key] += len((of_it & wanted) - without)
    for where in sorted({where for where, _ in seen}):
        counts = (f"{seen[where, n]:3} {alone[where, n]:5} {wrong[where, n]:5}" for n in (0, 1))
        yield f"  {where:16} {'     '.join(counts)}"


def _publisher(file: str) -> str:
    return file.rsplit("-", 1)[0]


def show(name: str, score: Score) -> None:
    print(f"{name}: precision {score.precision:.3f}  recall {score.recall:.3f}")
    print(f"  pages: {score.pages_found} of {score.pages_labelled} found, {score.pages_false} false")
    for agency in sorted({*score.right, *score.false, *score.missed}):
        right, false, missed = score.right[agency], score.false[agency], score.missed[agency]
        print(f"  {agency:14} right {right:3}  false {false:3}  missed {missed:3}")
    for error in score.errors:
        print(f"  {error}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="pages with labels.jsonl")
    parser.add_argument("--rules", action="store_true", help="also what each place brings, by halves of the publishers")
    given = parser.parse_args()
    rows = list(pages(given.folder))
    text, picture = measure(rows, load_agencies())
    show("text", text)
    show("picture", picture)
    if given.rules:
        print("text credits by place: right, right by it alone, wrong; publishers even, then odd")
        print("\n".join(gains(rows, load_agencies())))
    good = text.pages_false <= MOST_FALSE and text.pages_found >= min(LEAST_FOUND, text.pages_labelled)
    good = good and picture.precision >= PICTURE_PRECISION and picture.recall >= PICTURE_RECALL
    print("within the floors" if good else "UNDER THE FLOORS")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
