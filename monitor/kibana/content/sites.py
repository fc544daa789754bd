"""What crawls bring, and what goes wrong."""

from __future__ import annotations

from monitor.kibana.content.searches import REJECTED
from monitor.kibana.filters import Is, Not
from monitor.kibana.panels import Chart, Control, Dashboard, Dates, Metric, Row, Shape, Terms
from monitor.kibana.texts import Text
from monitor.kibana.views import REJECTIONS, RUNS

RUN_COUNT = Metric("count", Text("Runs", "Läufe"))
STORED = Metric("sum", Text("Stored", "Gespeichert"), "stored")
FAILED = Metric("sum", Text("Failed", "Fehlgeschlagen"), "failed")
REJECTED_COUNT = Metric("sum", Text("Rejected", "Abgelehnt"), "rejected")
MEDIAN_DURATION = Metric("median", Text("Median duration", "Dauer (Median)"), "duration_seconds")
BY_START = Dates("started_at", Text("Started", "Begonnen"))

YIELD = Chart(
    "yield",
    Text("Articles stored, by site", "Gespeicherte Artikel, nach Quelle"),
    RUNS,
    Shape.STACKED,
    (STORED,),
    (Terms("site", Text("Site", "Quelle"), size=9, other=True), BY_START),
)
FAILURES = Chart(
    "failures",
    Text("Failures", "Fehlschläge"),
    RUNS,
    Shape.BARS,
    (
        Metric("count", Text("Failed runs", "Gescheiterte Läufe"), where=Is("status", "failed")),
        Metric("sum", Text("Failed addresses", "Fehlgeschlagene Adressen"), "failed"),
    ),
    (BY_START,),
)
SITE_TABLE = Chart(
    "runs-by-site",
    Text("Runs by site", "Läufe nach Quelle"),
    RUNS,
    Shape.TABLE,
    (
        RUN_COUNT,
        Metric("sum", Text("Discovered", "Gefunden"), "discovered"),
        Metric("sum", Text("Fetched", "Abgerufen"), "fetched"),
        STORED,
        Metric("sum", Text("Updated", "Geändert"), "updated"),
        FAILED,
        REJECTED_COUNT,
        MEDIAN_DURATION,
        Metric("max", Text("Last run", "Letzter Lauf"), "started_at"),
    ),
    (Terms("site", Text("Site", "Quelle"), size=100),),
)
REASONS = Chart(
    "rejections-by-reason",
    Text("Rejections by reason", "Ablehnungen nach Grund"),
    REJECTIONS,
    Shape.STACKED_ACROSS,
    (Metric("count", Text("Pages", "Seiten")),),
    (Terms("reason", Text("Reason", "Grund"), size=15), Terms("site", Text("Site", "Quelle"), size=9, other=True)),
)
DURATIONS = Chart(
    "durations",
    Text("Duration of runs", "Dauer der Läufe"),
    RUNS,
    Shape.LINES,
    (MEDIAN_DURATION, Metric("max", Text("Longest", "Längste"), "duration_seconds")),
    (BY_START,),
    Not(Is("status", "running")),
)
SITE_DASHBOARD = Dashboard(
    "sites",
    Text("Media monitor: sites", "Medienbeobachtung: Quellen"),
    Text("What crawls bring, and what goes wrong.", "Was die Läufe bringen, und was schiefgeht."),
    (
        Row(13, ((YIELD, 24), (FAILURES, 24))),
        Row(14, ((SITE_TABLE, 48),)),
        Row(13, ((REASONS, 24), (DURATIONS, 24))),
        Row(16, ((REJECTED, 48),)),
    ),
    (Control(RUNS, "site"),),
)
