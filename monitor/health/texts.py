"""Notices of what is wrong, in English and German."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.alerts import Notice
from monitor.health.incidents import Told

_TITLES = {
    "en": {
        "silent": "{subject} yields nothing any more",
        "decline": "{subject} yields far less than before",
        "settled": "{subject} yields less than before, for weeks: that counts as its usual number now",
        "failures": "{subject} fails again and again",
        "robots": "{subject} forbids crawling now",
        "layout": "{subject} can't be read any more: its pages have changed",
        "quiet": "No new article from any site",
        "sites": "No site is crawled any more from {subject}: no site file can be read there, or all are switched off",
        "file": "The file of the site {subject} can't be read",
        "store": "The store does not answer (seen from {subject})",
        "inbox": "The inbox grows",
        "inbox-here": "The inbox grows on {subject}",
        "filer": "Nobody files what waits in the inbox",
        "disk": "The disk is nearly full: {subject}",
        "outbox": "Alerts do not get through: {subject}",
        "new": "{title}",
        "reminder": "Still: {title}",
        "over": "Over: {title}",
        "since": "since {at}",
        "lasted": "from {at} to {end}",
        "usual": "its longest pause before was {detail}",
        "week": "articles of a week now / before: {detail}",
        "times": "failures in a row: {detail}",
        "waiting": "articles that wait: {detail}",
        "free": "free: {detail}",
        "because": "{detail}",
        "given-up": "to try again what was given up: monitor alerts history --channel {detail} --state dead --retry",
        "moment": "%Y-%m-%d %H:%M %Z",
    },
    "de": {
        "silent": "{subject} bringt nichts mehr",
        "decline": "{subject} bringt viel weniger als zuvor",
        "settled": "{subject} bringt seit Wochen weniger als zuvor: das gilt jetzt als die übliche Zahl",
        "failures": "{subject} scheitert immer wieder",
        "robots": "{subject} verbietet jetzt das Abrufen",
        "layout": "{subject} lässt sich nicht mehr lesen: die Seiten sind anders gebaut",
        "quiet": "Von keiner Website kommt ein neuer Artikel",
        "sites": "Von {subject} aus wird keine Website mehr abgerufen: keine Datei lesbar, oder alle abgeschaltet",
        "file": "Die Datei der Website {subject} lässt sich nicht lesen",
        "store": "Der Speicher antwortet nicht (von {subject} aus)",
        "inbox": "Der Eingang wächst",
        "inbox-here": "Der Eingang wächst auf {subject}",
        "filer": "Niemand legt ab, was im Eingang wartet",
        "disk": "Die Platte ist fast voll: {subject}",
        "outbox": "Meldungen kommen nicht durch: {subject}",
        "new": "{title}",
        "reminder": "Noch immer: {title}",
        "over": "Vorbei: {title}",
        "since": "seit {at}",
        "lasted": "von {at} bis {end}",
        "usual": "die längste Pause bisher war {detail}",
        "week": "Artikel einer Woche jetzt / davor: {detail}",
        "times": "Fehlschläge nacheinander: {detail}",
        "waiting": "wartende Artikel: {detail}",
        "free": "frei: {detail}",
        "because": "{detail}",
        "given-up": "Aufgegebenes versucht noch einmal: monitor alerts history --channel {detail} --state dead --retry",
        "moment": "%d.%m.%Y %H:%M %Z",
    },
}
_DETAILS = {
    "silent": "usual", "decline": "week", "settled": "week", "failures": "times", "file": "because",
    "inbox": "waiting", "inbox-here": "waiting", "filer": "waiting", "disk": "free", "store": "because",
    "outbox": "given-up",
}  # fmt: skip


def notice(told: Told, language: str, zone: str) -> Notice:
    """What to tell of it."""
    words, problem = _TITLES.get(language, _TITLES["en"]), told.incident.problem

    def moment(at: datetime) -> str:
        return at.astimezone(ZoneInfo(zone)).strftime(words["moment"])

    kind = "new" if problem.what == "settled" else told.kind  # neither over nor still the same
    title = words[kind].format(title=words[problem.what].format(subject=problem.subject))
    began = problem.since or told.incident.began
    if told.incident.over is not None:
        lines = [words["lasted"].format(at=moment(began), end=moment(told.incident.gone or told.incident.over))]
    else:
        lines = [words["since"].format(at=moment(began))]
    if problem.detail and problem.what in _DETAILS:
        lines.append(words[_DETAILS[problem.what]].format(detail=problem.detail))
    return Notice(title, tuple(lines))
