"""What rules found, and what channels took."""

from __future__ import annotations

from monitor.kibana.filters import And, Is, Not, Range
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
BY_CHANNEL = Terms("channel", Text("Channel", "Kanal"), size=9, other=True)
# Kibana holds a chart's own time against the time range: what was found long before it was sent is there, too.
DELIVERIES = Chart(
    "deliveries",
    Text("Alerts delivered, by channel", "Zugestellte Meldungen nach Kanal"),
    OUTBOX,
    Shape.STACKED,
    (Metric("count", Text("Alerts delivered", "Zugestellte Meldungen")),),
    (BY_CHANNEL, Dates("sent", Text("Sent", "Gesendet"))),
    And((Is("state", "sent"), Not(_HITS))),
    Text("A digest is one message of several alerts.", "Eine Sammlung ist eine Nachricht mit mehreren Meldungen."),
)
FAILURES = Chart(
    "failed_attempts",
    Text("Failed attempts by channel", "Fehlversuche nach Kanal"),
    OUTBOX,
    Shape.STACKED,
    (Metric("sum", Text("Failed attempts", "Fehlversuche"), "failures"),),
    (BY_CHANNEL, Dates("due", Text("Due", "Fällig"))),
    Range("failures", from_=1),
    Text(
        "At the time at which the alert was due: that of a single attempt is in its history alone.",
        "Zu der Zeit, zu der die Meldung fällig war: die eines einzelnen Versuchs steht nur in ihrem Verlauf.",
    ),
)
CHANNELS = Chart(
    "channels",
    Text("Channels", "Kanäle"),
    OUTBOX,
    Shape.TABLE,
    (
        Metric("count", Text("Alerts (several in a digest)", "Meldungen (mehrere je Sammlung)")),
        Metric("count", Text("Delivered", "Zugestellt"), where=Is("state", "sent")),
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
        Row(13, ((HITS, 16), (DELIVERIES, 16), (FAILURES, 16))),
        Row(16, ((RULES, 24), (CHANNELS, 24))),
    ),
    (Control(OUTBOX, "rule"), Control(OUTBOX, "channel")),
    days=30,  # what a channel does not take is given up after seven, and would be seen for an hour in the usual range
)
