from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from pydantic import ValidationError

from monitor.config import FILE_NAME, describe, load
from monitor.errors import ConfigError
from monitor.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str) -> Path:
    file = folder / FILE_NAME
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, environment: Mapping[str, str] = MappingProxyType({})) -> ConfigError:
    """What is said of the folder's settings."""
    with pytest.raises(ConfigError) as caught:
        load(folder, environment)
    return caught.value


def test_without_a_file_everything_is_the_default_and_lies_in_the_folder(folder: Path) -> None:
    loaded = load(folder, {})
    assert loaded.file is None
    assert (loaded.store, loaded.sites, loaded.warc) == (folder / "store", folder / "sites", folder / "warc")
    assert loaded.settings.crawl.obey_robots is True
    assert {loaded.origin(setting.name) for setting in describe(loaded.settings)} == {"default"}


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(folder: Path) -> None:
    file = write(folder, '[crawl]\ndelay = 2\nretries = 5\n[store]\npath = "/archive"\n')
    loaded = load(folder, {"MONITOR_CRAWL__DELAY": "0.5", "MONITOR_WARC__ENABLED": "false", "HOME": "/root"})
    crawl = loaded.settings.crawl
    assert (crawl.delay, crawl.retries, crawl.timeout) == (0.5, 5, 30.0)
    assert loaded.settings.warc.enabled is False
    assert loaded.store == Path("/archive")
    assert loaded.origin("crawl.delay") == "environment MONITOR_CRAWL__DELAY"
    assert loaded.origin("crawl.retries") == str(file)
    assert loaded.origin("crawl.timeout") == "default"


def test_lists_in_the_environment_are_json(folder: Path) -> None:
    assert load(folder, {"MONITOR_CRAWL__RECHECK": '["2h", "1d"]'}).settings.crawl.recheck == ("2h", "1d")
    with pytest.raises(ConfigError, match="written as JSON"):
        load(folder, {"MONITOR_CRAWL__RECHECK": "2h"})


def test_a_section_in_one_variable_is_the_origin_of_what_it_sets(folder: Path) -> None:
    loaded = load(folder, {"MONITOR_STORE": '{"path": "elsewhere"}'})
    assert (str(loaded.settings.store.path), loaded.origin("store.path")) == ("elsewhere", "environment MONITOR_STORE")
    assert loaded.origin("store.kind") == "default"


@pytest.mark.parametrize("named", ["elsewhere", f"elsewhere/{FILE_NAME}"])
def test_a_variable_names_another_file_and_paths_are_taken_from_its_folder(
    folder: Path, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, "[crawl]\ndelay = 9\n")
    monkeypatch.chdir(folder)
    loaded = load(None, {"MONITOR_CONFIG": named})
    assert loaded.settings.crawl.delay == 9
    assert loaded.store == elsewhere / "store"
    with pytest.raises(ConfigError, match="no such file"):
        load(None, {"MONITOR_CONFIG": "nowhere.toml"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[crawl]\ndelay = -1", "crawl.delay: Input should be greater than or equal to 0 (found -1)"),
        ("[crawl]\ndelay = nan", "crawl.delay"),
        ("[crawl]\ndelays = 1", "crawl.delays: no such setting"),
        ('time_zone = "Berlin"', "time_zone: 'Berlin' is no time zone of the IANA database"),
        ('[schedule]\nevery = "often"', "schedule.every: 'often' is no span of time"),
        ('[crawl]\nrecheck = ["1h", "soon"]', "crawl.recheck: 'soon' is no span of time"),
        ('[store]\nkind = "paper"', "store.kind"),
        ('[crawl]\nuser_agent = "zeitung\\n"', "crawl.user_agent"),
        ("store = 3", "store"),
        ("[crawl\n", "not TOML"),
    ],
)
def test_a_wrong_setting_names_the_file_the_setting_and_what_was_found(folder: Path, text: str, said: str) -> None:
    file = write(folder, text)
    error = refused(folder)
    assert str(file) in error.message
    assert said in error.message


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    write(folder, '[crawl]\ndelay = -1\nspeed = 3\n[log]\nlevel = "loud"\n')
    error = refused(folder)
    assert len(error.message.splitlines()) == 3


def test_a_wrong_variable_is_named(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"^MONITOR_CRAWL__DELAY: crawl\.delay"):
        load(folder, {"MONITOR_CRAWL__DELAY": "fast"})
    with pytest.raises(ConfigError, match="MONITOR_CRAWLDELAY: no setting is called crawldelay"):
        load(folder, {"MONITOR_CRAWLDELAY": "1"})


@pytest.mark.parametrize(
    "name",
    ["MONITOR_SHARED", "MONITOR_ENGINE_CACHE", "MONITOR_TEST_ENGINE_HEAP", "MONITOR_TEST_ARTICLES", "MONITOR_CI_X"],
)
def test_what_is_for_tests_is_no_setting(folder: Path, name: str) -> None:
    loaded = load(folder, {name: "x", "MONITOR_CRAWL__DELAY": "2"})
    assert dict(loaded.from_environment) == {"crawl.delay": "MONITOR_CRAWL__DELAY"}


def test_a_file_that_is_no_text_or_can_not_be_read_is_one_message(folder: Path) -> None:
    (folder / FILE_NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="can't be read"):
        load(folder, {})


def test_secrets_are_masked_wherever_settings_are_shown(folder: Path) -> None:
    loaded = load(folder, {"MONITOR_PROXY": "http://user:hunter2@proxy:3128"})
    assert loaded.settings.proxy is not None
    assert loaded.settings.proxy.get_secret_value() == "http://user:hunter2@proxy:3128"
    shown = {setting.name: setting.value for setting in describe(loaded.settings)}
    assert shown["proxy"] == "********"
    assert "hunter2" not in f"{shown}{loaded.settings!r}{loaded!r}"
    write(folder, 'proxy = ["hunter2"]')
    error = refused(folder)
    assert "hunter2" not in error.message


def test_settings_can_not_be_changed_after_loading(folder: Path) -> None:
    settings = load(folder, {}).settings
    with pytest.raises(ValidationError):
        settings.crawl.delay = 0  # type: ignore[misc]
    assert type(settings) is Settings


ENGINE = '[store]\nkind = "elasticsearch"\nurl = "https://search.example.org:9200"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[store]\nkind = "elasticsearch"',
            'kind is "elasticsearch" and nothing says where it is; set url or cloud_id',
        ),
        (
            ENGINE + 'api_key = "k"\npassword = "geheim"\nuser = "mara"',
            "an API key and user or password are both given",
        ),
        (ENGINE + 'api_key_file = "k"\nuser = "mara"', "an API key and user or password are both given"),
        (ENGINE + 'api_key = "geheim"\napi_key_file = "k"', "api_key and api_key_file are both given"),
        (
            ENGINE + 'user = "mara"\npassword = "geheim"\npassword_file = "k"',
            "password and password_file are both given",
        ),
        (ENGINE + 'password = "geheim"', "a password is given and no user"),
        (ENGINE + 'user = "mara"', "user is 'mara' and there is no password"),
        (ENGINE + 'cloud_id = "press:abc"', "url and cloud_id are both given"),
        (ENGINE + 'api_key = "geheim\\nmehr"', "store.api_key: the API key holds white space"),
        (ENGINE + 'user = "mara"\npassword = "ge\\theim"', "store.password: the password holds a line end or another"),
        ('[kibana]\napi_key = "geheim mehr"', "kibana.api_key: the API key holds white space"),
        ('[store]\nurl = "https://mara:geheim@search.example.org"', "write them as user and password"),
        ('[store]\nurl = "mara:geheim@search.example.org"', "write them as user and password"),
        (
            '[kibana]\nurl = "http://mara:geheim@kibana.example.org"',
            "kibana.url: an address holds a user or a password",
        ),
        ('[kibana]\nurl = "kibana.example.org:5601"', "is no address of Kibana"),
        ('[kibana]\npassword = "geheim"\npassword_file = "k"', "password and password_file are both given"),
        ('[kibana]\napi_key = "geheim"\napi_key_file = "k"', "api_key and api_key_file are both given"),
        ('[kibana]\npassword = "geheim"', "a password is given and no user"),
        ('[kibana]\npassword_file = "k"', "a password is given and no user"),
        ('[kibana]\nuser = "mara"', "kibana: user is 'mara' and there is no password"),
        (
            '[kibana]\nuser = "mara"\npassword = "geheim"\napi_key = "k"',
            "an API key and user or password are both given",
        ),
        ('[store]\nurl = "search.example.org:9200"', "is no address of an engine"),
        ('[store]\nurl = "https://search.example.org:99999"', "the port is no number from 1 to 65535"),
        ('[store]\nindex_prefix = "Press"', "store.index_prefix"),
        ('[store]\nengine = "solr"', "store.engine"),
        ("[store]\nshards = 0", "store.shards"),
    ],
)
def test_a_way_to_an_engine_that_is_unclear_is_refused_without_showing_secrets(
    folder: Path, text: str, said: str
) -> None:
    write(folder, text)
    with pytest.raises(ConfigError) as told:
        load(folder, {})
    assert said in told.value.message
    assert "geheim" not in told.value.message


@pytest.mark.parametrize(
    ("variable", "urls"),
    [
        ("https://a.example.org:9200", ("https://a.example.org:9200",)),
        ("http://a:9200, http://b:9200", ("http://a:9200", "http://b:9200")),
        ('["http://a:9200", "http://b:9200"]', ("http://a:9200", "http://b:9200")),
        ("", ()),
    ],
)
def test_several_addresses_are_a_list_or_have_commas_between_them(
    folder: Path, variable: str, urls: tuple[str, ...]
) -> None:
    assert load(folder, {"MONITOR_STORE__URL": variable}).settings.store.url == urls
    write(folder, f"[store]\nurl = {list(urls)!r}")
    assert load(folder, {}).settings.store.url == urls


def test_a_list_of_addresses_that_is_no_json_says_so(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"MONITOR_STORE__URL: .*a list in brackets is written as JSON"):
        load(folder, {"MONITOR_STORE__URL": "[http://a:9200]"})


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_end_behind_a_secret_is_none_of_it(folder: Path, end: str) -> None:
    given = {"STORE__USER": "mara", "STORE__PASSWORD": "ge heim ", "KIBANA__API_KEY": "a2V5=="}
    told = load(folder, {f"MONITOR_{name}": value + end * ("USER" not in name) for name, value in given.items()})
    assert told.settings.store.password
    assert told.settings.store.password.get_secret_value() == "ge heim "
    assert told.settings.kibana.api_key
    assert told.settings.kibana.api_key.get_secret_value() == "a2V5=="


def test_secrets_of_the_engine_come_from_the_environment_and_are_masked(folder: Path) -> None:
    write(folder, ENGINE + 'user = "mara"')
    loaded = load(folder, {"MONITOR_STORE__PASSWORD": "geheim"})
    assert loaded.settings.store.password
    assert loaded.settings.store.password.get_secret_value() == "geheim"
    shown = {setting.name: setting.value for setting in describe(loaded.settings)}
    assert (shown["store.password"], shown["store.api_key"]) == ("********", None)
    assert loaded.origin("store.password") == "environment MONITOR_STORE__PASSWORD"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('remind = "2d"', "remind"),
        ('health_channels = ["desk"]', "health_channels"),
        ("failures = 5", "failures"),
        ('heartbeat_url = "https://ping.example/hunter2"', "heartbeat_url"),
        ('monitor_url = "http://monitor.example"', "monitor_url"),
    ],
)
def test_a_setting_behind_the_channels_is_none_of_them(folder: Path, text: str, name: str) -> None:
    write(folder, f"[alerting]\n[alerting.channels]\ndesk = 'json://hook.example/hunter2'\n{text}")
    error = refused(folder)
    told = f"{name} is a setting of [alerting]; write it above [alerting.channels]"
    assert error.message == f"{folder / FILE_NAME}: alerting: channels: {told}"


def test_a_channel_may_be_called_as_a_setting_is(folder: Path) -> None:
    write(folder, "[alerting.channels]\nquiet = 'json://hook.example'")
    assert list(load(folder, {}).settings.alerting.channels) == ["quiet"]


def test_a_table_that_stands_twice_is_told(folder: Path) -> None:
    write(folder, "[alerting]\nchannels = {}\n[alerting.channels]\n")
    error = refused(folder)
    assert "twice" in error.message
    assert "stands once" in error.hint


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('health_channels = ["desk", "mailtos://user:hunter2@example.org"]', "health_channels: expected no address"),
        ('health_channels = ["Hunter2"]', "expected names of channels"),
        ('monitor_url = "https://user:hunter2@example.org"', "without user and password"),
        ('remind = "mailtos://user:hunter2@example.org"', "remind: expected no address"),
        ('[alerting.channels]\n"mailtos://user:hunter2@example.org" = "desk"', "NAME = ADDRESS"),
    ],
)
def test_an_address_of_a_channel_in_a_wrong_place_is_refused_and_not_shown(folder: Path, text: str, said: str) -> None:
    write(folder, f"[alerting]\n{text}")
    error = refused(folder)
    assert said in error.message
    assert "hunter2" not in error.message.lower()


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x/hush",
        "https:///hush",
        "https://hush:port/",
        "https://a b/hush",
        "https://[/hush",
    ],
)
def test_an_address_of_the_heartbeat_that_cannot_be_called_is_refused_and_not_shown(folder: Path, address: str) -> None:
    told = "alerting.heartbeat_url: expected an address that begins with http:// or https:// and names a host"
    write(folder, f'[alerting]\nheartbeat_url = "{address}"')
    for given, where in (({}, folder / "monitor.toml"), ({"MONITOR_ALERTING__HEARTBEAT_URL": address},) * 2):
        error = refused(folder, given)  # type: ignore[arg-type]
        name = where if isinstance(where, Path) else next(iter(where))
        assert error.message == f"{name}: {told}"


@pytest.mark.parametrize("address", ["https://hc-ping.com/hush", "http://user:hush@127.0.0.1:8000/", "http://[::1]/"])
def test_an_address_of_the_heartbeat_is_kept_and_never_shown(folder: Path, address: str) -> None:
    write(folder, f'[alerting]\nheartbeat_url = "{address}"')
    settings = load(folder, {}).settings
    assert settings.alerting.heartbeat_url is not None
    assert settings.alerting.heartbeat_url.get_secret_value() == address
    assert {one.name: one.value for one in describe(settings)}["alerting.heartbeat_url"] == "********"


@pytest.mark.parametrize(
    ("said", "address"),
    [("", None), ("  ", None), ("hc-ping.com/hush", "http://hc-ping.com/hush"), (" https://a/b\n", "https://a/b")],
)
def test_an_empty_address_of_the_heartbeat_is_none_and_one_without_a_scheme_http(
    folder: Path, said: str, address: str | None
) -> None:
    found = load(folder, {"MONITOR_ALERTING__HEARTBEAT_URL": said}).settings.alerting.heartbeat_url
    assert (found and found.get_secret_value()) == address


@pytest.mark.parametrize(("given", "share"), [('"5 %"', 0.05), ('"12.5%"', 0.125), ("0.2", 0.2), ('"0.2"', 0.2)])
def test_a_share_of_the_disk_may_be_in_percents(folder: Path, given: str, share: float) -> None:
    write(folder, f"[alerting]\ndisk_free = {given}")
    assert load(folder, {}).settings.alerting.disk_free == share


@pytest.mark.parametrize(("given", "found"), [("5", "5"), ('"much"', "'much'"), ("-1", "-1")])
def test_a_share_of_the_disk_that_is_none_says_what_one_is(folder: Path, given: str, found: str) -> None:
    write(folder, f"[alerting]\ndisk_free = {given}")
    error = refused(folder)
    told = f"alerting.disk_free: expected a share of the disk, for example 0.05 or 5 % (found {found})"
    assert error.message.endswith(told)


CHANNELS = 'alerting.health_channels: expected a list, for example ["desk"]'


@pytest.mark.parametrize(
    ("text", "given", "told"),
    [
        ('health_channels = "desk"', {}, f"FILE: {CHANNELS}"),
        ("", {"MONITOR_ALERTING__HEALTH_CHANNELS": '"desk"'}, f"MONITOR_ALERTING__HEALTH_CHANNELS: {CHANNELS}"),
        (
            "",
            {"MONITOR_ALERTING__HEALTH_CHANNELS": "desk"},
            "MONITOR_ALERTING__HEALTH_CHANNELS: alerting.health_channels: a list is written as JSON, for example "
            '["desk"]',
        ),
        ('remind = "1d"', {"MONITOR_ALERTING": '{"health_channels": "desk"}'}, f"MONITOR_ALERTING: {CHANNELS}"),
        (
            'remind = "1d"',
            {"MONITOR_ALERTING__QUIET": "ntfy://a"},
            "MONITOR_ALERTING__QUIET: alerting: quiet: expected no address; those of channels belong under "
            "alerting.channels",
        ),
        (
            'quiet = "ntfy://a"',
            {"MONITOR_ALERTING__REMIND": "1d"},
            "FILE: alerting: quiet: expected no address; those of channels belong under alerting.channels",
        ),
        (
            "[store]\nurl = 'http://a:9200'",
            {"MONITOR_STORE__CLOUD_ID": "a:b"},
            "FILE, MONITOR_STORE__CLOUD_ID: store: url and cloud_id are both given; keep one",
        ),
        (
            "",
            {"MONITOR_STORE__KIND": "elasticsearch"},
            'MONITOR_STORE__KIND: store: kind is "elasticsearch" and nothing says where it is; set url or cloud_id',
        ),
    ],
)
def test_what_is_wrong_is_said_with_an_example_and_of_what_set_it(
    folder: Path, text: str, given: dict[str, str], told: str
) -> None:
    write(folder, f"[alerting]\n{text}")
    error = refused(folder, given)
    assert error.message.replace(str(folder / "monitor.toml"), "FILE") == told


def test_a_section_that_is_a_number_in_the_environment_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"^MONITOR_ALERTING: alerting: "):
        load(folder, {"MONITOR_ALERTING": "5"})


@pytest.mark.parametrize(("given", "kept"), [('"off"', "off"), ('"0"', "off"), ("0", "off"), ('"2d"', "2d")])
def test_reminders_can_be_switched_off(folder: Path, given: str, kept: str) -> None:
    write(folder, f"[alerting]\nremind = {given}")
    assert load(folder, {}).settings.alerting.remind == kept


def test_a_distance_of_reminders_that_is_none_says_that_off_is_one(folder: Path) -> None:
    write(folder, '[alerting]\nremind = "never"')
    with pytest.raises(ConfigError, match=r"remind: 'never' is no span of time; .*; or off"):
        load(folder, {})


def test_a_list_that_is_no_json_is_shown_and_a_table_of_addresses_is_not(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"MONITOR_CRAWL__RECHECK.*\(found '1h,6h'\)"):
        load(folder, {"MONITOR_CRAWL__RECHECK": "1h,6h"})
    with pytest.raises(ConfigError, match=r'^MONITOR_ALERTING__CHANNELS: alerting\.channels: a table .*"ADDRESS"}$'):
        load(folder, {"MONITOR_ALERTING__CHANNELS": "desk=hunter2"})
