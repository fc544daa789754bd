"""A folder as a user has one: settings, sites, a real store with a few articles, a raw page."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli.app import app
from monitor.records import (
    Article,
    Caption,
    Changes,
    Document,
    Duplicate,
    Language,
    Line,
    Outcome,
    Revision,
    Run,
    SourceLink,
    Status,
    Story,
    Structured,
    UrlState,
    WarcRef,
)
from monitor.store.embedded import open_store
from monitor.store.port import Store
from monitor.text import count_words, text_hash
from monitor.warc import WarcWriter

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2024, 5, 16, 9, 30, tzinfo=UTC)

HARBOUR = """Der Hafen von Kielburg soll bis zum Herbst tiefer werden. Das teilte die Verwaltung am Donnerstag mit.

Drei Bagger arbeiten schon in der Fahrrinne, ein vierter kommt im Juli dazu. Die Fischer fürchten um ihre Netze.

Gegner des Vorhabens wollen vor Gericht ziehen. Sie nennen die Prüfung der Umwelt einen schlechten Scherz."""
HARBOUR_NEW = HARBOUR.replace("bis zum Herbst", "bis zum nächsten Frühjahr").replace(
    " Sie nennen die Prüfung der Umwelt einen schlechten Scherz.", ""
)
BRIDGE = """The old bridge at Millford will close for two months. Engineers found cracks in three of its pillars.

Buses will take the long way round, and the ferry runs every ten minutes. Shopkeepers ask for help."""
FERRY = """Millford yakınındaki eski köprü iki ay boyunca kapalı kalacak. Mühendisler ayaklarda çatlaklar buldu.

Vapur her on dakikada bir çalışacak."""


def article(number: int, site: str, title: str, text: str, **more: object) -> Article:
    values: dict[str, object] = {
        "id": f"{number:02x}" * 10,
        "url": f"https://{site}.example/news/{number}",
        "site": site,
        "title": title,
        "text": text,
        "fetched_at": START + timedelta(hours=number, minutes=5),
        "published_at": START + timedelta(hours=number),
        "published_how": "meta",
        "words": count_words(text),
        **more,
    }
    return Article(**values)  # type: ignore[arg-type]


def document(one: Article, language: str = "de", *, revision: int = 1, **more: object) -> Document:
    seen = one.fetched_at
    return Document(
        one,
        Language(language, 0.99, "text"),
        text_hash(one.title, one.text),
        story=str(more.pop("story", f"s{one.id[:6]}")),
        first_seen=seen,
        story_time=one.published_at or seen,
        last_seen=seen,
        revision=revision,
        **more,  # type: ignore[arg-type]
    )


def revision(one: Article, number: int = 1, *, hours: int = 0) -> Revision:
    at = one.fetched_at + timedelta(hours=hours)
    return Revision(one.id, number, one.title, one.text, text_hash(one.title, one.text), at, one.published_at)


def fill(store: Store, warc: WarcRef | None = None) -> None:
    """Four articles of three sites; the harbour's text changed once; the ferry is a copy of the bridge."""
    first = article(1, "kielburg", "Hafen wird tiefer", HARBOUR)
    harbour = article(
        1, "kielburg", "Hafen von Kielburg wird tiefer", HARBOUR_NEW, warc=warc, authors=("Ada Beispiel", "dpa"),
        captions=(Caption("Ein Bagger im Hafen", "Foto: B. Agger/dpa", "figure"),), 
        lines=(Line("Von Ada Beispiel", "byline"),),
        source_links=(SourceLink("https://quelle.example/hafen", "Quelle", "label"),),
        structured=Structured(jsonld_authors=("Ada Beispiel",), publisher="Kielburger Bote"),
        canonical_url="https://kielburg.example/hafen",
    )  # fmt: skip
    bridge = article(2, "millford", "Bridge to close for two months", BRIDGE)
    ferry = article(3, "haber", "Köprü iki ay kapalı", FERRY)
    formula = article(4, "kielburg", "=SUMME(A1:A9) im Rathaus", "Der Haushalt der Stadt ist ein Rätsel geblieben.")
    hidden = article(5, "elsewhere", "Der Hafen, die Vorlage", HARBOUR, role="source")
    same = Duplicate("near", bridge.id, 0.9, 0.85)
    documents = (
        document(harbour, revision=2),
        document(bridge, "en"),
        document(ferry, "tr", story="s020202", is_root=False, duplicate=same),
        document(formula),
        document(hidden),
    )
    stories = tuple(
        Story(one.story, one.id, 2 if one is documents[1] else 1, one.story_time, one.story_time, (one.article.site,))
        for one in documents
        if one.is_root
    )
    revisions = (
        revision(first),
        revision(harbour, 2, hours=6),
        *(revision(one.article) for one in documents[1:]),
    )
    store.file(Changes(revisions=revisions, documents=documents, stories=stories))
    _runs(store)
    store.refresh()


def _runs(store: Store) -> None:
    done = Run("r1", "kielburg", START, START + timedelta(minutes=2), "finished", discovered=5, fetched=4)
    store.put_run(done)
    broken = Run(
        "r2", "millford", START + timedelta(hours=1), START + timedelta(hours=1), "failed", error="no such host"
    )
    store.put_run(broken)
    for number, (reason, detail) in enumerate([("too-short", "7 words"), ("too-short", "9 words"), ("no-article", "")]):
        url = f"https://kielburg.example/kurz/{number}"
        store.discover([UrlState("kielburg", url, discovered_at=START)])
        state = UrlState("kielburg", url, Status.REJECTED, START, START, reason=reason)
        store.settle([Outcome(state, run="r1", detail=detail)])
    store.discover([UrlState("kielburg", "https://kielburg.example/neu", discovered_at=START)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with monitor.toml (Berlin) and two site files; no store yet."""
    (tmp_path / "monitor.toml").write_text('time_zone = "Europe/Berlin"\n')
    (tmp_path / "sites").mkdir()
    for name in ("kielburg", "millford"):
        text = f"url: https://{name}.example/\nsources:\n  - kind: feed\n    url: https://{name}.example/feed.xml\n"
        (tmp_path / "sites" / f"{name}.yaml").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def filled(folder: Path) -> Path:
    """The same with a store, a run and a raw page."""
    writer = WarcWriter(folder / "warc")
    headers = [("Content-Type", "text/html"), ("X-Served-By", "test")]
    ref = writer.write("https://kielburg.example/news/1", START, 200, headers, "<p>Der Hafen für alle</p>".encode())
    writer.close()
    store = open_store(folder / "store")
    fill(store, ref)
    store.close()
    return folder


@pytest.fixture
def run() -> Callable[..., Result]:
    """`run("search", "hafen")`: the command in this process, its output piped."""

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments), prog_name="monitor", env={"NO_COLOR": "1", "COLUMNS": None})

    return invoke


@pytest.fixture
def process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """The command as its user starts it: a process of its own, in the current folder."""

    def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monitor", *arguments],
            capture_output=True,
            timeout=60,
            check=False,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )

    return start
