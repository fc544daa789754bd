"""Who uses whose texts, licensed or not, credited or not."""

from __future__ import annotations

from monitor.kibana.content.searches import UNCREDITED_REUSE
from monitor.kibana.content.shared import (
    ARTICLE_COUNT,
    BY_DAY,
    BY_SITE,
    MEAN_KEPT,
    MEDIAN_LAG,
    OF_AGENCIES,
    PUBLISHED,
    REUSE_COUNT,
)
from monitor.kibana.filters import Is
from monitor.kibana.panels import Chart, Control, Dashboard, Metric, Row, Shape, Terms
from monitor.kibana.texts import Text
from monitor.kibana.views import ARTICLES

USE_BY_SITE = Chart(
    "use-by-site",
    Text("Use of agencies' texts by site", "Nutzung von Agenturtexten nach Quelle"),
    ARTICLES,
    Shape.TABLE,
    (
        Metric("count", Text("All", "Alle")),
        Metric("count", Text("Licensed", "Lizenziert"), where=Is("licensed", True)),
        Metric("count", Text("Not licensed", "Nicht lizenziert"), where=Is("licensed", False)),
        Metric("count", Text("Credited", "Mit Nennung"), where=Is("credited", True)),
        REUSE_COUNT,
    ),
    (BY_SITE,),
    OF_AGENCIES,
)
AGENCIES_OVER_TIME = Chart(
    "agencies-over-time",
    Text("Agencies over time", "Agenturen im Zeitverlauf"),
    ARTICLES,
    Shape.STACKED,
    (ARTICLE_COUNT,),
    (Terms("agency", Text("Agency", "Agentur"), size=9, other=True), BY_DAY),
    PUBLISHED,
)
COPIES_FROM = Chart(
    "copies-from",
    Text("Who copies whom", "Wer von wem übernimmt"),
    ARTICLES,
    Shape.TABLE,
    (ARTICLE_COUNT, MEDIAN_LAG, MEAN_KEPT, REUSE_COUNT),
    (BY_SITE, Terms("origin_site", Text("Comes from", "Stammt von"))),
    PUBLISHED,
)
WRITTEN_BY = Chart(
    "written-by",
    Text("Who wrote the texts", "Wer die Texte schrieb"),
    ARTICLES,
    Shape.DONUT,
    (ARTICLE_COUNT,),
    (Terms("kind", Text("Who wrote it", "Wer es schrieb")),),
    PUBLISHED,
)
PHOTO_AGENCIES = Chart(
    "photo-agencies",
    Text("Agencies of pictures", "Bildagenturen"),
    ARTICLES,
    Shape.ACROSS,
    (ARTICLE_COUNT,),
    (Terms("photo_agency", Text("Photo agency", "Bildagentur")),),
    PUBLISHED,
)
AGENCY_DASHBOARD = Dashboard(
    "agencies",
    Text("Media monitor: agencies", "Medienbeobachtung: Agenturen"),
    Text(
        "Who uses whose texts, licensed or not, credited or not.",
        "Wer wessen Texte nutzt, mit oder ohne Lizenz und Nennung.",
    ),
    (
        Row(15, ((USE_BY_SITE, 24), (COPIES_FROM, 24))),
        Row(12, ((AGENCIES_OVER_TIME, 24), (WRITTEN_BY, 10), (PHOTO_AGENCIES, 14))),
        Row(18, ((UNCREDITED_REUSE, 48),)),
    ),
    (Control(ARTICLES, "site"), Control(ARTICLES, "agency"), Control(ARTICLES, "origin_site")),
)
