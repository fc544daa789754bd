"""Site files: what they may say, what is told of a wrong one, what `sites add` writes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.cron import Cron
from monitor.errors import SiteError
from monitor.sites import (
    FeedSource,
    Site,
    WordPressSource,
    find_sites,
    load_site,
    load_sites,
    read_site,
    site_file_text,
)
from monitor.sites import site_id as id_of
from monitor.sites.cron import check_cron

EXAMPLES = Path(__file__).resolve().parents[1] / "deploy" / "examples" / "sites"
PATH = Path("sites/blatt.yaml")
PLAIN = "url: https://example.org/\n"

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "blatt.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def refused(text: str) -> str:
    with pytest.raises(SiteError) as caught:
        read_site(text, "blatt", PATH)
    return caught.value.message


# --- what a file may say ---------------------------------------------------------------------------------------------

WHOLE = """\
# A comment.
name: Grüner Bote
url: https://example.org/
sources:
  - kind: feed
    url: https://example.org/feed.xml?section=1
    full_content: true
  - kind: wordpress
    url: https://example.org/blog/
    pages: 3
    per_page: 50
allow: /news/
deny:
  - "/video/"
  - '\\.pdf$'
language: de-AT
time_zone: Europe/Vienna
delay: 2.5
user_agent: Example press office (+https://press.example.org/)
headers:
  Authorization: Bearer ${EXAMPLE_TOKEN}
select:
  title: h1.headline
  remove: [".related", "aside"]
follow_origin: false
allow_private: true
enabled: false
schedule: {cron: "*/10 6-22 * * 1-5", time_zone: Europe/Vienna}
"""


def test_every_field_is_read(write: Write) -> None:
    site = load_site(write(WHOLE))
    assert site.id == "blatt"
    assert site.sources == (
        FeedSource(kind="feed", url="https://example.org/feed.xml?section=1", full_content=True),
        WordPressSource(kind="wordpress", url="https://example.org/blog/", pages=3, per_page=50),
    )
    assert [source.key for source in site.sources] == [
        "feed:https://example.org/feed.xml?section=1",
        "wordpress:https://example.org/blog/",
    ]
    assert site.allow == ("/news/",)
    assert site.rules.title == ("h1.headline",)
    assert site.rules.remove == (".related", "aside")
    assert (site.rules.time_zone, site.rules.language, site.rules.site_name) == (
        "Europe/Vienna",
        "de-AT",
        "Grüner Bote",
    )
    assert site.schedule is not None
    assert site.schedule.cron == "*/10 6-22 * * 1-5"


def test_an_address_is_enough(write: Write) -> None:
    site = load_site(write(PLAIN))
    assert (site.sources, site.time_zone, site.follow_origin, site.allow_private, site.enabled) == (
        (),
        "UTC",
        True,
        False,
        True,
    )


def test_fields_left_empty_count_as_not_written() -> None:
    site = read_site("url: https://example.org/\nallow:\ndelay:\nselect:\n  title:\n", "blatt", PATH)
    assert (site.allow, site.delay, site.select.title) == ((), None, ())


def test_plain_words_are_text_even_where_yaml_1_1_reads_something_else() -> None:
    site = read_site(PLAIN + "language: no\nheaders: {X-Number: 010, X-Day: 2024-05-16}\n", "blatt", PATH)
    assert site.language == "no"
    assert site.headers == {"X-Number": "010", "X-Day": "2024-05-16"}


@pytest.mark.parametrize(
    ("text", "every", "cron"),
    [
        ("30m", "30m", None),
        ("{every: 2h}", "2h", None),
        ('"*/10 * * * *"', None, "*/10 * * * *"),
        ('{cron: "0 8 * * *"}', None, "0 8 * * *"),
    ],
)
def test_a_schedule_is_an_interval_or_cron(text: str, every: str | None, cron: str | None) -> None:
    schedule = read_site(PLAIN + f"schedule: {text}\n", "blatt", PATH).schedule
    assert schedule is not None
    assert (schedule.every, schedule.cron) == (every, cron)


@pytest.mark.parametrize(
    "text",
    ["0 8 * * 0", "0 8 * * 7", "0 8 * * 1-5/2", "0 8 * * Sat,sun", "5/20,59 0-23/2 1,15 JAN-mar *", "0 6 29 2 *"],
)
def test_a_cron_expression_stays_as_it_is_written(text: str) -> None:
    assert check_cron(text) == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("60 * * * *", "minute '60'"),
        ("* 24 * * *", "hour '24'"),
        ("* * 0 * *", "day '0'"),
        ("* * * mai *", "month 'mai'"),
        ("* * * * 8", "weekday '8'"),
        ("*/0 * * * *", "minute '*/0'"),
        ("*/70 * * * *", "minute '*/70'"),
        ("9-5 * * * *", "minute '9-5'"),
        ("59/1 * * * *", "minute '59/1'"),
        ("* 8-8/1 * * *", "hour '8-8/1'"),
        ("1,, * * * *", "minute ''"),
        ("* * * *", "five fields"),
        ("@daily", "five fields"),
    ],
)
def test_what_is_no_cron_expression_is_told_by_its_field(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(part)):
        check_cron(text)


_part = st.sampled_from(
    ["*", "1", "5", "7", "31", "59", "sun", "fri", "jan", "feb", "1-5", "5-7", "mon-sat", "0-23", "10-2", "L", ""]
)
_field = st.lists(
    st.builds(str.__add__, _part, st.sampled_from(["", "", "/1", "/2", "/7", "/90"])), min_size=1, max_size=2
)


@given(st.lists(_field.map(",".join), min_size=5, max_size=5).map(" ".join))
def test_what_passes_here_is_understood_by_the_schedule(text: str) -> None:
    try:
        check_cron(text)
    except ValueError:
        return
    try:
        Cron(text, ZoneInfo("Europe/Berlin"))
    except ValueError as error:
        assume(str(error) != "there is no such day")
        raise


def test_deny_wins_over_allow() -> None:
    site = read_site(PLAIN + "allow: [/news/]\ndeny: [/news/video/]\n", "blatt", PATH)
    assert site.wants("https://example.org/news/1")
    assert not site.wants("https://example.org/news/video/1")
    assert not site.wants("https://example.org/shop/1")
    assert read_site(PLAIN, "blatt", PATH).wants("https://example.org/anything")


def test_a_header_takes_its_secret_from_the_environment_and_never_shows_it() -> None:
    site = read_site(PLAIN + 'headers: {Authorization: "Bearer ${TOKEN}", X-Key: abc}\n', "blatt", PATH)
    assert site.resolved_headers({"TOKEN": "s3cret"}) == {"Authorization": "Bearer s3cret", "X-Key": "abc"}
    assert site.masked_headers() == {"Authorization": "*** ${TOKEN}", "X-Key": "***"}
    with pytest.raises(SiteError, match="TOKEN is not set"):
        site.resolved_headers({})
    with pytest.raises(SiteError, match="line end"):
        site.resolved_headers({"TOKEN": "a\r\nX: b"})


# --- what is wrong, and where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("url: https://example.org/\nname: 24\n", "2: name: expected text; put it in quotes (found 24)"),
        ("url: https://example.org/\n\nlang: de\n", "3: lang: no such field; did you mean language?"),
        ("name: Blatt\n", "1: url: expected, but missing"),
        ("url: ftp://example.org/\n", "1: url: not a web address: ftp://example.org/; expected an address like"),
        (
            "url: https://u:p@example.org/\n",
            "1: url: a name and password in an address are not sent; expected `headers:",
        ),
        ("url: https://example.org/\nallow: '[[a]'\n", "2: allow.0: '[[a]' is no regular expression: Possible nested"),
        ("url: https://example.org/\nlanguage: German\n", "2: language: 'German' is no language code; write for"),
        ("url: https://example.org/\ntime_zone: Berlin\n", "2: time_zone: 'Berlin' is no time zone of the IANA"),
        ("url: https://example.org/\ndelay: soon\n", "2: delay: expected a number (found 'soon')"),
        ("url: https://example.org/\ndelay: -1\n", "2: delay: expected a value greater than or equal to 0 (found -1)"),
        ("url: https://example.org/\nenabled: maybe\n", "2: enabled: expected true or false (found 'maybe')"),
        ("url: https://example.org/\nallow: {a: b}\n", "2: allow: expected a list"),
        ("url: https://example.org/\ndeny:\n  - a\n  - '('\n", "4: deny.1: '(' is no regular expression: missing )"),
        ("url: https://example.org/\nselect:\n  body: '??['\n", "3: select.body.0: '??[' is no CSS selector"),
        ("url: https://example.org/\nselect:\n  titel: h1\n", "3: select.titel: no such field; did you mean title?"),
        ("url: https://example.org/\nselect: h1\n", "2: select: expected `name: value` lines (found 'h1')"),
        ("url: https://example.org/\nuser_agent: ä\n", "2: user_agent: expected at least three letters"),
        ('url: https://example.org/\nheaders: {X: "a\\r\\nY: b"}\n', "2: headers: the value of X has a line end"),
        ("url: https://example.org/\nheaders: {'a b': c}\n", "2: headers: 'a b' is no name of a header"),
        ("url: https://example.org/\nheaders: {Host: c}\n", "2: headers: Host is set by the program itself"),
        ("url: https://example.org/\nschedule: often\n", "2: schedule.every: 'often' is no span of time"),
        ("url: https://example.org/\nschedule: {}\n", "2: schedule: expected either `every: 30m` or `cron:"),
        (
            "url: https://example.org/\nschedule:\n  cron: '61 * * * *'\n",
            "3: schedule.cron: minute '61' of a cron expression: expected 0-59",
        ),
        (
            "url: https://example.org/\nsources:\n  - kind: feed\n    url: https://example.org/f\n  - kind: sitemap\n",
            "5: sources.1.kind: expected feed or wordpress (found 'sitemap')",
        ),
        (
            "url: https://example.org/\nsources:\n  - url: https://example.org/f\n",
            "3: sources.0.kind: expected feed or",
        ),
        ("url: https://example.org/\nsources:\n  - kind: feed\n", "3: sources.0.url: expected, but missing"),
        (
            "url: https://example.org/\nsources:\n  - kind: wordpress\n    url: https://example.org/\n    pages: 500\n",
            "5: sources.0.pages: expected a value less than or equal to 100 (found 500)",
        ),
        (
            "url: https://example.org/\nsources:\n" + "  - {kind: feed, url: https://example.org/f}\n" * 2,
            "2: sources: https://example.org/f stands here twice",
        ),
        ("id: other\nurl: https://example.org/\n", "1: id: expected blatt, the name of the file, or nothing"),
    ],
)
def test_an_error_names_the_line_the_field_and_what_was_expected(text: str, told: str) -> None:
    assert refused(text).startswith(f"{PATH}:{told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("url: https://example.org/\n\tname: x\n", ":2: not YAML: found character '\\t'"),
        ("url: [https://example.org/\n", ":2: not YAML: expected ',' or ']'"),
        ("url: https://example.org/\nname: a\nurl: https://example.com/\n", ":3: url stands here for the second time"),
        ("select:\n  title: a\n  title: b\n", ":3: title stands here for the second time"),
        ("a: &x [1]\nb: *x\n", ":2: not YAML: references"),
        ("url: !!python/object/apply:os.system ['true']\n", ":1: not YAML: tags"),
        ("- url: https://example.org/\n", ":1: expected `name: value` lines"),
        ("? [a]\n: b\n", ":1: not YAML: found unhashable key"),
        ('name: "a\x01"\n', ":1: not YAML: a character"),
        ('name: "Muster" OR "Werk"\n', ":1: not YAML: expected <block end>"),
        ("a: 1\n---\nb: 2\n", ":2: not YAML: but found another document"),
        ("# nothing\n", ": the file is empty"),
        ("a: " + "[" * 5000, ": not YAML: nested too deep"),
        (f"delay: {'9' * 5000}\n", ": not YAML: "),
    ],
)
def test_broken_yaml_is_one_message_with_its_line(text: str, told: str) -> None:
    assert refused(text).startswith(f"{PATH}{told}")


def test_all_problems_of_a_file_are_told_in_the_order_of_its_lines() -> None:
    told = refused("url: x\nlanguage: German\ndelay: soon\nlang: de\n").splitlines()
    assert [line.split(":")[1] for line in told] == ["1", "2", "3", "4"]


def test_a_value_that_fills_pages_is_not_shown_whole() -> None:
    assert len(refused(PLAIN + f"language: {'x' * 100_000}\n")) < 1000


def test_a_wrong_header_does_not_show_its_value() -> None:
    assert "1234567" not in refused(PLAIN + "headers: {X-Key: 1234567}\n")


def test_files_that_can_not_be_read_are_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"url: https://example.org/\nname: Gr\xfcn\n")
    with pytest.raises(SiteError, match=r"latin\.yaml:2: not UTF-8"):
        load_site(latin)
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * 300_000)
    with pytest.raises(SiteError, match="larger than 200000 bytes"):
        load_site(large)
    with pytest.raises(SiteError, match="can't be read: No such file"):
        load_site(tmp_path / "none.yaml")
    with pytest.raises(SiteError, match="'Große Seite' is no id"):
        load_site(tmp_path / "Große Seite.yaml")


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "blatt.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + PLAIN.encode())
    assert load_site(path).url == "https://example.org/"


# --- a folder --------------------------------------------------------------------------------------------------------


def test_one_broken_file_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(PLAIN)
    (tmp_path / "a.b-c_1.yaml").write_text(PLAIN)
    (tmp_path / "broken.yaml").write_text("url: [")
    (tmp_path / "other.yml").write_text(PLAIN)
    (tmp_path / "example.yaml.example").write_text("url: [")
    (tmp_path / "folder.yaml").mkdir()
    sites, errors = load_sites(tmp_path)
    assert list(sites) == ["a.b-c_1", "b"]
    assert [error.message.partition(": ")[2] for error in errors] == [
        "not YAML: expected the node content, but found '<stream end>'",
        "site files end in .yaml",
    ]
    assert load_sites(tmp_path / "none") == ({}, [])


def test_a_folder_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sites, errors = load_sites(tmp_path / "file")
    assert not sites
    assert "can't be read" in errors[0].message


def test_an_unknown_site_brings_the_names_that_are_near(tmp_path: Path) -> None:
    (tmp_path / "kielburg.yaml").write_text(PLAIN)
    assert [site.id for site in find_sites(tmp_path, ["kielburg"])] == ["kielburg"]
    with pytest.raises(SiteError) as caught:
        find_sites(tmp_path, ["kielbrug"])
    assert caught.value.hint == "did you mean kielburg?"
    with pytest.raises(SiteError, match="no site is called") as caught:
        find_sites(tmp_path, ["../zeitung"])
    assert "sites list" in caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(PLAIN)
    path.chmod(0)
    assert "Permission denied" in load_sites(tmp_path)[1][0].message


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://www.example.org/news", "example.org"),
        ("http://127.0.1.1:8700/", "127.0.1.1-8700"),
        ("http://[::1]:8700/", "1-8700"),
        ("https://EXAMPLE.org/", "example.org"),
        ("nothing", "site"),
    ],
)
def test_the_id_comes_from_the_host(url: str, made: str) -> None:
    assert id_of(url) == made


def test_the_examples_that_are_shipped_load() -> None:
    sites, errors = load_sites(EXAMPLES)
    assert not errors
    assert len(sites) >= 3


def test_a_hundred_sites_load_in_a_second(tmp_path: Path) -> None:
    """Some 4 ms each on one core; the zones' database alone took 10 when it was walked for each."""
    for number in range(100):
        (tmp_path / f"s{number}.yaml").write_text(f"url: https://{number}.example/\ntime_zone: Europe/Berlin\n")
    load_sites(tmp_path)
    begun = time.process_time()
    assert len(load_sites(tmp_path)[0]) == 100
    assert time.process_time() - begun < 1.5


# --- any text --------------------------------------------------------------------------------------------------------

_words = st.sampled_from(
    ["url", "name", "sources", "kind", "feed", "select", "headers", "schedule", "https://example.org/", "null", "no",
     "[", "]", "{", "}", ":", "- ", "\n", "\n  ", "*a", "&a ", "!x ", "|", "'",
     '"', "#", "? ", "<<", "12", "1.5", "\t", "%", "\x00"]
)  # fmt: skip
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def told(text: str) -> str:
    """The error's message; of a site that can be read, a line of the same form."""
    try:
        return f"{PATH}:1: {read_site(text, 'blatt', PATH).id}"
    except SiteError as error:
        return error.message


@given(st.lists(_words | st.text(max_size=5), max_size=25).map("".join))
def test_any_text_is_a_site_or_a_site_error(text: str) -> None:
    assert told(text).startswith(str(PATH))


@given(st.dictionaries(st.sampled_from(sorted(Site.model_fields)) | st.text(max_size=6), _values, max_size=6))
def test_any_values_are_a_site_or_a_site_error_with_lines(values: dict[str, object]) -> None:
    text = yaml.safe_dump(values)
    message = told(text)
    lines = [re.match(rf"{PATH}:(\d+): ", line) for line in message.split("\n")]
    assert all(line and int(line[1]) <= text.count("\n") + 1 for line in lines) or "not YAML" in message


# --- writing ---------------------------------------------------------------------------------------------------------

_feeds = st.builds(
    FeedSource, kind=st.just("feed"), url=st.just("https://example.org/f?a=1&b=#c"), full_content=st.booleans()
)
_apis = st.builds(
    WordPressSource, kind=st.just("wordpress"), url=st.just("https://example.org/"), pages=st.integers(1, 100)
)
_line = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=30)
_sites = st.builds(
    Site,
    id=st.just("blatt"),
    name=_line,
    url=st.sampled_from(["https://example.org/", "http://127.0.0.1:8000/a b?c: d"]),
    sources=st.lists(_feeds | _apis, max_size=2, unique_by=lambda one: one.kind).map(tuple),
    allow=st.lists(_line.map(re.escape), max_size=2).map(tuple),
    deny=st.sampled_from([(), ("/a/", "#b", "c: d", "- e", "'f\"")]),
    language=st.sampled_from(["", "de", "no", "pt-BR"]),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin"]),
    delay=st.none() | st.floats(0, 3600),
    headers=st.sampled_from([{}, {"X-Key": "${A} no: 010"}]),
    allow_private=st.booleans(),
    enabled=st.booleans(),
    schedule=st.sampled_from([None, "30m", "*/10 * * * 1-5"]),
)


@given(_sites, _line)
def test_what_is_written_loads_as_the_same_site(site: Site, note: str) -> None:
    spare = [(FeedSource(kind="feed", url="https://example.org/spare"), note)]
    text = site_file_text(site, head=note, spare=spare, notes={"time_zone": note})
    assert read_site(text, "blatt", PATH) == site


def test_a_written_file_explains_itself() -> None:
    feed = FeedSource(kind="feed", url="https://example.org/feed.xml")
    api = WordPressSource(kind="wordpress", url="https://example.org/")
    site = Site(id="blatt", url="https://example.org/", sources=(api,))
    text = site_file_text(site, head="Blatt", spare=[(feed, "Found as well.")], notes={"time_zone": "Change this."})
    assert text.startswith("# Blatt\n")
    assert (
        "sources:\n  - kind: wordpress\n    url: https://example.org/\n# Found as well.\n#  - kind: feed\n#    url:"
        in text
    )
    assert "# Change this.\ntime_zone: UTC\n" in text
    assert "#language: de" in text


def test_every_shown_example_is_right_when_switched_on() -> None:
    text = site_file_text(Site(id="blatt", url="https://example.org/"))
    switched_on = re.sub(r"^#(?=\S|\s{2,}\S)", "", text, flags=re.MULTILINE)
    site = read_site(switched_on, "blatt", PATH)
    assert set(site.model_dump(exclude_defaults=True)) >= set(Site.model_fields) - {
        "id",
        "time_zone",
    }  # the zone is written with its value
