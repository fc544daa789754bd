"""Who may come in, and how: on an Elasticsearch with TLS, users and roles."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import AccessRefused, ConfigError, StoreError, StoreUnreachable
from tests.engines.packaged import SecuredElasticsearch8
from tests.engines.running import running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def refused(engine: SecuredElasticsearch8, **settings: object) -> StoreError:
    with pytest.raises(StoreError) as told, engine.connected(**settings):
        pass
    assert engine.url.rpartition(":")[2] in told.value.message
    return told.value


def test_who_has_the_password_and_knows_the_authority_comes_in(secured: SecuredElasticsearch8, tmp_path: Path) -> None:
    with secured.connected() as connection:
        assert connection.dialect.name == "elasticsearch"
        assert connection.call(lambda client: client.cluster.health())["status"] in ("green", "yellow")
    (tmp_path / "password").write_text(secured.OWNER[1] + "\n")
    with secured.connected(password=None, password_file=tmp_path / "password") as connection:
        assert connection.dialect.version.startswith("8.19.")


def test_a_wrong_password(secured: SecuredElasticsearch8) -> None:
    problem = refused(secured, password="wrong-password")
    assert type(problem) is AccessRefused
    assert "refuses the credentials (401)" in problem.message
    assert "wrong-password" not in problem.message + problem.hint


def test_nobody_signs_in(secured: SecuredElasticsearch8) -> None:
    problem = refused(secured, user="", password=None)
    assert type(problem) is AccessRefused
    assert "none are set" in problem.message
    assert "user and password, or api_key" in problem.hint


def test_a_missing_privilege_is_named(secured: SecuredElasticsearch8) -> None:
    with secured.connected() as owner:
        owner.bulk([{"_op_type": "index", "_index": "papers", "_id": "1", "title": "x"}], refresh=True)
    user, password = secured.READER
    with secured.connected(user=user, password=password) as reader:
        assert reader.call(lambda client: client.search(index="papers"))["hits"]["hits"]
        for write in (
            lambda: reader.bulk([{"_op_type": "index", "_index": "papers", "_id": "2", "title": "x"}]),
            lambda: reader.call(lambda client: client.index(index="papers", id="2", document={"title": "x"})),
        ):
            with pytest.raises(AccessRefused, match=r"user 'reader' may not do indices:data/write/\S+") as told:
                write()
            assert "the index privilege" in told.value.hint
            assert "write" in told.value.hint
        with pytest.raises(AccessRefused, match="user 'reader' may not do cluster:admin/") as told:
            reader.call(lambda client: client.cluster.put_component_template(name="papers", template={}))
        assert "the cluster privilege manage_index_templates" in told.value.hint


def test_a_user_who_may_not_ask_which_engine_it_is_names_it(secured: SecuredElasticsearch8) -> None:
    user, password = secured.NOBODY
    with secured.connected(user=user, password=password, engine="elasticsearch") as connection:
        assert connection.dialect.name == "elasticsearch"
        with pytest.raises(AccessRefused, match="user 'nobody' may not do"):
            connection.call(lambda client: client.search(index="papers"))


def test_an_unknown_authority(secured: SecuredElasticsearch8) -> None:
    for settings in ({"ca_certs": None}, {"ca_certs": secured.certificates.stranger}):
        problem = refused(secured, **settings)
        assert "authority that is not known here" in problem.message
        assert "ca_certs" in problem.hint
    with secured.connected(ca_certs=None, verify=False) as connection:
        assert connection.dialect.name == "elasticsearch"


def test_plain_http_against_tls(secured: SecuredElasticsearch8) -> None:
    problem = refused(secured, url=secured.url.replace("https:", "http:"))
    assert "speaks TLS only" in problem.message
    assert not isinstance(problem, StoreUnreachable)
    assert "https://" in problem.hint


def test_tls_against_plain_http() -> None:
    engine = running("elasticsearch-8.19")
    url = engine.url.replace("http:", "https:")
    with pytest.raises(StoreError, match="does not speak TLS") as told, engine.connected(url=url):
        pass
    assert "http://" in told.value.hint


def test_an_api_key_that_is_none(secured: SecuredElasticsearch8) -> None:
    problem = refused(secured, user="", password=None, api_key="bm8gOiBrZXk=")
    assert type(problem) is AccessRefused


def test_an_authority_s_file_that_is_missing(secured: SecuredElasticsearch8, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"store\.ca_certs"), secured.connected(ca_certs=tmp_path / "missing.pem"):
        pass
