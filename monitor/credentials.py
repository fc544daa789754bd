"""Secrets as they can be sent: from the environment and from files they come with a line end."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from monitor.errors import ConfigError


def api_key(text: str) -> str:
    """Without white space around it. Raises ValueError, which does not show it, for what can't be a key."""
    key = text.strip()
    if not all("!" <= character <= "~" for character in key):
        raise ValueError("the API key holds white space or characters that no key has; it is one word on one line")
    return key


def password(text: str) -> str:
    """Without the line end; blanks belong to it. Raises ValueError, which does not show it, for more than one line."""
    kept = text.strip("\r\n")
    if any(unicodedata.category(character) == "Cc" for character in kept):
        raise ValueError("the password holds a line end or another control character; it is one line")
    return kept


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
