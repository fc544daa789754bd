"""Where a text comes from: agencies, evidence, origin. Usable on plain texts, without a store."""

from __future__ import annotations

from monitor.sources.agencies import UNKNOWN, Agency, AgencyTable
from monitor.sources.agencies import load as load_agencies
from monitor.sources.crediting import CREDITED, credit, credited_itself, photo_agencies
from monitor.sources.evidence import Local, local_evidence
from monitor.sources.surroundings import partner
from monitor.sources.trace import (
    Context,
    TraceSettings,
    credited_by,
    decided_credits,
    find_origin,
    foreign_links,
    join,
    licensed_by,
)
from monitor.sources.using import reuses, use_of
from monitor.sources.withdrawn import is_withdrawal, takes_back

__all__ = [
    "CREDITED",
    "UNKNOWN",
    "Agency",
    "AgencyTable",
    "Context",
    "Local",
    "TraceSettings",
    "credit",
    "credited_by",
    "credited_itself",
    "decided_credits",
    "find_origin",
    "foreign_links",
    "is_withdrawal",
    "join",
    "licensed_by",
    "load_agencies",
    "local_evidence",
    "partner",
    "photo_agencies",
    "reuses",
    "takes_back",
    "use_of",
]
