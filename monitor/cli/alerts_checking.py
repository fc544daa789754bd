"""Names that nothing here has, and channels that nothing can be sent to. No address is shown."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeVar

from monitor.cli.common import err_console

if TYPE_CHECKING:
    from monitor.alerts.known import Known
    from monitor.config import Loaded
    from monitor.errors import MonitorError
    from monitor.records import Rule

T = TypeVar("T")


def tell_wrong_names(loaded: Loaded, rules: Collection[Rule]) -> None:
    """Of many rules, of the settings, and of every channel."""
    from monitor.alerts.known import by_rule

    channels, known = _known(loaded)
    _tell(by_rule(rules, known))
    _tell(error.message for error in unknown_health_channels(loaded))
    _tell(_wrong_addresses(channels))


def tell_wrong_names_of(loaded: Loaded, rule: Rule) -> None:
    """Of one rule and its channels."""
    from monitor.alerts.known import unknown

    channels, known = _known(loaded)
    _tell(unknown(rule, known))
    _tell(_wrong_addresses({name: channels[name] for name in rule.channels if name in channels}))


def tell_addresses_left(loaded: Loaded, removed: Rule, others: Collection[Rule]) -> None:
    """Of channels that the rule alone had: what a command wrote into the file of channels and nobody needs any more."""
    from monitor.alerts import channel_name, read_channels

    file = loaded.path(loaded.settings.alerting.channels_file)
    written = [name for name, address in read_channels(file).addresses.items() if name == channel_name(address)]
    needed = {*loaded.settings.alerting.health_channels, *(name for rule in others for name in rule.channels)}
    _tell(
        f"The address of {name} stays in {file}; no other rule names it."
        for name in written
        if name in removed.channels and name not in needed
    )


def unknown_health_channels(loaded: Loaded) -> list[MonitorError]:
    """Nobody would be told. Names alone are looked at, which is quick."""
    from monitor.errors import ConfigError, DeliveryError
    from monitor.wiring import address_book

    book = address_book(loaded)
    found: list[MonitorError] = []
    for name in dict.fromkeys(loaded.settings.alerting.health_channels):
        try:
            book.address(name)
        except DeliveryError as error:
            found.append(ConfigError(f"alerting.health_channels: {error.message}", hint=error.hint))
    return found


def _known(loaded: Loaded) -> tuple[dict[str, str], Known]:
    """With the addresses of channels. Of a file that is wrong is told."""
    from monitor.alerts.known import Known
    from monitor.sites import load_sites
    from monitor.wiring import address_book, agency_table

    book = address_book(loaded)
    channels, wrong = book.all(), book.wrong()
    _tell(wrong)
    agencies = _read(lambda: agency_table(loaded).agencies)
    return channels, Known(None if wrong else channels, agencies, load_sites(loaded.sites)[0])


def _read(read: Callable[[], T]) -> T | None:
    from monitor.errors import ConfigError

    try:
        return read()
    except ConfigError as error:
        err_console().print(f"Error: {error.message}", style="red", soft_wrap=True)
        return None


def _wrong_addresses(channels: dict[str, str]) -> list[str]:
    from monitor.alerts.deliver import address_problem

    return [problem for name, address in sorted(channels.items()) if (problem := address_problem(name, address))]


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        err_console().print(line, soft_wrap=True)
