"""Notices of what is wrong, in English and German."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from monitor.alerts import Notice
from monitor.health.incidents import Told
from monitor.health.judging import OF_SITES, Problem

_NAMED = 20  # of those that one message tells the same of; the others are counted
_KINDS = ("new", "reminder", "over")  # in the order in which they are told

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
        "store-full": "The store takes nothing more (seen from {subject})",
        "inbox": "The inbox grows",
        "inbox-here": "The inbox grows on {subject}",
        "filer": "Nobody files what waits in the inbox",
        "disk": "The disk is nearly full: {subject}",
        "disk-error": "The disk can't be read: {subject}",
        "outbox": "Alerts do not get through: {subject}",
        "silent+": "{count} sites yield nothing any more",
        "decline+": "{count} sites yield far less than before",
        "failures+": "{count} sites fail again and again",
        "robots+": "{count} sites forbid crawling now",
        "layout+": "{count} sites can't be read any more: their pages have changed",
        "disk+": "{count} disks are nearly full",
        "disk-error+": "{count} disks can't be read",
        "outbox+": "Alerts to {count} channels do not get through",
        "seen-from": "{title} (seen from {machine})",
        "and": "{title} (and {count} more)",
        "others": "and {count} more",
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
        "store": "Der Speicher antwortet nicht (gesehen von {subject})",
        "store-full": "Der Speicher nimmt nichts mehr an (gesehen von {subject})",
        "inbox": "Der Eingang wächst",
        "inbox-here": "Der Eingang wächst auf {subject}",
        "filer": "Niemand legt ab, was im Eingang wartet",
        "disk": "Die Platte ist fast voll: {subject}",
        "disk-error": "Die Platte lässt sich nicht lesen: {subject}",
        "outbox": "Meldungen kommen nicht durch: {subject}",
        "silent+": "{count} Websites bringen nichts mehr",
        "decline+": "{count} Websites bringen viel weniger als zuvor",
        "failures+": "{count} Websites scheitern immer wieder",
        "robots+": "{count} Websites verbieten jetzt das Abrufen",
        "layout+": "{count} Websites lassen sich nicht mehr lesen: die Seiten sind anders gebaut",
        "disk+": "{count} Platten sind fast voll",
        "disk-error+": "{count} Platten lassen sich nicht lesen",
        "outbox+": "Meldungen an {count} Kanäle kommen nicht durch",
        "seen-from": "{title} (gesehen von {machine})",
        "and": "{title} (und {count} mehr)",
        "others": "und {count} weitere",
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
    "store-full": "because", "disk-error": "because", "outbox": "given-up",
}  # fmt: skip


_STILL_SO = frozenset(("outbox", "settled"))  # problems whose detail holds when they are over
SITE_PROBLEMS = OF_SITES | {"file"}


@dataclass(frozen=True, slots=True)
class Noted(Notice):
    """As the outbox keeps it, to be told with others. Without `what`: by an earlier version."""

    kind: str = ""
    what: str = ""
    subject: str = ""


def title(problem: Problem, language: str) -> str:
    """What is wrong, in one line."""
    words = _words(language)
    said = words[problem.what].format(subject=problem.subject)
    return words["seen-from"].format(title=said, machine=problem.machine) if problem.machine else said


def notice(told: Told, language: str, zone: str) -> Noted:
    """What to tell of it."""
    words, problem = _words(language), told.incident.problem

    def moment(at: datetime) -> str:
        return at.astimezone(ZoneInfo(zone)).strftime(words["moment"])

    kind = "new" if problem.what == "settled" else told.kind  # neither over nor still the same
    said = words[kind].format(title=title(problem, language))
    began = problem.since or told.incident.began
    if told.incident.over is not None and problem.what != "settled":  # which stays so
        lines = [words["lasted"].format(at=moment(began), end=moment(told.incident.gone or told.incident.over))]
    else:
        lines = [words["since"].format(at=moment(began))]
    # What was measured last says nothing of now, when it is over; what can be done still does.
    if problem.detail and problem.what in (_DETAILS if told.kind != "over" else _STILL_SO):
        detail = problem.detail.replace(".", ",") if problem.what == "disk" and language == "de" else problem.detail
        lines.append(words[_DETAILS[problem.what]].format(detail=detail))
    subject = f"{problem.subject} ({problem.machine})" if problem.machine else problem.subject
    return Noted(said, tuple(lines), told.kind, problem.what, subject)


def together(notices: Sequence[Noted], language: str) -> Notice:
    """One of several: what is told of many is said once, with a line for each."""
    if len(notices) == 1:
        return Notice(notices[0].title, notices[0].lines)
    words = _words(language)
    by_kind = [list(group) for _, group in groupby(sorted(notices, key=_place), key=lambda one: (one.kind, one.what))]
    first, *_ = groups = sorted(by_kind, key=lambda group: (_place(group[0])[0], -len(group)))
    said, others = _title(first, words), len(notices) - len(first)
    if len(groups) == 1:
        return Notice(said, tuple(_lines(first, words)))
    lines = [line for group in groups for line in (f"{_title(group, words)}:", *_lines(group, words))]
    return Notice(words["and"].format(title=said, count=others), tuple(lines))


def _words(language: str) -> dict[str, str]:
    return _TITLES.get(language, _TITLES["en"])


def _place(one: Noted) -> tuple[int, str, str]:
    return _KINDS.index(one.kind) if one.kind in _KINDS else len(_KINDS), one.what, one.subject


def _title(group: Sequence[Noted], words: dict[str, str]) -> str:
    first, count = group[0], len(group)
    if count == 1:
        return first.title
    if (several := words.get(f"{first.what}+")) is None:
        return words["and"].format(title=first.title, count=count - 1)
    return words[first.kind].format(title=several.format(count=count))


def _lines(group: Sequence[Noted], words: dict[str, str]) -> Iterator[str]:
    for one in group[:_NAMED]:
        said = "; ".join(one.lines)
        yield said if len(group) == 1 else f"{one.subject or one.title}: {said}"
    if len(group) > _NAMED:
        yield words["others"].format(count=len(group) - _NAMED)
