"""licences.yaml: which site may use which agency's texts, and when.

    - agency: dpa
      site: kielburg          # a site's id, a host (its subdomains too), or "*" for all
      from: 2024-01-01        # both days are included; without one the licence has no such end
      until: 2024-12-31

Nothing in an agency's name says that nobody looks after its licences; then no use is called unlicensed.
"""

from __future__ import annotations

import difflib
import logging
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from monitor.errors import ConfigError
from monitor.text import digest
from monitor.yamlfile import EXPECTED, compose, line_of, read_text, shortened, values

log = logging.getLogger(__name__)

LOOK_AGAIN = 2.0  # seconds between two looks at the file
LARGEST_FILE = 5_000_000  # bytes: some 50,000 licences
EVERY_SITE = "*"
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_SITE = re.compile(r"^(?:\*|[a-z0-9][a-z0-9._-]{0,252})$")
_AGENCY = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("expected a day like 2024-05-16")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("there is no such day") from error


def _site(text: str) -> str:
    text = text.strip().lower()
    if not _SITE.match(text):
        raise ValueError('expected the id of a site, a host like example.org, or "*" for every site')
    return text.removeprefix("www.")


def _agency(text: str) -> str:
    text = text.strip().lower()
    if not _AGENCY.match(text):
        raise ValueError("expected the id of an agency, as `monitor agencies list` shows it")
    return text


Day = Annotated[date, BeforeValidator(_day)]


class Licence(BaseModel):
    """One agency's texts for one site (or all), from day to day."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    agency: Annotated[str, AfterValidator(_agency)]
    site: Annotated[str, AfterValidator(_site)]
    since: Day | None = Field(None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Licence:
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"until: {self.until} is before from: {self.since}")
        return self

    def covers(self, site: str, host: str, day: date) -> bool:
        return (
            self.of_site(site, host) and (not self.since or self.since <= day) and (not self.until or day <= self.until)
        )

    def of_site(self, site: str, host: str) -> bool:
        """Is it this site's? A host stands for its subdomains too."""
        if self.site in (EVERY_SITE, site.lower()):
            return True
        host = host.lower().removeprefix("www.")
        return host == self.site or ("." in self.site and host.endswith(f".{self.site}"))


@dataclass(frozen=True, slots=True)
class Licences:
    """All licences of the file, in its order. Days begin at midnight in `zone`."""

    entries: tuple[Licence, ...] = ()
    zone: tzinfo = UTC

    def licensed(self, agency: str, site: str, at: datetime, *, host: str = "") -> bool | None:
        """May the site use the agency's texts at that time? None: nobody keeps licences for that agency.

        `host` is the article's, for licences that name one.
        """
        entries = [one for one in self.entries if one.agency == agency.lower()]
        if not entries:
            return None
        day = at.astimezone(self.zone).date()
        return any(one.covers(site, host or site, day) for one in entries)

    @property
    def states(self) -> dict[str, str]:
        """By agency a digest of its entries: another one when they change."""
        told: dict[str, list[str]] = {}
        for one in self.entries:
            told.setdefault(one.agency, []).append(one.model_dump_json())
        return {agency: digest(str(self.zone), *sorted(entries)) for agency, entries in sorted(told.items())}

    @property
    def agencies(self) -> tuple[str, ...]:
        """Whose licences are kept, sorted."""
        return tuple(sorted({one.agency for one in self.entries}))


def load_licences(path: Path, zone: str = "UTC") -> Licences:
    """The licences of the file; none when there is no such file. Raises ConfigError with file, line and field."""
    if not path.exists():
        return Licences(zone=ZoneInfo(zone))
    text = read_text(path, largest=LARGEST_FILE, error=ConfigError, what="list of licences")
    node = compose(path, text, error=ConfigError)
    if node is None:
        return Licences(zone=ZoneInfo(zone))
    if not isinstance(node, yaml.SequenceNode):
        raise ConfigError(
            f"{path}:{node.start_mark.line + 1}: expected a list of licences",
            hint="each begins with a dash: `- agency: dpa`, then `  site: example.org` below it",
        )
    entries, wrong = _entries(path, node)
    if wrong:
        raise ConfigError("\n".join(wrong), hint="a licence has agency, site, from and until; the days may be left out")
    return Licences(tuple(entries), ZoneInfo(zone))


class WatchedLicences:
    """The licences of a file that may change while a program runs: looked at again when the file is another.

    A file that is wrong by then is told once in the log, and what it said before goes on to hold.
    """

    def __init__(self, path: Path, zone: str = "UTC") -> None:
        """Raises ConfigError for a file that is wrong from the start."""
        self._path, self._zone = path, zone
        self._state, self._looked_at = _state_of(path), time.monotonic()
        self._licences = load_licences(path, zone)
        self._states = self._licences.states

    def licensed(self, agency: str, site: str, at: datetime, host: str = "") -> bool | None:
        """As `Licences.licensed`, by the file as it is now (within LOOK_AGAIN seconds)."""
        self._look()
        return self._licences.licensed(agency, site, at, host=host)

    def states(self) -> dict[str, str]:
        """As `Licences.states`, of the file as it is now."""
        self._look()
        return self._states

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_AGAIN:
            return
        self._looked_at, state = time.monotonic(), _state_of(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._licences = load_licences(self._path, self._zone)
            self._states = self._licences.states
        except ConfigError as error:
            log.warning("licences kept as they were reason=%s", error.message)


def _state_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _entries(path: Path, node: yaml.SequenceNode) -> tuple[list[Licence], list[str]]:
    entries: list[Licence] = []
    wrong: list[str] = []
    for number, value in enumerate(values(path, node, error=ConfigError)):
        try:
            entries.append(Licence.model_validate(value))
        except ValidationError as error:
            told = sorted(dict.fromkeys(_explained(node, number, problem) for problem in error.errors()))
            wrong += [f"{path}:{line}: licence {number + 1}: {what}" for line, what in told]
    return entries, wrong


def _explained(node: yaml.SequenceNode, number: int, problem: Any) -> tuple[int, str]:
    loc, kind, value = (number, *problem["loc"]), problem["type"], problem["input"]
    line = line_of(node, loc)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), ["agency", "site", "from", "until"], 1)
        return line, f"{loc[-1]}: no such field" + (f"; did you mean {near[0]}?" if near else "")
    message = EXPECTED.get(kind) or problem["msg"].removeprefix("Value error, ")
    found = f" (found {shortened(repr(value))})" if isinstance(value, str | int | float) else ""
    name = ".".join(str(part) for part in loc[1:])
    return line, f"{f'{name}: ' if name else ''}{shortened(message)}{found}"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A licence that has no effect, or another one than it seems. `entry` counts from 1."""

    entry: int
    what: str


def doubts(licences: Licences, agencies: Iterable[str], sites: Iterable[str]) -> Iterator[Doubt]:
    """Agencies that nobody knows, sites that have neither a file nor the form of a host, and doubled licences."""
    known, names = set(agencies), set(sites)
    seen: dict[Licence, int] = {}
    for number, one in enumerate(licences.entries, 1):
        if known and one.agency not in known:
            near = difflib.get_close_matches(one.agency, sorted(known), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            yield Doubt(number, f"no agency has the id {one.agency!r}{hint}")
        if one.site != EVERY_SITE and one.site not in names and "." not in one.site:
            yield Doubt(number, f"no site has the id {one.site!r}, and it is no host")
        if one in seen:
            yield Doubt(number, f"the same as licence {seen[one]}")
        seen.setdefault(one, number)
