"""Every error of the program, one tree. Whoever calls a library turns its exceptions into these.

MonitorError                    shown to the user as one message, without a traceback
├── ConfigError                 monitor.toml, environment
├── SiteError                   a site file, an unknown site
├── RuleError                   an alert rule, an unknown rule or channel
├── QueryError                  a search text; points at the column
├── FetchError                  the one guarded fetcher and the crawl
│   ├── AddressRefused          not a public address, or not http(s)
│   ├── RobotsRefused           robots.txt says no
│   └── TooLarge                more bytes than the limit
├── DiscoveryError              a feed, an API answer that cannot be read
├── ExtractionError             a page without an article: the page is rejected, the crawl goes on
├── InputError                  a file given to import or inspect
├── NotFound                    an id that the store does not hold
├── DeliveryError               a channel did not take a message
├── KibanaError                 Kibana does not answer, refuses, or is none
└── StoreError                  the store
    ├── StoreCorrupt            what is on disk cannot be read
    ├── StoreBusy               another process holds it longer than the time limit; an engine has too much to do
    │   └── StoreUnreachable    nothing answers at the engine's address
    ├── AccessRefused           the engine refuses the credentials, or they lack a privilege
    ├── StoreFull               no space left; nothing of the batch was written
    ├── StoreReadOnly           the folder cannot be written
    ├── SchemaTooNew            written by a later version of the program
    ├── MappingConflict         an index of an engine has other fields than this version writes
    ├── Conflict                somebody else wrote in between; take it again
    ├── LeaseLost               another process files now
    └── RecordRefused           the store will not take this one record, now or later
"""

from __future__ import annotations


class MonitorError(Exception):
    """Base of all errors that are a message to the user.

    `hint` says what the user can do; it is shown on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(MonitorError):
    """A setting is wrong, or the configuration file can't be read."""


class SiteError(MonitorError):
    """A site file is wrong, or no site has that id."""


class RuleError(MonitorError):
    """An alert rule is wrong, or no rule or channel has that name."""


class QueryError(MonitorError):
    """A search text that can't be read. `column` counts characters from 0."""

    def __init__(self, message: str, *, text: str, column: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.text = text
        self.column = max(0, min(column, len(text)))

    def pointed(self) -> str:
        """The query with a caret under the column, then the message: three lines."""
        shown = self.text.replace("\n", " ").replace("\t", " ")
        return f"{shown}\n{' ' * self.column}^\n{self.message}"


class FetchError(MonitorError):
    """An address could not be fetched. `reason` is the short name kept with the URL."""

    reason = "fetch"


class AddressRefused(FetchError):
    """The address is not public, and the site does not allow private ones."""

    reason = "private-address"


class RobotsRefused(FetchError):
    """robots.txt forbids the address."""

    reason = "robots"


class TooLarge(FetchError):
    """The body is larger than the limit."""

    reason = "too-large"


class DiscoveryError(MonitorError):
    """A feed or an API answer that can't be read as one."""


class ExtractionError(MonitorError):
    """The page holds no article. `reason` is the short name counted in the crawl's summary."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class InputError(MonitorError):
    """A file given on the command line can't be read as what it should be."""


class NotFound(MonitorError):
    """No article, story or run has that id."""


class DeliveryError(MonitorError):
    """A channel did not take a message. The message holds no secret.

    `retry_after`: seconds that the other side asks to be left alone; `for_good`: it would never take this message;
    `reached`: recipients who took it while others did not, in a form that names nobody; `elsewhere`: another machine
    may know the channel.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float = 0.0,
        for_good: bool = False,
        reached: tuple[str, ...] = (),
        elsewhere: bool = False,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.elsewhere = elsewhere
        self.retry_after = retry_after
        self.for_good = for_good
        self.reached = reached


class KibanaError(MonitorError):
    """Kibana does not answer, refuses what was asked, or what answers is no Kibana."""


class StoreError(MonitorError):
    """The store can't do what was asked."""


class StoreCorrupt(StoreError):
    """What is on disk can't be read as a store."""


class StoreBusy(StoreError):
    """Another process holds the store longer than the time limit, or an engine has too much to do: later it works."""


class StoreUnreachable(StoreBusy):
    """Nothing answers at the engine's address, or the engine is still starting."""


class AccessRefused(StoreError):
    """The engine refuses the user or API key, or it lacks a privilege."""


class StoreFull(StoreError):
    """No space left on the device; nothing of the batch was written."""


class StoreReadOnly(StoreError):
    """The store's folder can't be written."""


class SchemaTooNew(StoreError):
    """The store was written by a later version of the program."""


class MappingConflict(StoreError):
    """An index has other fields than the program writes: nothing can be written until somebody puts it right."""


class Conflict(StoreError):
    """Somebody else wrote in between: read again and repeat."""


class LeaseLost(StoreError):
    """Another process holds the filer's lease now."""


class RecordRefused(StoreError):
    """The store will not take this one record, now or later; others may be taken."""
