"""The dashboards: what is on them, in which order, and what it is called."""

from __future__ import annotations

from monitor.kibana.filters import And, Is, Not, Or, Range
from monitor.kibana.panels import (
    Cases,
    Chart,
    Control,
    Dashboard,
    Dates,
    Listing,
    Metric,
    Row,
    Shape,
    Terms,
)
from monitor.kibana.texts import Text
from monitor.kibana.views import ARTICLES, REJECTIONS, RUNS, STORIES

MINUTE, HOUR, DAY = 60, 3600, 86_400

# Pages behind source links and an agency's own dispatches are kept beside the articles; people search neither.
PUBLISHED = Is("role", "article")
ROOTS = And((PUBLISHED, Is("is_root", True)))
COPIES = And((PUBLISHED, Not(Is("is_root", True))))
UNCREDITED = And((PUBLISHED, Is("uncredited_reuse", True)))
OF_AGENCIES = And((PUBLISHED, Or((Is("kind", "agency"), Is("kind", "mixed"), Is("uncredited_reuse", True)))))

ARTICLE_COUNT = Metric("count", Text("Articles", "Artikel"))
STORY_COUNT = Metric("unique_count", Text("Stories", "Geschichten"), "story")
MEDIAN_LAG = Metric("median", Text("Median lag", "Verzug (Median)"), "lag_seconds")
MEAN_KEPT = Metric("average", Text("Share kept, on average", "Anteil übernommen (Mittel)"), "share_kept")
REUSE_COUNT = Metric("count", Text("Without a credit", "Ohne Nennung"), where=Is("uncredited_reuse", True))

BY_SITE = Terms("site", Text("Site", "Quelle"), size=20)
BY_DAY = Dates("published", Text("Published", "Veröffentlicht"))

# --- saved searches --------------------------------------------------------------------------------------------------

NEWEST = Listing(
    "newest",
    Text("Newest articles", "Neueste Artikel"),
    ARTICLES,
    ("title", "site", "lang", "agency", "is_root", "story", "url"),
    (("published", "desc"),),
    PUBLISHED,
)
ROOTS_ONLY = Listing(
    "roots",
    Text("First articles of their stories", "Erste Artikel ihrer Geschichten"),
    ARTICLES,
    ("title", "site", "lang", "agency", "story", "url"),
    (("published", "desc"),),
    ROOTS,
)
UNCREDITED_REUSE = Listing(
    "uncredited-reuse",
    Text("Reuse without a credit", "Übernahmen ohne Nennung"),
    ARTICLES,
    ("title", "site", "origin_site", "share_kept", "lag_seconds", "story", "url"),
    (("published", "desc"),),
    UNCREDITED,
    Text(
        "Texts that match an article with an agency's credit and do not name the agency.",
        "Texte, die mit einem Artikel übereinstimmen, der eine Agentur nennt, und sie selbst nicht nennen.",
    ),
)
REJECTED = Listing(
    "rejected",
    Text("Rejected pages", "Abgelehnte Seiten"),
    REJECTIONS,
    ("site", "reason", "detail", "url"),
    (("at", "desc"),),
)
WIDEST_SPREAD = Listing(
    "widest-spread",
    Text("Widest spread", "Am weitesten verbreitet"),
    STORIES,
    ("title", "site_count", "copies", "spread_seconds", "agencies", "sites", "id"),
    (("site_count", "desc"), ("copies", "desc")),
)

# --- overview --------------------------------------------------------------------------------------------------------


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

# --- stories ---------------------------------------------------------------------------------------------------------

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

# --- agencies --------------------------------------------------------------------------------------------------------

USE_BY_SITE = Chart(
    "use-by-site",
    Text("Use of agencies' texts by site", "Nutzung von Agenturtexten nach Quelle"),
    ARTICLES,
    Shape.ACROSS,
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

# --- sites -----------------------------------------------------------------------------------------------------------

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
    Shape.ACROSS,
    (Metric("count", Text("Pages", "Seiten")),),
    (Terms("reason", Text("Reason", "Grund"), size=15), Terms("site", Text("Site", "Quelle"), size=9)),
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

DASHBOARDS = (OVERVIEW, STORY_DASHBOARD, AGENCY_DASHBOARD, SITE_DASHBOARD)
