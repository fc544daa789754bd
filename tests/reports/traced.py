"""Stories with traces made by hand, as the filer leaves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from monitor.records import AgencyCredit, Document, Duplicate, Evidence, Origin, SourceTrace
from tests.articles import NOW
from tests.articles import document as plain


def at(**span: float) -> datetime:
    return NOW + timedelta(**span)


def trace(
    agency: str = "dpa",
    *,
    credited: bool = True,
    kept: float | None = 0.8,
    lag: int | None = 600,
    origin: str = "https://wire.example/1",
    **more: Any,
) -> SourceTrace:
    """An article of the agency; without a credit it matches one of its articles."""
    said = Evidence("text", agency, f"({agency})", "trailer", 0.95)
    match = Evidence("cluster", agency, "Hafen wird tiefer", "story", 0.9, origin)
    return SourceTrace(
        kind="agency",
        agencies=(AgencyCredit(agency, 0.95 if credited else 0.75),),
        credited=credited,
        uncredited_reuse=not credited,
        origin=Origin(origin, how="agency-member"),
        evidence=(said,) if credited else (match,),
        lag_seconds=lag,
        share_kept=kept,
        **more,
    )


def article(id: str, source: SourceTrace | None = None, *, hours: float = 0, **more: Any) -> Document:
    """`hours` after NOW; what is no field of an article goes to the document."""
    of_document = {name: more.pop(name) for name in ("duplicate", "is_root", "withdrawn") if name in more}
    made = plain(id, more.pop("title", f"Titel {id}"), at=at(hours=hours), published_at=at(hours=hours), **more)
    return replace(made, source=source or SourceTrace(), **of_document)


def copy_of(other: str, kind: str = "near", reverse: float = 0.9) -> dict[str, Any]:
    return {"duplicate": Duplicate(kind, other, 0.8, reverse), "is_root": False}
