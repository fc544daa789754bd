"""How far stories spread, how fast, how much is kept."""

from __future__ import annotations

from monitor.kibana.content.searches import ROOTS_ONLY, WIDEST_SPREAD
from monitor.kibana.content.shared import (
    ARTICLE_COUNT,
    BY_SITE,
    COPIES,
    DAY,
    HOUR,
    MEAN_KEPT,
    MEDIAN_LAG,
    MINUTE,
)
from monitor.kibana.filters import Is, Range
from monitor.kibana.panels import Cases, Chart, Dashboard, Dates, Metric, Row, Shape
from monitor.kibana.texts import Text
from monitor.kibana.views import ARTICLES, STORIES

STORIES_BEGUN = Chart(
    "stories-begun",
    Text("Stories by number of sites", "Geschichten nach Anzahl der Quellen"),
    STORIES,
    Shape.STACKED,
    (Metric("count", Text("Stories", "Geschichten")),),
    (
        Cases(
            Text("Sites", "Quellen"),
            (
                (Text("one", "eine"), Is("site_count", 1)),
                (Text("2 to 4", "2 bis 4"), Range("site_count", 2, 5)),
                (Text("5 to 9", "5 bis 9"), Range("site_count", 5, 10)),
                (Text("10 and more", "10 und mehr"), Range("site_count", 10)),
            ),
        ),
        Dates("first", Text("First seen", "Zuerst")),
    ),
)
LAG = Chart(
    "lag",
    Text("How long copies take", "Wie lange Kopien brauchen"),
    ARTICLES,
    Shape.BARS,
    (ARTICLE_COUNT,),
    (
        Cases(
            Text("Lag", "Verzug"),
            (
                (Text("under 10 min", "unter 10 min"), Range("lag_seconds", 0, 10 * MINUTE)),
                (Text("10 to 60 min", "10 bis 60 min"), Range("lag_seconds", 10 * MINUTE, HOUR)),
                (Text("1 to 6 h", "1 bis 6 h"), Range("lag_seconds", HOUR, 6 * HOUR)),
                (Text("6 to 24 h", "6 bis 24 h"), Range("lag_seconds", 6 * HOUR, DAY)),
                (Text("a day and more", "einen Tag und mehr"), Range("lag_seconds", DAY)),
            ),
        ),
    ),
    COPIES,
)
SHARE_KEPT = Chart(
    "share-kept",
    Text("How much copies keep of the origin", "Wie viel Kopien vom Ursprung übernehmen"),
    ARTICLES,
    Shape.BARS,
    (ARTICLE_COUNT,),
    (
        Cases(
            Text("Share kept", "Anteil übernommen"),
            (
                (Text("under 25 %", "unter 25 %"), Range("share_kept", 0, 0.25)),
                (Text("25 to 50 %", "25 bis 50 %"), Range("share_kept", 0.25, 0.5)),
                (Text("50 to 80 %", "50 bis 80 %"), Range("share_kept", 0.5, 0.8)),
                (Text("80 % and more", "80 % und mehr"), Range("share_kept", 0.8)),
            ),
        ),
    ),
    COPIES,
)
COPYING_SITES = Chart(
    "copying-sites",
    Text("Copies by site", "Kopien nach Quelle"),
    ARTICLES,
    Shape.TABLE,
    (ARTICLE_COUNT, MEDIAN_LAG, MEAN_KEPT, Metric("average", Text("Share added", "Anteil hinzugefügt"), "share_added")),
    (BY_SITE,),
    COPIES,
)
STORY_DASHBOARD = Dashboard(
    "stories",
    Text("Media monitor: stories", "Medienbeobachtung: Geschichten"),
    Text(
        "How far stories spread, how fast, how much is kept.", "Wie weit, wie schnell und wie treu sie sich verbreiten."
    ),
    (
        Row(20, ((WIDEST_SPREAD, 48),)),
        Row(13, ((STORIES_BEGUN, 24), (LAG, 24))),
        Row(13, ((SHARE_KEPT, 24), (COPYING_SITES, 24))),
        Row(16, ((ROOTS_ONLY, 48),)),
    ),
)
