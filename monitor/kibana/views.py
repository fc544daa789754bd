"""Data views: which index, which of its fields people see, under which name and in which form.

This is the one table of fields that panels may use. It names what is plotted, filtered or shown, not all that the
index holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from monitor.kibana.texts import Text

Kind = Literal["keyword", "text", "boolean", "date", "number"]
Form = Literal["plain", "article", "story", "link", "percent", "seconds", "count"]


@dataclass(frozen=True, slots=True)
class Field:
    """`kind` is what the engine's type comes to; `form` how Kibana writes the value."""

    name: str
    kind: Kind
    title: Text
    form: Form = "plain"


@dataclass(frozen=True, slots=True)
class View:
    """`name` is the index without its prefix; `time` the field that Kibana's time filter looks at."""

    name: str
    title: Text
    time: str
    fields: tuple[Field, ...]
    hidden: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Raises KeyError for a field that is not in the table."""
        return {field.name: field for field in self.fields}[name]


ARTICLES = View(
    "articles",
    Text("Articles", "Artikel"),
    "published",
    (
        Field("published", "date", Text("Published", "Veröffentlicht")),
        Field("fetched", "date", Text("First fetched", "Zuerst abgerufen")),
        Field("title", "text", Text("Title", "Titel")),
        Field("title.raw", "keyword", Text("Title, as a value", "Titel, als Wert")),
        Field("text", "text", Text("Text", "Text")),
        Field("site", "keyword", Text("Site", "Quelle")),
        Field("lang", "keyword", Text("Language", "Sprache")),
        Field("url", "keyword", Text("Address", "Adresse"), "link"),
        Field("id", "keyword", Text("Article", "Artikel"), "article"),
        Field("story", "keyword", Text("Story", "Geschichte"), "story"),
        Field("role", "keyword", Text("Role", "Rolle")),
        Field("kind", "keyword", Text("Who wrote it", "Wer es schrieb")),
        Field("agency", "keyword", Text("Agency", "Agentur")),
        Field("photo_agency", "keyword", Text("Photo agency", "Bildagentur")),
        Field("credited", "boolean", Text("Credited", "Agentur genannt")),
        Field("licensed", "boolean", Text("Licensed", "Lizenziert")),
        Field("uncredited_reuse", "boolean", Text("Uncredited reuse", "Übernahme ohne Nennung")),
        Field("is_root", "boolean", Text("First of its story", "Erster der Geschichte")),
        Field("withdrawn", "boolean", Text("Withdrawn", "Zurückgezogen")),
        Field("duplicate_kind", "keyword", Text("Kind of copy", "Art der Kopie")),
        Field("origin_site", "keyword", Text("Comes from", "Stammt von")),
        Field("origin_url", "keyword", Text("Address of the origin", "Adresse des Ursprungs"), "link"),
        Field("origin_id", "keyword", Text("Article of the origin", "Artikel des Ursprungs"), "article"),
        Field("origin_how", "keyword", Text("How the origin is known", "Woher der Ursprung bekannt ist")),
        Field("lag_seconds", "number", Text("Lag", "Verzug"), "seconds"),
        Field("share_kept", "number", Text("Share kept", "Anteil übernommen"), "percent"),
        Field("share_added", "number", Text("Share added", "Anteil hinzugefügt"), "percent"),
        Field("words", "number", Text("Words", "Wörter"), "count"),
        Field("words_changed", "number", Text("Words changed", "Geänderte Wörter"), "count"),
        Field("hour", "number", Text("Hour of the day", "Stunde des Tages"), "count"),
        Field("weekday", "keyword", Text("Day of the week, Monday is 1", "Wochentag, Montag ist 1")),
        Field("authors", "keyword", Text("Authors", "Autoren")),
        Field("revision", "number", Text("Revision", "Fassung"), "count"),
    ),
    hidden=("record",),
)

STORIES = View(
    "stories",
    Text("Stories", "Geschichten"),
    "first",
    (
        Field("first", "date", Text("First seen", "Zuerst")),
        Field("last", "date", Text("Latest copy", "Letzte Kopie")),
        Field("id", "keyword", Text("Story", "Geschichte"), "story"),
        Field("root", "keyword", Text("First article", "Erster Artikel"), "article"),
        Field("credited_by", "keyword", Text("Credited by", "Agentur genannt in"), "article"),
        Field("title", "text", Text("Title", "Titel")),
        Field("title.raw", "keyword", Text("Title, as a value", "Titel, als Wert")),
        Field("copies", "number", Text("Articles", "Artikel"), "count"),
        Field("site_count", "number", Text("Number of sites", "Anzahl Quellen"), "count"),
        Field("spread_seconds", "number", Text("Spread over", "Verbreitet über"), "seconds"),
        Field("sites", "keyword", Text("Sites", "Quellen")),
        Field("agencies", "keyword", Text("Agencies", "Agenturen")),
    ),
    hidden=("record",),
)

RUNS = View(
    "runs",
    Text("Runs", "Läufe"),
    "started_at",
    (
        Field("started_at", "date", Text("Started", "Begonnen")),
        Field("finished_at", "date", Text("Finished", "Beendet")),
        Field("site", "keyword", Text("Site", "Quelle")),
        Field("status", "keyword", Text("Status", "Zustand")),
        Field("trigger", "keyword", Text("Trigger", "Auslöser")),
        Field("duration_seconds", "number", Text("Duration", "Dauer"), "seconds"),
        Field("discovered", "number", Text("Discovered", "Gefunden"), "count"),
        Field("fetched", "number", Text("Fetched", "Abgerufen"), "count"),
        Field("stored", "number", Text("Stored", "Gespeichert"), "count"),
        Field("updated", "number", Text("Updated", "Geändert"), "count"),
        Field("unchanged", "number", Text("Unchanged", "Unverändert"), "count"),
        Field("failed", "number", Text("Failed", "Fehlgeschlagen"), "count"),
        Field("rejected", "number", Text("Rejected", "Abgelehnt"), "count"),
    ),
)

REJECTIONS = View(
    "rejections",
    Text("Rejections", "Ablehnungen"),
    "at",
    (
        Field("at", "date", Text("Time", "Zeit")),
        Field("site", "keyword", Text("Site", "Quelle")),
        Field("url", "keyword", Text("Address", "Adresse"), "link"),
        Field("reason", "keyword", Text("Reason", "Grund")),
        Field("detail", "text", Text("Detail", "Einzelheit")),
        Field("run", "keyword", Text("Run", "Lauf")),
    ),
)

OUTBOX = View(
    "outbox",
    Text("Alerts", "Meldungen"),
    "made",
    (
        Field("made", "date", Text("Found", "Gefunden")),
        Field("due", "date", Text("Due", "Fällig")),
        Field("sent", "date", Text("Sent", "Gesendet")),
        Field("rule", "keyword", Text("Rule", "Regel")),
        Field("channel", "keyword", Text("Channel", "Kanal")),
        Field("state", "keyword", Text("State", "Zustand")),
        Field("digest", "keyword", Text("Digest", "Sammlung")),
        Field("story", "keyword", Text("Story", "Geschichte"), "story"),
        Field("article", "keyword", Text("Article", "Artikel"), "article"),
        Field("subject", "keyword", Text("About", "Gegenstand")),
        Field("tries", "number", Text("Attempts", "Versuche"), "count"),
        Field("failures", "number", Text("Failed attempts", "Fehlversuche"), "count"),
    ),
    hidden=("record",),
)

VIEWS = (ARTICLES, STORIES, RUNS, REJECTIONS, OUTBOX)
