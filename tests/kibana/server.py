"""A loopback HTTP server that answers as Kibana's documented API does: status, spaces, import, resolve, export.

What it does with an import is what Kibana 8 and 9 do: with a conflict or a missing reference nothing at all is
written, and the rest is listed as a success all the same.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Key = tuple[str, str]


@dataclass
class Behaviour:
    """How the server behaves, what it holds, and what it was asked."""

    version: str = "8.19.1"
    levels: list[str] = field(default_factory=lambda: ["available"])  # of the status, one look after the other
    not_ready: int = 0  # so many looks are answered with 503 before
    credentials: str = ""  # the one authorization header that is accepted; empty: anybody
    spaces: tuple[str, ...] = ()
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)  # path's end -> status and message
    broken: dict[Key, dict[str, Any]] = field(default_factory=dict)  # objects that fail, with the error
    missing: set[str] = field(default_factory=set)  # types that are taken for not there when referred to
    foreign: dict[Key, str] = field(default_factory=dict)  # ids that another space has: the id they get here
    headers: dict[str, str] = field(default_factory=lambda: {"kbn-name": "test"})
    page: tuple[int, str] | None = None  # answers everything like this: a web server that is no Kibana
    held: dict[str, dict[Key, dict[str, Any]]] = field(default_factory=dict)  # space -> objects
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def kibana(behaviour: Behaviour) -> Iterator[str]:
    """The server's base address."""
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))))

    def log_message(self, *args: Any) -> None:
        """Nothing on the test's output."""

    def _answer(self, body: bytes) -> None:
        told = self.behaviour
        address = urlsplit(self.path)
        told.asked.append((f"{self.command} {self.path}", {k.lower(): v for k, v in self.headers.items()}))
        if told.page:
            return self._send(*told.page, kind="text/html")
        space, path = "default", address.path
        if path.startswith("/s/"):
            space, path = path[3:].split("/", 1)
            path = f"/{path}"
        if path == "/api/status" and told.not_ready:
            told.not_ready -= 1
            return self._send(503, "Kibana server is not ready yet", kind="text/plain")
        if told.credentials and self.headers.get("authorization") != told.credentials:
            return self._fail(401, "Unauthorized", "[security_exception]: unable to authenticate user")
        for end, (status, message) in told.refuse.items():
            if path.endswith(end):
                return self._fail(status, "Refused", message)
        if self.command == "POST" and "kbn-xsrf" not in self.headers:
            return self._fail(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        if path == "/api/status":
            return self._status()
        if path.startswith("/api/spaces/space/"):
            name = path.rsplit("/", 1)[1]
            if name not in told.spaces:
                return self._fail(404, "Not Found", "Not Found")
            return self._send(200, json.dumps({"id": name, "name": name}))
        overwrite = parse_qs(address.query).get("overwrite") == ["true"]
        if path == "/api/saved_objects/_import":
            return self._import(self._parts(body), space, overwrite)
        if path == "/api/saved_objects/_resolve_import_errors":
            return self._resolve(self._parts(body), space)
        if path == "/api/saved_objects/_export":
            return self._export(json.loads(body), space)
        return self._fail(404, "Not Found", "Not Found")

    def _status(self) -> None:
        told = self.behaviour
        level = told.levels.pop(0) if len(told.levels) > 1 else told.levels[0]
        answer = {
            "name": "test", "uuid": "0", "version": {"number": told.version, "build_number": 1},
            "status": {"overall": {"level": level, "summary": "..."}, "core": {}, "plugins": {}},
        }  # fmt: skip
        self._send(503 if level in ("unavailable", "critical") else 200, json.dumps(answer))

    def _parts(self, body: bytes) -> dict[str, str]:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + body)
        return {
            str(part.get_param("name", header="content-disposition")): part.get_payload(decode=True).decode()  # type: ignore[union-attr]
            for part in message.iter_parts()  # type: ignore[attr-defined]
        }

    def _import(self, parts: dict[str, str], space: str, overwrite: bool) -> None:
        objects = [json.loads(line) for line in parts["file"].splitlines()]
        self._take(objects, space, overwrite)

    def _resolve(self, parts: dict[str, str], space: str) -> None:
        wanted = {(one["type"], one["id"]) for one in json.loads(parts["retries"])}
        objects = [json.loads(line) for line in parts["file"].splitlines()]
        self._take([one for one in objects if _key(one) in wanted], space, overwrite=False)

    def _take(self, objects: list[dict[str, Any]], space: str, overwrite: bool) -> None:
        told, held = self.behaviour, self.behaviour.held.setdefault(space, {})
        errors, done = [], []
        keys = {_key(one) for one in objects}
        for one in objects:
            references = [{"type": ref["type"], "id": ref["id"]} for ref in one["references"]]
            lost = [ref for ref in references if ref["type"] in told.missing or _key(ref) not in keys | held.keys()]
            there = (one["type"], told.foreign.get(_key(one), one["id"])) in held
            error = told.broken.get(_key(one))
            if lost:
                error = {"type": "missing_references", "references": lost}
            elif there and not overwrite:
                error = {"type": "conflict"}
            about = {"id": one["id"], "type": one["type"], "meta": {"title": one["attributes"]["title"]}}
            if error:
                errors.append({**about, "title": one["attributes"]["title"], "error": error})
            else:
                other = {"destinationId": told.foreign[_key(one)]} if _key(one) in told.foreign else {}
                done.append({**about, **other, **({"overwrite": True} if there else {})})
        if not any(one["error"]["type"] in ("conflict", "missing_references") for one in errors):
            known = {_key(one): one for one in objects}
            for one in done:
                held[one["type"], one.get("destinationId", one["id"])] = known[_key(one)]
        answer: dict[str, Any] = {"success": not errors, "successCount": len(done), "successResults": done}
        self._send(200, json.dumps({**answer, **({"errors": errors} if errors else {})}))

    def _export(self, asked: dict[str, Any], space: str) -> None:
        held = self.behaviour.held.get(space, {})
        wanted = [_key(one) for one in asked["objects"]]
        if absent := [key for key in wanted if key not in held]:
            return self._fail(400, "Bad Request", f"Error fetching objects to export: {absent}")
        for key in wanted:
            deeper = [_key(ref) for ref in held[key]["references"]] if asked["includeReferencesDeep"] else []
            deeper = [(type_, self.behaviour.foreign.get((type_, id_), id_)) for type_, id_ in deeper]
            wanted.extend(one for one in deeper if one in held and one not in wanted)
        lines = [{**held[key], "id": key[1]} for key in wanted]
        details = {"exportedCount": len(lines), "missingRefCount": 0, "missingReferences": []}
        self._send(200, "\n".join(json.dumps(line) for line in [*lines, details]), kind="application/ndjson")
        return None

    def _fail(self, status: int, error: str, message: str) -> None:
        self._send(status, json.dumps({"statusCode": status, "error": error, "message": message}))

    def _send(self, status: int, text: str, *, kind: str = "application/json") -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in self.behaviour.headers.items():
            self.send_header(name, value)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def _key(one: dict[str, Any]) -> Key:
    return one["type"], one["id"]
