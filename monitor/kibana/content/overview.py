"""What was published, where, in which language."""

from __future__ import annotations

from monitor.kibana.content.searches import NEWEST
from monitor.kibana.content.shared import (
    ARTICLE_COUNT,
    BY_DAY,
    BY_SITE,
    PUBLISHED,
    REUSE_COUNT,
    STORY_COUNT,
)
from monitor.kibana.filters import Is
from monitor.kibana.panels import Chart, Control, Dashboard, Metric, Row, Shape, Terms
from monitor.kibana.texts import Text
from monitor.kibana.views import ARTICLES


def _number(name: str, metric: Metric) -> Chart:
    return Chart(name, metric.title, ARTICLES, Shape.NUMBER, (metric,), where=PUBLISHED)


ARTICLES_OVER_TIME = Chart(
    "articles-over-time",
    Text("Articles over time, by site", "Artikel im Zeitverlauf, nach Quelle"),
    ARTICLES,
    Shape.STACKED,
    (ARTICLE_COUNT,),
    (Terms("site", Text("Site", "Quelle"), size=9, other=True), BY_DAY),
    PUBLISHED,
)
STORIES_OVER_TIME = Chart(
    "stories-over-time",
    Text("Stories over time", "Geschichten im Zeitverlauf"),
    ARTICLES,
    Shape.LINES,
    (STORY_COUNT, Metric("count", Text("Begun", "Begonnen"), where=Is("is_root", True))),
    (BY_DAY,),
    PUBLISHED,
    Text(
        "Stories that were written about, and those that began.",
        "Geschichten, über die geschrieben wurde, und solche, die begannen.",
    ),
)
SITES = Chart(
    "sites", Text("Sites", "Quellen"), ARTICLES, Shape.ACROSS, (ARTICLE_COUNT, STORY_COUNT), (BY_SITE,), PUBLISHED
)
LANGUAGES = Chart(
    "languages",
    Text("Languages", "Sprachen"),
    ARTICLES,
    Shape.DONUT,
    (ARTICLE_COUNT,),
    (Terms("lang", Text("Language", "Sprache"), size=12, other=True),),
    PUBLISHED,
)
AGENCIES = Chart(
    "agencies",
    Text("Agencies", "Agenturen"),
    ARTICLES,
    Shape.ACROSS,
    (ARTICLE_COUNT,),
    (Terms("agency", Text("Agency", "Agentur"), size=15),),
    PUBLISHED,
)
HOURS = Chart(
    "hours",
    Text("Hours of the day, in the site's zone", "Stunden des Tages, in der Zeitzone der Quelle"),
    ARTICLES,
    Shape.BARS,
    (ARTICLE_COUNT,),
    (Terms("hour", Text("Hour", "Stunde"), size=24, by=None),),
    PUBLISHED,
)

OVERVIEW = Dashboard(
    "overview",
    Text("Media monitor: overview", "Medienbeobachtung: Überblick"),
    Text("What was published, where, in which language.", "Was wo in welcher Sprache erschienen ist."),
    (
        Row(
            6,
            (
                (_number("count-articles", ARTICLE_COUNT), 12),
                (_number("count-stories", STORY_COUNT), 12),
                (_number("count-sites", Metric("unique_count", Text("Sites", "Quellen"), "site")), 12),
                (_number("count-uncredited", REUSE_COUNT), 12),
            ),
        ),
        Row(13, ((ARTICLES_OVER_TIME, 24), (STORIES_OVER_TIME, 24))),
        Row(13, ((SITES, 16), (LANGUAGES, 10), (AGENCIES, 12), (HOURS, 10))),
        Row(18, ((NEWEST, 48),)),
    ),
    (Control(ARTICLES, "site"), Control(ARTICLES, "lang"), Control(ARTICLES, "agency")),
)
