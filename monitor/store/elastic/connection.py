"""The one connection to the engine that the settings name."""

from __future__ import annotations

import logging
import os
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from elastic_transport import ApiError, NodeConfig, TransportError
from elastic_transport.client_utils import basic_auth_to_header, parse_cloud_id, url_to_node_config
from elasticsearch import Elasticsearch
from elasticsearch.serializer import NdjsonSerializer, OrjsonSerializer

from monitor import credentials
from monitor.errors import ConfigError, StoreUnreachable
from monitor.settings import StoreSettings
from monitor.store.elastic.bulk import Action, Refresh, Refused, write
from monitor.store.elastic.dialect import Dialect, recognise
from monitor.store.elastic.refusals import speaks_tls, translated
from monitor.store.elastic.transport import BACKOFF_BASE, BACKOFF_CAP, EngineTransport

T = TypeVar("T")

RETRIES = 3  # of a request after a connection that failed, on another node where there is one
PROBE_SECONDS = 3.0


@dataclass(frozen=True)
class Connection:
    """A client that is signed in at an engine that is known. May be used by several threads; not across a fork."""

    client: Elasticsearch
    dialect: Dialect
    where: str  # the addresses of the settings, for messages
    request_timeout: float  # seconds
    signed: bool  # whether credentials are sent

    @contextmanager
    def translating(self) -> Iterator[None]:
        """The client's errors inside become those of monitor.errors."""
        with _translating(self.where, self.request_timeout, signed=self.signed):
            yield

    def call(self, ask: Callable[[Elasticsearch], T]) -> T:
        """What the client answers. Raises StoreError and its kinds, NotFound, Conflict."""
        with self.translating():
            return ask(self.client)

    def bulk(self, actions: Iterable[Action], refresh: Refresh = False) -> list[Refused]:
        """Write them in chunks; see `bulk.write`. What the engine refuses for good is returned."""
        with self.translating():
            return write(self.client, actions, where=self.where, refresh=refresh)

    def close(self) -> None:
        self.client.close()


def open_connection(settings: StoreSettings, folder: Path) -> Connection:
    """Connect, sign in and recognise the engine. Paths in the settings are taken from `folder`.

    Raises ConfigError (a secret that can't be read), AccessRefused, StoreUnreachable, StoreBusy, StoreError.
    """
    # The client warns of each attempt with a traceback; what comes of the attempts is an error of ours.
    logging.getLogger("elastic_transport").setLevel(logging.CRITICAL)
    if not settings.url and not settings.cloud_id:
        raise ConfigError("nothing says where the engine is", hint="set url or cloud_id in [store]")
    signing = _signing(settings, folder)
    nodes = _nodes(settings, folder, signing)
    where = ", ".join(f"{node.scheme}://{node.host}:{node.port}{node.path_prefix}" for node in nodes)
    client = Elasticsearch(
        nodes,
        transport_class=EngineTransport,
        serializers={
            **{f"application/{vendor}json": OrjsonSerializer() for vendor in ("", "vnd.elasticsearch+")},
            **{f"application/{vendor}x-ndjson": NdjsonSerializer() for vendor in ("", "vnd.elasticsearch+")},
        },
        meta_header=False,
        max_retries=max(RETRIES, len(nodes)),
        retry_backoff_base=BACKOFF_BASE,
        retry_backoff_cap=BACKOFF_CAP,
        request_timeout=settings.request_timeout,
    )
    transport = client.transport
    assert isinstance(transport, EngineTransport)  # noqa: S101  # for the type checker
    transport.signed = signed = bool(signing)
    try:
        with _translating(where, settings.request_timeout, signed=signed):
            dialect = recognise(transport, settings.engine or None, where)
    except StoreUnreachable as error:
        client.close()
        if any(node.scheme == "http" and _answers_tls(node) for node in nodes):
            raise speaks_tls(where) from error
        raise
    except BaseException:
        client.close()
        raise
    transport.recognised = True
    transport.compatible_with = min(dialect.major or 8, 9) if dialect.name == "elasticsearch" else None
    return Connection(client, dialect, where, settings.request_timeout, signed)


@contextmanager
def _translating(where: str, timeout: float, *, signed: bool) -> Iterator[None]:
    try:
        yield
    except (ApiError, TransportError) as error:
        raise translated(error, where, timeout=timeout, signed=signed) from error


def _nodes(settings: StoreSettings, folder: Path, signing: Mapping[str, str]) -> list[NodeConfig]:
    # With the nodes, not with the client, so that the questions before the client is ready have them too.
    headers = {"x-opaque-id": f"media-monitor/{socket.gethostname()}/{os.getpid()}", **signing}
    tls: dict[str, Any] = {"verify_certs": settings.verify, "ssl_show_warn": False}
    if settings.ca_certs is not None and settings.verify:
        tls["ca_certs"] = str(credentials.authorities(folder / settings.ca_certs, "store.ca_certs"))
    nodes = []
    for node in _addresses(settings):
        options = tls if node.scheme == "https" else {}
        nodes.append(node.replace(headers=headers, request_timeout=settings.request_timeout, **options))
    return nodes


def _addresses(settings: StoreSettings) -> list[NodeConfig]:
    if settings.url:
        return [url_to_node_config(url, use_default_ports_for_scheme=True) for url in settings.url]
    try:
        host, port = parse_cloud_id(settings.cloud_id).es_address or (None, None)
    except ValueError:
        host = port = None
    if not host or not port:
        raise ConfigError("store.cloud_id is no Elastic Cloud ID", hint="copy it from the deployment's page")
    return [NodeConfig("https", host, port, http_compress=True)]


def _signing(settings: StoreSettings, folder: Path) -> dict[str, str]:
    key_file = folder / settings.api_key_file if settings.api_key_file else None
    key = credentials.given(settings.api_key, key_file, "store.api_key_file", credentials.api_key)
    if key:
        return {"authorization": f"ApiKey {key}"}
    file = folder / settings.password_file if settings.password_file else None
    password = credentials.given(settings.password, file, "store.password_file", credentials.password)
    if settings.user:
        return {"authorization": basic_auth_to_header((settings.user, password))}
    return {}


def _answers_tls(node: NodeConfig) -> bool:
    """Whether a TLS handshake succeeds where plain HTTP was not understood. Nothing is sent over it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        suppress(OSError),
        socket.create_connection((node.host, node.port), timeout=PROBE_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=node.host),
    ):
        return True
    return False
