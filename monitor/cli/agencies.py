"""`monitor agencies`: which agencies the program knows, and what it finds of them in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from monitor.config import Loaded

_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def known_agency(loaded: Loaded, text: str, option: str = "--agency") -> str:
    """The id of the agency that is meant. Raises a usage error for one that nobody knows."""
    if not _ID.fullmatch(text.strip().lower()):
        raise typer.BadParameter(f"{text!r} is no id of an agency", param_hint=option)
    return text.strip().lower()


def own_site(loaded: Loaded, agency: str) -> Callable[[str], bool]:
    """Does an address lie on the agency's own site?"""
    return lambda _: False
