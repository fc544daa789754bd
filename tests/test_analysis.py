"""Page -> Analysis, and the pool in which a bad page costs itself alone."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor import analysis
from monitor.analysis import PIPELINE_VERSION, AnalysisPool, Refused, analyse
from monitor.errors import ExtractionError
from monitor.records import Analysis, ExtractionRules, Hint, Page
from monitor.text import text_hash
from monitor.urls import article_id
from tests import unruly
from tests.newsite import article_page

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
RULES = ExtractionRules()


def page(path: str = "/a/1", *, number: int = 1, **more: object) -> Page:
    values: dict[str, object] = {"body": article_page(number).encode(), "fetched_at": NOW, "run": "r", **more}
    return Page(url=f"https://blatt.example{path}", site="blatt", **values)  # type: ignore[arg-type]


def test_all_that_a_page_says_by_itself() -> None:
    found = analyse(page())
    assert found.article.title == "Meldung 1 aus der Gemeinde"
    assert found.article.id == article_id("https://blatt.example/a/1")
    assert (found.language.code, found.language.method) == ("de", "text")
    assert found.text_hash == text_hash(found.article.title, found.article.text)
    assert (found.run, found.fetched_url, found.pipeline_version) == (
        "r",
        "https://blatt.example/a/1",
        PIPELINE_VERSION,
    )


def test_the_same_page_gives_the_same_analysis() -> None:
    assert analyse(page()) == analyse(page())


def test_the_address_after_redirects_is_where_the_text_is_from() -> None:
    found = analyse(page("/old", final_url="https://blatt.example/new"))
    assert found.fetched_url == "https://blatt.example/new"
    assert found.article.id == article_id("https://blatt.example/new")


def test_the_sites_language_helps_where_the_text_does_not() -> None:
    short = page(body=b"Ok, 42.", kind="text")
    assert analyse(short, ExtractionRules(language="tr"), min_words=0).language.code == "tr"
    hinted = page(body=b"Ok, 42.", kind="text", hint=Hint(language="it"))
    assert analyse(hinted, min_words=0).language.code == "it"


def test_a_page_without_an_article_is_refused_by_reason() -> None:
    with pytest.raises(ExtractionError) as error:
        analyse(page(body=b"<html><body><p>Nur ein Satz.</p></body></html>"))
    assert error.value.reason == "too-short"


def test_a_refusal_survives_the_way_between_processes() -> None:
    again = pickle.loads(pickle.dumps(Refused("why", "too-short")))  # noqa: S301
    assert (again.message, again.reason) == ("why", "too-short")


# --- the pool ---


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[AnalysisPool]:
    monkeypatch.setattr(analysis, "_work", unruly.work)
    made = AnalysisPool(2, timeout=1.5, memory_mb=2048)
    # The first page pays for the start of the workers, which must not count as its own time.
    made.submit(page(), RULES).exception(30)
    yield made
    made.close(wait=False)


def reason(future: Future[Analysis]) -> str:
    error = future.exception(30)
    assert isinstance(error, Refused), error
    assert error.message
    return error.reason


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/hang", "analysis-timeout"),
        ("/die", "analysis-crash"),
        ("/exit", "analysis-crash"),
        ("/memory", "analysis-memory"),
    ],
)
def test_a_page_that_hangs_or_kills_its_worker_costs_itself(pool: AnalysisPool, path: str, expected: str) -> None:
    before, bad = pool.submit(page("/a/0", number=0), RULES), pool.submit(page(path), RULES)
    after = [pool.submit(page(f"/a/{number}", number=number), RULES) for number in range(2, 8)]
    assert reason(bad) == expected
    for number, future in zip((0, *range(2, 8)), [before, *after], strict=True):
        assert future.result(30).article.title == f"Meldung {number} aus der Gemeinde"


def test_of_a_batch_only_the_page_that_kills_is_lost(pool: AnalysisPool) -> None:
    paths = ["/a/1", "/die", "/a/2", "/hang", "/a/3"]
    futures = pool.submit_many([(page(path, number=number), RULES) for number, path in enumerate(paths)])
    wait(futures, 30)
    assert [reason(future) if future.exception() else "" for future in futures] == [
        "", "analysis-crash", "", "analysis-timeout", "",
    ]  # fmt: skip


def test_of_a_batch_each_page_is_refused_for_its_own_reason(pool: AnalysisPool) -> None:
    short = page("/s", body=b"<p>Kurz.</p>", kind="fragment")
    good, bad = pool.submit_many([(page(), RULES), (short, RULES)])
    assert good.result(30).article.url == "https://blatt.example/a/1"
    assert reason(bad) == "too-short"


def test_closing_waits_for_what_was_submitted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "_work", unruly.work)
    made = AnalysisPool(2)
    futures = [made.submit(page(f"/wait/{number}", number=number), RULES) for number in range(4)]
    made.close()
    assert all(future.done() and future.exception() is None for future in futures)


def test_a_worker_that_is_killed_from_outside_is_replaced(pool: AnalysisPool) -> None:
    futures = [pool.submit(page(f"/wait/{number}", number=number), RULES) for number in range(6)]
    time.sleep(0.2)
    workers = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _is_worker(stat)]
    os.kill(workers[0], signal.SIGKILL)
    wait(futures, 30)
    lost = [future for future in futures if future.exception()]
    assert [reason(future) for future in lost] == ["analysis-crash"]
    assert pool.submit(page(), RULES).result(30).article.title


def test_a_worker_that_is_killed_while_nothing_is_to_do_is_replaced(pool: AnalysisPool) -> None:
    for _ in range(2):
        workers = [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _is_worker(stat)]
        os.kill(workers[-1], signal.SIGKILL)
        time.sleep(0.5)
        futures = [pool.submit(page(f"/a/{number}", number=number), RULES) for number in range(4)]
        assert [future.result(30).article.words > 50 for future in futures] == [True] * 4


def test_a_worker_that_is_killed_while_it_answers_does_not_keep_the_others_waiting(
    pool: AnalysisPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the lock of the channel, which nobody gives back."""
    monkeypatch.setattr(analysis, "STALLED", 1.0)
    deadly = page("/a/0", final_url=unruly.Deadly(os.getpid()))
    futures = [pool.submit(one, RULES) for one in (deadly, *(page(f"/a/{n}", number=n) for n in range(1, 5)))]
    assert reason(futures[0]) == "analysis-crash"
    assert [future.result(30).article.words > 50 for future in futures[1:]] == [True] * 4


def _is_worker(stat: Path) -> bool:
    """A child of this process's fork server that runs (not the server itself, nor the resource tracker)."""
    try:
        parent = int(stat.read_text().rpartition(")")[2].split()[1])
        grandparent = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
        return grandparent == os.getpid() and b"forkserver" in Path(f"/proc/{parent}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
