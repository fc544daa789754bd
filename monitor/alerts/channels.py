"""Channels: a name in monitor.toml, or an address as Apprise reads it. An address is a secret and is never shown."""

from __future__ import annotations

import re

from monitor.text import digest

_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]{0,31})://.", re.IGNORECASE)


def check_channel(text: str) -> str:
    """A channel's name or address. Raises ValueError, without what may be a secret."""
    text = text.strip()
    if _NAME.match(text) or _SCHEME.match(text):
        return text
    raise ValueError("expected the name of a channel, or an address like mailto://user:password@example.org")


def is_address(channel: str) -> bool:
    return bool(_SCHEME.match(channel))


def channel_name(channel: str) -> str:
    """The name itself; of an address its scheme and a digest: the same each time, and nothing can be read of it."""
    match = _SCHEME.match(channel)
    return f"{match[1].lower()}-{digest('channel', channel)[:10]}" if match else channel
