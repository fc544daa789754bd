"""An article as it stands by itself: filed and traced without anything stored around it."""

from __future__ import annotations

from dataclasses import replace

from monitor.filing.arrivals import first_document
from monitor.filing.desk import Rules
from monitor.filing.tracing import licence_at
from monitor.records import Analysis, Document
from monitor.sources import Context, find_origin, join


def document_alone(analysis: Analysis, rules: Rules) -> Document:
    """With the trace that its own page gives: what it credits, and where its source links lead."""
    document = first_document(analysis)
    context = Context(licence=licence_at(rules, document), settings=rules.tracing, table=rules.agencies)
    return replace(document, source=join(document, context, find_origin(document, context), None))
