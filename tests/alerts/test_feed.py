"""What a rule's feed says; that nothing in it does more than to be read is in test_hostile.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from monitor.alerts import Copy, Entry, Piece
from monitor.alerts.feed import rss

AT = datetime(2024, 5, 16, 12, tzinfo=UTC)
ENTRY = Entry(
    "Großbrand", "kurier", "https://kurier.example/a", AT, "s", "a", ((Piece("Es "), Piece("brennt", marked=True)),),
    "agency", ("dpa",), licensed=False,
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "kurier: Es brennt (Source: agency copy (dpa); not credited; no licence)"),
        ("de", "kurier: Es brennt (Quelle: Agenturtext (dpa); nicht gekennzeichnet; ohne Lizenz)"),
    ],
)
def test_an_entry_says_where_it_is_from_and_why_it_is_here(language: str, said: str) -> None:
    feed = etree.fromstring(rss("Feuer", "feuer; agency: dpa", [ENTRY], language=language))
    assert feed.findtext("channel/description") == "feuer; agency: dpa"
    assert feed.findtext("channel/item/description") == said


def test_what_was_taken_back_is_named_and_a_day_has_no_source() -> None:
    gone = replace(ENTRY, taken_back=(Copy("Meldung", "dpa", "", AT),))
    day = Entry("Ungewöhnlich viel: 12", "", "", AT, "spike", "", ((Piece("üblich sind 3"),),))
    feed = etree.fromstring(rss("Feuer", "", [gone, day]))
    first, second = (item.findtext("description") for item in feed.iter("item"))
    assert first is not None
    assert first.endswith("no licence) (Taken back by its source: Meldung, dpa)")
    assert second == "üblich sind 3"
    assert feed.findtext("channel/description") == "Feuer"
