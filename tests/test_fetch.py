"""The guarded fetcher, against real servers on loopback. The resolver is the border to the outside world."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.errors import AddressRefused, FetchError, RobotsRefused, TooLarge
from monitor.fetch import Fetcher, guard
from tests.newsite import Answer, NewsSite

AGENT = "test-monitor/1 (+https://example.org/)"
Script = Callable[[socket.socket], None]


def fetcher(**more: Any) -> Fetcher:
    return Fetcher(**{"user_agent": AGENT, "timeout": 5.0, "max_bytes": 1_000_000, "allow_private": True, **more})


@pytest.fixture
def site() -> Iterator[NewsSite]:
    with NewsSite(3) as running:
        yield running


@contextmanager
def scripted(script: Script, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> Iterator[str]:
    """A server that says to each connection what the script says; robots.txt is 404 in any case."""
    listening = socket.create_server((address, 0))

    def serve() -> None:
        while True:
            try:
                opened, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(opened,), daemon=True).start()

    def talk(opened: socket.socket) -> None:
        try:
            with tls.wrap_socket(opened, server_side=True) if tls else opened as connection:
                asked = connection.recv(65_536)
                if asked.startswith(b"GET /robots.txt"):
                    connection.sendall(b"HTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n")
                else:
                    script(connection)
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://{address}:{listening.getsockname()[1]}/"
    finally:
        listening.close()


def saying(answer: bytes) -> Script:
    return lambda connection: connection.sendall(answer)


# --- an answer -------------------------------------------------------------------------------------------------------


def test_an_answer_comes_whole_with_its_headers(site: NewsSite) -> None:
    fetched = fetcher().get(f"{site.url}/a/1/")
    assert (fetched.status, fetched.final_url, fetched.redirects) == (200, f"{site.url}/a/1/", ())
    assert fetched.body.decode() == site.articles["/a/1/"]
    assert fetched.headers["content-type"] == "text/html; charset=utf-8"
    sent = site.requests[-1][2]
    assert sent["user-agent"] == AGENT
    assert sent["accept"].startswith("text/html")


def test_a_status_is_returned_and_not_raised(site: NewsSite) -> None:
    assert fetcher().get(f"{site.url}/none").status == 404
    site.routes["/500"] = Answer(500, "oops")
    assert fetcher().get(f"{site.url}/500").body == b"oops"


def test_what_did_not_change_is_not_sent_again(site: NewsSite) -> None:
    first = fetcher().get(f"{site.url}/feed.xml")
    again = fetcher().get(
        f"{site.url}/feed.xml", etag=first.headers["etag"], last_modified="Thu, 16 May 2024 08:00:00 GMT"
    )
    assert (again.status, again.body) == (304, b"")
    assert site.requests[-1][2]["if-modified-since"] == "Thu, 16 May 2024 08:00:00 GMT"


def test_packed_answers_are_unpacked() -> None:
    body = gzip.compress("Grüße".encode() * 1000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    with scripted(saying(head + body)) as url:
        assert fetcher().get(url).body == "Grüße".encode() * 1000


def test_redirects_are_followed_and_told(site: NewsSite) -> None:
    site.routes["/old"] = Answer(301, headers={"Location": "/older?a=1#part"})
    site.routes["/older"] = Answer(307, headers={"Location": f"{site.url}/a/2/"})
    fetched = fetcher().get(f"{site.url}/old")
    assert (fetched.url, fetched.final_url) == (f"{site.url}/old", f"{site.url}/a/2/")
    assert fetched.redirects == (f"{site.url}/old", f"{site.url}/older?a=1#part")


def test_a_redirect_in_utf_8_arrives(site: NewsSite) -> None:
    site.routes["/alt"] = Answer(302, headers={"Location": "/größe".encode().decode("latin-1")})
    site.routes["/gr%C3%B6%C3%9Fe"] = Answer(200, "da")
    assert fetcher().get(f"{site.url}/alt").body == b"da"


def test_redirects_without_end_are_ended(site: NewsSite) -> None:
    site.routes["/loop"] = Answer(302, headers={"Location": "/loop"})
    with pytest.raises(FetchError, match="redirected more than 10 times"):
        fetcher().get(f"{site.url}/loop")
    assert site.hits["/loop"] == 11


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "http://[", "javascript:alert(1)"])
def test_a_redirect_to_something_else_than_the_web_is_refused(site: NewsSite, target: str) -> None:
    site.routes["/out"] = Answer(302, headers={"Location": target})
    with pytest.raises(FetchError, match="which is no web address"):
        fetcher().get(f"{site.url}/out")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "example.org", "http://", "http://exa mple/", "ftp://example.org/"]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError, match="not a web address"):
        fetcher().get(url)


# --- public addresses only -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],  # noqa: S104
)
def test_private_addresses_are_not_connected_to(site: NewsSite, host: str) -> None:
    port = site.url.rpartition(":")[2]
    with pytest.raises(AddressRefused, match="not a public address") as caught:
        fetcher(allow_private=False).get(f"http://{host}:{port}/a/1/")
    assert "--allow-private" in caught.value.hint
    assert "allow_private: true" in caught.value.hint
    assert not site.hits


class World:
    """Names that tests make up, and which of loopback's addresses count as public: 127.0.0.1 alone."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: dict[str, list[list[str]]] = {}  # each look-up takes the next answer; the last one stays
        self.asked: list[str] = []
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)
        monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")

    def _resolve(self, host: str, port: Any, *args: Any, **more: Any) -> Any:
        self.asked.append(host)
        if host in self.names:
            answers = self.names[host]
            found = answers.pop(0) if len(answers) > 1 else answers[0]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]
        if host.endswith(".example"):
            raise socket.gaierror(-2, "Name or service not known")
        return self._real(host, port, *args, **more)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


@pytest.fixture
def inner() -> Iterator[NewsSite]:
    """A server that only the machine itself may see."""
    with NewsSite(1, address="127.0.0.2") as running:
        yield running


def port_of(site: NewsSite) -> str:
    return site.url.rpartition(":")[2]


def test_a_public_page_may_not_redirect_to_a_private_one(world: World, site: NewsSite, inner: NewsSite) -> None:
    world.names["public.example"] = [["127.0.0.1"]]
    site.routes["/out"] = Answer(302, headers={"Location": f"{inner.url}/a/0/"})
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.2 is not a public address"):
        fetcher(allow_private=False).get(f"http://public.example:{port_of(site)}/out")
    assert site.hits["/out"] == 1
    assert not inner.hits


def test_a_name_that_changes_its_address_is_judged_at_each_connection(
    world: World, site: NewsSite, inner: NewsSite
) -> None:
    world.names["rebinding.example"] = [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]]
    asking = fetcher(allow_private=False)
    url = f"http://rebinding.example:{port_of(site)}/a/1/"
    assert asking.get(url).status == 200
    assert world.asked == ["rebinding.example"] * 2  # robots.txt and the page: one look-up each, and no second one
    with pytest.raises(AddressRefused, match=r"rebinding\.example \(127\.0\.0\.2\) is not a public address"):
        asking.get(url)
    assert not inner.hits


def test_a_name_with_a_public_and_a_private_address_is_refused(world: World, site: NewsSite) -> None:
    world.names["both.example"] = [["127.0.0.1", "127.0.0.2"]]
    with pytest.raises(AddressRefused):
        fetcher(allow_private=False).get(f"http://both.example:{port_of(site)}/a/1/")
    assert not site.hits


def test_the_next_address_of_a_name_is_tried(world: World, inner: NewsSite) -> None:
    world.names["two.example"] = [["127.0.0.9", "127.0.0.2"]]
    assert fetcher().get(f"http://two.example:{port_of(inner)}/a/0/").status == 200


# --- what goes wrong -------------------------------------------------------------------------------------------------


def test_an_unknown_host_is_told(world: World) -> None:
    with pytest.raises(FetchError, match=r"host not found: nowhere\.example"):
        fetcher(allow_private=False).get("http://nowhere.example/")


def test_a_port_without_a_server_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(FetchError, match=f"127.0.0.1:{port} refuses the connection"):
        fetcher().get(f"http://127.0.0.1:{port}/")


def _dripping(head: bytes, drop: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(200):
            time.sleep(0.05)
            connection.sendall(drop)

    return script


@pytest.mark.parametrize(
    "script",
    [
        lambda _: time.sleep(10),
        _dripping(b"HTTP/1.1 200 OK\r\n", b"X"),
        _dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        _dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        _dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    ],
    ids=["silent", "half a header", "headers", "body", "chunks", "body without a length"],
)
def test_the_time_limit_is_for_the_whole_answer(script: Script) -> None:
    with scripted(script) as url:
        asking, begun = fetcher(timeout=0.6), time.monotonic()
        with pytest.raises(FetchError, match=r"did not answer in full within 0\.6 s"):
            asking.get(url)
    assert time.monotonic() - begun < 3


def test_a_handshake_that_never_ends_is_ended() -> None:
    with scripted(lambda _: time.sleep(10)) as url:
        begun = time.monotonic()
        with pytest.raises(FetchError):
            fetcher(timeout=0.6, obey_robots=False).get(url.replace("http:", "https:"))
    assert time.monotonic() - begun < 3


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_or_is_none_is_one_message(answer: bytes) -> None:
    with scripted(saying(answer)) as url, pytest.raises(FetchError, match="ended the connection before the answer"):
        fetcher().get(url)


def test_an_answer_that_can_not_be_unpacked_is_told() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\n"
    with scripted(saying(head + b"nonsense")) as url, pytest.raises(FetchError, match="can't be unpacked"):
        fetcher().get(url)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_not_read_to_its_end(chunked: bool) -> None:
    sent = []

    def script(connection: socket.socket) -> None:
        kind = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 1000000000"
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n")
        portion = b"x" * 100_000
        for _ in range(10_000):
            connection.sendall(b"186a0\r\n" + portion + b"\r\n" if chunked else portion)
            sent.append(len(portion))

    with scripted(script) as url, pytest.raises(TooLarge, match="larger than 1000000 bytes"):
        fetcher().get(url)
    assert sum(sent) < 50_000_000


@pytest.mark.parametrize("packing", ["gzip", "deflate", "gzip, gzip"])
def test_a_bomb_is_refused_before_it_fills_the_memory(packing: str) -> None:
    import zlib

    plain = b"\0" * 300_000_000
    body = zlib.compress(plain, 9) if packing == "deflate" else gzip.compress(plain, 9)
    if packing == "gzip, gzip":
        body = gzip.compress(body)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {packing}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    del plain
    with scripted(saying(head + body)) as url:
        tracemalloc.start()
        try:
            with pytest.raises(TooLarge):
                fetcher(timeout=20.0).get(url)
            assert tracemalloc.get_traced_memory()[1] < 20_000_000
        finally:
            tracemalloc.stop()


# --- robots.txt ------------------------------------------------------------------------------------------------------


def test_robots_txt_is_obeyed_and_asked_once_per_host(site: NewsSite) -> None:
    asking = fetcher()
    with pytest.raises(RobotsRefused, match=r"forbids http://127\.0\.0\.1:\d+/private/1"):
        asking.get(f"{site.url}/private/1")
    asking.get(f"{site.url}/a/1/")
    assert asking.allowed(f"{site.url}/a/2/")
    assert not asking.allowed(f"{site.url}/private/1")
    assert site.hits["/robots.txt"] == 1
    assert site.hits["/private/1"] == 0
    assert fetcher(obey_robots=False).get(f"{site.url}/private/1").status == 404


def test_a_rule_for_our_name_counts(site: NewsSite) -> None:
    site.robots = "User-agent: test-monitor\nDisallow: /a/\n\nUser-agent: *\nDisallow:\n"
    assert not fetcher().allowed(f"{site.url}/a/1/")
    assert fetcher(user_agent="another/1").allowed(f"{site.url}/a/1/")


def test_a_redirect_to_what_robots_txt_forbids_is_not_followed(site: NewsSite) -> None:
    site.routes["/out"] = Answer(302, headers={"Location": "/private/1"})
    with pytest.raises(RobotsRefused):
        fetcher().get(f"{site.url}/out")
    assert site.hits["/private/1"] == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_no_robots_txt_allows_everything(site: NewsSite, status: int) -> None:
    site.routes["/robots.txt"] = Answer(status, "User-agent: *\nDisallow: /")
    assert fetcher().get(f"{site.url}/a/1/").status == 200


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), Answer(429), Answer(cut=True)])
def test_a_robots_txt_that_can_not_be_had_forbids_everything_for_now(site: NewsSite, answer: Answer) -> None:
    site.routes["/robots.txt"] = answer
    with pytest.raises(RobotsRefused, match="can't be read, so nothing may be fetched for now"):
        fetcher().get(f"{site.url}/a/1/")
    assert site.article_hits() == 0


def test_robots_txt_may_redirect_but_not_to_private_addresses(world: World, site: NewsSite, inner: NewsSite) -> None:
    world.names["public.example"] = [["127.0.0.1"]]
    site.routes["/robots.txt"] = Answer(301, headers={"Location": "/rules"})
    site.routes["/rules"] = Answer(200, "User-agent: *\nDisallow: /a/1/")
    assert not fetcher().allowed(f"{site.url}/a/1/")
    site.routes["/rules"] = Answer(301, headers={"Location": f"{inner.url}/robots.txt"})
    with pytest.raises(RobotsRefused, match="not a public address"):
        fetcher(allow_private=False).get(f"http://public.example:{port_of(site)}/a/1/")
    assert not inner.hits
    site.routes["/rules"] = Answer(301, headers={"Location": "/rules"})
    assert fetcher().allowed(f"{site.url}/a/1/")  # redirects without end: there is none (RFC 9309, 2.3.1.2)


def test_a_huge_robots_txt_is_read_to_its_limit(site: NewsSite) -> None:
    site.routes["/robots.txt"] = Answer(200, "User-agent: *\nDisallow: /a/1/\n" + "# x\n" * 500_000)
    assert not fetcher().allowed(f"{site.url}/a/1/")


def test_an_unreachable_server_is_told_as_that_and_not_as_its_robots_txt(world: World) -> None:
    with pytest.raises(FetchError, match="host not found"):
        fetcher().get("http://nowhere.example/a")


def test_crawl_delay_is_kept_between_two_requests(site: NewsSite) -> None:
    site.robots = "User-agent: *\nCrawl-delay: 0.4\n"
    asking = fetcher()
    for number in range(3):
        asking.get(f"{site.url}/a/{number}/")
    times = [moment for moment, path, _ in site.requests if path.startswith("/a/")]
    assert all(later - earlier >= 0.38 for earlier, later in itertools.pairwise(times))


def test_our_own_delay_is_kept_too(site: NewsSite) -> None:
    asking = fetcher(delay=0.3)
    asking.get(f"{site.url}/a/0/")
    asking.get(f"{site.url}/a/1/")
    times = [moment for moment, path, _ in site.requests if path.startswith("/a/")]
    assert times[1] - times[0] >= 0.28


# --- headers, TLS, proxy ---------------------------------------------------------------------------------------------


def test_a_sites_own_headers_go_to_no_other_host(site: NewsSite, inner: NewsSite) -> None:
    site.routes["/out"] = Answer(302, headers={"Location": f"{inner.url}/a/0/"})
    secret = {"Authorization": "Bearer s3cret"}
    fetcher(headers=secret).get(f"{site.url}/out")
    assert site.requests[-1][2]["authorization"] == "Bearer s3cret"
    assert all("authorization" not in headers for _, _, headers in inner.requests)
    fetcher(headers=secret, homes=(site.url,)).get(f"{inner.url}/a/0/")
    assert all("authorization" not in headers for _, _, headers in inner.requests)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name `secure.example`, signed by itself, and its key in one file."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("secure.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "secure.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(pem) + private)
    return path


@pytest.fixture
def secure(certificates: Path, world: World) -> Iterator[tuple[int, list[str]]]:
    """Port of a server with TLS, and the names that clients asked it for."""
    context, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str]()
    context.load_cert_chain(certificates)
    context.sni_callback = lambda _connection, name, _context: asked.append(name)
    world.names |= {"secure.example": [["127.0.0.1"]], "other.example": [["127.0.0.1"]]}
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with scripted(saying(answer), tls=context) as url:
        yield int(url.rpartition(":")[2].strip("/")), asked


def test_tls_asks_for_the_name_and_proves_it(
    secure: tuple[int, list[str]], certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, asked = secure
    with pytest.raises(FetchError, match=r"no secure connection to secure\.example.*certificate"):
        fetcher(allow_private=False).get(f"https://secure.example:{port}/")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    assert fetcher(allow_private=False).get(f"https://secure.example:{port}/").body == b"ok"
    assert set(asked) == {"secure.example"}
    with pytest.raises(FetchError, match=r"no secure connection to other\.example.*match"):
        fetcher(allow_private=False).get(f"https://other.example:{port}/")


def test_a_server_without_tls_is_told() -> None:
    with scripted(saying(b"HTTP/1.1 400 Bad\r\n\r\n")) as url, pytest.raises(FetchError, match="no secure connection"):
        fetcher().get(url.replace("http:", "https:"))


@contextmanager
def proxying(seen: list[bytes], port: int = 0) -> Iterator[str]:
    """A proxy: answers plain requests itself with "through", passes tunnels on to the port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                target.sendall(data)
        except OSError:
            return

    def serve() -> None:
        while True:
            try:
                opened, _ = listening.accept()
            except OSError:
                return
            asked = opened.recv(65_536)
            seen.append(asked)
            if asked.startswith(b"CONNECT"):
                opened.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                behind = socket.create_connection(("127.0.0.1", port))
                threading.Thread(target=pump, args=(opened, behind), daemon=True).start()
                threading.Thread(target=pump, args=(behind, opened), daemon=True).start()
            else:
                body = b"" if b"robots.txt" in asked else b"through"
                opened.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                opened.close()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://user:p%40ss@127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def test_a_proxy_gets_the_requests_and_its_own_password(
    secure: tuple[int, list[str]], certificates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    seen: list[bytes] = []
    with proxying(seen, secure[0]) as proxy:
        asking = fetcher(allow_private=False, proxy=proxy)
        assert asking.get("http://known-to-the-proxy.example/").body == b"through"
        assert asking.get("https://secure.example/").body == b"ok"
    assert seen[1].startswith(b"GET http://known-to-the-proxy.example/ HTTP/1.1")
    assert seen[2].startswith(b"CONNECT secure.example:443")
    assert all(
        b"authorization: Basic dXNlcjpwQHNz" in asked.replace(b"Authorization", b"authorization") for asked in seen
    )


def test_a_proxy_does_not_open_the_way_to_private_addresses(world: World) -> None:
    seen: list[bytes] = []
    world.names["inner.example"] = [["127.0.0.2"]]
    with proxying(seen) as proxy:
        for url in ("http://127.0.0.2/", "http://inner.example/"):
            with pytest.raises(AddressRefused):
                fetcher(allow_private=False, proxy=proxy).get(url)
    assert not seen


def test_a_proxy_that_is_away_or_none_is_told() -> None:
    with pytest.raises(FetchError, match="refuses the connection"):
        fetcher(proxy="http://127.0.0.1:1").get("http://example.org/")
    with pytest.raises(FetchError, match="proxy's address can't be used"):
        fetcher(proxy="socks5://127.0.0.1:1")
