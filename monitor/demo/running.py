"""The state of a running world: what each site shows now, what was asked of it, and how to change it meanwhile."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from monitor.demo.records import Article, NewsSite, View
from monitor.demo.world import split_paragraphs
from monitor.errors import NotFound


class SiteState:
    """One site while it is served. Every method may be called from any thread."""

    def __init__(self, site: NewsSite, articles: Iterable[Article]) -> None:
        self.site = site
        self._lock = threading.Lock()
        self._articles = {article.slug: article for article in articles}
        self._gone: set[str] = set()
        self._hits: Counter[str] = Counter()
        self._failed: set[str] = set()

    def view(self, addresses: Mapping[str, str]) -> View:
        """What the site shows at this moment."""
        with self._lock:
            found = sorted(self._articles.values(), key=lambda one: (one.published_at, one.slug), reverse=True)
        return View(self.site, addresses, tuple(found))

    def article(self, slug: str) -> Article:
        """Raises NotFound."""
        with self._lock:
            if slug not in self._articles:
                raise NotFound(f"{self.site.id} has no article {slug!r}")
            return self._articles[slug]

    def put(self, article: Article) -> None:
        """Publish, or replace the article of the same slug."""
        with self._lock:
            self._articles[article.slug] = article
            self._gone.discard(article.path)

    def edit(self, slug: str, text: str, at: datetime | None) -> None:
        """Another text from now on, with its time of change. Raises NotFound."""
        moment = (at or datetime.now(UTC)).replace(microsecond=0)
        self.put(replace(self.article(slug), paragraphs=split_paragraphs(text), modified_at=moment))

    def remove(self, slug: str) -> None:
        """Its page answers 410 from now on. Raises NotFound."""
        article = self.article(slug)
        with self._lock:
            del self._articles[slug]
            self._gone.add(article.path)

    def is_gone(self, path: str) -> bool:
        with self._lock:
            return path in self._gone

    def count(self, path: str) -> None:
        """One more request for this path."""
        with self._lock:
            self._hits[path] += 1

    def hits(self) -> dict[str, int]:
        """Requests by path, without their queries."""
        with self._lock:
            return dict(self._hits)

    def first_failure(self, path: str) -> bool:
        """True once per path: a fault is shown one time, then the page is there."""
        with self._lock:
            if path in self._failed:
                return False
            self._failed.add(path)
            return True
