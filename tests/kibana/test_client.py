"""What answers at the address, and what the user is told: one message each."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from monitor.errors import ConfigError, KibanaError
from monitor.kibana import Access, Kibana
from tests.kibana.server import Behaviour, basic, kibana


def _no_pause(seconds: float) -> None:
    """Looks again at once."""


def test_it_waits_until_kibana_is_up() -> None:
    told = Behaviour(not_ready=2, levels=["unavailable", "critical", "available"])
    with kibana(told) as url:
        assert Kibana(Access(url)).wait(60, _no_pause) == "8.19.1"
    assert len(told.asked) == 5


def test_a_degraded_kibana_is_up() -> None:
    with kibana(Behaviour(levels=["degraded"])) as url:
        assert Kibana(Access(url)).wait(0, _no_pause) == "8.19.1"


def test_a_kibana_that_does_not_get_ready_is_given_up() -> None:
    with kibana(Behaviour(not_ready=99)) as url, pytest.raises(KibanaError, match="not ready after 0 s: Kibana server"):
        Kibana(Access(url)).wait(0, _no_pause)


def test_nobody_answers() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(KibanaError, match=r"not ready after 0 s: Connection refused$") as caught:
            Kibana(Access(url)).wait(0, _no_pause)
    assert "is this its address" in caught.value.hint


def test_a_kibana_before_8_9_is_too_old() -> None:
    with (
        kibana(Behaviour(version="8.8.2")) as url,
        pytest.raises(KibanaError, match=r"Kibana 8\.8\.2: too old") as caught,
    ):
        Kibana(Access(url)).wait(0)
    assert "8.9 or later" in caught.value.hint


@pytest.mark.parametrize("version", ["8.9.0", "8.19.21", "9.2.0", "10.0.0"])
def test_a_later_one_is_not(version: str) -> None:
    with kibana(Behaviour(version=version)) as url:
        assert Kibana(Access(url)).wait(0) == version


OPENSEARCH = {"version": {"number": "2.19.1"}, "status": {"overall": {"state": "green"}, "statuses": [
    {"id": "core:opensearch@2.19.1", "state": "green"}
]}}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "page", "headers"),
    [
        (200, json.dumps(OPENSEARCH), {}),
        (503, "OpenSearch Dashboards server is not ready yet", {}),
        (401, "Unauthorized", {"osd-name": "dashboards"}),
    ],
)
def test_opensearch_dashboards_is_told_apart(status: int, page: str, headers: dict[str, str]) -> None:
    told = Behaviour(page=(status, page), headers=headers)
    with kibana(told) as url, pytest.raises(KibanaError) as caught:
        Kibana(Access(url)).wait(60)
    assert caught.value.message == (
        f"{url} is OpenSearch Dashboards, not Kibana: it has no Lens, which the dashboards are made with."
    )


def test_a_kibana_that_names_opensearch_in_its_status_is_one() -> None:
    status = {"overall": {"level": "available"}, "plugins": {"opensearchMigration": {"level": "available"}}}
    page = (200, json.dumps({"version": {"number": "8.19.1"}, "status": status}))
    with kibana(Behaviour(page=page)) as url:  # with the header kbn-name
        assert Kibana(Access(url)).wait(0) == "8.19.1"


@pytest.mark.parametrize("page", [(200, "<h1>It works</h1>"), (404, "nothing here"), (401, "who are you?")])
def test_a_web_server_that_is_no_kibana(page: tuple[int, str]) -> None:
    with kibana(Behaviour(page=page, headers={})) as url, pytest.raises(KibanaError, match="is no Kibana: it answers"):
        Kibana(Access(url)).wait(60)


@pytest.mark.parametrize(
    "told",
    [["a", "list"], "text", None, {}, {"status": "green"}, {"status": None}, {"status": {"overall": "green"}}],
)
def test_an_answer_with_kibana_s_header_that_is_no_status_of_one(told: object) -> None:
    with (
        kibana(Behaviour(page=(200, json.dumps(told)))) as url,
        pytest.raises(KibanaError, match="is no Kibana: it answers 200"),
    ):
        Kibana(Access(url)).wait(60)


@pytest.mark.parametrize("version", ["8.19.1", None, {}])
def test_a_kibana_that_does_not_tell_its_version(version: object) -> None:
    page = (200, json.dumps({"version": version, "status": {"overall": {"level": "available"}}}))
    with kibana(Behaviour(page=page)) as url:
        assert Kibana(Access(url)).wait(0) == ""


def test_a_redirect_is_shown_where_it_leads() -> None:
    told = Behaviour(page=(302, ""), headers={"location": "https://login.example.org/"})
    with kibana(told) as url, pytest.raises(KibanaError, match=r"302 .* sends one to https://login\.example\.org/"):
        Kibana(Access(url)).wait(60)


def test_a_base_path_that_is_left_out() -> None:
    with kibana(Behaviour(page=(404, ""))) as url, pytest.raises(KibanaError, match="not at this path") as caught:
        Kibana(Access(url)).wait(60)
    assert "server.basePath" in caught.value.hint


def test_credentials_are_sent_and_a_refusal_says_what_to_set() -> None:
    told = Behaviour(credentials=basic("elastic", "right"))
    with kibana(told) as url:
        assert Kibana(Access(url, user="elastic", password="right")).wait(0)
        with pytest.raises(
            KibanaError, match=r"does not accept these credentials \(401\).*security_exception"
        ) as wrong:
            Kibana(Access(url, user="elastic", password="wrong")).wait(60)
        with pytest.raises(KibanaError, match=r"asks for credentials \(401\)"):
            Kibana(Access(url)).wait(60)
    assert "kibana.api_key" in wrong.value.hint
    assert "wrong" not in wrong.value.message


def test_an_api_key_goes_before_a_password() -> None:
    with kibana(Behaviour(credentials="ApiKey abc==")) as url:
        assert Kibana(Access(url, user="elastic", password="x", api_key="abc==")).wait(0)


def test_secrets_are_not_shown() -> None:
    assert "s3cret" not in repr(Access("http://x", password="s3cret", api_key="s3cret"))


def test_a_space_that_is_not_there() -> None:
    with kibana(Behaviour(spaces=("press",))) as url:
        Kibana(Access(url, space="press")).check_space()
        Kibana(Access(url, space="default")).check_space()
        with pytest.raises(KibanaError, match="there is no space 'pres'"):
            Kibana(Access(url, space="pres")).check_space()


def test_tls_where_none_is_spoken() -> None:
    with kibana(Behaviour()) as url, pytest.raises(KibanaError) as caught:
        Kibana(Access(url.replace("http:", "https:"))).wait(60)
    assert "begins with http://" in caught.value.hint


@pytest.mark.parametrize("url", ["localhost:5601", "ftp://kibana", "", "http://"])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ConfigError, match=r"kibana\.url"):
        Kibana(Access(url))


def test_credentials_in_the_address_and_a_file_of_authorities_that_is_none(tmp_path: Path) -> None:
    for url in ("http://elastic:secret@localhost:5601", "elastic:secret@localhost:5601"):
        with pytest.raises(ConfigError, match=r"kibana\.url: .* write them as user and password") as told:
            Kibana(Access(url))
        assert "secret" not in told.value.message
    file = tmp_path / "ca.pem"
    with pytest.raises(ConfigError, match=r"^kibana\.ca_certs: .*ca\.pem can't be read: No such file"):
        Kibana(Access("https://localhost:5601", ca_certs=file))
    file.write_text("no certificate")
    with pytest.raises(ConfigError, match=r"^kibana\.ca_certs: .*ca\.pem can't be read: it holds no certificate"):
        Kibana(Access("https://localhost:5601", ca_certs=file))
