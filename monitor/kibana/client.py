"""Kibana's API: is it up, import, export. Every failure is one KibanaError that says what to do.

It is the documented one of Kibana 8 and 9: /api/status, /api/spaces/space/ID, /api/saved_objects/_import,
_resolve_import_errors, _export.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

from monitor.errors import KibanaError
from monitor.kibana.objects import OLDEST_KIBANA
from monitor.kibana.transport import Access, Reply, Transport, WrongTls

PAUSE = 2.0  # seconds between two looks at a Kibana that is starting: it takes half a minute
_STARTING = (502, 503, 504)
_UP = ("available", "degraded")

log = logging.getLogger(__name__)


class _NotYet(KibanaError):
    """Kibana may still come up."""


class Kibana:
    """One Kibana. Raises ConfigError for an address or a file of certificates that can't be used."""

    def __init__(self, access: Access) -> None:
        self._transport = Transport(access)
        self.url = self._transport.url
        self.space = "" if access.space == "default" else access.space

    def wait(self, seconds: float, pause: Callable[[float], None] = time.sleep) -> str:
        """Until Kibana is up; its version, empty if it does not tell. Waits only where waiting can help."""
        deadline, told = time.monotonic() + seconds, ""
        while True:
            try:
                return self._version()
            except _NotYet as error:
                if error.message != told:
                    told = error.message
                    log.info("waiting for Kibana url=%s seconds=%.0f why=%r", self.url, seconds, told)
                if time.monotonic() + PAUSE > deadline:
                    raise KibanaError(
                        f"{self.url}: Kibana is not ready after {seconds:.0f} s: {error.message}",
                        hint=error.hint or "`--wait` waits longer; Kibana's own log says what it lacks",
                    ) from error
            pause(PAUSE)

    def check_space(self) -> None:
        """Kibana takes objects for a space that is not there, and nobody ever sees them."""
        if not self.space:
            return
        reply = self._transport.request("GET", f"/api/spaces/space/{quote(self.space, safe='')}")
        if reply.status == 404:
            raise KibanaError(
                f"{self.url}: there is no space {self.space!r}",
                hint="the id of a space stands in its addresses (/s/ID/); Stack Management > Spaces makes one",
            )
        self._accepted(reply, "look at the space")

    def import_objects(self, file: bytes, *, overwrite: bool) -> dict[str, Any]:
        """Kibana's answer as it is; single objects may have failed in it."""
        query = "?overwrite=true" if overwrite else ""
        return self._sent(f"/api/saved_objects/_import{query}", {"file": _part(file)})

    def resolve(self, file: bytes, retries: list[dict[str, Any]]) -> dict[str, Any]:
        """The same file again, but of it only the objects that `retries` names by type and id."""
        fields = {"file": _part(file), "retries": orjson.dumps(retries).decode()}
        return self._sent("/api/saved_objects/_resolve_import_errors", fields)

    def export_objects(self, objects: list[tuple[str, str]], *, deep: bool) -> bytes:
        """NDJSON of the (type, id), with all they refer to if `deep`; its last line counts what is missing."""
        asked = [{"type": type_, "id": id_} for type_, id_ in objects]
        body = orjson.dumps({"objects": asked, "includeReferencesDeep": deep, "excludeExportDetails": False})
        headers = {"content-type": "application/json"}
        reply = self._transport.request(
            "POST", self._in_space("/api/saved_objects/_export"), body=body, headers=headers
        )
        return self._accepted(reply, "export saved objects").body

    def _sent(self, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        reply = self._transport.request("POST", self._in_space(path), fields=fields)
        told = self._accepted(reply, "import saved objects").json()
        if not isinstance(told, dict) or "success" not in told:
            raise KibanaError(f"{self.url}: the answer to the import can't be read: {reply.excerpt}")
        return told

    def _in_space(self, path: str) -> str:
        return f"/s/{quote(self.space, safe='')}{path}" if self.space else path

    def _version(self) -> str:
        try:
            reply = self._transport.request("GET", "/api/status")
        except WrongTls:
            raise
        except KibanaError as error:
            raise _NotYet(error.message.removeprefix(f"{self.url}: "), hint=error.hint) from error
        self._recognise(reply)
        if reply.status in _STARTING:
            raise _NotYet(reply.message or reply.excerpt)
        told = self._accepted(reply, "see its status").json()
        level = told["status"]["overall"].get("level", "available")
        if level not in _UP:
            raise _NotYet(f"its status is {level!r}")
        version = _number(told.get("version"))
        if version and tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_KIBANA:
            raise KibanaError(
                f"{self.url} is Kibana {version}: too old",
                hint=f"the dashboards need Kibana {'.'.join(map(str, OLDEST_KIBANA))} or later",
            )
        return version

    def _recognise(self, reply: Reply) -> None:
        """Raises for what is no Kibana. What passes with 200 has a status with what it is over all."""
        ours = any(name.startswith("kbn-") for name in reply.headers)
        theirs = any(name.startswith("osd-") for name in reply.headers)
        # The headers tell; a Kibana may name OpenSearch in its status, a plugin of its own for example.
        if theirs or (not ours and b"opensearch" in reply.body.lower()):
            raise KibanaError(
                f"{self.url} is OpenSearch Dashboards, not Kibana: it has no Lens, which the dashboards are made with.",
                hint="`monitor search`, `report` and `story` answer on OpenSearch as well; the dashboards need Kibana",
            )
        if ours and reply.status == 404:
            raise KibanaError(
                f"{self.url}: Kibana answers, but not at this path", hint="append its server.basePath to the address"
            )
        if not (_tells_status(reply.json()) or (ours and reply.status != 200) or reply.status in _STARTING):
            where = f" and sends one to {reply.headers['location']}" if "location" in reply.headers else ""
            raise KibanaError(
                f"{self.url} is no Kibana: it answers {reply.status} to /api/status{where}",
                hint="kibana.url is the address of Kibana (often port 5601), not of Elasticsearch",
            )

    def _accepted(self, reply: Reply, what: str) -> Reply:
        if reply.status == 200:
            return reply
        why = f": {reply.message}" if reply.message else ""
        if reply.status == 401:
            refused = "does not accept these credentials" if self._transport.signed else "asks for credentials"
            raise KibanaError(
                f"{self.url} {refused} (401){why}",
                hint="set kibana.api_key, or kibana.user and kibana.password (MONITOR_KIBANA__API_KEY, ...)",
            )
        if reply.status == 403:
            raise KibanaError(
                f"{self.url} does not let this user {what} (403){why}",
                hint="the role needs the Kibana privilege 'Saved Objects Management: All' in this space",
            )
        if reply.status == 409:
            raise KibanaError(
                f"{self.url}: somebody else changed these objects at the same time (409){why}", hint="run it again"
            )
        if reply.status in _STARTING:
            raise KibanaError(f"{self.url}: Kibana is not ready ({reply.status}){why}", hint="run it again in a minute")
        raise KibanaError(f"{self.url}: Kibana could not {what} ({reply.status}){why or f': {reply.excerpt}'}")


def _tells_status(told: Any) -> bool:
    status = told.get("status") if isinstance(told, dict) else None
    return isinstance(status, dict) and isinstance(status.get("overall"), dict)


def _number(version: Any) -> str:
    return str(version.get("number", "")) if isinstance(version, dict) else ""


def _part(file: bytes) -> tuple[str, bytes, str]:
    return ("media-monitor.ndjson", file, "application/ndjson")
