"""News agencies and how they are named: the table in `agencies.toml`, and a user's own file over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitor.errors import ConfigError
from monitor.sources.naming import Named, Names
from monitor.text import fold

UNKNOWN = "unknown"  # id of agencies that are credited without a name
_OWN = Path(__file__).with_name("agencies.toml")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_KEY = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


@dataclass(frozen=True, slots=True)
class Agency:
    """One entry; `agencies.toml` says what the fields mean."""

    id: str
    name: str
    names: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    country: str = "INT"
    desks: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    pictures_only: bool = False
    unnamed: bool = False

    def means(self, language: str) -> bool:
        """Does a weak form stand for the agency in a text of this language ("" or "und": not known)?"""
        return language in self.trusted


@dataclass(frozen=True, slots=True)
class Dispatch:
    """An agency's own number in a text: `key` is the number without the revision."""

    agency: str
    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class AgencyTable:
    """All entries by id, and the look-ups over them. Nothing in it changes."""

    agencies: Mapping[str, Agency]
    _names: Names = field(repr=False)
    _numbers: tuple[tuple[str, re.Pattern[str]], ...] = field(repr=False)
    _domains: Mapping[str, str] = field(repr=False)
    _desks: frozenset[str] = field(repr=False)

    def __getitem__(self, id: str) -> Agency:
        return self.agencies[id]

    def __contains__(self, id: object) -> bool:
        return id in self.agencies

    def find(self, text: str) -> list[Named]:
        """Where the text names agencies, in order, the longest name at each place; not within addresses."""
        return self._names.find(text)

    def find_misspelt(self, text: str) -> list[Named]:
        """For a line of names in which `find` finds nothing: names with a letter or two wrong."""
        return self._names.find_misspelt(text)

    def dispatches(self, text: str) -> list[Dispatch]:
        """The agencies' own numbers in the text: "dpa:240516-99-53606/3" has the key "dpa:240516-99-53606"."""
        return [
            Dispatch(agency, match[1], match.start(), match.end())
            for agency, pattern in self._numbers
            for match in pattern.finditer(text)
            if not match.start() or not text[match.start() - 1].isalnum()
        ]

    def owner(self, url: str) -> Agency | None:
        """The agency on whose own site the address lies."""
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return None
        while "." in host:
            if found := self._domains.get(host):
                return self.agencies[found]
            host = host.partition(".")[2]
        return None

    def resolve(self, text: str) -> Agency | None:
        """The agency with this id, or that the whole text names."""
        wanted = text.strip()
        if found := self.agencies.get(wanted.lower()):
            return found
        named = [one for one in self.find(wanted) if (one.start, one.end) == (0, len(wanted))]
        return self.agencies[named[0].agency] if named else None

    def is_desk(self, word: str) -> bool:
        """Is the word a desk's code ("lno") and no author's initials?"""
        return word in self._desks


def load(extra: Path | None = None) -> AgencyTable:
    """The table, with the user's file over it. Kept until that file changes. Raises ConfigError."""
    if extra is None:
        return _load(None, 0)
    try:
        return _load(extra, extra.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"{extra}: {error.strerror or error}", hint="the file of your own agencies") from error


@lru_cache(maxsize=4)
def _load(extra: Path | None, _changed: int) -> AgencyTable:
    entries = _read(_OWN)
    if extra is not None:
        for id, values in _read(extra).items():
            entries[id] = {**entries.get(id, {}), **values}
    return make_table(_agency(extra or _OWN, id, values) for id, values in entries.items())


def make_table(agencies: Iterable[Agency]) -> AgencyTable:
    """A table of just these."""
    by_id = {agency.id: agency for agency in agencies}
    return AgencyTable(
        agencies=by_id,
        _names=Names(by_id.values()),
        _numbers=tuple((one.id, re.compile(pattern)) for one in by_id.values() for pattern in one.ids),
        _domains={domain.lower(): one.id for one in by_id.values() for domain in one.domains},
        _desks=frozenset(desk for one in by_id.values() for desk in one.desks),
    )


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    for id, values in found.items():
        if not isinstance(values, dict):
            raise ConfigError(f'{path}: {id}: expected an entry such as [dpa] with name = "..."')
    return found


_KINDS = {one.name: one.type for one in fields(Agency)}


def _agency(path: Path, id: str, values: dict[str, Any]) -> Agency:
    def wrong(key: str, expected: str) -> ConfigError:
        got = f", got {values[key]!r}" if key in values else ""
        return ConfigError(f"{path}: [{id}] {key}: expected {expected}{got}")

    if not _ID.fullmatch(id):
        raise ConfigError(f"{path}: [{id}]: expected an id of lower-case letters, digits and hyphens")
    checked: dict[str, Any] = {}
    for key, value in values.items():
        kind = _KINDS.get(key)
        if kind is None or key == "id":
            raise wrong(key, f"one of {', '.join(sorted(set(_KINDS) - {'id'}))}")
        if kind == "str" and not (isinstance(value, str) and value.strip()):
            raise wrong(key, "a text")
        if kind == "bool" and not isinstance(value, bool):
            raise wrong(key, "true or false")
        if kind.startswith("tuple"):
            if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
                raise wrong(key, "a list of texts")
            value = tuple(value)
        checked[key] = value
    if "name" not in checked:
        raise wrong("name", "a text")
    for key in ("languages", "trusted"):
        if not all(_KEY.fullmatch(code) for code in checked.get(key, ())):
            raise wrong(key, 'language codes such as "de"')
    for pattern in checked.get("ids", ()):
        try:
            compiled = re.compile(pattern)
        except re.error as error:
            raise wrong("ids", f"regular expressions ({error})") from error
        if compiled.groups != 1:
            raise wrong("ids", "regular expressions with one group, the number without its revision")
    checked.setdefault("trusted", checked.get("languages", ()))
    return Agency(id=id, **checked)


def is_name_of(text: str, name: str) -> bool:
    """Same name, without regard to case, diacritics, hyphens and spaces."""
    return fold(text).replace("-", " ").split() == fold(name).replace("-", " ").split()
