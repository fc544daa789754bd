"""What arrives, held against what is stored: new articles, new revisions, twins. Reads nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.records import Analysis, Document, Filed, InboxItem, Revision
from monitor.text import digest, folded_tokens
from monitor.urls import article_id

# Two addresses claim one canonical address: the same article in two dresses shares most words, strangers (sites that
# give one canonical to every page) share their function words only. On 206 real pages, strangers of one language
# share at most .31 of the shorter text's distinct words; a print version shares all.
TWIN_SHARE = 0.5


class Arrivals:
    """Documents as they are after each item of the batch in turn."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = dict(documents)
        self._changed: dict[str, Document] = {}
        self._revisions: list[Revision] = []
        self._filed: list[Filed] = []

    def add(self, item: InboxItem) -> None:
        analysis = item.analysis
        known = self._documents.get(analysis.article.id)
        if known is not None and not _same_article(known, analysis):
            analysis = _on_its_own(analysis)
            known = self._documents.get(analysis.article.id)
        if known is None:
            self._store(analysis)
            result = "stored"
        elif known.article.role == "source" and analysis.article.role == "article":
            self._revise(known, analysis)  # it was only looked at behind a link; now a site has it for its own
            result = "stored"
        elif analysis.article.withdrawn and not known.withdrawn and analysis.text_hash == known.text_hash:
            self._take_back(known, analysis)
            result = "updated"
        elif _is_older(known, analysis):
            result = "updated" if self._date(known, analysis) else "unchanged"
        elif _is_known(known, analysis):
            result = "unchanged"
        else:
            self._revise(known, analysis)
            result = "updated"
        self._filed.append(Filed(item.number, item.analysis.run, result))

    def _store(self, analysis: Analysis) -> None:
        self._put(first_document(analysis))

    def _revise(self, known: Document, analysis: Analysis) -> None:
        article = analysis.article
        document = replace(
            known,
            article=article,
            language=analysis.language,
            text_hash=analysis.text_hash,
            # A page that is dated anew on every visit keeps the place it had.
            story_time=min(known.story_time, article.published_at or known.story_time),
            fetched_from=analysis.fetched_url or known.fetched_from,
            last_seen=max(known.last_seen, article.fetched_at),
            revision=known.revision + 1,
            fingerprint=analysis.fingerprint,
            local_evidence=analysis.evidence,
            dispatches=analysis.dispatches,
            withdrawn=article.withdrawn,
            pipeline_version=analysis.pipeline_version,
        )
        self._put(document)

    def _take_back(self, known: Document, analysis: Analysis) -> None:
        """The same text, withdrawn by who wrote it: no revision. It is never undone by the same text coming again."""
        article = replace(known.article, withdrawn=True)
        seen = max(known.last_seen, analysis.article.fetched_at)
        taken_back = replace(known, article=article, last_seen=seen, withdrawn=True)
        self._documents[known.id] = self._changed[known.id] = taken_back

    def _date(self, known: Document, analysis: Analysis) -> bool:
        """An older version came late: its text is not kept, its date is the dispatch's where that is earlier."""
        published = analysis.article.published_at
        if published is None or published >= known.story_time:
            return False
        self._documents[known.id] = self._changed[known.id] = replace(known, story_time=published)
        return True

    def _put(self, document: Document) -> None:
        self._documents[document.id] = self._changed[document.id] = document
        article = document.article
        self._revisions.append(
            Revision(
                article_id=article.id,
                number=document.revision,
                title=article.title,
                text=article.text,
                text_hash=document.text_hash,
                fetched_at=article.fetched_at,
                published_at=article.published_at,
                modified_at=article.modified_at,
                warc=article.warc,
            )
        )

    @property
    def changed(self) -> tuple[Document, ...]:
        """New and revised, in the order in which they came; their place in a story is still to be found."""
        return tuple(self._changed.values())

    @property
    def revisions(self) -> tuple[Revision, ...]:
        return tuple(self._revisions)

    @property
    def filed(self) -> tuple[Filed, ...]:
        return tuple(self._filed)


def first_document(analysis: Analysis) -> Document:
    """The article as it is filed when nothing is known of it yet."""
    article = analysis.article
    seen = article.fetched_at
    return Document(
        article=article,
        language=analysis.language,
        text_hash=analysis.text_hash,
        story=digest("story", article.id),
        first_seen=seen,
        story_time=min(seen, article.published_at or seen),
        last_seen=seen,
        fetched_from=analysis.fetched_url,
        fingerprint=analysis.fingerprint,
        local_evidence=analysis.evidence,
        dispatches=analysis.dispatches,
        withdrawn=article.withdrawn,
        pipeline_version=analysis.pipeline_version,
    )


def _same_article(known: Document, analysis: Analysis) -> bool:
    """Is the page behind the same canonical address the same article, and not a stranger's that claims it?"""
    if (
        _has_own_id(analysis)
        or not analysis.fetched_url
        or analysis.fetched_url in (known.fetched_from, known.article.url)
    ):
        return True
    if analysis.text_hash == known.text_hash:
        return True
    mine, other = set(folded_tokens(analysis.article.text)), set(folded_tokens(known.article.text))
    return len(mine & other) >= TWIN_SHARE * max(1, min(len(mine), len(other)))


def _is_known(known: Document, analysis: Analysis) -> bool:
    """Nothing new: the same text, another dress of it, or a look behind a link at what a site has for its own."""
    if analysis.article.role == "source" and known.article.role != "source":
        return True
    return analysis.text_hash == known.text_hash or _is_twin(known, analysis)


def _is_older(known: Document, analysis: Analysis) -> bool:
    """Is it an earlier version of a dispatch than the one that is here? By number, then by the time of its change."""
    old, new = known.article, analysis.article
    if new.role != "reference" or old.role != "reference":
        return False
    if old.version and new.version and old.version != new.version:
        return new.version < old.version
    return old.modified_at is not None and new.modified_at is not None and new.modified_at < old.modified_at


def _is_twin(known: Document, analysis: Analysis) -> bool:
    """The print, AMP or tracking twin of an article does not revise it: the two texts would alternate for ever."""
    if _has_own_id(analysis):
        return False
    return bool(analysis.fetched_url and known.fetched_from) and analysis.fetched_url != known.fetched_from


def _has_own_id(analysis: Analysis) -> bool:
    """An import's own id says which article it is; its addresses say nothing more."""
    return analysis.article.id != article_id(analysis.article.url)


def _on_its_own(analysis: Analysis) -> Analysis:
    url = analysis.fetched_url
    return replace(analysis, article=replace(analysis.article, id=article_id(url), url=url))
