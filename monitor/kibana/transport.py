"""Requests to Kibana, signed and checked: an answer, or one KibanaError that says what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import urllib3
from urllib3.exceptions import HTTPError, ProtocolError, SSLError

from monitor.credentials import authorities, kibana_address
from monitor.errors import ConfigError, KibanaError

TIMEOUT = urllib3.Timeout(connect=5.0, read=60.0)  # an import of 40 objects takes seconds


@dataclass(frozen=True)
class Access:
    """Where Kibana is and who asks. `api_key` (encoded) goes before user and password."""

    url: str
    space: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca_certs: Path | None = None
    verify: bool = True


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """None where it is no JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None

    @property
    def message(self) -> str:
        told = self.json()
        return str(told.get("message") or told.get("error") or "") if isinstance(told, dict) else ""

    @property
    def excerpt(self) -> str:
        """The beginning of the body on one line."""
        return " ".join(self.body[:120].decode(errors="replace").split())


class WrongTls(KibanaError):
    """TLS with an authority that is not known, or with what does not speak it: waiting does not help."""


class Transport:
    """Raises ConfigError for an address or a file of certificates that can't be used."""

    def __init__(self, access: Access) -> None:
        self.url = _checked(access.url)
        self.signed = bool(access.api_key or access.user)
        self._headers = {"kbn-xsrf": "true", "user-agent": "media-monitor"}
        if access.api_key:
            self._headers["authorization"] = f"ApiKey {access.api_key}"
        elif access.user:
            self._headers |= urllib3.make_headers(basic_auth=f"{access.user}:{access.password}")
        ca_certs = None
        if access.ca_certs and access.verify:
            ca_certs = str(authorities(access.ca_certs, "kibana.ca_certs"))
        self._pool = urllib3.PoolManager(
            timeout=TIMEOUT,
            cert_reqs="CERT_REQUIRED" if access.verify else "CERT_NONE",
            ca_certs=ca_certs,
        )
        if not access.verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def request(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Reply:
        """Whatever status is answered. Redirects are not followed: credentials stay where they were meant for."""
        sent = self._headers | dict(headers or {})
        try:
            got = self._pool.request(method, self.url + path, headers=sent, retries=False, redirect=False, **more)
        except SSLError as error:
            raise WrongTls(f"{self.url}: {error}", hint=_tls_hint(str(error))) from error
        except ProtocolError as error:
            hint = "if Kibana speaks TLS, the address begins with https://" if self.url.startswith("http:") else ""
            raise KibanaError(f"{self.url}: the connection was closed without an answer", hint=hint) from error
        except (HTTPError, OSError) as error:
            raise KibanaError(
                f"{self.url}: {_why(error)}", hint="is Kibana started, and is this its address?"
            ) from error
        return Reply(got.status, {name.lower(): value for name, value in got.headers.items()}, got.data)


def _checked(url: str) -> str:
    try:
        return kibana_address(url).rstrip("/")
    except ValueError as error:
        raise ConfigError(f"kibana.url: {error}") from error


def _why(error: Exception) -> str:
    """The cause without the library's wrapping."""
    found = re.search(r"\[Errno -?\d+\] ([^'\")]+)", str(error))
    return found[1] if found else re.sub(r"^<[^>]*>: |^\w+\([^)]*\): ", "", str(error)) or type(error).__name__


def _tls_hint(told: str) -> str:
    if "WRONG_VERSION_NUMBER" in told or "record layer" in told.lower():
        return "no TLS is spoken there: the address begins with http://"
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return "name the authority of Kibana's certificate in kibana.ca_certs"
    return ""
