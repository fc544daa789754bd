"""An agency's own dispatches from files: JSON lines and NewsML-G2. They are matched against and never shown as hits.

A record of JSON lines has the fields of every import, and `guid?, dispatch?, status?, withdrawn?`; what has no address
gets one that names its guid and can't be mistaken for a web address. A withdrawal is done last: it marks the dispatch
that is stored, whose text goes on being matched, so that those who still run it are found.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from monitor.analysis import AnalysisPool, Refused
from monitor.errors import FetchError, InputError
from monitor.importing import (
    Imported,
    Refusal,
    Withdrawal,
    json_lines,
    outcome,
    page_of_record,
    record_id,
    site_id,
    wait_for_room,
)
from monitor.inbox import InboxWriter
from monitor.newsml import LARGEST_FILE, WITHDRAWN, NewsItem, dispatch_of, read_newsml, revision_of, unrevised
from monitor.records import Analysis, Document, ExtractionRules, Hint, Line, Page
from monitor.sources import AgencyTable, local_evidence, takes_back
from monitor.store.port import Store
from monitor.text import digest
from monitor.urls import article_id, dispatch_address, normalise

JSON_ENDINGS = (".jsonl", ".ndjson", ".json", ".jsonl.gz", ".ndjson.gz", ".json.gz")
XML_ENDINGS = (".xml", ".newsml", ".g2", ".xml.gz", ".newsml.gz")
LONGEST_NAME = 500  # characters of a guid in an address; a longer one is hashed


@dataclass(frozen=True, slots=True)
class Reference:
    """What all records of one import have in common."""

    agency: str
    site: str = ""  # empty: the agency's id
    now: datetime | None = None


def read_references(path: Path, of: Reference) -> Iterator[Page | Refusal | Withdrawal]:
    """Dispatches of a file or a folder of NewsML-G2. Raises InputError when it is none of those."""
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    name = path.name.lower()
    if path.is_dir():
        found = (one for one in path.rglob("*") if one.is_file() and one.name.lower().endswith(XML_ENDINGS))
        files = sorted(found, key=_numbered_name)
        if not files:
            raise InputError(f"{path}: no NewsML-G2 in this folder", hint="files must end in .xml or .xml.gz")
        return (one for file in files for one in _folder_file(file, of))
    if name.endswith(JSON_ENDINGS):
        return _json(path, of)
    if name.endswith(XML_ENDINGS):
        return _newsml(path, of)
    raise InputError(
        f"{path}: not a file of dispatches", hint="--reference takes .jsonl, .jsonl.gz, and NewsML-G2 in .xml, .xml.gz"
    )


def _numbered_name(path: Path) -> list[str | int]:
    """Orders "v2" before "v10", so that the versions of a dispatch come one after the other."""
    return [int(part) if number % 2 else part for number, part in enumerate(re.split(r"([0-9]+)", str(path)))]


def credit(agency: str, table: AgencyTable) -> Callable[[Page, Analysis], Analysis]:
    """Adds to each article who wrote it, under which number and as which version, as captured facts: every later
    analysis finds them."""

    def finish(page: Page, analysis: Analysis) -> Analysis:
        article = analysis.article
        numbers = dict.fromkeys(filter(None, (page.hint.guid, page.remote_id)))
        article = replace(
            article,
            version=page.hint.version,
            structured=replace(article.structured, publisher=agency),
            lines=(*article.lines, *(Line(number, "trailer") for number in numbers)),
        )
        local = local_evidence(article, analysis.language.code, table)
        dispatches = dict.fromkeys((*local.dispatches, page.remote_id) if page.remote_id else local.dispatches)
        return replace(analysis, article=article, evidence=local.evidence, dispatches=tuple(dispatches))

    return finish


def withdraw(
    done: Imported,
    store: Store,
    pool: AnalysisPool,
    inbox: InboxWriter,
    *,
    run: str,
    finish: Callable[[Page, Analysis], Analysis],
    on_refused: Callable[[Refusal], None] | None = None,
) -> None:
    """Hand the withdrawals over to the inbox, when everything before them is filed.

    A dispatch that is known keeps its text; one that is not is stored with the text that came, or refused.
    """
    for one in done.withdrawals:
        known = store.documents([one.article_id]).get(one.article_id)
        try:
            page, analysis = _taken_back(one, known, pool, finish)
        except Refused as error:
            done.refused[error.reason] += 1
            if on_refused:
                on_refused(Refusal(one.where, error.reason, error.message))
            continue
        wait_for_room(inbox)
        article = replace(analysis.article, withdrawn=True)
        inbox.put(outcome(page, replace(analysis, article=article, run=run), run))
        done.withdrawn += 1


def _taken_back(
    one: Withdrawal, known: Document | None, pool: AnalysisPool, finish: Callable[[Page, Analysis], Analysis]
) -> tuple[Page, Analysis]:
    if known is not None:
        if 0 < one.version < known.article.version:
            raise Refused("it takes back an older version than is here", "outdated")
        article = replace(known.article, fetched_at=datetime.now(UTC))  # another fetch: it may be this import's own
        page = Page(article.url, article.site, b"", article.fetched_at, via="import", role=article.role)
        return page, Analysis(
            article=article,
            language=known.language,
            text_hash=known.text_hash,
            fingerprint=known.fingerprint,
            evidence=known.local_evidence,
            dispatches=known.dispatches,
            fetched_url=known.fetched_from,
            pipeline_version=known.pipeline_version,
        )
    if one.page is None:
        raise Refused("it takes back a dispatch that is not here", "not-known")
    return one.page, finish(one.page, pool.submit(one.page, ExtractionRules()).result())


# --- JSON lines ------------------------------------------------------------------------------------------------------


def _json(path: Path, of: Reference) -> Iterator[Page | Refusal | Withdrawal]:
    for where, record in json_lines(path):
        yield record if isinstance(record, Refusal) else reference_record(record, where=where, of=of)


def reference_record(record: dict[str, Any], *, where: str, of: Reference) -> Page | Refusal | Withdrawal:
    """`id?, guid?, url?, title?, text | html, published_at?, lang?, dispatch?, status?, withdrawn?`; one of the first
    three is needed."""
    for name in ("guid", "dispatch", "status"):
        if record.get(name) is not None and not isinstance(record[name], str):
            return Refusal(where, "bad-field", f"{name} is no text")
    guid = record.get("guid") or record.get("id") or ""
    if not isinstance(guid, str) or not (guid or record.get("url")):
        return Refusal(where, "no-id", "neither id, guid nor url")
    article = record_id(record["id"] if record.get("id") else unrevised(guid))
    plain = {**record, "url": record.get("url") or address_of(of.agency, guid), "id": article}
    page = page_of_record(plain, where=where, site=of.site or of.agency, now=of.now or datetime.now(UTC))
    version = revision_of(guid) or revision_of(record.get("dispatch") or "")
    taken_back = record.get("withdrawn") is True or (record.get("status") or "").lower() in WITHDRAWN
    if isinstance(page, Refusal):
        bare = Withdrawal(where, article or article_id(plain["url"]), version=version)
        return bare if taken_back and page.reason == "empty" else page
    number = unrevised(record.get("dispatch") or "") or _numbered(of.agency, guid)
    page = replace(page, role="reference", remote_id=number, hint=replace(page.hint, guid=guid, version=version))
    if taken_back or takes_back(page.hint.title):
        return Withdrawal(where, page.article_id or article_id(page.url), page, version)
    return page


def address_of(agency: str, guid: str) -> str:
    """A guid that is a web address is one; another is named by an address that nobody can have (RFC 6761)."""
    if guid.lower().startswith(("http://", "https://")):
        with suppress(FetchError):
            return normalise(guid)
    name = unrevised(guid)
    return dispatch_address(agency, name if len(quote(name, safe=":")) <= LONGEST_NAME else digest("guid", name))


def _numbered(agency: str, guid: str) -> str:
    number = dispatch_of(guid)
    return f"{agency}:{number}" if number else ""


# --- NewsML-G2 -------------------------------------------------------------------------------------------------------


def _newsml(path: Path, of: Reference) -> Iterator[Page | Refusal | Withdrawal]:
    try:
        items = read_newsml(_bytes(path))
    except InputError as error:
        raise InputError(f"{path}: {error.message}") from error
    for number, item in enumerate(items, 1):
        yield page_of_item(item, where=f"{path}, item {number}", of=of)


def _folder_file(path: Path, of: Reference) -> Iterator[Page | Refusal | Withdrawal]:
    """A file among many that can't be read costs itself."""
    try:
        yield from _newsml(path, of)
    except InputError as error:
        yield Refusal(str(path), "not-newsml", error.message)


def _bytes(path: Path) -> bytes:
    """At most one byte more than is allowed, also of a small file that unpacks to a large one."""
    try:
        with gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except (EOFError, zlib.error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"can't be read: {reason}") from error


def page_of_item(item: NewsItem, *, where: str, of: Reference) -> Page | Refusal | Withdrawal:
    """The item as a page of plain text. Its first version dates it: later ones are revisions of the same dispatch."""
    if not item.guid:
        return Refusal(where, "no-id", "the item has no guid")
    article = record_id(unrevised(item.guid))
    taken_back = item.withdrawn or takes_back(item.headline, item.note)
    version = revision_of(item.guid) or item.version
    if not item.text:
        if taken_back:
            return Withdrawal(where, article, version=version)
        return Refusal(where, "no-text", f"the {item.kind} holds no text")
    hint = Hint(
        title=item.headline,
        published_at=item.first_created or item.version_created,
        modified_at=item.version_created,
        authors=(item.byline,) if item.byline else (),
        language=item.language,
        guid=item.guid,
        version=version,
    )
    page = Page(
        url=address_of(of.agency, item.guid),
        site=site_id(of.site or of.agency),
        body=item.text.encode("utf-8", "replace"),
        fetched_at=of.now or datetime.now(UTC),
        kind="text",
        content_type="text/plain; charset=utf-8",
        hint=hint,
        via="import",
        remote_id=_numbered(of.agency, item.guid),
        article_id=article,
        role="reference",
    )
    return Withdrawal(where, article, page, version) if taken_back else page
