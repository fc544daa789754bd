"""The source trace on the screen: who wrote the text, how sure that is and why, and what people decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.cli.common import show_time, table

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.records import Decision, Document, Evidence
    from monitor.sources.licences import Licences

HOW = {
    "reference": "matches the agency's own dispatch",
    "link": "the page behind its source link",
    "id": "carries the same dispatch number",
    "agency-member": "the story's member that credits an agency",
    "earliest": "the story's earliest article",
}


def trace_facts(document: Document, zone: str, licences: Licences | None = None) -> list[tuple[str, str]]:
    """Names and values; what is not known is empty."""
    from monitor.reports.tables import lag, share

    source, origin = document.source, document.source.origin
    agencies = ", ".join(f"{one.id} ({one.confidence:.2f})" for one in source.agencies)
    where = " ".join(part for part in (origin.url or origin.article_id, show_time(origin.published_at, zone)) if part)
    if origin.url and origin.article_id:
        where = f"{where} [{origin.article_id}]"
    against = [
        ("lag", lag(source.lag_seconds), source.lag_seconds is not None),
        ("kept", f"{share(source.share_kept)} of its words", source.share_kept is not None),
        ("added", share(source.share_added), source.share_added is not None),
        ("changed", f"{source.words_changed} words", source.words_changed is not None),
    ]
    credit = "yes" if source.credited else "no: the text is used without its agency's name" * source.uncredited_reuse
    return [
        ("source", "" if source.kind == "unknown" else source.kind),
        ("agencies", agencies),
        ("credited", credit),
        ("licence", _licence(document, licences)),
        ("photos", ", ".join(source.photo_agencies)),
        ("origin", f"{where} ({HOW.get(origin.how, origin.how)})" if where else ""),
        ("against it", ", ".join(f"{name} {value}" for name, value, known in against if known)),
    ]


def _licence(document: Document, licences: Licences | None) -> str:
    """Of each agency whose licences are kept, at the time of the article."""
    from monitor.urls import host_of

    if licences is None:
        return ""
    article, found = document.article, []
    named = dict.fromkeys(
        [one.id for one in document.source.agencies]
        + [one.agency for one in document.source.evidence if one.kind in ("reference", "cluster")]
    )
    for agency in named:
        held = licences.licensed(agency, article.site, document.story_time, host=host_of(article.url))
        if held is not None:
            found.append(f"{agency}: {'licensed' if held else 'not licensed'}")
    return ", ".join(found)


def print_evidence(out: Console, evidence: Sequence[Evidence]) -> None:
    """Each piece with its quote, its place and its weight, heaviest first."""
    from rich.text import Text

    rows = table("kind", "agency", "weight", "where", "quote", "page", right=("weight",), whole=("kind", "agency"))
    for one in sorted(evidence, key=lambda e: -e.weight):
        rows.add_row(one.kind, one.agency, f"{one.weight:.2f}", one.where, Text(f'"{one.quote}"'), Text(one.url))
    out.print(rows)


def print_decisions(out: Console, decisions: Sequence[Decision], zone: str) -> None:
    """Oldest first: the last one counts."""
    from rich.text import Text

    rows = table("decided", "by", "what", "", whole=("decided",))
    for one in decisions:
        rows.add_row(show_time(one.at, zone), Text(one.author), one.verb, Text(one.argument))
    out.print(rows)
