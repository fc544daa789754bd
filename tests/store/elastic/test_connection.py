"""What is no engine, or none that is spoken to, is one message that says what to do. Real engines: tests/engines."""

from __future__ import annotations

import logging
import socket
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import AccessRefused, ConfigError, StoreBusy, StoreError, StoreUnreachable
from monitor.settings import StoreSettings
from monitor.store.elastic.connection import Connection, open_connection
from monitor.store.elastic.dialect import SHOWN_NAMES, TESTED, Dialect, EngineName
from tests.engines.certificates import Certificates, make_certificates
from tests.engines.packages import Unavailable
from tests.store.elastic.servers import Server

ELASTICSEARCH_7 = {"version": {"number": "7.17.9", "build_flavor": "default", "lucene_version": "8.11.1"}}
OPENSEARCH_1 = {"version": {"distribution": "opensearch", "number": "1.3.14", "lucene_version": "8.10.1"}}
POSING = {
    "version": {"number": "7.10.2", "lucene_version": "9.7.0"},
    "tagline": "The OpenSearch Project: https://opensearch.org/",
}


def settings(**values: Any) -> StoreSettings:
    return StoreSettings.model_validate({"kind": "elasticsearch", "request_timeout": 5} | values)


def opened(*servers: Server, **values: Any) -> Connection:
    return open_connection(settings(url=[server.url for server in servers], **values), Path("/"))


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    try:
        return make_certificates(tmp_path_factory.mktemp("certificates"))
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, "<h1>It works</h1>"), "it answers 200 <h1>It works</h1>"),
        ((200, {"name": "kibana", "version": {"number": "8.9.0"}}), "it answers 200"),
        ((200, ["a", "list"]), "it answers 200"),
        ((200, {"hello": "world"}), "it answers 200"),
        ((200, {"version": "1.2"}), "it answers 200"),
        ((200, {"version": None, "tagline": "OpenSearch"}), "it answers 200"),
        ((404, "<h1>Not Found</h1>"), "it answers 404"),
        ((302, ""), "it answers 302"),
        ((500, "oh"), "it answers 500"),
    ],
)
def test_a_web_server_that_is_no_engine_is_told_apart(answer: tuple[int, Any], said: str) -> None:
    with Server({"/": answer}).up() as server, pytest.raises(StoreError) as told:
        opened(server)
    assert f"{server.url} is no Elasticsearch and no OpenSearch" in told.value.message
    assert said in told.value.message
    assert "store.url" in told.value.hint


@pytest.mark.parametrize(
    ("root", "said", "needed"),
    [
        (ELASTICSEARCH_7, "is Elasticsearch 7.17.9, which is too old", "Elasticsearch 8 or later"),
        (OPENSEARCH_1, "is OpenSearch 1.3.14, which is too old", "OpenSearch 2 or later"),
    ],
)
def test_an_engine_that_is_too_old_is_refused(root: object, said: str, needed: str) -> None:
    with Server({"/": (200, root)}).up() as server, pytest.raises(StoreError, match=said) as told:
        opened(server)
    assert needed in told.value.hint


@pytest.mark.parametrize(
    ("name", "version", "tested"),
    [
        ("elasticsearch", "8.0.0", False),
        ("elasticsearch", "8.18.9", False),
        ("elasticsearch", "8.19.21", True),
        ("elasticsearch", "9.0.1", False),
        ("elasticsearch", "10.2.0-SNAPSHOT", False),
        ("opensearch", "2.0.0", False),
        ("opensearch", "2.19.1", True),
        ("opensearch", "3.7.0", False),
        ("opensearch", "3.10.0", True),
        ("opensearch", "4.1.0", False),
        ("opensearch", "", True),
    ],
)
def test_it_is_known_which_versions_are_tested(name: EngineName, version: str, tested: bool) -> None:
    assert Dialect(name, version).described.endswith(", not tested with this version") is not tested


def test_the_documentation_names_the_versions_that_are_tested() -> None:
    shown = [f"{SHOWN_NAMES[name]} {' and '.join(f'{a}.{b}' for a, b in TESTED[name].items())}" for name in TESTED]
    for file in ("README.md", "docs/operator.md"):
        text = (Path(__file__).resolve().parents[3] / file).read_text(encoding="utf-8")
        assert f"| {'; '.join(shown)} |" in text, file


def test_another_engine_than_the_named_one_is_refused() -> None:
    with Server({"/": (200, OPENSEARCH_1)}).up() as server, pytest.raises(StoreError, match=r"store\.engine says elas"):
        opened(server, engine="elasticsearch")


def test_an_engine_that_poses_as_another_version_is_asked_for_its_own() -> None:
    nodes = {"nodes": {"a": {"version": "1.3.2"}}}
    with (
        Server({"/": (200, POSING), "/_nodes/_local": (200, nodes)}).up() as server,
        pytest.raises(StoreError, match=r"OpenSearch 1\.3\.2, which is too old"),
    ):
        opened(server)


def test_a_web_server_is_no_engine_because_the_settings_name_one() -> None:
    with Server({}).up() as server, pytest.raises(StoreError, match="is no Elasticsearch and no OpenSearch"):
        opened(server, engine="opensearch")


def test_credentials_that_are_refused() -> None:
    refused = (401, {"error": {"type": "security_exception", "reason": "unable to authenticate user [mara]"}})
    with Server({"/": refused}).up() as server, pytest.raises(AccessRefused, match="refuses the credentials") as told:
        opened(server, user="mara", password="wrong")
    assert "wrong" not in told.value.message.replace("wrong user", "")
    assert "password" in told.value.hint


@pytest.mark.parametrize("body", ["Unauthorized", {}, {"error": {"reason": "missing authentication credentials"}}])
def test_credentials_that_are_asked_for(body: object) -> None:
    with Server({"/": (401, body)}).up() as server:
        with pytest.raises(AccessRefused, match=r"asks for credentials \(401\): none are set$") as told:
            opened(server)
        assert "user and password" in told.value.hint
        for values in ({"user": "mara", "password": "geheim"}, {"api_key": "a2V5"}):
            with pytest.raises(AccessRefused, match="refuses the credentials"):
                opened(server, **values)


def test_nobody_is_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refused at once
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StoreUnreachable, match=f"{url} does not answer: Connection refused") as told:
            open_connection(settings(url=url), Path("/"))
    assert "is the engine running" in told.value.hint


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"])
def test_a_connection_that_is_closed_before_the_answer_ends(sent: bytes) -> None:
    class Closing(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(10_000)
            self.request.sendall(sent)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(StoreUnreachable) as told:
            open_connection(settings(url=url), Path("/"))
        server.shutdown()
    assert told.value.message == f"{url} does not answer: the connection was closed without a whole answer"


def test_an_address_that_takes_connections_and_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(StoreBusy, match=r"no answer within 0\.3 seconds") as told:
            open_connection(settings(url=url, request_timeout=0.3), Path("/"))
    assert "request_timeout" in told.value.hint


def test_the_client_warns_of_no_attempt_itself_once_a_connection_is_made() -> None:
    client = logging.getLogger("elastic_transport")
    client.setLevel(logging.NOTSET)
    with Server({"/": (200, OPENSEARCH_1)}).up() as server, pytest.raises(StoreError, match="too old"):
        opened(server)
    assert client.level == logging.CRITICAL


def test_one_of_several_addresses_is_enough() -> None:
    with Server({"/": (200, OPENSEARCH_1)}).up() as server, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StoreError, match="too old"):
            open_connection(settings(url=f"{dead}, {server.url}"), Path("/"))


def test_plain_http_against_tls(certificates: Certificates) -> None:
    with Server({}, tls=(certificates.certificate, certificates.key)).up() as server:
        with pytest.raises(StoreError, match="speaks TLS only") as told:
            open_connection(settings(url=server.url.replace("https", "http")), Path("/"))
        assert not isinstance(told.value, StoreUnreachable)
        assert "https://" in told.value.hint


def test_tls_against_plain_http() -> None:
    with Server({}).up() as server, pytest.raises(StoreError, match="does not speak TLS") as told:
        open_connection(settings(url=server.url.replace("http", "https")), Path("/"))
    assert "http://" in told.value.hint


@pytest.fixture
def trusted(certificates: Certificates) -> Iterator[Server]:
    answers = {"/": (200, OPENSEARCH_1)}
    with Server(answers, tls=(certificates.certificate, certificates.key)).up() as server:
        yield server


def test_a_certificate_of_an_unknown_authority(trusted: Server, certificates: Certificates) -> None:
    for values in ({}, {"ca_certs": certificates.stranger}):
        with pytest.raises(StoreError, match="authority that is not known here") as told:
            opened(trusted, **values)
        assert "ca_certs" in told.value.hint


def test_a_certificate_of_another_host(trusted: Server, tmp_path: Path) -> None:
    other = make_certificates(tmp_path, names="DNS:search.example.org")
    with (
        Server({}, tls=(other.certificate, other.key)).up() as server,
        pytest.raises(StoreError, match="the certificate is another host's") as told,
    ):
        opened(server, ca_certs=other.authority)
    assert "store.url" in told.value.hint


@pytest.mark.parametrize("values", [{"ca_certs": True}, {"verify": False}])
def test_a_certificate_that_is_trusted(trusted: Server, certificates: Certificates, values: dict[str, Any]) -> None:
    if "ca_certs" in values:
        values = {"ca_certs": certificates.authority}
    with pytest.raises(StoreError, match="too old"):
        opened(trusted, **values)


@pytest.mark.parametrize(
    ("values", "header"),
    [
        ({"user": "mara", "password": "geheim"}, "Basic bWFyYTpnZWhlaW0="),
        ({"user": "mara", "password_file": "secret"}, "Basic bWFyYTphdXMgZGVyIERhdGVp"),
        ({"api_key": "a2V5"}, "ApiKey a2V5"),
        ({"api_key": "a2V5\n"}, "ApiKey a2V5"),
        ({"api_key_file": "key"}, "ApiKey YXVzIGRlciBEYXRlaQ=="),
        ({}, None),
    ],
)
def test_the_way_to_sign_in(tmp_path: Path, values: dict[str, str], header: str | None) -> None:
    (tmp_path / "secret").write_text("aus der Datei\n")
    (tmp_path / "key").write_text("YXVzIGRlciBEYXRlaQ==\r\n")
    with Server({"/": (200, OPENSEARCH_1)}).up() as server, pytest.raises(StoreError, match="too old"):
        open_connection(settings(url=server.url, **values), tmp_path)
    assert server.asked[0][1].get("authorization") == header
    assert server.asked[0][1]["x-opaque-id"].startswith("media-monitor/")


def test_what_cannot_be_read_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "lines").write_text("a2V5\nZ2VoZWlt\n")
    (tmp_path / "text").write_text("no certificate")
    for values, said in (
        ({"user": "mara", "password_file": "missing"}, r"store\.password_file: .*missing can't be read: No such file"),
        ({"api_key_file": "empty"}, r"store\.api_key_file: .*empty is empty"),
        ({"api_key_file": "lines"}, r"store\.api_key_file: .*lines: the API key holds white space"),
        ({"user": "mara", "password_file": "lines"}, r"store\.password_file: .*lines: the password holds a line end"),
        ({"ca_certs": "missing"}, r"store\.ca_certs: .*missing can't be read: No such file"),
        ({"ca_certs": "text"}, r"store\.ca_certs: .*text can't be read: it holds no certificate in PEM form"),
        ({"url": (), "cloud_id": "press:nonsense"}, r"store\.cloud_id is no Elastic Cloud ID"),
        ({"kind": "embedded", "url": ()}, "nothing says where the engine is"),
    ):
        with pytest.raises(ConfigError, match=said):
            open_connection(settings(**{"url": "https://127.0.0.1:1"} | values), tmp_path)


def test_a_cloud_id_is_an_address() -> None:
    cloud = "press:bG9jYWxob3N0OjEkYWJjJGRlZg=="  # localhost:1$abc$def
    with pytest.raises(StoreError, match=r"https://abc\.localhost:1"):
        open_connection(settings(cloud_id=cloud), Path("/"))
