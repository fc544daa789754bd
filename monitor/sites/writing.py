"""A commented site file from a Site: what `monitor sites add` writes. It loads as the same Site again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import yaml

from monitor.sites.model import Site, Source
from monitor.text import clean

# Fields in the order of the file: above each what it means, and an example for those that are left out.
_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("name", "As people call it.", "name: Example Daily"),
    ("url", "", ""),
    ("sources", "Where new articles are found.", "sources:\n#  - kind: feed\n#    url: https://example.org/feed.xml"),
    (
        "allow",
        "Regular expressions for addresses: `deny` wins, no `allow` allows all.",
        'allow: ["/news/", "/politics/"]',
    ),
    ("deny", "", 'deny: ["/video/", "/shop/"]'),
    ("language", "Used where a text is too short to tell its language.", "language: de"),
    ("time_zone", "Of dates that come without a zone.", "time_zone: Europe/Berlin"),
    ("schedule", "When to crawl: an interval, or a cron expression (minute hour day month weekday).", "schedule: 30m"),
    ("delay", "Seconds between two requests.", "delay: 2.0"),
    (
        "user_agent",
        "Instead of the one in monitor.toml.",
        'user_agent: "Example press office (+https://press.example.org/bot)"',
    ),
    (
        "headers",
        "Sent to this site only; ${NAME} comes from the environment.",
        'headers: {Authorization: "Bearer ${EXAMPLE_TOKEN}"}',
    ),
    (
        "select",
        "CSS selectors, only where the extraction needs help.",
        'select:\n#  title: h1.headline\n#  body: [div.article-text]\n#  remove: [".related", ".newsletter"]',
    ),
    ("follow_origin", 'Follow a link that is called the source ("Quelle", "Kaynak") once.', "follow_origin: false"),
    ("allow_private", "Fetch from private addresses (this machine, an intranet) too.", "allow_private: true"),
    ("enabled", "", "enabled: false"),
)
_TOGETHER = frozenset({"url", "deny", "enabled"})  # no empty line before them


def site_file_text(
    site: Site, *, head: str = "", spare: Sequence[tuple[Source, str]] = (), notes: Mapping[str, str] | None = None
) -> str:
    """The file's text. `head`: its first comment; `spare`: sources that are not used, each with the reason, written
    as comments; `notes`: field -> what to say above it instead of its meaning.

    `time_zone` is written in any case; other fields that have their default are shown as commented examples.
    """
    notes = notes or {}
    values = {
        name: value for name, value in site.model_dump(mode="json", exclude_defaults=True).items() if name != "id"
    }
    if site.delay is not None and site.delay.is_integer():
        values["delay"] = int(site.delay)
    values.setdefault("time_zone", site.time_zone)
    lines = [_comment(head)] if head else []
    for name, meaning, example in _FIELDS:
        if name not in _TOGETHER and lines:
            lines.append("")
        told = notes.get(name, meaning)
        lines += [_comment(told)] if told else []
        lines.append(_written(name, values[name]) if name in values else f"#{example}")
        if name == "sources":
            lines += _spare(spare)
    return "\n".join(lines) + "\n"


def site_id(url: str) -> str:
    """An id for a site from its address: its host without "www.", with the port where there is one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    name = re.sub(r"[^a-z0-9._-]+", "-", f"{host}-{parts.port}" if parts.port else host)
    return name.strip("-._")[:100] or "site"


def _spare(spare: Sequence[tuple[Source, str]]) -> Iterator[str]:
    told = ""
    for source, reason in spare:
        if reason != told:
            yield _comment(reason)
        told = reason
        yield _out(_written("", [source.model_dump(mode="json", exclude_defaults=True)]))


def _written(name: str, value: Any) -> str:
    """YAML lines of one field; a list's entries are indented, as in the examples."""
    if isinstance(value, list):
        entries = [f"  - {_dumped(entry).replace(chr(10), chr(10) + '    ')}" for entry in value]
        return "\n".join([f"{name}:", *entries] if name else entries)
    return _dumped({name: value})


def _dumped(value: Any) -> str:
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100_000)
    return text.removesuffix("\n").removesuffix("\n...")


def _out(lines: str) -> str:
    return "\n".join(f"#{line}" for line in lines.split("\n"))


def _comment(text: str) -> str:
    return "\n".join(f"# {clean(line)}" for line in text.split("\n"))
