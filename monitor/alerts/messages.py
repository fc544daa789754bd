"""What a channel is sent: a message of one or several stories, as plain text, HTML, markdown and JSON.

Titles and texts come from strangers' pages. They are cleaned of everything that is no visible letter, and escaped by
whatever they are put into.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from monitor.errors import RuleError

LONGEST_SUBJECT = 150  # characters
LONGEST_TITLE = 300
_SPACES = re.compile(r"\s+")
# Signs that turn the direction of what follows, and other marks that are not seen (Unicode 15, Bidi_Control and
# Default_Ignorable), but for the joiners that Persian, Indic scripts and emoji are written with.
_UNSEEN = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_NO_LETTERS = ("Cc", "Zl", "Zp", "Cs", "Co", "Cn")  # control, line and paragraph separators, surrogates, no characters
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~>@&:])")


def clean(text: str, longest: int = LONGEST_TITLE) -> str:
    """One line of visible letters, cut at a word with "…"."""
    line = visible(text).strip()
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[longest // 2 :] else cut).rstrip() + "…"


def visible(text: str) -> str:
    """The letters that are seen, each white space as one blank."""
    shown = "".join(" " if unicodedata.category(one) in _NO_LETTERS else one for one in text)
    return _SPACES.sub(" ", _UNSEEN.sub("", shown))


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage; `marked`: the rule asked for it."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article of the story."""

    title: str
    site: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One story of a message. Texts are as the pages have them. `page`: the monitor's own page of it."""

    title: str
    site: str
    url: str
    at: datetime  # story time, UTC
    story: str
    article: str
    passages: tuple[tuple[Piece, ...], ...] = ()
    kind: str = "unknown"  # of its source trace
    agencies: tuple[str, ...] = ()  # names
    credited: bool = False
    licensed: bool | None = None
    origin: str = ""
    withdrawn: bool = False
    copies: int = 1
    others: tuple[Copy, ...] = ()
    language: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What one rule found."""

    rule: str  # its name
    query: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of the monitor itself, or of a day's number."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    subject: str
    text: str
    html: str
    markdown: str
    data: Mapping[str, Any] = field(default_factory=dict)  # for webhooks


@dataclass(frozen=True, slots=True)
class Style:
    """How messages are written. `templates`: a folder with the user's own, which come before those of the program."""

    language: str = "en"
    zone: str = "UTC"
    templates: Path | None = None


def alert_message(sections: Sequence[Section], style: Style, digest: str = "") -> Message:
    """Of one alert, or of a digest's. Raises RuleError for a user's template that is wrong."""
    entries = [entry for section in sections for entry in section.entries]
    said = words(style.language)
    if digest or len(entries) != 1:
        names = ", ".join(dict.fromkeys(section.rule for section in sections))
        subject = said["digest"].format(count=len(entries), rules=names)
    else:
        subject = f"{sections[0].rule}: {clean(entries[0].title)}"
    data = {"kind": "digest" if digest else "alert", "sections": [asdict(section) for section in sections]}
    return _rendered("alert", subject, {"sections": sections, "digest": digest}, data, style)


def notice_message(notice: Notice, style: Style) -> Message:
    return _rendered("notice", notice.title, {"notice": notice}, {"kind": "notice", **asdict(notice)}, style)


def _rendered(name: str, subject: str, context: Mapping[str, Any], data: Mapping[str, Any], style: Style) -> Message:
    line = clean(subject, LONGEST_SUBJECT)
    parts = {kind: _render(f"{name}.{kind}", style, {**context, "subject": line}) for kind in ("txt", "html", "md")}
    return Message(line, parts["txt"], parts["html"], parts["md"], {"subject": line, **data})


def _render(file: str, style: Style, context: Mapping[str, Any]) -> str:
    environment = _environment(style.templates, file.rpartition(".")[2])
    try:
        return (
            environment.get_template(file)
            .render(
                **context,
                lang=style.language,
                t=words(style.language),
                moment=lambda at: moment(at, style),
                source=source_line,
            )
            .strip()
            + "\n"
        )
    except TemplateError as error:
        raise RuleError(f"the template {file} can't be used: {error}", hint="see docs/alerts.md") from error


@cache
def _environment(templates: Path | None, kind: str) -> SandboxedEnvironment:
    own = PackageLoader("monitor.alerts", "templates")
    loader = ChoiceLoader([FileSystemLoader(templates), own]) if templates is not None else own
    made = SandboxedEnvironment(
        loader=loader, autoescape=kind == "html", trim_blocks=True, lstrip_blocks=True, auto_reload=True
    )
    made.filters["piece"] = lambda text: visible(str(text))
    made.filters["line"] = lambda text: clean(str(text))
    made.filters["md"] = lambda text: _MARKDOWN.sub(r"\\\1", clean(str(text)))
    made.filters["md_piece"] = lambda text: _MARKDOWN.sub(r"\\\1", visible(str(text)))
    made.filters["link"] = web_address
    return made


def web_address(url: str) -> str:
    """Only what a browser opens as a page; an address of another kind is left out."""
    url = clean(url, 2000)
    return url if re.match(r"https?://[^\s<>\"'()]+$", url) else ""


def moment(at: datetime, style: Style) -> str:
    """In the style's zone and form."""
    return at.astimezone(ZoneInfo(style.zone)).strftime(words(style.language)["moment"])


def source_line(entry: Entry, said: Mapping[str, str]) -> str:
    """Who wrote it, as far as is known. `said`: of `words`."""
    shown = said[entry.kind]
    if entry.agencies:
        facts = [clean(", ".join(entry.agencies)), said["credited" if entry.credited else "uncredited"]]
        facts += [said["unlicensed"]] if entry.licensed is False else []
        shown += f" ({', '.join(facts)})"
    if entry.origin:
        shown += f", {said['origin']} {clean(entry.origin)}"
    return shown + (f", {said['withdrawn']}" if entry.withdrawn else "")


@cache
def words(language: str) -> dict[str, str]:
    return _TEXTS.get(language, _TEXTS["en"])


_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "moment": "%Y-%m-%d %H:%M %Z",
        "digest": "{count} stories: {rules}",
        "rule": "Rule",
        "copies": "copies",
        "source": "Source",
        "agency": "agency copy",
        "mixed": "agency copy with own parts",
        "own": "own report",
        "unknown": "source unknown",
        "credited": "credited",
        "uncredited": "not credited",
        "unlicensed": "no licence",
        "origin": "from",
        "withdrawn": "withdrawn by its source",
        "also": "Also",
        "more": "Story",
    },
    "de": {
        "moment": "%d.%m.%Y %H:%M %Z",
        "digest": "{count} Meldungen: {rules}",
        "rule": "Regel",
        "copies": "Fassungen",
        "source": "Quelle",
        "agency": "Agenturtext",
        "mixed": "Agenturtext mit eigenen Teilen",
        "own": "eigener Bericht",
        "unknown": "Quelle unbekannt",
        "credited": "gekennzeichnet",
        "uncredited": "nicht gekennzeichnet",
        "unlicensed": "ohne Lizenz",
        "origin": "von",
        "withdrawn": "von der Quelle zurückgezogen",
        "also": "Auch",
        "more": "Geschichte",
    },
}
