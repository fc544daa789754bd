"""What every threshold decides, measured: `thresholds.py [--pages FOLDER] [--stream FOLDER] [--json FILE]`.

Each threshold of matching and of the source trace is set to lower and higher values, all others left as they are.
Matching: one made stream (its texts: the project's own, or those of pages), the same arriving up to 24 h off, forms
filled with other facts, and of the labelled wire stream the articles around the labelled pairs. Tracing: made streams
of agencies' texts, labelled cases, labelled pages. One line per value; `=`: as with the present values.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from monitor.duplicates import MatchSettings
from monitor.sources import TraceSettings
from tests.quality import agency_reuse, threshold_credits, threshold_streams
from tests.quality.republishing import Source
from tests.quality.reuse import page_sources
from tests.quality.reuse_texts import own_sources
from tests.quality.threshold_setting import Settings, changed, present, shown
from tests.quality.threshold_values import MATCHING, TRACING, Threshold

Figures = dict[str, float]
Measure = Callable[[Settings, str], Figures]
# Modules whose constants decide what an article's own page says.
CREDITING = ("sources.crediting", "sources.evidence", "sources.body", "sources.dateline", "sources.pictures")
UNCHANGED = (MatchSettings(), TraceSettings())


class Row(NamedTuple):
    """`threshold` is empty in the first row, that of the present values."""

    threshold: str
    value: str
    present: str
    figures: Figures
    seconds: float


def of_matching(sources: Sequence[Source], wire: Path | None) -> Measure:
    streams = threshold_streams.Streams(sources, wire)
    return lambda settings, module: streams.measure(settings[0], module)


def of_tracing(sources: Sequence[Source], pages: Path | None) -> Measure:
    reuse, credits = agency_reuse.AgencyStream(sources), threshold_credits.Credits(pages)

    def measure(settings: Settings, module: str) -> Figures:
        return reuse.measure(settings[1]) | (credits.measure() if module in ("", *CREDITING) else {})

    return measure


def rows(thresholds: Sequence[Threshold], measure: Measure) -> Iterator[Row]:
    figures, seconds = _timed(measure, UNCHANGED, "")
    yield Row("", "", "", figures, seconds)
    for threshold in thresholds:
        now = shown(present(threshold))
        for value in threshold.values:
            with changed(threshold, value) as settings:
                figures, seconds = _timed(measure, settings, threshold.module)
            yield Row(threshold.key, shown(value), now, figures, seconds)


def _timed(measure: Measure, settings: Settings, module: str) -> tuple[Figures, float]:
    started = time.perf_counter()
    figures = measure(settings, module)
    return figures, round(time.perf_counter() - started, 1)


def line(row: Row, columns: Sequence[str], before: Figures) -> str:
    cells = []
    for name in columns:
        value = row.figures.get(name, before.get(name))
        same = value is None or (row.threshold and value == before.get(name))
        cells.append(f"{'=' if same else f'{value:g}':>{len(name) + 2}}")
    name = f"{row.threshold} {row.present} -> {row.value}" if row.threshold else "present values"
    return f"{name:52}{''.join(cells)}{row.seconds:8}"


def report(thresholds: Sequence[Threshold], columns: dict[str, str], measure: Measure, log: IO[str] | None) -> None:
    print(", ".join(f"{name}: {meaning}" for name, meaning in columns.items()))
    print(f"{'threshold':52}{''.join(f'  {name}' for name in columns)}{'seconds':>8}")
    before: Figures = {}
    for row in rows(thresholds, measure):
        before = before or row.figures
        print(line(row, list(columns), before), flush=True)
        if log is not None:
            print(json.dumps(row._asdict()), file=log, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=Path, help="folder of labelled pages; else texts written for the project")
    parser.add_argument("--stream", type=Path, help="folder of the labelled wire stream")
    parser.add_argument("--texts", type=int, default=70, help="texts that streams are made of, at most")
    parser.add_argument(
        "--only", nargs="*", default=[""], help="thresholds whose names begin so: duplicates.judge.LATE"
    )
    parser.add_argument("--json", type=argparse.FileType("a"), help="file to which a line of JSON per value is added")
    options = parser.parse_args()
    sources = page_sources(options.pages) if options.pages else own_sources()
    sources = sources[:: -(-len(sources) // options.texts)]
    chosen = [one for one in (*MATCHING, *TRACING) if one.key.startswith(tuple(options.only))]
    for one in chosen:
        present(one)  # fails at once where one does not exist any more
    if chosen_matching := [one for one in chosen if one in MATCHING]:
        measure = of_matching(sources, options.stream)
        report(chosen_matching, threshold_streams.COLUMNS, measure, options.json)
    if chosen_tracing := [one for one in chosen if one in TRACING]:
        measure = of_tracing(sources, options.pages)
        report(chosen_tracing, agency_reuse.COLUMNS | threshold_credits.COLUMNS, measure, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
