"""What is said of settings that are wrong: where each was set, what it is to be, and no address or password."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from monitor.errors import ConfigError

_LIST = '["1h", "6h"]'
_EXAMPLES = {"alerting.health_channels": '["desk"]', "crawl.spider_modules": '["spiders"]'}
_EXPECTED = {"alerting.disk_free": "expected a share of the disk, for example 0.05 or 5 %"}
# An address may hold a password, which is why it is refused.
_SECRETS = (
    "alerting.channels",
    "alerting.health_channels",
    "alerting.monitor_url",
    "heartbeat_url",
    "proxy",
    "password",
    "api_key",
    "token",
    "secret",
    "store.url",
    "kibana.url",
)
FREE = "alerting.channels."  # settings whose names people choose begin so
ADDRESS = "://"


def unreadable(
    error: SettingsError, names: Mapping[str, str], given: Mapping[str, str], sections: Collection[str]
) -> ConfigError:
    """A list or a table in the environment is JSON; pydantic names the section only, its cause holds the text."""
    text = str(getattr(error.__cause__, "doc", ""))
    lists = [f"{variable}: {name}" for name, variable in names.items() if given[variable] == text]
    where = lists[0] if len(lists) == 1 else str(error)
    name = lists[0].partition(": ")[2] if len(lists) == 1 else ""
    if f"{name}." == FREE:
        return ConfigError(f'{where}: a table is written as JSON, for example {{"desk": "ADDRESS"}}')
    told = f"{where}: a list is written as JSON, for example {_EXAMPLES.get(name, _LIST)}"
    shown = name and not _may_be_secret(name, text, sections)
    return ConfigError(f"{told} (found {text!r})" if shown else told)


def explained(
    error: ValidationError,
    file: Path | None,
    in_file: Collection[str],
    in_environment: Mapping[str, str],
    sections: Collection[str],
) -> ConfigError:
    """`in_file`, `in_environment`: names of settings, these with their variables; `sections`: names of sections."""
    lines = []
    for problem in error.errors():
        parts = [str(part) for part in problem["loc"] if not isinstance(part, int)]
        dotted = ".".join("***" if ADDRESS in part else part for part in parts)
        if problem["type"] == "extra_forbidden":
            message = "no such setting"
        else:
            message = _EXPECTED.get(dotted) or problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "tuple_type":
                message = f"expected a list, for example {_EXAMPLES.get(dotted, _LIST)}"
            if not isinstance(problem["input"], dict) and not _may_be_secret(dotted, problem["input"], sections):
                message += f" (found {problem['input']!r})"
        where = _where(dotted, message, in_file, in_environment, str(file) if file else "settings")
        lines.append(f"{where}: {dotted}: {message}")
    return ConfigError("\n".join(lines), hint="`monitor config` lists every setting with its meaning")


def _where(name: str, message: str, in_file: Collection[str], in_environment: Mapping[str, str], file: str) -> str:
    """What set it. Of a whole section what its message begins with is looked for, else all that set some of it."""
    for one in (name, f"{name}.{message.partition(':')[0]}"):
        if one in in_environment:
            return in_environment[one]
        if one in in_file:
            return file
    variables = dict.fromkeys(variable for key, variable in in_environment.items() if key.startswith(f"{name}."))
    here = [file] if not variables or any(one.startswith(f"{name}.") for one in in_file) else []
    return ", ".join([*here, *variables])


def _may_be_secret(dotted: str, value: object, sections: Collection[str]) -> bool:
    """Also what holds an address and is not where addresses belong, and a whole section in one text."""
    return dotted in sections or ADDRESS in str(value) or any(secret in dotted for secret in _SECRETS)
