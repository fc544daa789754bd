"""monitor.toml and the environment -> frozen Settings, and where each value came from.

Loading reads the one file and the environment, nothing else. Relative paths are taken from the folder
of monitor.toml (or the current one), and every default path lies inside it.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from monitor.config_errors import FREE, explained, unreadable
from monitor.errors import ConfigError
from monitor.settings import Settings

FILE_NAME = "monitor.toml"
PREFIX = "MONITOR_"


@dataclass(frozen=True)
class Loaded:
    """Settings with what they were made of. `folder` is absolute; paths are made absolute by `path`."""

    settings: Settings
    folder: Path
    file: Path | None
    from_file: frozenset[str]
    from_environment: Mapping[str, str]  # dotted name -> variable
    from_sections: Mapping[str, str]  # the same for what came in a variable of a whole section, as JSON

    def path(self, relative: Path) -> Path:
        return relative if relative.is_absolute() else self.folder / relative

    @property
    def sites(self) -> Path:
        return self.path(self.settings.sites)

    @property
    def alerts(self) -> Path:
        return self.path(self.settings.alerts)

    @property
    def agencies(self) -> Path:
        return self.path(self.settings.agencies)

    @property
    def licences(self) -> Path:
        return self.path(self.settings.licences)

    @property
    def store(self) -> Path:
        return self.path(self.settings.store.path)

    @property
    def warc(self) -> Path:
        return self.path(self.settings.warc.path)

    def origin(self, name: str) -> str:
        """Where the value of the dotted name came from: a variable, the file or the default."""
        if name in self.from_environment:
            return f"environment {self.from_environment[name]}"
        if name in self.from_sections:
            return f"environment {self.from_sections[name]}"
        below = f"{name}."  # of a table whose names people choose
        if self.file and any(one == name or one.startswith(below) for one in self.from_file):
            return str(self.file)
        if variable := next((one for key, one in self.from_environment.items() if key.startswith(below)), ""):
            return f"environment {variable}"
        return "default"


def load(folder: Path | None = None, environment: Mapping[str, str] | None = None) -> Loaded:
    """Settings of the folder (default: MONITOR_CONFIG's, else the current one). Raises ConfigError."""
    environ = os.environ if environment is None else environment
    file = _config_file(folder, environ)
    base = file.parent if file else (folder or Path.cwd()).absolute()
    values = _read(file) if file else {}
    variables = {k: v for k, v in environ.items() if k.upper().startswith(PREFIX) and not _is_no_setting(k.upper())}
    names = {name: variable for variable in variables if (name := variable[len(PREFIX) :].lower().replace("__", "."))}
    known = {setting.name for setting in describe(Settings.model_validate({}))}
    for name, variable in names.items():
        if name not in known and not name.startswith(FREE) and not any(k.startswith(f"{name}.") for k in known):
            raise ConfigError(
                f"environment variable {variable}: no setting is called {name}", hint="`monitor config` lists them"
            )
    try:
        settings = _settings(values, variables)
    except ValidationError as error:
        sections = dict(_in_sections(names, variables))
        raise explained(error, file, frozenset(_flatten(values)), {**sections, **names}, _SECTIONS) from error
    except SettingsError as error:
        raise unreadable(error, names, variables, _SECTIONS) from error
    return Loaded(settings, base, file, frozenset(_flatten(values)), names, dict(_in_sections(names, variables)))


def _in_sections(names: Mapping[str, str], given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """MONITOR_STORE={"path": "x"} sets store.path. What could not be read was refused before."""
    for name, variable in names.items():
        section = getattr(Settings.model_fields.get(name), "annotation", None)
        if isinstance(section, type) and issubclass(section, BaseModel):
            keys = json.loads(given[variable] or "{}")
            yield from ((f"{name}.{key}", variable) for key in (keys if isinstance(keys, dict) else ()))


# Variables with the prefix that are no settings: for the program itself, and for its tests and their machines.
_NOT_SETTINGS = frozenset({"MONITOR_CONFIG", "MONITOR_FAULT", "MONITOR_RUN", "MONITOR_ENGINE_CACHE", "MONITOR_SHARED"})
_NO_SETTINGS_BEGIN = ("MONITOR_TEST_", "MONITOR_CI_")


def _is_no_setting(variable: str) -> bool:
    return variable in _NOT_SETTINGS or variable.startswith(_NO_SETTINGS_BEGIN)


def _settings(values: Mapping[str, Any], variables: Mapping[str, str]) -> Settings:
    class FromEnvironment(BaseSettings, Settings):
        """The given environment first, then the file's values, which come in as the initial ones."""

        model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__")

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *rest: Any, **more: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            environment.env_vars = {k.lower(): v for k, v in variables.items()}
            return environment, init_settings

    made = FromEnvironment(**values)
    return Settings.model_construct(**{name: getattr(made, name) for name in Settings.model_fields})


def _config_file(folder: Path | None, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("MONITOR_CONFIG")
    if folder is None and named:
        file = Path(named).absolute()
        if file.is_dir():
            file = file / FILE_NAME
        if not file.is_file():
            raise ConfigError(f"MONITOR_CONFIG names {file}, and there is no such file")
        return file
    file = (folder or Path.cwd()).absolute() / FILE_NAME
    return file if file.is_file() else None


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        twice = "a table, like [alerting.channels], stands once: put the lines of both together"
        raise ConfigError(f"{file}: not TOML: {error}", hint=twice if "twice" in str(error) else "") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


_SECTIONS = frozenset(
    name for name, info in Settings.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """One setting for showing: dotted name, value as text (secrets masked), what it means."""

    name: str
    value: Any
    description: str


def describe(settings: Settings) -> list[Described]:
    """Every setting in the order of `monitor.settings`."""
    return list(_described(settings, ""))


def _described(section: BaseModel, prefix: str) -> Iterator[Described]:
    for name, info in type(section).model_fields.items():
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from _described(value, f"{prefix}{name}.")
        else:
            shown: Any = value
            if isinstance(value, SecretStr):
                shown = "********"
            elif isinstance(value, Path):
                shown = str(value)
            elif isinstance(value, tuple):
                shown = list(value)
            elif isinstance(value, dict):
                shown = dict.fromkeys(sorted(value), "********")
            yield Described(f"{prefix}{name}", shown, info.description or "")
