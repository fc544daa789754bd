"""What is said of articles that are gathered and not yet at the store, or not yet filed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.cli.common import err_console, show_number, show_time

if TYPE_CHECKING:
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


def tell_unfiled(unfiled: int, shipping: Shipping | None) -> None:
    """That articles wait, where they do, and what becomes of them."""
    if shipping is not None and shipping.since is not None:
        text = f"Store {show_shipping(shipping)}; none is lost, they are shipped and filed when it takes them again."
        err_console().print(text, style="yellow", soft_wrap=True)
    elif unfiled:
        text = (
            f"Error: {unfiled} articles wait in the inbox; none is lost, the next crawl or `monitor file` files them."
        )
        err_console().print(text, style="red", soft_wrap=True)
