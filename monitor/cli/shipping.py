"""What is said of articles that are gathered and not yet at the store, or not yet filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.cli.common import err_console, show_number, show_time

if TYPE_CHECKING:
    from monitor.filing import Wait
    from monitor.store.port import Shipping


def show_shipping(shipping: Shipping) -> str:
    """Why what is gathered stays here, since when, and how much that is; times in UTC."""
    if shipping.since is None:
        return f"{show_number(shipping.waiting)} to be shipped"
    since = show_time(shipping.since, "UTC", seconds=True)
    return (
        f"{'takes nothing' if shipping.answers else 'unreachable'} since {since} UTC: {shipping.reason}; "
        f"{show_number(shipping.waiting)} articles wait here"
    )


def show_wait(wait: Wait) -> str:
    """Since when filing waits, in UTC, and for what."""
    return f"since {show_time(wait.since, 'UTC', seconds=True)} UTC: {wait.reason}"


def tell_unfiled(unfiled: int, shipping: Shipping | None, wait: Wait | None) -> None:
    """That articles wait, where they do, and what becomes of them."""
    if shipping is not None and shipping.since is not None:
        text = f"Store {show_shipping(shipping)}; none is lost, they are shipped and filed when it takes them again."
        err_console().print(text, style="yellow", soft_wrap=True)
    elif unfiled:
        begin = f"Error: {unfiled} articles wait in the inbox"
        end = "none is lost, the next crawl or `monitor file` files them"
        text = (
            f"{begin}; {end}." if wait is None else f"{begin}, filing waits {show_wait(wait)}; {end} when it gets on."
        )
        err_console().print(text, style="red", soft_wrap=True)
