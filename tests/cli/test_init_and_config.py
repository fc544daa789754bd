from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from monitor.cli.init import AGENCIES, EXAMPLE_SITE, LICENCES, settings_file
from monitor.config import describe, load
from monitor.settings import Settings
from monitor.sites import Site, load_site
from monitor.sources import load_agencies
from monitor.sources.licences import load_licences

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def uncommented(text: str) -> str:
    """The text with every shown value switched on: "#name" and "#    name" are one, "# A note" is not."""
    return re.sub(r"^#(?=\S|\s{2,}\S)", "", text, flags=re.MULTILINE)


def test_init_writes_everything_says_so_and_never_overwrites(run: Run) -> None:
    made = run("init", "watch")
    assert made.exit_code == 0
    for name in (
        "monitor.toml",
        "sites/example.yaml.example",
        "alerts/example.yaml.example",
        "licences.yaml",
        "agencies.toml",
        "scrapy.cfg",
    ):
        assert Path("watch", name).is_file()
        assert f"wrote  watch/{name}" in made.stdout
    assert "cd watch" in made.stdout
    assert "monitor sites add URL" in made.stdout
    Path("watch/monitor.toml").write_text("# mine")
    again = run("init", "watch")
    assert again.exit_code == 2
    assert "already there" in again.stderr
    assert Path("watch/monitor.toml").read_text() == "# mine"


def test_the_written_licences_are_none_and_switched_on_they_load(run: Run) -> None:
    run("init")
    assert load_licences(Path("licences.yaml")).entries == ()
    Path("licences.yaml").write_text(re.sub(r"^#(?=- |  \S)", "", LICENCES, flags=re.MULTILINE))
    assert [(one.agency, one.site) for one in load_licences(Path("licences.yaml")).entries] == [
        ("dpa", "example"),
        ("dpa", "example.org"),
    ]


def test_the_written_agencies_change_nothing_and_switched_on_they_add_one(run: Run) -> None:
    run("init")
    known = load_agencies().agencies
    assert load_agencies(Path("agencies.toml")).agencies == known
    Path("own.toml").write_text(uncommented(AGENCIES))
    found = load_agencies(Path("own.toml"))
    assert set(found.agencies) - set(known) == {"example"}
    assert [one.key for one in found.dispatches("ena:240516-7/2")] == ["ena:240516-7"]


def test_init_keeps_files_that_are_there(run: Run) -> None:
    Path("scrapy.cfg").write_text("# mine")
    assert "kept   scrapy.cfg" in run("init").stdout
    assert Path("scrapy.cfg").read_text() == "# mine"


def test_init_where_nothing_can_be_written_is_one_message(run: Run) -> None:
    Path("file").write_text("")
    made = run("init", "file/below")
    assert made.exit_code == 2
    assert "can't be written" in made.stderr


def test_the_written_settings_are_the_defaults_and_switched_on_they_stay_so(run: Run) -> None:
    run("init")
    assert load(Path.cwd(), {}).settings == Settings.model_validate({})
    values = tomllib.loads(uncommented(settings_file()))
    assert values.pop("proxy") == "..."
    unset = ("password", "password_file", "api_key", "api_key_file", "ca_certs")  # with proxy, those without a default
    assert {values["store"].pop(name) for name in unset} == {"..."}
    assert {values["kibana"].pop(name) for name in unset} == {"..."}
    assert values["alerting"].pop("heartbeat_url") == "..."
    assert Settings.model_validate(values) == Settings.model_validate({})


def test_every_setting_stands_in_the_file_with_its_meaning() -> None:
    text = settings_file()
    for setting in describe(Settings.model_validate({})):
        shown = f"[{setting.name}]\n# " if isinstance(setting.value, dict) else f"{setting.name.rpartition('.')[2]} = "
        assert f"# {setting.description}\n#{shown}" in text
        assert setting.description, setting.name


def test_channels_are_written_where_they_take_no_other_setting_with_them(run: Run) -> None:
    run("init")
    file = Path("monitor.toml")
    text = file.read_text()
    own = text.replace("#[alerting.channels]\n# desk", "[alerting.channels]\ndesk").replace("#remind", "remind")
    file.write_text(own.replace('remind = "1d"', 'remind = "2d"'))
    alerting = load(Path.cwd(), {}).settings.alerting
    assert (list(alerting.channels), alerting.remind) == (["desk"], "2d")


def test_the_example_site_is_a_valid_file_and_names_every_field() -> None:
    path = Path("example.yaml")
    path.write_text(EXAMPLE_SITE)
    assert load_site(path).sources
    path.write_text(uncommented(EXAMPLE_SITE))
    site = load_site(path)
    assert {source.kind for source in site.sources} == {"feed", "wordpress"}
    assert set(Site.model_fields) - site.model_fields_set == set()


def test_config_shows_every_value_with_its_origin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("monitor.toml").write_text("[crawl]\ndelay = 2.5\n")
    monkeypatch.setenv("MONITOR_STORE__PATH", "archive")
    monkeypatch.setenv("MONITOR_PROXY", "http://user:secret@proxy:3128")
    shown = run("config")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert "crawl.delay = 2.5  (monitor.toml)" in lines
    assert 'store.path = "archive"  (environment MONITOR_STORE__PATH)' in lines
    assert 'proxy = "********"  (environment MONITOR_PROXY)' in lines
    assert "crawl.obey_robots = true  (default)" in lines
    assert "secret" not in shown.stdout
    names = {setting.name for setting in describe(Settings.model_validate({}))}
    assert {line.split(" = ")[0] for line in lines if " = " in line} == names


def test_config_as_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_PROXY", "http://user:secret@proxy:3128")
    shown = run("config", "--json")
    assert "secret" not in shown.stdout
    values = json.loads(shown.stdout)
    assert values["file"] is None
    by_name = {setting["name"]: setting for setting in values["settings"]}
    assert by_name["crawl.recheck"]["value"] == ["1h", "6h", "24h", "7d"]
    assert by_name["proxy"] == {
        "name": "proxy", "value": "********", "origin": "environment MONITOR_PROXY",
        "description": "HTTP proxy for all fetches, e.g. http://user:password@proxy:3128",
    }  # fmt: skip


def test_a_wrong_variable_of_the_environment_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_CRAWL__DELAYS", "1")
    wrong = run("config")
    assert wrong.exit_code == 2
    assert "MONITOR_CRAWL__DELAYS" in wrong.stderr
