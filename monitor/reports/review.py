"""A press review: one entry for each story that answers a question, with its sources; as a web page or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import islice
from zoneinfo import ZoneInfo

from monitor.alerts import Entry, Message, Notice, Section, Style, alert_message, clean
from monitor.alerts.asking import LONGEST_QUESTION
from monitor.alerts.messages import moment
from monitor.alerts.wording import words
from monitor.query import Node
from monitor.records import Document
from monitor.reports.entries import Shown, entries_of
from monitor.store.port import SearchRequest, Store

MOST = 1000  # stories of one review; more are no review any more
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Review:
    """`query`: what was asked, in a line. `more`: stories that are left out because of MOST. Entries in their order.
    Without a title it is called a press review.
    """

    title: str
    query: str
    at: datetime
    entries: tuple[Entry, ...]
    more: int = 0
    since: datetime | None = None
    until: datetime | None = None  # when the time is over that was asked for; None: at `at`


def review(
    store: Store,
    asked: Node,
    title: str,
    query: str,
    at: datetime,
    shown: Shown,
    *,
    order: str = "newest",
    between: tuple[datetime | None, datetime | None] = (None, None),
) -> Review:
    """`order`: newest, oldest, copies (the widest spread first) or site. Each story with its article that answers best
    in that order. `between`: the time that `asked` is narrowed to.
    """
    sort = "oldest" if order == "oldest" else "newest"
    request = SearchRequest(asked, sort=sort, limit=MOST, stories=True, highlight=False)
    found = store.search(request)
    entries = [
        one
        for batch in _batches([hit.document for hit in found.hits])
        for one in entries_of(store, batch, asked, shown)
    ]
    return Review(title, query, at, tuple(_ordered(entries, order)), max(0, found.total - len(entries)), *between)


def _batches(documents: Sequence[Document]) -> Iterator[list[Document]]:
    rest = iter(documents)
    while batch := list(islice(rest, _AT_ONCE)):
        yield batch


def _ordered(entries: Sequence[Entry], order: str) -> list[Entry]:
    if order == "copies":
        return sorted(entries, key=lambda one: (-one.copies, one.at, one.article))
    if order == "site":
        return sorted(entries, key=lambda one: (one.site, one.at, one.article))
    return sorted(entries, key=lambda one: (one.at, one.article), reverse=order != "oldest")


def message_of(review: Review, style: Style) -> Message:
    """As alerts are written."""
    title = review_title(review, style)
    section = Section(title, review.query, review.entries, review.more)
    return alert_message([section], style, digest="review", told=Notice(title, review_lines(review, style)))


def review_title(review: Review, style: Style) -> str:
    """As it was given, or what it is."""
    return review.title or words(style.language)["review"]


def review_lines(review: Review, style: Style) -> tuple[str, ...]:
    """Of when it is, what was asked, of which time, and how much there is."""
    said, count = words(style.language), len(review.entries) + review.more
    asked = (f"{said['asks']}: {clean(review.query, LONGEST_QUESTION)}",) if review.query else ()
    last = review.until or review.at
    if last.astimezone(ZoneInfo(style.zone)).time() == time():
        last -= timedelta(minutes=1)  # the end of a day, and not the beginning of the next
    times = {"since": moment(review.since, style) if review.since else "", "until": moment(last, style)}
    number = said["one_story" if count == 1 else "stories"].format(count=count) if count else said["nothing"]
    period = said["between" if review.since else "before"].format(**times)
    return (said["as_of"].format(at=moment(review.at, style)), *asked, period, number)


def as_html(review: Review, style: Style) -> bytes:
    return message_of(review, style).html.encode()


def as_mail(review: Review, style: Style) -> bytes:
    """A message of RFC 5322 without sender and recipients, to be opened in a mail program or sent on."""
    written = message_of(review, style)
    mail = EmailMessage()
    mail["Subject"] = clean(review_title(review, style))
    mail["Date"] = format_datetime(review.at)
    mail["X-Unsent"] = "1"  # mail programs open it to be sent
    mail.set_content(written.text)
    mail.add_alternative(written.html, subtype="html")
    return mail.as_bytes()
