"""`monitor init`: a folder with everything to begin with, each file explained in itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import console
from monitor.errors import ConfigError, InputError

EXAMPLES = """
monitor init                 in the current folder
monitor init ~/press-watch
"""

EXAMPLE_SITE = """\
# A site to watch. Copy this file to sites/NAME.yaml (NAME is the site's id) and change it, or let
# `monitor sites add URL` look for the feeds and write the file. `monitor sites check NAME` shows what would be
# fetched. Lines like this one are notes; the other lines that begin with "#" show what else can be said.

name: Example Daily
url: https://www.example.org/

# Where new articles are found. `full_content`: the feed carries whole articles, no page is fetched.
sources:
  - kind: feed
    url: https://www.example.org/feed.xml
#    full_content: true
#  - kind: wordpress
#    url: https://www.example.org/
#    per_page: 100
#    pages: 1

# Regular expressions for addresses: `deny` wins, no `allow` allows all.
#allow: ["/news/", "/politics/"]
#deny: ["/video/", "/shop/"]

# What the pages don't say themselves: their language, the zone of dates without one.
#language: de
#time_zone: Europe/Berlin

# When to crawl: an interval, or a cron expression (minute hour day month weekday) in `time_zone`.
#schedule: 30m

# How to ask: seconds between two requests, a user agent and headers of its own; ${NAME} comes from the environment.
#delay: 2.0
#user_agent: "Example press office (+https://press.example.org/bot)"
#headers: {Authorization: "Bearer ${EXAMPLE_TOKEN}"}

# CSS selectors, only where the extraction needs help.
#select:
#  title: h1.headline
#  body: [div.article-text]
#  byline: p.author
#  caption: figcaption
#  remove: [".related", ".newsletter"]

# Follow a link that is called the source ("Quelle", "Kaynak") once, to the page behind it.
#follow_origin: true
# Fetch from private addresses (loopback, intranet) too.
#allow_private: false
#enabled: true
"""

EXAMPLE_RULE = """\
# A rule: what to tell whom. Copy this file to alerts/NAME.yaml (NAME is the rule's id) and change it;
# `monitor alerts test NAME` shows what it would have told. Other lines that begin with "#" show what else can be said.

query: '"Example Works" OR "Example Works plc"'
channels: [desk]
#label: Our name
#cadence: daily 07:30       # now, hourly, weekly mon 07:30
#time_zone: Europe/Berlin
#language: [en, de]
#site: [example]
#agency: dpa
#credited: false
#reused_from: dpa           # its texts without a credit or without a licence
#withdrawn: true            # what still runs a text that was taken back
#each: copy                 # story: once for each, whatever copies follow
#min_copies: 3
#spike: 3                   # only a day with three times as many as usual
#max_age: 7d
#messages: de
#enabled: false
"""

LICENCES = """\
# Which site may use which agency's texts, and when: splits `monitor report usage` into licensed and unlicensed use.
# `site` is the id of a site, a host (its subdomains too) or "*"; both days are included, and each may be left out.
# An agency without any line here is not looked after: none of its uses is called unlicensed.
# `monitor licences check` reads this file; `monitor agencies list` shows the ids of agencies.

#- agency: dpa
#  site: example
#  from: 2024-01-01
#  until: 2024-12-31
#- agency: dpa
#  site: www.example.org
"""

AGENCIES = """\
# Agencies of your own, and changes to those that the program knows (`monitor agencies list`): an entry with a known
# id overrides the fields that it names. `monitor agencies check "TEXT"` shows what is found in a text, and
# docs/sources.md explains every field.

#[example]
#name = "Example News Agency"
#names = ["Agence Exemple", "Agentur Beispiel"]
#tokens = ["ENA"]
#languages = ["en", "fr", "de"]
#country = "CH"
#ids = ['\\b(ena:\\d{6}-\\d+)(?:/\\d+)?']
#domains = ["ena.example"]
"""

SCRAPY_CFG = """\
# With this file `scrapy crawl site -a site=ID` works in this folder as `monitor crawl ID` does.
[settings]
default = monitor.crawl.settings
"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to set up.", show_default=False)] = Path(),
) -> None:
    """Write monitor.toml, sites/, alerts/, licences.yaml, agencies.toml and scrapy.cfg with commented examples.

    Nothing is overwritten."""
    from monitor.config import FILE_NAME

    config = folder / FILE_NAME
    if config.exists():
        raise ConfigError(f"{config} is already there; nothing was written", hint="`monitor config` shows what it says")
    out = console()
    try:
        for path, content in _files(folder, config):
            path.parent.mkdir(parents=True, exist_ok=True)
            kept = path.exists()
            if not kept:
                path.write_text(content, encoding="utf-8")
            out.print(f"{'kept ' if kept else 'wrote'}  {path}", soft_wrap=True)
    except OSError as error:
        raise InputError(f"{error.filename or folder}: can't be written: {error.strerror}") from error
    out.print()
    out.print("Next:")
    steps = [
        *([f"cd {folder}"] if folder != Path() else []),
        "name yourself in monitor.toml (user_agent): sites want to know who asks",
        "monitor sites add URL        finds the feeds of a site and writes its file",
        "monitor crawl                fetches the articles",
        "monitor search WORDS         finds them again",
    ]
    for number, step in enumerate(steps, start=1):
        out.print(f"  {number}. {step}", soft_wrap=True)


def _files(folder: Path, config: Path) -> Iterator[tuple[Path, str]]:
    yield config, settings_file()
    yield folder / "sites" / "example.yaml.example", EXAMPLE_SITE
    yield folder / "alerts" / "example.yaml.example", EXAMPLE_RULE
    yield folder / "licences.yaml", LICENCES
    yield folder / "agencies.toml", AGENCIES
    yield folder / "scrapy.cfg", SCRAPY_CFG


# Tables whose names people choose have an example in place of a default.
_TABLES = {
    "alerting.channels": '# desk = "mailtos://user:password@mail.example.org?from=monitor@example.org&to=desk@example.org"'
}


def settings_file() -> str:
    """monitor.toml with every setting as a comment: its meaning and its default."""
    from monitor.cli.config import written
    from monitor.config import describe
    from monitor.settings import Settings

    lines = [
        '# Settings of the media monitor. Lines that begin with "#" and no blank show the defaults.',
        "# Paths are taken from this folder. Spans are written 90s, 15m, 6h, 7d, 2w.",
        "# Any setting can come from the environment instead: MONITOR_STORE__PATH is path in [store].",
        "# `monitor config` shows every value that counts, and where it came from.",
    ]
    section = ""
    tables: list[str] = []  # behind all of their section: what follows the head of one belongs to it
    for setting in describe(Settings.model_validate({})):
        table, _, name = setting.name.rpartition(".")
        if table != section:
            section = table
            lines += [*tables, "", f"[{table}]"]
            tables = []
        if isinstance(setting.value, dict):
            tables += ["", f"# {setting.description}", f"#[{setting.name}]", _TABLES[setting.name]]
            continue
        value = '"..."  # not set' if setting.value is None else written(setting.value)
        lines += ["", f"# {setting.description}", f"#{name} = {value}"]
    return "\n".join([*lines, *tables]) + "\n"
