"""What a site file may say: frozen models, unknown fields refused. Nothing here reads or fetches."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

import lxml.etree
from cssselect import SelectorError
from lxml.cssselect import CSSSelector
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from monitor.errors import FetchError, SiteError
from monitor.records import ExtractionRules
from monitor.sites.cron import check_cron
from monitor.spans import parse_span
from monitor.urls import normalise
from monitor.yamlfile import as_list
from monitor.zones import known_zone

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
_HEADER_NAME = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")  # RFC 9110, 5.1: a token
_HEADER_VALUE = re.compile(r"^[\t\x20-\x7e\xa0-\xff]*$")  # what a request line can carry: no line ends, Latin-1
# The program sets these itself; a second one makes two requests of one.
_OUR_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


def _web_address(text: str) -> str:
    try:
        normalise(text)
    except FetchError as error:
        raise ValueError(f"{error.message}; expected an address like https://example.org/") from error
    if "@" in urlsplit(text.strip()).netloc:
        raise ValueError("a name and password in an address are not sent; expected `headers: {Authorization: ...}`")
    return text.strip()


def _pattern(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # "[[a]": its meaning is about to change
            re.compile(text)
    except (re.error, OverflowError, RecursionError, FutureWarning) as error:
        raise ValueError(f"{text!r} is no regular expression: {error}") from error
    return text


def _selector(text: str) -> str:
    try:
        CSSSelector(text, translator="html")
    except (SelectorError, lxml.etree.LxmlError, ValueError, RecursionError) as error:
        raise ValueError(f"{text!r} is no CSS selector: {error}") from error
    return text


def _language(code: str) -> str:
    if code and not _LANGUAGE.match(code):
        raise ValueError(f"{code!r} is no language code; write for example de or pt-BR")
    return code


def _agent(text: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e][\x20-\x7e]{2,}", text):
        raise ValueError("expected at least three letters, without accents and line ends")
    return text


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _HEADER_NAME.match(name):
            raise ValueError(f"{name!r} is no name of a header")
        if name.lower() in _OUR_HEADERS:
            raise ValueError(f"{name} is set by the program itself")
        if not _HEADER_VALUE.match(value):
            raise ValueError(f"the value of {name} has a line end or a letter that a header can't carry")
    return headers


def _span(text: str) -> str:
    parse_span(text)
    return text


WebAddress = Annotated[str, AfterValidator(_web_address)]
TimeZone = Annotated[str, AfterValidator(known_zone)]
Patterns = Annotated[tuple[Annotated[str, AfterValidator(_pattern)], ...], BeforeValidator(as_list)]
SelectorList = Annotated[tuple[Annotated[str, AfterValidator(_selector)], ...], BeforeValidator(as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _left_empty(cls, values: Any) -> Any:
        """A field with nothing after its colon counts as not written."""
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None or name not in cls.model_fields}


class FeedSource(_Part):
    """RSS, Atom or JSON Feed. `full_content`: the feed carries whole articles, no page is fetched."""

    kind: Literal["feed"]
    url: WebAddress
    full_content: bool = False

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.url}"


class WordPressSource(_Part):
    """The REST API of a WordPress site. `url`: the site's base or its wp-json root; `pages` of posts per crawl."""

    kind: Literal["wordpress"]
    url: WebAddress
    pages: int = Field(default=1, ge=1, le=100)
    per_page: int = Field(default=100, ge=1, le=100)

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.url}"


Source: TypeAlias = FeedSource | WordPressSource
KINDS: tuple[str, ...] = ("feed", "wordpress")


class Selectors(_Part):
    """CSS selectors where extraction needs help."""

    title: SelectorList = ()
    body: SelectorList = ()
    byline: SelectorList = ()
    caption: SelectorList = ()
    remove: SelectorList = ()


class Schedule(_Part):
    """Either an interval (`every: 30m`) or a cron expression of five fields, in `time_zone`."""

    every: Annotated[str, AfterValidator(_span)] | None = None
    cron: Annotated[str, AfterValidator(check_cron)] | None = None
    time_zone: TimeZone | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Schedule:
        if (self.every is None) == (self.cron is None):
            raise ValueError("expected either `every: 30m` or `cron: '*/10 * * * *'`")
        if self.every is not None and self.time_zone is not None:
            raise ValueError("an interval has no time zone; `time_zone` goes with `cron`")
        return self


def _schedule(value: Any) -> Any:
    """`schedule: 30m` and `schedule: "*/10 * * * *"` are short for the mapping."""
    if isinstance(value, str):
        return {"cron": value} if len(value.split()) > 1 else {"every": value}
    return value


class Site(_Part):
    """One site as its file describes it."""

    id: str
    name: str = ""
    url: WebAddress
    sources: tuple[Annotated[Source, Field(discriminator="kind")], ...] = ()
    allow: Patterns = ()
    deny: Patterns = ()
    language: Annotated[str, AfterValidator(_language)] = ""
    time_zone: TimeZone = "UTC"
    delay: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] | None = None
    user_agent: Annotated[str, AfterValidator(_agent)] | None = None
    headers: Annotated[dict[str, str], AfterValidator(_headers)] = Field(default_factory=dict)
    select: Selectors = Selectors()
    follow_origin: bool = True
    allow_private: bool = False
    enabled: bool = True
    schedule: Annotated[Schedule, BeforeValidator(_schedule)] | None = None

    @field_validator("sources")
    @classmethod
    def _each_once(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """What is remembered of a source is kept under its key."""
        keys = [source.key for source in sources]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"{key.partition(':')[2]} stands here twice")
        return sources

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
        """Headers with ${NAME} replaced from the environment. Raises SiteError for a variable that can't be used."""
        environ = os.environ if environment is None else environment

        def value(match: re.Match[str]) -> str:
            found = environ.get(match[1])
            if found is None:
                raise SiteError(
                    f"site {self.id}: headers: the environment variable {match[1]} is not set",
                    hint=f"export {match[1]}=...",
                )
            if not _HEADER_VALUE.match(found):
                raise SiteError(
                    f"site {self.id}: headers: the environment variable {match[1]} has a line end "
                    "or a letter that a header can't carry"
                )
            return found

        return {name: _VARIABLE.sub(value, text) for name, text in self.headers.items()}

    def masked_headers(self) -> dict[str, str]:
        """For showing: a value may be a secret, so only the variables in it are named."""
        return {
            name: " ".join(["***", *(one[0] for one in _VARIABLE.finditer(text))])
            for name, text in self.headers.items()
        }
