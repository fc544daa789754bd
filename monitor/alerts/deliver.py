"""Sending a message: as JSON to a webhook, by Apprise to all others. No error holds a piece of an address."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from monitor.alerts import services, webhook
from monitor.alerts.channels import scheme_of
from monitor.alerts.messages import Message
from monitor.errors import DeliveryError

TIMEOUT = 30.0  # seconds for one message, with everything
# A mail server may look at a mail for a while before it says that it took it (RFC 5321 4.5.3.2.6: up to ten minutes).
MAIL_TIMEOUT = 120.0


def send(name: str, address: str, message: Message, reached: Collection[str] = ()) -> None:
    """Raises DeliveryError, and nothing else. `name`: of the channel, for errors; `reached`: who took it before."""
    with _told(f"channel {name}: the message can't be sent"):
        if scheme_of(address) in webhook.SCHEMES:
            webhook.post(name, address, message, TIMEOUT)
        else:
            limit = MAIL_TIMEOUT if scheme_of(address) in services.SMTP else TIMEOUT
            services.notify(name, address, message, limit, reached)


def check_address(name: str, address: str) -> None:
    """Raises DeliveryError, and nothing else, for an address that nothing can be sent to. Sends nothing."""
    with _told(f"channel {name}: its address can't be read"):
        if scheme_of(address) in webhook.SCHEMES:
            webhook.check(name, address)
        else:
            services.service_of(name, address)


def address_problem(name: str, address: str) -> str:
    """Why nothing can be sent to it, without any piece of it; empty where it is right."""
    try:
        check_address(name, address)
    except DeliveryError as error:
        return error.message
    return ""


@contextmanager
def _told(failed: str) -> Iterator[None]:
    """An error of a library, which may have the address in its text, is told without it."""
    try:
        yield
    except DeliveryError:
        raise
    except Exception as error:
        raise DeliveryError(f"{failed}: {type(error).__name__}") from None


def resolve(channels: Mapping[str, str], name: str) -> str:
    """The channel's address. Raises DeliveryError where nothing is called so."""
    if name not in channels:
        known = ", ".join(sorted(channels)) or "none is set"
        told = f"no channel is called {name!r} here ({known})"
        raise DeliveryError(told, elsewhere=True, hint="set it under [alerting.channels]")
    return channels[name]
