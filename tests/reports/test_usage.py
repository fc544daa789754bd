"""The usage report: what counts as a use, what is counted, and what is shown first."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.records import AgencyCredit, Evidence, SourceTrace
from monitor.reports import usage
from monitor.reports.page import report_page
from monitor.reports.tables import lag, share, usage_csv, usage_sections
from monitor.reports.usage import use_of
from monitor.sources.licences import Licence, Licences
from monitor.store.memory import MemoryStore
from tests.articles import put
from tests.reports.traced import article, at, trace

LICENCES = Licences((Licence(agency="dpa", site="kurier", until=date(2024, 5, 16)),))


@pytest.fixture
def store() -> MemoryStore:
    """Two sites with dpa's texts, a third without, and what must not be counted."""
    made = MemoryStore()
    put(
        made,
        article("k1", trace(kept=1.0, lag=60)),
        article("k2", trace(credited=False, kept=0.5, lag=180), hours=1),
        article("k3", trace(kept=None, lag=None), hours=24),
        article("b1", trace(credited=False, kept=0.9, lag=7200), site="bote"),
        article("own", SourceTrace("own"), site="bote"),
        article("afp", trace("afp"), site="bote"),
        article("weak", SourceTrace("unknown", (AgencyCredit("dpa", 0.3),)), site="post"),
        article("wire", trace(), role="reference", site="dpa"),
        article("home", trace(), url="https://www.dpa.example/7", site="dpa-home"),
    )
    return made


def is_own(url: str) -> bool:
    return "dpa.example" in url


def test_each_site_is_counted_and_the_largest_comes_first(store: MemoryStore) -> None:
    found = usage(store, "dpa", licences=LICENCES, is_own=is_own)
    kurier, bote = found.sites
    assert (kurier.site, kurier.articles, kurier.credited, kurier.uncredited) == ("kurier", 3, 2, 1)
    assert (kurier.licensed, kurier.unlicensed) == (2, 1)  # k3 is of the day after the licence
    assert (kurier.mean_share_kept, kurier.median_lag_seconds) == (0.75, 120)
    assert (bote.site, bote.articles, bote.licensed, bote.unlicensed) == ("bote", 1, 0, 1)
    total = found.total
    assert (total.articles, total.credited, total.uncredited, total.licensed, total.unlicensed) == (4, 2, 2, 2, 2)
    assert (total.mean_share_kept, total.median_lag_seconds) == (0.8, 180)


def test_without_licences_no_use_is_called_unlicensed(store: MemoryStore) -> None:
    for licences in (None, Licences(), Licences((Licence(agency="afp", site="*"),))):
        found = usage(store, "dpa", licences=licences)
        assert (found.total.licensed, found.total.unlicensed) == (None, None)
        assert {one.licensed for site in found.sites for one in site.examples} == {None}


def test_a_licence_may_name_the_host(store: MemoryStore) -> None:
    found = usage(store, "dpa", licences=Licences((Licence(agency="dpa", site="kurier.example"),)))
    assert {one.site: one.licensed for one in found.sites}["kurier"] == 3


def test_examples_show_first_what_a_desk_asks_for(store: MemoryStore) -> None:
    kurier = usage(store, "dpa", licences=LICENCES).sites[0]
    assert [one.id for one in kurier.examples] == ["k3", "k2", "k1"]
    first = kurier.examples[1]
    assert (first.credited, first.licensed, first.share_kept, first.lag_seconds) == (False, True, 0.5, 180)
    assert (first.url, first.title, first.origin) == ("https://kurier.example/k2", "Titel k2", "https://wire.example/1")


def test_a_span_and_a_site_narrow_the_report(store: MemoryStore) -> None:
    assert usage(store, "dpa", since=at(minutes=30)).total.articles == 2
    assert usage(store, "dpa", until=at(hours=1), is_own=is_own).total.articles == 2
    assert [one.site for one in usage(store, "dpa", sites=("bote",)).sites] == ["bote"]
    nothing = usage(store, "ansa", licences=LICENCES)
    assert (nothing.total.articles, nothing.sites, nothing.total.median_lag_seconds) == (0, (), None)


def test_an_article_can_credit_one_agency_and_reuse_another() -> None:
    said = Evidence("text", "reuters", "(Reuters)", "trailer", 0.95)
    match = Evidence("reference", "dpa", "urn:x", "reference", 1.0)
    both = (AgencyCredit("dpa", 0.97), AgencyCredit("reuters", 0.9))
    source = SourceTrace("mixed", both, credited=True, uncredited_reuse=True, evidence=(said, match))
    mixed = article("m", source)
    assert use_of(mixed, "reuters") is True
    assert use_of(mixed, "dpa") is False
    assert use_of(mixed, "afp") is None


def test_a_mention_and_a_picture_are_no_use() -> None:
    for kind in ("mention", "photo"):
        said = Evidence(kind, "dpa", "dpa", "text", 0.2)
        assert use_of(article("m", SourceTrace("own", evidence=(said,))), "dpa") is None


def test_a_thousand_uses_are_counted_right() -> None:
    store = MemoryStore()
    put(store, *(article(f"a{n:04}", trace(credited=n % 3 > 0, kept=n / 1000, lag=n)) for n in range(1000)))
    total = usage(store, "dpa").total
    assert (total.articles, total.uncredited, total.mean_share_kept) == (1000, 334, 0.4995)
    assert [one.id for one in total.examples] == ["a0999", "a0996", "a0993", "a0990", "a0987"]


# --- as it is shown ---


def test_csv_has_a_line_for_each_site_with_plain_numbers(store: MemoryStore) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(usage_csv(usage(store, "dpa", licences=LICENCES, is_own=is_own))))))
    assert [row["site"] for row in rows] == ["kurier", "bote"]
    assert rows[0]["mean_share_kept"] == "0.75"
    assert rows[0]["median_lag_seconds"] == "120"
    assert rows[0]["example_ids"] == "k3; k2; k1"


def test_sections_name_the_sites_the_total_and_the_examples(store: MemoryStore) -> None:
    sites, examples = usage_sections(usage(store, "dpa", licences=LICENCES, is_own=is_own), "Europe/Berlin")
    assert [row[0].text for row in sites.rows] == ["kurier", "bote"]
    assert [cell.text for cell in sites.total] == ["all sites", "4", "2", "2", "2", "2", "80%", "3 min"]
    assert [cell.text for cell in examples.rows[1]] == [
        "2024-05-16 15:00", "kurier", "Titel k2", "no credit", "licensed", "50%", "3 min", "k2",
    ]  # fmt: skip
    assert "No licence of dpa" in usage_sections(usage(store, "dpa"), "UTC")[0].note


def test_the_page_stands_alone_and_escapes_what_crawled_pages_say() -> None:
    store = MemoryStore()
    evil = "<script>alert('x')</script> & \"Titel\" \x00\ufffe"
    put(store, article("a", trace(), title=evil), article("b", trace(), url="javascript:alert(1)", site="böse"))
    found = usage(store, "dpa")
    page = report_page("Usage of <dpa>", [evil], usage_sections(found, "UTC"), "made").decode()
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "&lt;script&gt;alert('x')&lt;/script&gt; &amp; \"Titel\"" in page
    assert "javascript:" not in page
    assert "böse" in page
    assert "src=" not in page
    assert "default-src 'none'" in page
    assert 'href="https://kurier.example/a"' in page


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, "-"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 00 min"), (-300, "-5 min"),
     (11100, "3 h 05 min"), (187200, "2 d 4 h")],
)  # fmt: skip
def test_lags_are_shown_in_two_units_at_most(seconds: int | None, shown: str) -> None:
    assert lag(seconds) == shown


def test_shares_are_percentages() -> None:
    assert [share(value) for value in (None, 0.0, 0.456, 1.0)] == ["-", "0%", "46%", "100%"]


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1), st.integers(-1000, 10**6)), max_size=30))
def test_credited_and_uncredited_are_all_articles(uses: list[tuple[bool, float, int]]) -> None:
    store = MemoryStore()
    put(store, *(article(f"a{n}", trace(credited=c, kept=k, lag=t)) for n, (c, k, t) in enumerate(uses)))
    total = usage(store, "dpa", licences=LICENCES).total
    assert total.articles == total.credited + total.uncredited == len(uses)
    if uses:
        assert total.licensed is not None
        assert total.unlicensed is not None
        assert total.licensed + total.unlicensed == len(uses)
        lags = sorted(t for _, _, t in uses)
        assert total.median_lag_seconds is not None
        assert lags[0] <= total.median_lag_seconds <= lags[-1]


def test_the_day_of_a_licence_is_the_articles_own() -> None:
    store = MemoryStore()
    put(store, article("a", trace()))
    for days, licensed in ((-1, 0), (0, 1)):
        until = (at() + timedelta(days=days)).date()
        assert (
            usage(store, "dpa", licences=Licences((Licence(agency="dpa", site="*", until=until),))).total.licensed
            == licensed
        )
