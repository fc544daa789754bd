"""Where a text comes from: agencies, evidence, origin. Usable on plain texts, without a store."""

from __future__ import annotations

from monitor.sources.agencies import UNKNOWN, Agency, AgencyTable
from monitor.sources.agencies import load as load_agencies
from monitor.sources.crediting import CREDITED, credit, photo_agencies
from monitor.sources.evidence import Local, local_evidence

__all__ = [
    "CREDITED",
    "UNKNOWN",
    "Agency",
    "AgencyTable",
    "Local",
    "credit",
    "load_agencies",
    "local_evidence",
    "photo_agencies",
]
