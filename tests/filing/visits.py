"""Visits of one site, as crawls bring them into the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from monitor.records import Analysis, Article, Language, Outcome, Status, UrlState
from monitor.store.port import Store
from monitor.text import text_hash
from monitor.urls import article_id
from tests.articles import again

NOW = datetime(2024, 5, 16, 12, tzinfo=UTC)
HOST = "https://blatt.example"
HARBOUR = "Der Hafen wird tiefer, und drei Bagger arbeiten schon in der breiten Fahrrinne vor der alten Mole."
HARBOUR_NEW = HARBOUR + " Ein vierter kommt im Juli dazu, sagte der Leiter des Amtes."
BRIDGE = "Two cracks were found below the northern pillar, so buses take another road until further notice."


def analysis(
    text: str = HARBOUR, *, fetched: str = "/a", canonical: str = "", hours: float = 0, **more: object
) -> Analysis:
    """As analysis gives it: the id comes from the canonical address of the same host, else from the fetched one."""
    url = HOST + (canonical or fetched)
    at = NOW + timedelta(hours=hours)
    article = Article(article_id(url), url, "blatt", "Titel", text, at, **more)  # type: ignore[arg-type]
    language = Language("de", 0.9, "text")
    return Analysis(article, language, text_hash("Titel", text), fetched_url=HOST + fetched, run="r")


def gathered(store: Store, analyses: Sequence[Analysis]) -> None:
    """Put them into the inbox as crawls do, one commit each."""
    for number, one in enumerate(analyses):
        state = UrlState("blatt", f"{HOST}/visit/{number}", Status.STORED, discovered_at=NOW, article_id=one.article.id)
        again(store.settle, [Outcome(state, one, "r")])
