"""The saved searches; they open in Discover and stand on dashboards as tables."""

from __future__ import annotations

from monitor.kibana.content.shared import (
    PUBLISHED,
    ROOTS,
    UNCREDITED,
)
from monitor.kibana.panels import Listing
from monitor.kibana.texts import Text
from monitor.kibana.views import ARTICLES, REJECTIONS, STORIES

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
    ("title", "site", "agency", "licensed", "origin_site", "share_kept", "lag_seconds", "story", "url"),
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
