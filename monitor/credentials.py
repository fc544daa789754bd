"""Addresses of services, which hold no secrets, and secrets as they can be sent.

Those of the environment and of files come with a line end. What may be one is never shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.errors import ConfigError


def api_key(text: str) -> str:
    """Without white space around it. Raises ValueError for what can't be a key."""
    key = text.strip()
    if not all("!" <= character <= "~" for character in key):
        raise ValueError("the API key holds white space or characters that no key has; it is one word on one line")
    return key


def password(text: str) -> str:
    """Without the line end; blanks belong to it. Raises ValueError for more than one line."""
    kept = text.strip("\r\n")
    if any(unicodedata.category(character) == "Cc" for character in kept):
        raise ValueError("the password holds a line end or another control character; it is one line")
    return kept


def engine_address(url: str) -> str:
    """The address, if an engine can have it. Raises ValueError."""
    return _address(url, "an engine", "https://search.example.org:9200")


def kibana_address(url: str) -> str:
    """The address, if Kibana can have it. Raises ValueError."""
    return _address(url, "Kibana", "http://localhost:5601")


def _address(url: str, of: str, example: str) -> str:
    if "@" in url:
        raise ValueError("an address holds a user or a password; write them as user and password")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is no address of {of}; write for example {example}")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError(f"{url!r}: the port is no number from 1 to 65535") from None
    return url


def given(secret: SecretStr | None, file: Path | None, name: str, clean: Callable[[str], str]) -> str:
    """The secret, or what stands in the file; empty where there is neither. `name`: of the setting of the file.

    Raises ConfigError.
    """
    if secret is not None:
        return secret.get_secret_value()
    if file is None:
        return ""
    try:
        text = clean(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise ConfigError(f"{name}: {file} can't be read: no text") from error
    except OSError as error:
        raise ConfigError(f"{name}: {file} can't be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigError(f"{name}: {file}: {error}") from error
    if not text:
        raise ConfigError(f"{name}: {file} is empty")
    return text
