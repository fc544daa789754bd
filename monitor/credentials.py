"""Addresses of services, which hold no secrets, and secrets as they can be sent.

Those of the environment and of files come with a line end. What may be one is never shown.
"""

from __future__ import annotations

import ssl
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.errors import ConfigError


class SigningIn(Protocol):
    """Settings of who asks a service."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> SecretStr | None: ...
    @property
    def password_file(self) -> Path | None: ...
    @property
    def api_key(self) -> SecretStr | None: ...
    @property
    def api_key_file(self) -> Path | None: ...


def demand_one_way_in(told: SigningIn) -> None:
    """Nobody, or a user with a password, or an API key; each secret once. Raises ValueError."""
    if told.password is not None and told.password_file is not None:
        raise ValueError("password and password_file are both given; keep one")
    if told.api_key is not None and told.api_key_file is not None:
        raise ValueError("api_key and api_key_file are both given; keep one")
    has_password = told.password is not None or told.password_file is not None
    if (told.api_key is not None or told.api_key_file is not None) and (has_password or told.user):
        raise ValueError("an API key and user or password are both given; keep one way to sign in")
    if has_password and not told.user:
        raise ValueError("a password is given and no user; set user")
    if told.user and not has_password:
        raise ValueError(f"user is {told.user!r} and there is no password; set password or password_file")


def authorities(file: Path, name: str) -> Path:
    """The file, if it holds certificates. `name`: of its setting. Raises ConfigError."""
    try:
        ssl.create_default_context(cafile=str(file))
    except (OSError, ssl.SSLError) as error:
        why = "it holds no certificate in PEM form" if isinstance(error, ssl.SSLError) else error.strerror
        raise ConfigError(f"{name}: {file} can't be read: {why}") from error
    return file


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
