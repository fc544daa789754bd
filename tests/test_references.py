"""An agency's own dispatches: what becomes of each record, and of those that are taken back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.analysis import AnalysisPool, derive
from monitor.errors import InputError
from monitor.filing import file_batch
from monitor.importing import Imported, Refusal, Withdrawal, import_pages
from monitor.inbox import InboxWriter
from monitor.records import Document, Page
from monitor.references import Reference, address_of, credit, read_references, reference_record, withdraw
from monitor.sources import load_agencies
from monitor.store.memory import MemoryStore
from tests.newsite import article_text
from tests.test_newsml import GUID, XHTML, item

NOW = datetime(2024, 5, 17, 12, tzinfo=UTC)
OF = Reference("dpa", now=NOW)


def record(number: int = 1, **more: Any) -> dict[str, Any]:
    text = "\n\n".join(article_text(number))
    return {"guid": f"{GUID}{number}", "title": f"Meldung {number}", "text": text, **more}


def read(path: Path, of: Reference = OF) -> list[Page | Refusal | Withdrawal]:
    return list(read_references(path, of))


def one(**more: Any) -> Page | Refusal | Withdrawal:
    return reference_record(record(**more), where="x:1", of=OF)


def page(**more: Any) -> Page:
    found = one(**more)
    assert isinstance(found, Page), found
    return found


# --- JSON lines ---


def test_a_record_is_a_hidden_page_of_the_agency_under_its_own_id() -> None:
    found = page(published_at="2024-05-16T08:00:00+02:00", lang="de")
    assert (found.role, found.site, found.kind, found.via) == ("reference", "dpa", "text", "import")
    assert found.article_id == f"{GUID}1"
    assert found.url == f"https://reference.invalid/dpa/{GUID}1"
    assert found.remote_id == "dpa:240516-99-536061"
    assert found.hint.guid == f"{GUID}1"
    assert found.hint.published_at == datetime(2024, 5, 16, 6, tzinfo=UTC)


def test_versions_of_one_dispatch_are_one_article() -> None:
    first, second = page(guid=f"{GUID}/1"), page(guid=f"{GUID}/2")
    assert (first.article_id, first.url, first.remote_id) == (second.article_id, second.url, second.remote_id)


def test_the_records_own_id_address_and_number_win() -> None:
    found = page(id="42", url="https://dpa.example/42", dispatch="dpa:240516-99-1/3")
    assert (found.article_id, found.url, found.remote_id) == ("42", "https://dpa.example/42", "dpa:240516-99-1")
    assert page(guid=None, id="77").url == "https://reference.invalid/dpa/77"
    assert page(guid=None, url="https://dpa.example/5").article_id == ""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"guid": None}, "no-id"),
        ({"guid": 7}, "bad-field"),
        ({"status": 1}, "bad-field"),
        ({"text": ""}, "empty"),
        ({"published_at": "bald"}, "bad-date"),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_reason(change: dict[str, Any], reason: str) -> None:
    found = one(**change)
    assert isinstance(found, Refusal)
    assert found.reason == reason


@pytest.mark.parametrize(
    "change",
    [
        {"withdrawn": True},
        {"status": "canceled"},
        {"status": "Withheld"},
        {"title": "KILL: Hafen wird tiefer"},
        {"title": "ZURÜCKGEZOGEN - Hafen wird tiefer"},
        {"title": "+++ Zurückgezogen: Hafen"},
    ],
)
def test_a_withdrawal_is_told_from_a_dispatch(change: dict[str, Any]) -> None:
    found = one(**change)
    assert isinstance(found, Withdrawal)
    assert found.article_id == f"{GUID}1"
    assert found.page is not None
    bare = one(**{"withdrawn": True, "text": "", **change})
    assert isinstance(bare, Withdrawal)
    assert bare.page is None


@pytest.mark.parametrize(
    "title",
    [
        "Killer gefasst",
        "Er wurde zurückgezogen lebend gefunden",
        "Kilometerlange Staus",
        "Retrait des troupes russes de Kherson",
        "Anulado el gol del Barcelona en el derbi",
    ],
)
def test_a_title_about_something_else_is_no_withdrawal(title: str) -> None:
    assert isinstance(one(title=title), Page)


# --- NewsML-G2 ---


def test_an_item_is_dated_by_its_first_version(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(item())
    (found,) = read(tmp_path / "a.xml")
    assert isinstance(found, Page)
    assert (found.article_id, found.role, found.remote_id) == (GUID, "reference", "dpa:240516-99-53606")
    assert found.hint.title == "Hafen von Kielburg wird tiefer"
    assert found.hint.published_at == datetime(2024, 5, 16, 5, 10, tzinfo=UTC)
    assert found.hint.modified_at == datetime(2024, 5, 16, 7, 30, tzinfo=UTC)
    assert found.hint.authors == ("Von Ada Beispiel, dpa",)
    assert found.body.decode().startswith("Kielburg (dpa) - Der Hafen soll tiefer werden.")


def test_a_note_to_the_editors_takes_a_dispatch_back(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(
        item().replace("Berichtigung im 2. Absatz", "Bitte verwenden Sie diese Meldung nicht.")
    )
    (found,) = read(tmp_path / "a.xml")
    assert isinstance(found, Withdrawal)


def test_a_folder_is_read_in_order_and_a_bad_file_costs_itself(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(item(guid="eins"))
    (tmp_path / "2.xml").write_text("<rss/>")
    (tmp_path / "3.xml.gz").write_bytes(gzip.compress(item(guid="drei", status="stat:canceled").encode()))
    (tmp_path / "4.xml").write_text(item("", guid="vier"))
    (tmp_path / "5.xml.gz").write_bytes(b"\x1f\x8bnothing")
    (tmp_path / "notes.txt").write_text("kein Teil davon")
    found = read(tmp_path)
    assert [type(one).__name__ for one in found] == ["Page", "Refusal", "Withdrawal", "Refusal", "Refusal"]
    assert [one.reason for one in found if isinstance(one, Refusal)] == ["not-newsml", "no-text", "not-newsml"]


def test_an_empty_package_and_an_item_without_a_guid_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(f"<newsMessage>{item(guid='')}<packageItem guid='p'/></newsMessage>")
    assert [one.reason for one in read(tmp_path / "a.xml") if isinstance(one, Refusal)] == ["no-id", "no-text"]


@pytest.mark.parametrize("name", ["nothing.xml", "a.html", "a.warc.gz", "empty"])
def test_what_is_no_file_of_dispatches_is_one_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    for other in ("a.html", "a.warc.gz"):
        (tmp_path / other).write_text("x")
    with pytest.raises(InputError):
        read_references(tmp_path / name, OF)


@given(st.text(max_size=300))
def test_every_guid_has_an_address_of_its_own(guid: str) -> None:
    address = address_of("dpa", guid)
    assert address == address_of("dpa", guid)
    assert address.startswith(("https://", "http://"))


# --- through the steps ---


@pytest.fixture(scope="module")
def pool() -> Iterator[AnalysisPool]:
    made = AnalysisPool(1)
    yield made
    made.close(wait=False)


def take(store: MemoryStore, pool: AnalysisPool, path: Path) -> Imported:
    """As the command does it: the records, then what takes them back."""
    finish = credit("dpa", load_agencies())
    with closing(InboxWriter(store, limit=1000)) as inbox:
        done = import_pages(read_references(path, OF), pool, inbox, run="r", finish=finish)
    file_batch(store, 100)
    with closing(InboxWriter(store, limit=1000)) as inbox:
        withdraw(done, store, pool, inbox, run="r", finish=finish)
    return done


def stored(store: MemoryStore, id: str) -> Document:
    return store.documents([id])[id]


def lines(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(f"{json.dumps(one)}\n" for one in records))
    return path


def test_a_dispatch_carries_its_agency_and_number(tmp_path: Path, pool: AnalysisPool) -> None:
    store = MemoryStore()
    (tmp_path / "a.xml").write_text(item(XHTML.replace("loser Text", "Noch ein Satz, damit es reicht. " * 3)))
    assert take(store, pool, tmp_path / "a.xml").analysed == 1
    found = stored(store, GUID)
    assert found.article.role == "reference"
    (said,) = [one for one in found.local_evidence if one.where == "reference"]
    assert (said.kind, said.agency) == ("text", "dpa")
    assert set(found.dispatches) == {"dpa:240516-99-53606", "dpa.com:20090101:240516-99-53606"}
    again = derive(found.article)
    assert (again.evidence, again.dispatches) == (found.local_evidence, found.dispatches)
    assert list(store.scan()) == []
    assert [one.id for one in store.scan(roles=["reference"])] == [GUID]


def test_a_withdrawal_keeps_the_text_of_what_it_takes_back(tmp_path: Path, pool: AnalysisPool) -> None:
    store = MemoryStore()
    kill = record(1, title="KILL: Meldung 1", text="Bitte verwenden Sie diese Meldung nicht mehr. " * 5)
    done = take(store, pool, lines(tmp_path / "a.jsonl", record(1), record(2), kill))
    assert (done.analysed, done.withdrawn, dict(done.refused)) == (2, 1, {})
    (waiting,) = store.take(10)
    article = waiting.analysis.article
    assert (article.id, article.withdrawn, article.title) == (f"{GUID}1", True, "Meldung 1")
    before = stored(store, f"{GUID}1")
    file_batch(store, 100)
    after = stored(store, f"{GUID}1")
    assert (before.withdrawn, after.withdrawn, after.article.withdrawn) == (False, True, True)
    assert (after.revision, after.article.text, after.fingerprint) == (1, before.article.text, before.fingerprint)
    assert not stored(store, f"{GUID}2").withdrawn


def test_the_same_dispatch_again_does_not_undo_its_withdrawal(tmp_path: Path, pool: AnalysisPool) -> None:
    store = MemoryStore()
    path = lines(tmp_path / "a.jsonl", record(1), record(1, status="canceled", text=""))
    take(store, pool, path)
    file_batch(store, 100)
    take(store, pool, lines(tmp_path / "b.jsonl", record(1)))
    file_batch(store, 100)
    assert stored(store, f"{GUID}1").withdrawn
    take(store, pool, lines(tmp_path / "c.jsonl", record(1, text=record(3)["text"])))
    file_batch(store, 100)
    assert not stored(store, f"{GUID}1").withdrawn  # another text under the same number: it is in use again


def test_a_withdrawal_of_what_is_not_here(tmp_path: Path, pool: AnalysisPool) -> None:
    """With a text it is stored as withdrawn: who runs it is found. Without one it is refused."""
    store = MemoryStore()
    done = take(store, pool, lines(tmp_path / "a.jsonl", record(1, withdrawn=True), record(2, withdrawn=True, text="")))
    assert (done.withdrawn, dict(done.refused)) == (1, {"not-known": 1})
    (waiting,) = store.take(10)
    assert waiting.analysis.article.withdrawn
    assert [one.agency for one in waiting.analysis.evidence if one.where == "reference"] == ["dpa"]


def test_an_older_version_never_replaces_a_newer_one(tmp_path: Path, pool: AnalysisPool) -> None:
    store = MemoryStore()
    texts = ["\n\n".join(article_text(number)) for number in range(3)]
    guids = [record(guid="dpa:261120-99-80001/2", text=texts[1]), record(guid="dpa:261120-99-80001/1", text=texts[0])]
    take(store, pool, lines(tmp_path / "a.jsonl", *guids))
    assert stored(store, "dpa:261120-99-80001").article.text == texts[1]
    for name, number in (("a-v10", 10), ("b-v2", 2)):
        found = item(XHTML.replace("loser Text", texts[number % 3])).replace('version="3"', f'version="{number}"')
        (tmp_path / f"{name}.xml").write_text(found)
    take(store, pool, tmp_path)
    assert "Meldung 1 geht" in stored(store, GUID).article.text
    assert stored(store, GUID).article.version == 10


def test_versions_are_read_in_the_order_of_the_numbers_in_their_names(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        (tmp_path / f"v{number}.xml").write_text(item().replace('version="3"', f'version="{number}"'))
    assert [one.hint.version for one in read(tmp_path) if isinstance(one, Page)] == [1, 2, 10]


def test_a_withdrawal_of_an_older_version_leaves_the_newer_one_alone(tmp_path: Path, pool: AnalysisPool) -> None:
    store = MemoryStore()
    new = record(guid="dpa:261120-99-80001/3")
    old = {"guid": "dpa:261120-99-80001/2", "status": "canceled"}
    done = take(store, pool, lines(tmp_path / "a.jsonl", new, old))
    assert (done.withdrawn, dict(done.refused)) == (0, {"outdated": 1})
    assert not stored(store, "dpa:261120-99-80001").withdrawn


def test_a_version_under_an_address_of_its_own_is_a_revision(tmp_path: Path, pool: AnalysisPool) -> None:
    store, guid, url = MemoryStore(), "dpa:261120-99-80001", "https://dpa.example/261120-99-80001"
    versions = [record(number, guid=f"{guid}/{number}", url=f"{url}-{number}") for number in (1, 2)]
    take(store, pool, lines(tmp_path / "a.jsonl", *versions))
    assert (stored(store, guid).revision, stored(store, guid).article.url) == (2, f"{url}-2")
    assert [one.title for one in store.revisions(guid)] == ["Meldung 1", "Meldung 2"]
