"""Site files: one YAML file per site -> Site. Inert: loading reads the one file and nothing else.

An error names the file, the line, the field and what was expected.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import yaml
from lxml.cssselect import CSSSelector
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from monitor.errors import FetchError, SiteError
from monitor.records import ExtractionRules
from monitor.spans import parse_span
from monitor.text import clean
from monitor.urls import normalise

LARGEST_FILE = 200_000  # bytes; a site file is some dozen lines
_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,99}$")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _web_address(text: str) -> str:
    try:
        normalise(text)
    except FetchError as error:
        raise ValueError(f"{error.message}; expected an address like https://example.org/") from error
    return text.strip()


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


def _selector(text: str) -> str:
    try:
        CSSSelector(text, translator="html")
    except Exception as error:  # cssselect raises several kinds, down to AssertionError: each means the same here
        raise ValueError(f"{text!r} is no CSS selector: {error}") from error
    return text


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone of the IANA database; write for example Europe/Berlin")
    return name


def _span(text: str) -> str:
    parse_span(text)
    return text


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


WebAddress = Annotated[str, AfterValidator(_web_address)]
TimeZone = Annotated[str, AfterValidator(_zone)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_pattern)], ...], BeforeValidator(_as_list)]
SelectorList = Annotated[tuple[Annotated[str, AfterValidator(_selector)], ...], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FeedSource(_Part):
    """RSS, Atom or JSON Feed. `full_content`: the feed carries whole articles, no page is fetched."""

    kind: Literal["feed"]
    url: WebAddress
    full_content: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.url}"


class WordPressSource(_Part):
    """The REST API of a WordPress site. `url`: the site's base or its wp-json root."""

    kind: Literal["wordpress"]
    url: WebAddress
    pages: int = Field(1, ge=1, le=100)
    per_page: int = Field(100, ge=1, le=100)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.url}"


Source: TypeAlias = FeedSource | WordPressSource


class Selectors(_Part):
    """CSS selectors where extraction needs help."""

    title: SelectorList = ()
    body: SelectorList = ()
    byline: SelectorList = ()
    caption: SelectorList = ()
    remove: SelectorList = ()


class Schedule(_Part):
    """Either an interval (`every: 30m`) or a cron expression of five fields."""

    every: Annotated[str, AfterValidator(_span)] | None = None
    cron: str | None = None
    time_zone: TimeZone | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Schedule:
        if (self.every is None) == (self.cron is None):
            raise ValueError("expected either `every: 30m` or `cron: '*/10 * * * *'`")
        if self.cron is not None and len(self.cron.split()) != 5:
            raise ValueError(f"{self.cron!r} is no cron expression: expected minute hour day month weekday")
        if self.every is not None and self.time_zone is not None:
            raise ValueError("an interval has no time zone; `time_zone` goes with `cron`")
        return self


def _schedule(value: Any) -> Any:
    """`schedule: 30m` and `schedule: "*/10 * * * *"` are short for the mapping."""
    if isinstance(value, str):
        return {"cron": value} if len(value.split()) == 5 else {"every": value}
    return value


class Site(_Part):
    """One site as its file describes it."""

    id: str
    name: str = ""
    url: WebAddress
    sources: tuple[Annotated[Source, Field(discriminator="kind")], ...] = ()
    allow: Patterns = ()
    deny: Patterns = ()
    language: Annotated[str, Field(pattern=r"^(?:[a-z]{2,3}(?:-[A-Za-z0-9]+)*)?$")] = ""
    time_zone: TimeZone = "UTC"
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    user_agent: Annotated[str, Field(min_length=3, pattern=r"^[\x20-\x7e]+$")] | None = None
    headers: dict[
        Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")],
        Annotated[str, Field(pattern=r"^[^\r\n\x00]*$")],
    ] = Field(default_factory=dict)
    select: Selectors = Selectors()
    follow_origin: bool = True
    allow_private: bool = False
    enabled: bool = True
    schedule: Annotated[Schedule, BeforeValidator(_schedule)] | None = None

    @property
    def rules(self) -> ExtractionRules:
        """What extraction is told of this site."""
        select = self.select
        return ExtractionRules(
            title=select.title,
            body=select.body,
            byline=select.byline,
            caption=select.caption,
            remove=select.remove,
            time_zone=self.time_zone,
            language=self.language,
            site_name=self.name,
        )

    def wants(self, url: str) -> bool:
        """Do the patterns let this normalised address pass? `deny` wins; no `allow` allows all."""
        if any(re.search(pattern, url) for pattern in self.deny):
            return False
        return not self.allow or any(re.search(pattern, url) for pattern in self.allow)

    def resolved_headers(self, environment: Mapping[str, str] | None = None) -> dict[str, str]:
        """Headers with ${NAME} replaced from the environment. Raises SiteError for a variable that is not set."""
        environ = os.environ if environment is None else environment

        def value(match: re.Match[str]) -> str:
            found = environ.get(match[1])
            if found is None or re.search(r"[\r\n\x00]", found):
                raise SiteError(
                    f"site {self.id}: headers: the environment variable {match[1]} is not set",
                    hint=f"export {match[1]}=...",
                )
            return found

        return {name: _VARIABLE.sub(value, text) for name, text in self.headers.items()}


# --- loading ---------------------------------------------------------------------------------------------------------


class _Loader(yaml.SafeLoader):
    """Safe YAML that refuses a key that stands twice, and references, which site files have no use for."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "references (*name) are not allowed here", event.start_mark)
        return super().compose_node(parent, index)


def load_site(path: Path) -> Site:
    """The site of one file; its id is the file's name. Raises SiteError."""
    site_id = path.stem
    if not _ID.match(site_id):
        raise SiteError(
            f"{path}: {site_id!r} is no id of a site",
            hint="use lower-case letters, digits, '-', '_' and '.' in the file's name",
        )
    text = _read(path)
    node = _compose(path, text)
    values = _values(path, node)
    if "id" in values and values["id"] != site_id:
        raise SiteError(f"{path}:{_line(node, ('id',))}: id: expected {site_id}, the name of the file, or nothing")
    try:
        return Site.model_validate({**values, "id": site_id})
    except ValidationError as error:
        raise SiteError(
            "\n".join(_explained(path, node, problem) for problem in error.errors()),
            hint="`monitor sites add` writes a commented file",
        ) from error


def load_sites(folder: Path) -> tuple[dict[str, Site], list[SiteError]]:
    """All sites of the folder by id, in order of their names, and what is wrong with the others."""
    sites: dict[str, Site] = {}
    errors: list[SiteError] = []
    if not folder.is_dir():
        return sites, errors
    for path in sorted(folder.iterdir()):
        if path.suffix == ".yml" and path.is_file():
            errors.append(SiteError(f"{path}: site files end in .yaml", hint=f"mv {path} {path.with_suffix('.yaml')}"))
        if path.suffix != ".yaml" or not path.is_file():
            continue
        try:
            sites[path.stem] = load_site(path)
        except SiteError as error:
            errors.append(error)
    return sites, errors


def find_sites(folder: Path, ids: Sequence[str]) -> list[Site]:
    """The named sites in this order. Raises SiteError for one that is not there, with the names that are near."""
    found = []
    for site_id in ids:
        path = folder / f"{site_id}.yaml"
        if not _ID.match(site_id) or not path.is_file():
            raise _unknown(folder, site_id)
        found.append(load_site(path))
    return found


def _unknown(folder: Path, site_id: str) -> SiteError:
    there = sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []
    near = difflib.get_close_matches(site_id, there, 3)
    hint = (
        f"did you mean {', '.join(near)}?"
        if near
        else "`monitor sites list` shows them; `monitor sites add URL` adds one"
    )
    return SiteError(f"no site is called {site_id!r} in {folder}", hint=hint)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise SiteError(f"{path}: larger than {LARGEST_FILE} bytes; this is no site file")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SiteError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise SiteError(f"{path}: can't be read: {error.strerror or error}") from error


def _compose(path: Path, text: str) -> yaml.Node:
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise SiteError(f"{path}{line}: not YAML: {error.problem or error}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SiteError(f"{path}: not YAML: {str(error).splitlines()[0]}") from error
    if node is None:
        raise SiteError(f"{path}: the file is empty", hint="it needs at least `url:` and `sources:`")
    if not isinstance(node, yaml.MappingNode):
        raise SiteError(f"{path}:1: expected `name: value` lines")
    for key, where in _twice(node):
        raise SiteError(f"{path}:{where}: {key} stands here for the second time")
    return node


def _values(path: Path, node: yaml.Node) -> dict[str, Any]:
    loader = _Loader("")
    try:
        values = loader.construct_document(node)
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise SiteError(f"{path}: not YAML: {str(error).splitlines()[0]}") from error
    finally:
        loader.dispose()
    return {str(key): value for key, value in values.items()}


def _twice(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen if isinstance(key, yaml.ScalarNode) else False:
                yield key.value, key.start_mark.line + 1
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(value)


def _explained(path: Path, node: yaml.Node, problem: Any) -> str:
    loc = tuple(part for part in problem["loc"] if part not in ("feed", "wordpress", "[key]"))
    name = ".".join(str(part) for part in loc)
    where = f"{path}:{_line(node, loc)}"
    kind = problem["type"]
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), _fields(loc), 1)
        return f"{where}: {name}: no such field" + (f"; did you mean {near[0]}?" if near else "")
    if kind == "missing":
        return f"{where}: {name}: expected, but missing"
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return f"{where}: {name}.kind: expected feed or wordpress"
    message = problem["msg"].removeprefix("Value error, ")
    found = problem["input"]
    shown = f" (found {found!r})" if isinstance(found, str | int | float | bool) and repr(found) not in message else ""
    return f"{where}: {name}: {message[0].lower() + message[1:]}{shown}"


def _fields(loc: tuple[Any, ...]) -> list[str]:
    models: dict[str, list[type[BaseModel]]] = {
        "select": [Selectors], "schedule": [Schedule], "sources": [FeedSource, WordPressSource]
    }  # fmt: skip
    chosen = models.get(str(loc[0]), [Site]) if len(loc) > 1 else [Site]
    return [field for model in chosen for field in model.model_fields]


def _line(node: yaml.Node, loc: Sequence[Any]) -> int:
    """Line, from 1, of the deepest part of the location that the file has."""
    line = node.start_mark.line + 1
    for part in loc:
        following = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                    line, following = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            following = node.value[part]
            line = following.start_mark.line + 1
        if following is None:
            break
        node = following
    return line


def host_name(url: str) -> str:
    """An id for a site from its address: its host without "www.", with the port where there is one."""
    parts = urlsplit(url)
    host = (parts.hostname or "site").removeprefix("www.")
    return re.sub(r"[^a-z0-9._-]+", "-", f"{host}-{parts.port}" if parts.port else host)


# --- writing ---------------------------------------------------------------------------------------------------------


def site_file_text(
    *, url: str, name: str, language: str, wordpress: str, feeds: Sequence[tuple[str, int, int]], allow_private: bool
) -> str:
    """A commented site file. `feeds`: address, number of entries, number of entries with whole content."""
    code = re.sub(r"[^a-z]", "", language.lower().split("-")[0])[:3]
    loopback = allow_private and bool(re.match(r"^(?:localhost|127\.|\[?::1)", urlsplit(url).netloc))
    lines = [
        f"# {_one_line(name) or url}",
        "# Every field with its meaning: docs/sites.md. Try it: monitor sites check",
        "",
        f"name: {_quoted(name)}",
        f"url: {_quoted(url)}",
        f"language: {code}          # as the site says; used where a text is too short to tell"
        if code
        else "# language: de      # used where a text is too short to tell",
        "time_zone: UTC        # of dates that come without a zone; write for example Europe/Berlin",
        "",
        "sources:",
    ]
    if wordpress:
        lines += [
            "  # The WordPress API brings whole articles, up to 100 in one request.",
            "  - kind: wordpress",
            f"    url: {_quoted(wordpress)}",
            "    pages: 1          # of 100 articles, per crawl; more for the first one, to get older articles",
        ]
        if feeds:
            lines += ["  # Not needed beside the API: the same articles, and a page fetch for each."]
    for address, entries, whole in feeds:
        mark = "  # " if wordpress else "  "
        lines += [f"{mark}- kind: feed", f"{mark}  url: {_quoted(address)}    # {entries} entries"]
        if whole >= max(3, entries // 2):
            lines += [
                f"  #   full_content: true   # {whole} entries seem to carry the whole article; then no page is fetched"
            ]
    lines += [
        "",
        "# allow: ['/news/']         # regular expressions; only addresses that match are fetched",
        "# deny: ['/video/', '/live/']",
        "# schedule: 15m             # or a cron expression: '*/10 6-22 * * *'",
    ]
    if loopback:
        lines += ["delay: 0                  # seconds between requests; this is a server of your own machine"]
    else:
        lines += ["# delay: 1                # seconds between requests to this site"]
    lines += [
        "# select:                   # CSS selectors, where extraction needs help",
        "#   body: article .content",
        "#   remove: [.newsletter]",
    ]
    lines += ["allow_private: true       # it is on a private address"] if allow_private else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A YAML scalar for any one line of text."""
    return "'" + _one_line(text).replace("'", "''") + "'"


def _one_line(text: str) -> str:
    return clean(text)[:300]
