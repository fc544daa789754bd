"""What `monitor sites check` shows of a dry run: for a reader, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.common import console, show_number, show_time

if TYPE_CHECKING:
    from monitor.cli.sites_checking import Checked, Yielded
    from monitor.records import Analysis

FIRST_LINES = 3  # paragraphs of the sample
LONGEST_LINE = 300  # characters of each


def show_checked(checked: Checked, *, limit: int, zone: str) -> None:
    """`limit`: addresses shown of each source; times are shown in the zone."""
    from rich.text import Text

    out, site = console(), checked.site
    head = Text(site.id, style="bold").append(f"  {site.name}  {site.url}", style="not bold")
    out.print(head.append("" if site.enabled else "  (disabled)", style="not bold"), soft_wrap=True)
    for one in checked.sources:
        _show_source(one, limit=limit, zone=zone)
    if checked.sample is None:
        out.print(Text(f"  no sample article: {checked.problem}", style="red"), soft_wrap=True)
    else:
        _show_sample(checked.sample, zone)
    out.print()


def _show_source(one: Yielded, *, limit: int, zone: str) -> None:
    from rich.text import Text

    out, name = console(), f"{one.source.kind} {one.source.url}"
    if one.error:
        out.print(Text(f"  {name}: failed: {one.error}", style="red"), soft_wrap=True)
        return
    newest = f", newest {show_time(one.newest, zone)}" if one.newest else ""
    of_all = f" of {show_number(one.total)}" if one.total > len(one.offers) else ""
    out.print(f"  {name}: {len(one.offers)} articles{of_all}{newest}", soft_wrap=True)
    counts = [
        (one.count("fetch") + one.count("unknown"), "to fetch"),
        (one.count("whole"), "come whole, without a fetch"),
        (one.count("left-out"), "left out by allow and deny"),
        (one.count("robots"), "forbidden by robots.txt"),
        (one.skipped, "entries without an address"),
    ]
    out.print("    " + (", ".join(f"{count} {what}" for count, what in counts if count) or "nothing"), soft_wrap=True)
    marks = {"left-out": "left out", "robots": "robots.txt", "whole": "whole"}
    for offer in one.offers[:limit]:
        published = show_time(offer.link.hint.published_at, zone) or "no date"
        style = "dim" if offer.verdict in ("left-out", "robots") else ""
        line = f"    {published:<16}  {marks.get(offer.verdict, 'fetch'):<10}  {offer.link.url}"
        out.print(Text(line, style=style), soft_wrap=True)


def _show_sample(sample: Analysis, zone: str) -> None:
    from rich.text import Text

    article, language, out = sample.article, sample.language, console()
    published = show_time(article.published_at, zone)
    facts = [
        ("sample", article.url),
        ("title", article.title or "(none)"),
        ("published", f"{published} {zone} (from {article.published_how})" if published else "not known"),
        ("language", f"{language.code} ({language.confidence:.2f}, by {language.method})"),
        ("authors", ", ".join(article.authors)),
        ("words", str(article.words)),
        *(("text", _cut(line)) for line in article.text.split("\n\n")[:FIRST_LINES]),
        *(
            ("caption", f"{one.text}  [credit: {one.credit}]" if one.credit else one.text)
            for one in article.captions[:3]
        ),
        *(("source", f"{one.label or one.how}: {one.url}") for one in article.source_links[:3]),
    ]
    for label, value in facts:
        if value:
            out.print(Text(f"  {label:<10} ", style="dim").append(value, style="not dim"), soft_wrap=True)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE].rstrip()} ..."


def checked_json(checked: Checked) -> dict[str, Any]:
    from monitor.exporting import export_record
    from monitor.filing import Rules, document_alone

    sample = checked.sample
    return {
        "site": checked.site.id,
        "ok": checked.ok,
        "sources": [
            {
                "kind": one.source.kind,
                "url": one.source.url,
                "error": one.error,
                "newest": one.newest,
                "total": one.total or len(one.offers),
                "skipped": one.skipped,
                "articles": [
                    {
                        "url": offer.link.url,
                        "title": offer.link.hint.title,
                        "published_at": offer.link.hint.published_at,
                        "verdict": offer.verdict,
                    }
                    for offer in one.offers
                ],
            }
            for one in checked.sources
        ],
        "sample": export_record(document_alone(sample, Rules())) if sample is not None else None,
        "problem": checked.problem,
    }
