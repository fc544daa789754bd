from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from monitor.codec import encode
from monitor.exporting import CSV_COLUMNS, csv_header, csv_row, export_record, revision_record
from monitor.records import (
    AgencyCredit,
    Article,
    Caption,
    Document,
    Duplicate,
    Evidence,
    Language,
    Match,
    Origin,
    Revision,
    SourceLink,
    SourceTrace,
    WarcRef,
)

AT = datetime(2024, 5, 16, 12, 30, tzinfo=UTC)
ARTICLE = Article(
    "a1", "https://example.org/1", "example", "Title", "First.\n\nSecond.", AT,
    published_at=AT.astimezone(timezone(timedelta(hours=2))), authors=("Ada", "Bo"),
    captions=(Caption("Sea", "dpa", "figure"),),
    source_links=(SourceLink("https://example.com/", "Quelle"),), warc=WarcRef("x.warc.gz", 7),
)  # fmt: skip
DOCUMENT = Document(ARTICLE, Language("en", 0.9, "text"), "h", "s1", AT, AT, AT)

# The keys that scripts rely on.
PROMISED = {
    "id", "url", "canonical_url", "site", "title", "text", "authors", "published_at", "fetched_at", "language",
    "cluster_id", "duplicate", "matches", "source", "source_links", "captions",
}  # fmt: skip


def test_a_record_has_the_promised_keys_and_times_in_utc() -> None:
    record = export_record(DOCUMENT)
    assert set(record) >= PROMISED
    assert record["published_at"] == record["fetched_at"] == "2024-05-16T12:30:00Z"
    assert record["canonical_url"] is None
    assert record["language"] == {"code": "en", "confidence": 0.9, "method": "text"}
    assert record["cluster_id"] == "s1"
    assert record["duplicate"] == {"kind": "none", "of": None, "containment": 0.0, "reverse": 0.0}
    assert set(record["source"]) >= {"kind", "agencies", "photo_agencies", "credited", "origin", "evidence"}
    assert set(record["source"]["origin"]) >= {"url", "article_id", "how"}
    assert record["source_links"] == [{"url": "https://example.com/", "label": "Quelle", "how": "label"}]
    assert record["warc"] == {"file": "x.warc.gz", "offset": 7}
    assert encode(record)


def test_what_later_steps_find_is_in_the_record() -> None:
    traced = replace(
        DOCUMENT,
        matches=(Match("b2", 0.9, 0.8, "near"),),
        duplicate=Duplicate("near", "b2", 0.9, 0.8),
        source=SourceTrace(
            "agency", (AgencyCredit("dpa", 0.95),), ("ap",), True,
            origin=Origin("https://x.example/", "b2", "x", AT, "link"),
            evidence=(Evidence("text", "dpa", "(dpa)", "trailer", 0.9),),
        ),
    )  # fmt: skip
    record = export_record(traced)
    assert record["matches"] == [{"id": "b2", "containment": 0.9, "reverse": 0.8, "kind": "near"}]
    assert record["duplicate"]["of"] == "b2"
    assert record["source"]["agencies"] == [{"id": "dpa", "confidence": 0.95}]
    assert record["source"]["origin"]["article_id"] == "b2"
    assert record["source"]["evidence"] == [
        {"kind": "text", "agency": "dpa", "quote": "(dpa)", "where": "trailer", "weight": 0.9}
    ]


def test_a_revision_is_a_record_of_its_own() -> None:
    record = revision_record(Revision("a1", 2, "T", "text", "h", AT, warc=WarcRef("f", 1)))
    assert (record["number"], record["fetched_at"], record["warc"]) == (
        2,
        "2024-05-16T12:30:00Z",
        {"file": "f", "offset": 1},
    )


@given(st.text(), st.text())
def test_csv_is_read_back_and_no_cell_begins_like_a_formula(title: str, text: str) -> None:
    line = csv_header() + csv_row(replace(DOCUMENT, article=replace(ARTICLE, title=title, text=text)))
    header, row = csv.reader(io.StringIO(line, newline=""))
    assert tuple(header) == CSV_COLUMNS
    cells = dict(zip(header, row, strict=True))
    for name, written in (("title", title), ("text", text)):
        assert cells[name] in (written, f"'{written}")
        assert not cells[name].startswith(("=", "+", "-", "@", "\t", "\r"))
