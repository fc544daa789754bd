"""Everything the program can be told: sections, what a value may be, defaults, and what each means.

What is wrong with a value is said by pydantic's errors; `monitor.config` reads the values and explains those. No value
that may hold a secret is in an error's text.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode

from monitor import __version__, credentials
from monitor.config_errors import ADDRESS
from monitor.spans import parse_span
from monitor.zones import known_zone

_NEVER = ("off", "0")
_PERCENTS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")
_CHANNEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def _span(text: str) -> str:
    parse_span(text)
    return text


def _distance(value: object) -> object:
    """Of what comes again and again, or never."""
    if str(value).strip().lower() in _NEVER:
        return "off"
    try:
        return _span(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError(f"{error}; or off") from error


def _opened(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _written(value: object) -> object:
    """An empty one is none, as where a variable is set to nothing; one without a scheme is http."""
    text = _opened(value)
    if not isinstance(text, str):
        return value
    text = text.strip()
    return (text if "://" in text else f"http://{text}") if text else None


def _callable(address: SecretStr) -> SecretStr:
    """An address that can be called; what is wrong with it is told without it."""
    try:
        parts = urlsplit(address.get_secret_value())
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        right = False
    if not right or re.search(r"\s", address.get_secret_value()):
        raise ValueError("expected an address that begins with http:// or https:// and names a host")
    return address


def _share(value: object) -> object:
    """Of percents."""
    if isinstance(value, str) and (percents := _PERCENTS.fullmatch(value)):
        return float(percents[1]) / 100
    return value


def _listed(value: object) -> object:
    """Of a list, of its JSON, or of addresses with commas between them."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError as error:
            raise ValueError('a list in brackets is written as JSON, for example ["http://a:9200"]') from error
    return [part.strip() for part in value.split(",") if part.strip()]


Span = Annotated[str, AfterValidator(_span)]
TimeZone = Annotated[str, AfterValidator(known_zone)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Engines = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(lambda urls: tuple(map(credentials.engine_address, urls))),
]
Password = Annotated[SecretStr, AfterValidator(lambda text: SecretStr(credentials.password(text.get_secret_value())))]
ApiKey = Annotated[SecretStr, AfterValidator(lambda text: SecretStr(credentials.api_key(text.get_secret_value())))]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(_Section):
    kind: Literal["embedded", "elasticsearch"] = Field(
        "embedded", description="where articles are kept: embedded (one folder) or elasticsearch (OpenSearch too)"
    )
    path: Path = Field(Path("store"), description="folder of the embedded store")
    busy_timeout: Seconds = Field(30.0, description="seconds to wait for another process that writes")
    index_memory_mb: int = Field(64, ge=16, le=4096, description="memory of the search index's writer, MB")
    inbox_limit: int = Field(50_000, ge=100, description="analyses that may wait for the filer; then crawls pause")
    url: Engines = Field(
        (), description="addresses of the engine, one or several, e.g. https://search.example.org:9200"
    )
    cloud_id: str = Field("", description="Elastic Cloud ID, in place of url")
    user: str = Field("", description="user name at the engine")
    password: Password | None = Field(None, description="its password")
    password_file: Path | None = Field(None, description="file that holds the password, in place of password")
    api_key: ApiKey | None = Field(None, description="API key in its encoded form, in place of user and password")
    api_key_file: Path | None = Field(None, description="file that holds the API key, in place of api_key")
    ca_certs: Path | None = Field(None, description="PEM file of the authority that signed the engine's certificate")
    verify: bool = Field(True, description="check the engine's certificate; false only for a trial")
    engine: Literal["", "elasticsearch", "opensearch"] = Field(
        "", description="elasticsearch or opensearch; needed only where the engine does not tell which it is"
    )
    request_timeout: Seconds = Field(30.0, gt=0, description="seconds for one answer of the engine")
    index_prefix: str = Field(
        "monitor",
        max_length=100,
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="indices are called PREFIX-articles and so on; one prefix, one archive",
    )
    shards: int = Field(1, ge=1, le=1024, description="shards of each index, when it is made")
    replicas: int = Field(0, ge=0, le=10, description="copies of each shard; 1 or more on a cluster of several nodes")
    spool: Path = Field(Path("spool"), description="folder of what this machine has yet to ship to the engine")

    @model_validator(mode="after")
    def _found_and_entered(self) -> StoreSettings:
        credentials.demand_one_way_in(self)
        if self.url and self.cloud_id:
            raise ValueError("url and cloud_id are both given; keep one")
        if self.kind == "elasticsearch" and not self.url and not self.cloud_id:
            raise ValueError('kind is "elasticsearch" and nothing says where it is; set url or cloud_id')
        return self


class CrawlSettings(_Section):
    user_agent: str = Field(
        f"media-monitor/{__version__} (+https://example.org/media-monitor)",
        description="sent with every request; name yourself and a page or an address where you can be reached",
        min_length=3,
        pattern=r"^[\x20-\x7e]+$",
    )
    concurrent_sites: int = Field(2, ge=1, le=64, description="crawls at the same time, each in its own process")
    workers: int = Field(0, ge=0, le=256, description="analysis processes in all; 0: as many as cores")
    delay: Seconds = Field(1.0, description="seconds between two requests to one host, where the site says nothing")
    concurrency: int = Field(4, ge=1, le=64, description="requests to one host at the same time, at most")
    timeout: Seconds = Field(30.0, gt=0, description="seconds for one response")
    origin_timeout: Seconds = Field(10.0, gt=0, description="seconds for one response behind a source link, at most")
    max_bytes: int = Field(8_000_000, ge=10_000, description="a larger body is rejected")
    retries: int = Field(3, ge=0, le=20, description="attempts again within one crawl")
    max_attempts: int = Field(8, ge=1, description="failures in a row, over all crawls, before an address is given up")
    retry_after_limit: Seconds = Field(60.0, description="a longer Retry-After is left to the next crawl")
    crawl_delay_limit: Seconds = Field(60.0, description="a longer Crawl-delay of robots.txt is taken as this")
    obey_robots: bool = Field(True, description="obey robots.txt")
    page_timeout: Seconds = Field(20.0, gt=0, description="seconds of analysis a page may cost before it is given up")
    page_memory_mb: int = Field(2048, ge=0, description="memory of one analysis process, MB; 0: no limit")
    max_pages: int = Field(0, ge=0, description="article pages fetched per site and crawl; 0: no limit")
    min_words: int = Field(
        20, ge=0, description="a shorter text is no article; two characters of CJK make a word, four of Thai"
    )
    recheck: tuple[Span, ...] = Field(
        ("1h", "6h", "24h", "7d"), description="when a stored article is looked at again, counted from its first fetch"
    )
    full_fetch: Span = Field("12h", description="a feed is fetched without its ETag at least this often")
    spider_modules: tuple[str, ...] = Field(("spiders",), description="Python packages with Scrapy spiders")


class WarcSettings(_Section):
    enabled: bool = Field(True, description="keep the raw pages")
    path: Path = Field(Path("warc"), description="folder of the WARC files")
    level: int = Field(1, ge=1, le=9, description="gzip level")
    max_mb: int = Field(512, ge=1, description="a file is closed and the next begun at this size, MB")


class FilingSettings(_Section):
    batch: int = Field(200, ge=1, le=5000, description="analyses filed in one transaction")
    lease_seconds: Seconds = Field(15.0, ge=2, description="a filer that is silent this long is replaced")
    project_every: int = Field(2000, ge=1, description="articles after which the search index is committed")
    project_seconds: Seconds = Field(5.0, description="seconds after which it is committed in any case")


class MatchingSettings(_Section):
    hours_limit: float = Field(
        72.0, gt=0, le=8760, description="hours between an original and a changed copy, at most; exact copies: no limit"
    )
    time_prior: float = Field(
        0.15, ge=0, le=1, description="how much larger a share of common words must be at that limit than at once"
    )
    reuse_share: float = Field(
        0.5, gt=0, le=1, description="share of the shorter text in common from which a use without a credit is reuse"
    )
    reuse_words: int = Field(30, ge=1, description="words in common that it needs at least")


class ScheduleSettings(_Section):
    every: Span = Field("15m", description="interval of a site that names no schedule, e.g. 15m, 2h, 1d")
    time_zone: TimeZone = Field("UTC", description="zone of cron expressions where the site gives none")
    reload_seconds: Seconds = Field(10.0, gt=0, description="how often site files are looked at for changes")
    misfire_grace: Span = Field("1h", description="a run that was missed by less is made up for")
    crawl_time_limit: Span = Field("2h", description="a crawl that takes longer is ended; what it has is kept")


class AlertSettings(_Section):
    channels: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="addresses of channels by name, as Apprise reads them, or of webhooks; see docs/alerts.md",
    )
    channels_file: Path = Field(
        Path("alerts/channels.txt"),
        description="file of more channels: in each line a name, an equals sign and an address",
    )
    give_up: Span = Field("7d", description="an alert that a channel did not take for so long is given up")
    templates: Path = Field(Path("alerts/templates"), description="folder of your own templates of messages")
    feeds: Path = Field(Path("alerts/feeds"), description="folder of the RSS files, one for each rule")
    monitor_url: str = Field("", description="base address of the monitor's own page, for links in messages")
    language: Literal["en", "de"] = Field("en", description="language of notices of the monitor itself")
    health_channels: tuple[str, ...] = Field((), description="channels that are told when something is wrong")
    remind: Annotated[str, BeforeValidator(_distance)] = Field(
        "1d", description="distance of the first reminder while it lasts; doubled up to 7d with each; off: none"
    )
    quiet: Span = Field("6h", description="without a new article of any site for so long, something is wrong")
    failures: int = Field(3, ge=1, description="failed crawls of one site in a row, from which something is wrong")
    stuck: Span = Field("1h", description="an alert that a channel does not take for so long is told to the others")
    disk_free: Annotated[float, BeforeValidator(_share)] = Field(
        0.05, ge=0, lt=1, description="share of the disk that should be free, e.g. 0.05 or 5 %"
    )
    heartbeat_url: Annotated[Annotated[SecretStr, AfterValidator(_callable)] | None, BeforeValidator(_written)] = Field(
        None, description="http(s) address that is called after each good round; user:password@ in it is sent"
    )

    @model_validator(mode="before")
    @classmethod
    def _addresses_in_their_place(cls, given: Any) -> Any:
        """Elsewhere they would be shown, and may hold a password."""
        for name, value in given.items() if isinstance(given, dict) else ():
            if name not in ("channels", "heartbeat_url", "monitor_url") and ADDRESS in str(value):
                known = name if name in cls.model_fields else "one setting"
                raise ValueError(f"{known}: expected no address; those of channels belong under alerting.channels")
        return given

    @model_validator(mode="before")
    @classmethod
    def _settings_in_their_place(cls, given: Any) -> Any:
        """What stands behind [alerting.channels] is a channel, whatever it was meant for."""
        channels = given.get("channels") if isinstance(given, dict) else None
        for name, address in channels.items() if isinstance(channels, dict) else ():
            text = str(_opened(address))
            if name in cls.model_fields and (ADDRESS not in text or text.startswith("http")):
                raise ValueError(f"channels: {name} is a setting of [alerting]; write it above [alerting.channels]")
        return given

    @field_validator("channels")
    @classmethod
    def _named(cls, channels: dict[str, SecretStr]) -> dict[str, SecretStr]:
        if not all(map(_CHANNEL.fullmatch, channels)):
            raise ValueError("a channel's name is of lower-case letters, digits, '-', '_' and '.': NAME = ADDRESS")
        return channels

    @field_validator("health_channels")
    @classmethod
    def _names(cls, channels: tuple[str, ...]) -> tuple[str, ...]:
        if not all(map(_CHANNEL.fullmatch, channels)):
            raise ValueError("expected names of channels; their addresses belong under alerting.channels")
        return channels

    @field_validator("monitor_url")
    @classmethod
    def _shown_to_all(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^@\s]+", url):
            raise ValueError("expected an http(s) address without user and password: it is in every message")
        return url


class KibanaSettings(_Section):
    url: Annotated[str, AfterValidator(credentials.kibana_address)] = Field(
        "http://localhost:5601", description="base address of Kibana, with its base path where it has one"
    )
    space: str = Field("", description="id of the space that the dashboards go to; empty: the default one")
    user: str = Field("", description="user who may write saved objects there")
    password: Password | None = Field(None, description="that user's password")
    password_file: Path | None = Field(None, description="file that holds the password, in place of password")
    api_key: ApiKey | None = Field(None, description="API key in its encoded form, in place of user and password")
    api_key_file: Path | None = Field(None, description="file that holds the API key, in place of api_key")
    ca_certs: Path | None = Field(None, description="PEM file with the authorities that Kibana's certificate is from")
    verify: bool = Field(True, description="check Kibana's certificate")
    language: Literal["en", "de"] = Field("en", description="language of titles: en or de")
    monitor_url: str = Field(
        "http://localhost:8000", description="base address of the monitor's own page: dashboards link to it"
    )

    @model_validator(mode="after")
    def _entered(self) -> KibanaSettings:
        credentials.demand_one_way_in(self)
        return self


class LogSettings(_Section):
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least important line to show")
    format: Literal["text", "json"] = Field("text", description="text or json lines")


class Settings(BaseModel):
    """Frozen; see `monitor.config.load`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sites: Path = Field(Path("sites"), description="folder of the site files")
    alerts: Path = Field(Path("alerts"), description="folder of the alert rules")
    agencies: Path = Field(Path("agencies.toml"), description="agencies of your own, beside those that are known")
    licences: Path = Field(Path("licences.yaml"), description="which site may use which agency's texts, and when")
    time_zone: TimeZone = Field("UTC", description="zone in which the terminal shows times")
    proxy: SecretStr | None = Field(
        None, description="HTTP proxy for all fetches, e.g. http://user:password@proxy:3128"
    )
    store: StoreSettings = Field(default_factory=lambda: StoreSettings.model_validate({}))
    crawl: CrawlSettings = Field(default_factory=lambda: CrawlSettings.model_validate({}))
    warc: WarcSettings = Field(default_factory=lambda: WarcSettings.model_validate({}))
    filing: FilingSettings = Field(default_factory=lambda: FilingSettings.model_validate({}))
    matching: MatchingSettings = Field(default_factory=lambda: MatchingSettings.model_validate({}))
    schedule: ScheduleSettings = Field(default_factory=lambda: ScheduleSettings.model_validate({}))
    alerting: AlertSettings = Field(default_factory=lambda: AlertSettings.model_validate({}))
    kibana: KibanaSettings = Field(default_factory=lambda: KibanaSettings.model_validate({}))
    log: LogSettings = Field(default_factory=lambda: LogSettings.model_validate({}))
