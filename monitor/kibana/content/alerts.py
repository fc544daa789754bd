"""What rules found, and what channels took."""

from __future__ import annotations

from monitor.kibana.filters import And, Is, Not
from monitor.kibana.panels import Chart, Control, Dashboard, Dates, Metric, Row, Shape, Terms
from monitor.kibana.texts import Text
from monitor.kibana.views import OUTBOX

# Each rule's feed gets everything that its channels get, so that this counts each hit once.
_HITS = Is("channel", "feed")
HIT_COUNT = Metric("count", Text("Hits", "Treffer"))
BY_TIME = Dates("made", Text("Found", "Gefunden"))
BY_RULE = Terms("rule", Text("Rule", "Regel"), size=9, other=True)

HITS = Chart(
    "hits",
    Text("Hits by rule", "Treffer nach Regel"),
    OUTBOX,
    Shape.STACKED,
    (HIT_COUNT,),
    (BY_RULE, BY_TIME),
    _HITS,
)
DELIVERIES = Chart(
    "deliveries",
    Text("Deliveries by channel", "Zustellungen nach Kanal"),
    OUTBOX,
    Shape.STACKED,
    (Metric("count", Text("Sent", "Gesendet")),),
    (Terms("channel", Text("Channel", "Kanal"), size=9, other=True), BY_TIME),
    And((Is("state", "sent"), Not(_HITS))),
)
CHANNELS = Chart(
    "channels",
    Text("Channels", "Kanäle"),
    OUTBOX,
    Shape.TABLE,
    (
        Metric("count", Text("Alerts", "Meldungen")),
        Metric("count", Text("Sent", "Gesendet"), where=Is("state", "sent")),
        Metric("count", Text("Waiting", "Warten"), where=Is("state", "waiting")),
        Metric("count", Text("Given up", "Aufgegeben"), where=Is("state", "dead")),
        Metric("sum", Text("Failed attempts", "Fehlversuche"), "failures"),
        Metric("max", Text("Last one sent", "Zuletzt gesendet"), "sent"),
    ),
    (Terms("channel", Text("Channel", "Kanal"), size=50),),
)
RULES = Chart(
    "rules",
    Text("Rules", "Regeln"),
    OUTBOX,
    Shape.TABLE,
    (HIT_COUNT, Metric("max", Text("Last hit", "Letzter Treffer"), "made")),
    (Terms("rule", Text("Rule", "Regel"), size=100),),
    _HITS,
)
ALERT_DASHBOARD = Dashboard(
    "alerts",
    Text("Media monitor: alerts", "Medienbeobachtung: Meldungen"),
    Text("What rules found, and what channels took.", "Was Regeln fanden, und was die Kanäle annahmen."),
    (
        Row(13, ((HITS, 24), (DELIVERIES, 24))),
        Row(16, ((RULES, 24), (CHANNELS, 24))),
    ),
    (Control(OUTBOX, "rule"), Control(OUTBOX, "channel")),
)
