"""Analyses of what is stored, for `monitor store reanalyse`: from the captured text, or from the raw pages."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias

from monitor.analysis import AnalysisPool, Refused, derive
from monitor.config import Loaded
from monitor.errors import NotFound
from monitor.records import Analysis, Document, ExtractionRules, Page
from monitor.sites import load_sites
from monitor.warc import read_record
from monitor.wiring import agencies_file, open_pool

log = logging.getLogger(__name__)

Derive: TypeAlias = Callable[[Sequence[Document]], list[Analysis | None]]


@contextmanager
def deriving(loaded: Loaded, source: Literal["text", "warc"]) -> Iterator[Derive]:
    """Makes the analyses of some documents, in their order. Raises ConfigError for a wrong table of agencies."""
    sites, _ = load_sites(loaded.sites)
    rules = {id: site.rules for id, site in sites.items()}
    from_text = _FromText(rules, agencies_file(loaded))
    if source == "text":
        yield from_text
        return
    pool = open_pool(loaded, loaded.settings.crawl.workers or os.cpu_count() or 1)
    try:
        yield _FromWarc(rules, from_text, pool, loaded.warc)
    finally:
        pool.close(wait=False)


class _FromText:
    """From the captured record. What only the page shows (lines that no rule captured then) is not seen again."""

    def __init__(self, rules: Mapping[str, ExtractionRules], agencies: Path | None) -> None:
        self._rules, self._agencies = rules, agencies

    def __call__(self, documents: Sequence[Document]) -> list[Analysis | None]:
        return [self.one(document) for document in documents]

    def one(self, document: Document) -> Analysis:
        rules = self._rules.get(document.article.site, ExtractionRules())
        return derive(document.article, site_language=rules.language, agencies=self._agencies)


class _FromWarc:
    """From the raw page. One that is not there, or was part of a feed's answer, is made from its text."""

    def __init__(
        self, rules: Mapping[str, ExtractionRules], from_text: _FromText, pool: AnalysisPool, folder: Path
    ) -> None:
        self._rules, self._from_text, self._pool, self._folder = rules, from_text, pool, folder

    def __call__(self, documents: Sequence[Document]) -> list[Analysis | None]:
        futures = [
            self._pool.submit(page, self._rules.get(document.article.site, ExtractionRules())) if page else None
            for document in documents
            for page in [self._page(document)]
        ]
        made: list[Analysis | None] = []
        for document, future in zip(documents, futures, strict=True):
            try:
                made.append(_under_its_name(document, future.result()) if future else self._from_text.one(document))
            except Refused as error:
                log.warning("made from its text article=%s reason=%s", document.id, error.message)
                made.append(self._from_text.one(document))
        return made

    def _page(self, document: Document) -> Page | None:
        article = document.article
        if article.warc is None or article.kind != "page":
            return None
        try:
            record = read_record(self._folder, article.warc)
        except NotFound as error:
            log.warning("made from its text article=%s reason=%s", document.id, error.message)
            return None
        return Page(
            url=document.fetched_from or article.url,
            site=article.site,
            body=record.body,
            fetched_at=article.fetched_at,
            content_type=record.header("Content-Type"),
            article_id=article.id,
            role=article.role,
            warc=article.warc,
        )


def _under_its_name(document: Document, analysis: Analysis) -> Analysis:
    """Identity stays, and what a feed had said of the article where the page itself says nothing."""
    old, new = document.article, analysis.article
    article = replace(
        new,
        id=old.id,
        url=old.url,
        published_at=new.published_at or old.published_at,
        published_how=new.published_how or old.published_how,
        modified_at=new.modified_at or old.modified_at,
        authors=new.authors or old.authors,
        title=new.title or old.title,
        withdrawn=new.withdrawn or old.withdrawn,
    )
    return replace(analysis, article=article)
