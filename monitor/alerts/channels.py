"""Channels: a name in monitor.toml, or an address as Apprise reads it. An address is a secret and is never shown."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit

from monitor.errors import ConfigError, DeliveryError
from monitor.text import digest
from monitor.yamlfile import read_text

FEED = "feed"  # the channel that every rule has: its RSS file
_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]{0,31})://.", re.IGNORECASE)
_BETWEEN = re.compile(r"[/:@?&=,;#\s\"'<>()]")  # the parts of an address
_MAIL_ADDRESS = re.compile(r"[^\s\"'<>(),;:{]+@[^\s\"'<>(),;:}]+")
_SECRET_LENGTH = 3  # characters: a shorter piece of an address is taken for none


def check_channel(text: str) -> str:
    """A channel's name or address. Raises ValueError, without what may be a secret."""
    text = text.strip()
    if text == FEED:
        raise ValueError("every rule has a feed; it need not be named")
    if _NAME.match(text) or _SCHEME.match(text):
        return text
    raise ValueError("expected the name of a channel, or an address like mailto://user:password@example.org")


def is_address(channel: str) -> bool:
    return bool(_SCHEME.match(channel))


def channel_name(channel: str) -> str:
    """The name itself; of an address its scheme and a digest: the same each time, and nothing can be read of it."""
    match = _SCHEME.match(channel)
    return f"{match[1].lower()}-{digest('channel', channel)[:10]}" if match else channel


def scheme_of(address: str) -> str:
    """In lower case; empty for what is no address."""
    match = _SCHEME.match(address)
    return match[1].lower() if match else ""


def parts_of(name: str, address: str) -> SplitResult:
    """Raises DeliveryError that names the channel: the library's own error holds what it could not read."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError:
        raise DeliveryError(f"channel {name}: its address can't be read") from None
    return parts


def masked(text: str, address: str) -> str:
    """The text without any part of the address but its scheme and a host with a dot in its name: others are tokens. No
    mail address is left, either: of a short one no part would be found.
    """
    rest = address.partition("://")[2]
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2].partition(":")[0].lower()
    kept = {scheme_of(address), "localhost", *({host, *host.split(".")} if "." in host else ())}
    pieces = {address, rest}
    for piece in (*_BETWEEN.split(rest), *_BETWEEN.split(unquote(rest))):
        pieces |= {piece, unquote(piece), quote(piece, safe="")}
    for piece in sorted((one for one in pieces if len(one) >= _SECRET_LENGTH), key=len, reverse=True):
        if piece.lower() not in kept:
            text = re.sub(re.escape(piece), "***", text, flags=re.IGNORECASE)
    return _MAIL_ADDRESS.sub("***", text)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a file of channels says: addresses by name; what is wrong with it, with the line."""

    addresses: Mapping[str, str]
    wrong: tuple[str, ...] = ()


def read_channels(file: Path) -> Listed:
    """Of lines like `desk = mailto://...`; a wrong one takes none of the others away. None where there is no file.
    Nothing that may be a secret is in what is wrong.
    """
    try:
        text = _text(file)
    except ConfigError as error:
        return Listed({}, (error.message,))
    return _listed(file, text)


def _text(file: Path) -> str:
    return read_text(file, largest=1_000_000, error=ConfigError, what="file of channels") if file.exists() else ""


def _listed(file: Path, text: str) -> Listed:
    found: dict[str, str] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, address = (part.strip() for part in line.partition("="))
        if equals and _NAME.match(name) and is_address(address):
            found[name] = address
        else:
            wrong.append(f"{file}:{number}: expected NAME = ADDRESS, like desk = mailto://user:password@example.org")
    return Listed(found, tuple(wrong))


def keep_channel(file: Path, name: str, address: str) -> None:
    """Add the line, where it is not there. The file is its owner's alone. Raises ConfigError, also where it can't be
    read.
    """
    if _listed(file, _text(file)).addresses.get(name) == address:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a+", encoding="utf-8") as out:
            os.fchmod(out.fileno(), 0o600)  # it may have been written by hand
            out.seek(0)
            ended = out.read()[-1:] in ("", "\n")
            out.write(f"{'' if ended else chr(10)}{name} = {address}\n")
    except OSError as error:
        raise ConfigError(f"{file}: can't be written: {error.strerror or error}") from error
