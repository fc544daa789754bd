"""Alert rules as people write them, one YAML file for each: alerts/NAME.yaml. An error names file, line and field.

query: '"Musterwerk" OR "Musterwerke AG"'
channels: [desk, "ntfys://ntfy.example.org/press"]
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from monitor.alerts.cadence import read_cadence
from monitor.alerts.channels import FEED, channel_name, check_channel
from monitor.errors import QueryError, RuleError
from monitor.query import All, Bool, Node, Term, parse
from monitor.query.nodes import KINDS
from monitor.records import Rule
from monitor.spans import parse_span
from monitor.yamlfile import EXPECTED, as_list, compose, files, id_of, line_of, read_text, shortened, values
from monitor.zones import known_zone

LARGEST_FILE = 200_000  # bytes; a rule is some dozen lines
HEALTH = "health"  # in the outbox, in the place of a rule's id: what is told of the monitor itself
# Names that no rule can have, and what is called so.
TAKEN = {HEALTH: "the monitor's own notices are", FEED: "the channel of the RSS files is"}
ANY_AGE = "any"
_CODE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")  # ISO 639, with a region or a script
_NOW = re.compile(r"(?:[:<>=\[{]|\bto\s)\s*(now)\b", re.IGNORECASE)  # where a date stands
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TWO_TIMES = datetime(2120, 2, 3, 4, 5, 6, tzinfo=UTC), datetime(1990, 3, 4, 5, 6, 7, tzinfo=UTC)


def _cadence(text: str) -> str:
    return str(read_cadence(text))


def _zone(name: str) -> str:
    return known_zone(name) if name else name


def _span(text: str) -> str:
    if text != ANY_AGE:
        parse_span(text)
    return text


def _kind(text: str) -> str:
    if text not in KINDS:
        raise ValueError(f"expected {', '.join(KINDS)}")
    return text


def _language(text: str) -> str:
    """Articles have the language alone: a region or a script is left out."""
    if not _CODE.fullmatch(text):
        raise ValueError(f"{shortened(text)!r} is no code of a language; write for example de, en or zh")
    return text.partition("-")[0]


def _line(text: str) -> str:
    return " ".join(text.split())


def _moment(value: Any) -> Any:
    """`2024-05-16T12:00+02:00`; without a zone it is the rule's (`_in_zone`). A date alone is the whole day."""
    if isinstance(value, bool | int | float):
        raise ValueError("expected a time like 2024-05-16T12:00+02:00, or a day like 2024-05-16")
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value)
        if _DATE.fullmatch(value) and found.date() < date.max:
            found += timedelta(days=1)
        found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("expected a time like 2024-05-16T12:00+02:00, or a day like 2024-05-16") from error
    return found


def _in_zone(moment: datetime | None, zone: str) -> datetime | None:
    if moment is None:
        return None
    try:
        return moment.replace(tzinfo=moment.tzinfo or ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:  # the last hours that there are
        return moment.replace(tzinfo=UTC)


def _name(text: str) -> str:
    found = text.strip().lower()
    if not found:
        raise ValueError("it is empty: take it away, or say what is meant")
    return found


Lowered = Annotated[str, AfterValidator(_name)]
Names = Annotated[tuple[Lowered, ...], BeforeValidator(as_list)]


class RuleFile(BaseModel):
    """What a file may say; a field left empty counts as not written."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = ""
    query: str = ""
    label: Annotated[str, AfterValidator(_line)] = ""
    owner: Annotated[str, AfterValidator(_line)] = ""
    sites: Names = Field((), alias="site")
    languages: Annotated[tuple[Annotated[Lowered, AfterValidator(_language)], ...], BeforeValidator(as_list)] = Field(
        (), alias="language"
    )
    agencies: Names = Field((), alias="agency")
    kinds: Annotated[tuple[Annotated[str, AfterValidator(_kind)], ...], BeforeValidator(as_list)] = Field(
        (), alias="kind"
    )
    credited: bool | None = None
    reused_from: Names = ()
    withdrawn: bool = False
    channels: Annotated[tuple[Annotated[str, AfterValidator(check_channel)], ...], BeforeValidator(as_list)] = Field(
        (), alias="channel"
    )
    cadence: Annotated[str, AfterValidator(_cadence)] = "now"
    time_zone: Annotated[str, AfterValidator(_zone)] = ""
    each: Literal["story", "copy"] = "story"
    min_copies: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    spike: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 0.0
    max_age: Annotated[str, AfterValidator(_span)] = "7d"
    messages: Literal["en", "de"] = "en"
    enabled: bool = True
    silenced_until: Annotated[datetime | None, BeforeValidator(_moment)] = None

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _asks_something(self) -> RuleFile:
        narrowed = (self.sites, self.languages, self.agencies, self.kinds, self.reused_from)
        if not self.query.strip() and not any(narrowed) and self.credited is None and not self.withdrawn:
            raise ValueError("a rule without `query` and without a filter would ring for every article")
        if self.spike and self.each == "copy":
            raise ValueError("spike: a rule that counts a day rings once for the day; take `each: copy` away")
        if self.spike and (self.reused_from or self.withdrawn or self.min_copies > 1):
            raise ValueError(
                "spike: the stories of a day are counted as a search finds them; `reused_from`, `withdrawn` and "
                "`min_copies` are no part of that (`copies:>=3` in the query is)"
            )
        if 0 < self.spike <= 1:
            raise ValueError("spike: expected more than 1, so many times the usual number of a day")
        return self

    def rule(self, id: str, origin: str = "", zone: str = "UTC") -> Rule:
        """The record; addresses of channels become names. `zone`: of times where the rule names none."""
        return Rule(
            id=id,
            query=self.query.strip(),
            label=self.label,
            owner=self.owner,
            sites=self.sites,
            languages=self.languages,
            agencies=self.agencies,
            kinds=self.kinds,
            credited=self.credited,
            reused_from=self.reused_from,
            withdrawn=self.withdrawn,
            channels=tuple(dict.fromkeys(map(channel_name, self.channels))),
            cadence=self.cadence,
            time_zone=self.time_zone,
            each=self.each,
            min_copies=self.min_copies,
            spike=self.spike,
            max_age=parse_span(self.max_age).total_seconds() if self.max_age != ANY_AGE else 0.0,
            language=self.messages,
            enabled=self.enabled,
            silent_until=_in_zone(self.silenced_until, self.time_zone or zone),
            origin=origin,
        )


def question(rule: Rule, zone: str = "UTC") -> Node:
    """What an article has to answer, filters among it. `zone`: of dates in the query where the rule names none.

    Raises QueryError; also for dates that count from now: the question is kept, and now goes on.
    """
    must: list[Node] = []
    if rule.query:
        asked = _asked(rule.query, rule.time_zone or zone)
        must += [] if isinstance(asked, All) else [asked]
    filters = (("site", rule.sites), ("lang", rule.languages), ("agency", rule.agencies), ("kind", rule.kinds))
    for field, wanted in filters:
        terms = tuple(Term(field, value) for value in wanted)
        must.extend([Bool(should=terms)] if len(terms) > 1 else terms)
    if rule.credited is not None:
        must.append(Term("credited", "true" if rule.credited else "false"))
    if not must:
        return All()
    return must[0] if len(must) == 1 else Bool(must=tuple(must))


def _asked(query: str, zone: str) -> Node:
    """The query, read at two times; at one of them a range that counts from now may end before it begins."""
    read: list[Node] = []
    errors: list[QueryError] = []
    for now in _TWO_TIMES:
        try:
            read.append(parse(query, now=now, zone=zone))
        except QueryError as error:
            errors.append(error)
    if not read:
        raise errors[0]
    if errors or read[0] != read[1]:
        places = [match.start(1) for match in _NOW.finditer(query)]
        column = places[-1] if places else 0
        hint = "`max_age` leaves out what is old when it is found"
        raise QueryError("a rule takes no dates that count from now", text=query, column=column, hint=hint)
    return read[0]


def read_rule(text: str, rule_id: str, path: Path, asking: Callable[[Rule], Node] = question) -> RuleFile:
    """The rule of a file's text; `path` is named in errors. `asking`: raises QueryError for a query that is wrong.

    Raises RuleError.
    """
    node = compose(path, text, error=RuleError)
    if node is None:
        raise RuleError(f"{path}: the file is empty", hint="it needs at least `query:` and `channels:`")
    if not isinstance(node, yaml.MappingNode):
        raise RuleError(f"{path}:{node.start_mark.line + 1}: expected `name: value` lines")
    try:
        found = RuleFile.model_validate({str(k): v for k, v in values(path, node, error=RuleError).items()})
    except ValidationError as error:
        told = sorted(dict.fromkeys(_explained(node, problem) for problem in error.errors()))
        raise RuleError("\n".join(f"{path}:{line}: {what}" for line, what in told)) from error
    if rule_id in TAKEN:
        raise RuleError(f"{path}: no rule can be called {rule_id!r}", hint="give the file another name")
    if found.id not in ("", rule_id):
        raise RuleError(f"{path}:{line_of(node, ('id',))}: id: expected {rule_id}, the name of the file, or nothing")
    try:
        asking(found.rule(rule_id))
    except QueryError as error:
        where = f"{path}:{line_of(node, ('query',))}: query:"
        raise RuleError(f"{where}\n{error.pointed()}", hint=error.hint) from error
    return found


def load_rules(folder: Path, asking: Callable[[Rule], Node] = question) -> tuple[dict[str, RuleFile], list[RuleError]]:
    """All rules of the folder by id, in order of their names, and what is wrong with the others."""
    rules: dict[str, RuleFile] = {}
    errors: list[RuleError] = []
    for path in files(folder, errors, error=RuleError, what="rules"):
        try:
            rule_id = id_of(path, error=RuleError, what="rule")
            text = read_text(path, largest=LARGEST_FILE, error=RuleError, what="alert rule")
            rules[rule_id] = read_rule(text, rule_id, path, asking)
        except RuleError as error:
            errors.append(error)
    return rules, errors


def addresses(rules: Mapping[str, RuleFile]) -> dict[str, str]:
    """Addresses of channels that the files name themselves, by the name that they got."""
    return {channel_name(one): one for rule in rules.values() for one in rule.channels if channel_name(one) != one}


def _explained(node: yaml.Node, problem: Any) -> tuple[int, str]:
    """The line, and what is wrong there; never a value of `channels`, which may hold a secret."""
    loc, kind = tuple(problem["loc"]), problem["type"]
    message = EXPECTED.get(kind, "")
    shown = problem["input"] if isinstance(problem["input"], str | int | float) else None
    if kind == "extra_forbidden":
        names = [name for key, field in RuleFile.model_fields.items() for name in (key, field.alias) if name]
        near = difflib.get_close_matches(str(loc[-1]), names, 1)
        message, shown = "no such field" + (f"; did you mean {near[0]}?" if near else ""), None
    elif not message:
        message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    if loc[:1] in (("channels",), ("channel",)):
        shown = None
    elif loc and "://" in str(problem["input"]) and loc[:1] != ("query",):  # that of a channel, in a wrong place
        message, shown = "expected no address", None
    found = f" (found {shortened(repr(shown))})" if shown is not None and repr(shown) not in message else ""
    name = shortened(".".join("***" if "://" in str(part) else str(part) for part in loc))
    return line_of(node, loc), f"{f'{name}: ' if name else ''}{shortened(message)}{found}"
