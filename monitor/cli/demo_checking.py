"""What the demo compares: the archive with the world that was crawled, whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.sources import CREDITED

if TYPE_CHECKING:
    from monitor.cli.crawl_display import Summary
    from monitor.demo.records import Truth
    from monitor.demo.server import RunningWorld
    from monitor.records import Document
    from monitor.store.port import Store


def failed(summary: Summary) -> list[str]:
    found = [f"{ended.site}: {ended.message}" for ended, _ in summary.results if not ended.ok]
    return found + ([f"{summary.unfiled} articles were not filed"] if summary.unfiled else [])


def differences(world: RunningWorld, documents: dict[str, Document]) -> list[str]:
    """What the archive says otherwise than the world."""
    found = []
    for key in world.world.truth:
        site, _, slug = key.partition("/")
        article, document = world.article(site, slug), documents.get(world.url(key))
        if document is None:
            found.append(f"{key} is not in the archive")
            continue
        if document.language.code != article.language:
            found.append(f"{key}: language {document.language.code}, written in {article.language}")
        if document.article.title != article.title:
            found.append(f"{key}: title {document.article.title!r}, written {article.title!r}")
        missing = [
            part for part in article.paragraphs if " ".join(part.split()) not in " ".join(document.article.text.split())
        ]
        if missing:
            found.append(f"{key}: a paragraph is missing: {missing[0][:60]}...")
    if len(documents) != len(world.world.truth):
        found.append(f"{len(documents)} articles in the archive, {len(world.world.truth)} in the world")
    return found


def asked_again(world: RunningWorld, before: dict[str, dict[str, int]]) -> list[str]:
    """Pages that the second crawl fetched again: there should be none."""
    pages = {world.url(key)[len(world.addresses[key.partition("/")[0]]) :] for key in world.world.truth}
    return [
        f"{site}{path} was fetched again by the second crawl"
        for site in world.addresses
        for path, count in world.hits(site).items()
        if path in pages and count > before[site].get(path, 0)
    ]


def searched(store: Store, query: str) -> list[str]:
    from monitor.query import parse
    from monitor.store.port import SearchRequest

    total = store.search(SearchRequest(parse(query))).total
    return [] if total >= 2 else [f"the search for {query} found {total} articles, expected the original and a copy"]


def traced(world: RunningWorld, documents: dict[str, Document]) -> list[str]:
    """Stories and traces that are otherwise than the world was made."""
    found = []
    for key, truth in world.world.truth.items():
        document = documents.get(world.url(key))
        if document is None:
            continue
        found += [f"{key}: {problem}" for problem in _wrong(world, documents, truth, document)]
    return found


def _wrong(world: RunningWorld, documents: dict[str, Document], truth: Truth, document: Document) -> list[str]:
    problems = []
    for original in truth.originals:
        source = documents.get(world.url(original))
        if source is not None and source.story not in (document.story, *document.also_in):
            problems.append(f"is neither in the story of {original}, which it copies, nor linked to it")
        if truth.source_link and document.source.origin.url != world.url(truth.source_link):
            problems.append(f"came from {document.source.origin.url or 'nowhere'}, not from {truth.source_link}")
    if not truth.originals and not document.is_root and truth.kind != "original":
        problems.append("was taken for a copy, and is none")
    agencies = {one.id for one in document.source.agencies if one.confidence >= CREDITED}
    if not set(truth.agencies) <= agencies or not agencies <= {*truth.agencies, *truth.written_by}:
        problems.append(f"agencies {sorted(agencies)}, written by {sorted({*truth.agencies, *truth.written_by})}")
    if set(document.source.photo_agencies) != set(truth.photo_agencies):
        problems.append(f"picture agencies {document.source.photo_agencies}, in the world {truth.photo_agencies}")
    return problems
