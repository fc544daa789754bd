"""What several dashboards ask for."""

from __future__ import annotations

from monitor.kibana.filters import And, Is, Not, Or
from monitor.kibana.panels import Dates, Metric, Terms
from monitor.kibana.texts import Text

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
