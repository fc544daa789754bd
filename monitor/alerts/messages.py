"""What a channel is sent: a message of one or several stories, as plain text, HTML, text for chats and JSON.

Titles and texts come from strangers' pages. They are cleaned of everything that is no visible letter, and of what the
form of the message would take for more than text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from traceback import walk_tb
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from monitor.alerts.cleaning import chat_address, clean, unmarked, visible, web_address
from monitor.alerts.wording import words
from monitor.errors import RuleError

LONGEST_SUBJECT = 150  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a passage; `marked`: the rule asked for it."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article of the story. `agencies`: names of those whose text it is; `credited`, `licensed`: as of them."""

    title: str
    site: str
    url: str
    at: datetime
    agencies: tuple[str, ...] = ()
    credited: bool = False
    licensed: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One story of a message. Texts are as the pages have them. `page`: the monitor's own page of it; `unnamed`: how
    many more copies it has.
    """

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
    taken_back: tuple[Copy, ...] = ()  # it still runs them; with when that was said; where a rule asks for that
    unnamed: int = 0
    origin_how: str = ""  # as in records.Origin: the page's own word, or the earliest that is known


@dataclass(frozen=True, slots=True)
class Section:
    """What one rule found: one entry for each story. `more`: stories that are left out; `page`: where they are.
    `asks`: its query and filters, in short.
    """

    rule: str  # its name
    query: str
    entries: tuple[Entry, ...]
    more: int = 0
    page: str = ""
    rule_id: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told of the monitor itself, or of a day's number."""

    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """`chat`: the text for services that read signs in it as markup, or as somebody's name. `id`: the same whenever it
    is sent again, so that a second copy can be known.
    """

    subject: str
    text: str
    html: str
    chat: str
    data: Mapping[str, Any] = field(default_factory=dict)  # for webhooks
    id: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How messages are written. `templates`: a folder with the user's own, which come before those of the program."""

    language: str = "en"
    zone: str = "UTC"
    templates: Path | None = None


def alert_message(
    sections: Sequence[Section], style: Style, digest: str = "", *, told: Notice | None = None
) -> Message:
    """Of one alert, or of a digest's. `told`: its subject, and what is said before the stories. Raises RuleError for a
    user's template that is wrong.
    """
    entries = [entry for section in sections for entry in section.entries]
    stories = {entry.story or entry.url for entry in entries}  # one that answers several rules is one
    count = len(stories) + sum(section.more for section in sections)
    said = words(style.language)
    if told is not None:
        subject = told.title
    elif digest or count != 1:
        names = ", ".join(dict.fromkeys(section.rule for section in sections))
        subject = said["digest" if count != 1 else "digest_of_one"].format(count=count, rules=names)
    else:
        subject = f"{sections[0].rule}: {clean(entries[0].title)}"
    data = {"kind": "digest" if digest else "alert", "sections": [asdict(section) for section in sections]}
    lines = told.lines if told is not None else ()
    context = {"sections": sections, "digest": digest, "lines": lines}
    return _rendered("alert", subject, context, {**data, "lines": lines} if lines else data, style)


def notice_message(notice: Notice, style: Style) -> Message:
    context = {"notice": notice, "lines": notice.lines, "sections": (), "digest": ""}
    return _rendered("notice", notice.title, context, {"kind": "notice", **asdict(notice)}, style)


def _rendered(name: str, subject: str, context: Mapping[str, Any], data: Mapping[str, Any], style: Style) -> Message:
    line = clean(subject, LONGEST_SUBJECT)
    parts = {form: _render(name, form, style, {**context, "subject": line}) for form in ("text", "html", "chat")}
    return Message(line, data={"subject": line, **data}, **parts)


def _render(name: str, form: str, style: Style, context: Mapping[str, Any]) -> str:
    file = f"{name}.html" if form == "html" else f"{name}.txt"
    is_own = style.templates is not None and (style.templates / file).exists()
    environment = _environment(style.templates if is_own else None, form)
    given = {
        "lang": style.language,
        "t": words(style.language),
        "moment": lambda at: moment(at, style),
        "source": source_line,
        "origin": origin_label,
        "wrongs": wrongs,
    }
    try:
        made = environment.get_template(file).render(**context, **given).strip()
    except Exception as error:  # a template may be the user's, who can write anything that fails
        raise _unusable(
            file, style, f"{_line(error, file)}{type(error).__name__}: {error}".removesuffix(": ")
        ) from error
    if not re.sub(r"<(style|title)\b.*?</\1>|<[^>]*>|\s", "", made, flags=re.DOTALL):
        raise _unusable(file, style, "it makes an empty message")
    return f"{made}\n"


def _line(error: Exception, file: str) -> str:
    """Like "line 7: ", where it is known: Jinja puts the template's lines into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"line {error.lineno}: " if error.name == file else f"{error.name}, line {error.lineno}: "
    lines = [number for frame, number in walk_tb(error.__traceback__) if Path(frame.f_code.co_filename).name == file]
    return f"line {lines[-1]}: " if lines else ""


def _unusable(file: str, style: Style, why: str) -> RuleError:
    where = f"it is in {style.templates}; " if style.templates is not None else ""
    return RuleError(f"the template {file} can't be used: {why}", hint=f"{where}docs/alerts.md says what it is given")


@cache
def _environment(templates: Path | None, form: str) -> SandboxedEnvironment:
    own = PackageLoader("monitor.alerts", "templates")
    loader = ChoiceLoader([FileSystemLoader(templates), own]) if templates is not None else own
    made = SandboxedEnvironment(
        loader=loader,
        autoescape=form == "html",
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=True,
        undefined=StrictUndefined,  # a name that is misspelt is to be told, and not to make an empty line
    )
    written = unmarked if form == "chat" else str
    made.filters["piece"] = lambda text: written(visible(str(text)))
    made.filters["line"] = lambda text: written(clean(str(text)))
    made.filters["link"] = chat_address if form == "chat" else web_address
    return made


def moment(at: datetime, style: Style) -> str:
    """In the style's zone and form."""
    return at.astimezone(ZoneInfo(style.zone)).strftime(words(style.language)["moment"])


def source_line(entry: Entry, said: Mapping[str, str]) -> str:
    """Who wrote it, as far as is known; without where it comes from. `said`: of `words`."""
    named = f" ({clean(', '.join(entry.agencies))})" if entry.agencies else ""
    facts = [said[entry.kind].format(names=named)]
    if entry.agencies and entry.credited:
        facts.append(said["credited"])
    facts += _wrongs(entry, said)
    return "; ".join(facts + ([said["withdrawn"]] if entry.withdrawn else []))


def wrongs(copy: Copy, said: Mapping[str, str]) -> str:
    """What a copy of an agency's text lacks, in brackets; empty where that is nothing."""
    lacks = _wrongs(copy, said)
    return f" ({', '.join(lacks)})" if lacks else ""


def _wrongs(one: Entry | Copy, said: Mapping[str, str]) -> list[str]:
    lacks = {"uncredited": not one.credited, "unlicensed": one.licensed is False} if one.agencies else {}
    return [said[word] for word, so in lacks.items() if so]


def origin_label(entry: Entry, said: Mapping[str, str]) -> str:
    """What is known of the entry's origin: an earlier copy need not be where it was taken from."""
    return said.get(f"origin_{entry.origin_how}", said["origin"])
