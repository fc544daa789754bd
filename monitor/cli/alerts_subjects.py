"""What alerts were about, as people know it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from monitor.records import Alert
    from monitor.store.port import Store

_AT_ONCE = 200  # articles that are read together


class Subject(NamedTuple):
    """Of the alert's article as it is now, or of what was told of the monitor or of a day; empty where it is gone."""

    title: str = ""
    site: str = ""
    url: str = ""


def subjects(store: Store, alerts: Sequence[Alert]) -> list[Subject]:
    """One for each alert, in their order."""
    known: dict[str, Subject] = {}
    ids = iter(dict.fromkeys(one.article for one in alerts if one.article))
    while batch := list(islice(ids, _AT_ONCE)):
        for id, document in store.documents(batch).items():
            article = document.article
            known[id] = Subject(article.title or article.url, article.site, article.url)
    return [_noted(one) if one.note else known.get(one.article, Subject()) for one in alerts]


def _noted(alert: Alert) -> Subject:
    from monitor.alerts import Notice
    from monitor.codec import decode

    return Subject(decode(Notice, alert.note).title)
