"""NewsML-G2: what is read of an item, and that no file does any harm."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import newsml
from monitor.errors import InputError
from monitor.newsml import NewsItem, dispatch_of, read_newsml, revision_of, unrevised

GUID = "urn:newsml:dpa.com:20090101:240516-99-53606"

ITEM = """\
<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="3" standard="NewsML-G2" xml:lang="de">
  <catalogRef href="http://nowhere.example/catalog.xml"/>
  <itemMeta>
    <itemClass qcode="ninat:text"/>
    <provider qcode="nprov:dpa"/>
    <firstCreated>2024-05-16T07:10:00+02:00</firstCreated>
    <versionCreated>2024-05-16T09:30:00+02:00</versionCreated>
    <embargoed>2024-05-16T12:00:00+02:00</embargoed>
    <pubStatus qcode="{status}"/>
    <title>Titel der Verwaltung</title>
    <edNote>Berichtigung im 2. Absatz</edNote>
  </itemMeta>
  <contentMeta>
    <urgency>4</urgency>
    <by>Von Ada Beispiel, dpa</by>
    <headline role="hld:sub">Fischer fürchten um ihre Netze</headline>
    <headline role="hld:main">Hafen von Kielburg wird tiefer</headline>
    <language tag="de-DE"/>
  </contentMeta>
  <contentSet>{content}</contentSet>
</newsItem>"""

XHTML = """\
<inlineXML contenttype="application/xhtml+xml">
  <html xmlns="http://www.w3.org/1999/xhtml">
    <head><title>Nicht der Text</title><style>p { color: red }</style></head>
    <body>
      <p>Kielburg (dpa) - Der <b>Hafen</b> soll tiefer
         werden.<br/>Das teilte die Verwaltung mit.</p>
      <section><h2>Bagger</h2><p>Ein Satz &amp; ein <a href="http://x.example/">Verweis</a>.</p>loser Text</section>
      <table><tr><td>Montag</td><td>7</td></tr><tr><td>Dienstag</td><td>9</td></tr></table>
      <script>alert(1)</script>
    </body>
  </html>
</inlineXML>"""

NITF = """\
<inlineXML contenttype="application/nitf+xml">
  <nitf><head><title>Nicht der Text</title></head>
    <body><body.head><hedline><hl1>Nicht der Text</hl1></hedline></body.head>
    <body.content><p>Erster Absatz.</p><p>Zweiter Absatz.</p></body.content></body>
  </nitf>
</inlineXML>"""


def item(content: str = XHTML, *, guid: str = GUID, status: str = "stat:usable") -> str:
    return ITEM.format(content=content, guid=guid, status=status)


def read(text: str) -> list[NewsItem]:
    return list(read_newsml(text.encode()))


def only(text: str) -> NewsItem:
    (found,) = read(text)
    return found


def test_everything_an_item_says_is_read() -> None:
    found = only(item())
    assert found == NewsItem(
        guid=GUID,
        version=3,
        kind="newsItem",
        headline="Hafen von Kielburg wird tiefer",
        text=found.text,
        language="de-de",
        status="usable",
        first_created=datetime(2024, 5, 16, 5, 10, tzinfo=UTC),
        version_created=datetime(2024, 5, 16, 7, 30, tzinfo=UTC),
        embargo=datetime(2024, 5, 16, 10, 0, tzinfo=UTC),
        urgency=4,
        byline="Von Ada Beispiel, dpa",
        note="Berichtigung im 2. Absatz",
        dispatch="240516-99-53606",
    )


def test_paragraphs_of_xhtml_are_kept_apart_and_a_row_is_one() -> None:
    assert only(item()).text.split("\n\n") == [
        "Kielburg (dpa) - Der Hafen soll tiefer werden. Das teilte die Verwaltung mit.",
        "Bagger",
        "Ein Satz & ein Verweis.",
        "loser Text",
        "Montag 7",
        "Dienstag 9",
    ]


def test_nitf_and_plain_text_are_read_too() -> None:
    assert only(item(NITF)).text == "Erster Absatz.\n\nZweiter Absatz."
    plain = '<inlineData contenttype="text/plain">Erste Zeile.\nZweite Zeile.</inlineData>'
    assert only(item(plain)).text == "Erste Zeile.\n\nZweite Zeile."
    divided = "<inlineData>Ein\numbrochener Absatz.\n\nNoch\neiner.\n\nUnd einer.</inlineData>"
    assert only(item(divided)).text == "Ein umbrochener Absatz.\n\nNoch einer.\n\nUnd einer."


def test_the_first_form_that_has_text_counts() -> None:
    forms = '<remoteContent href="http://x.example/"/><inlineXML/>' + NITF + "<inlineData>Anders.</inlineData>"
    assert only(item(forms)).text.startswith("Erster Absatz.")
    assert only(item('<remoteContent href="http://x.example/"/>')).text == ""


@pytest.mark.parametrize(
    ("code", "withdrawn"),
    [
        ("stat:usable", False),
        ("stat:canceled", True),
        ("stat:withheld", True),
        ("http://cv.iptc.org/newscodes/pubstatusg2/canceled", True),
        ("stat:CANCELED ", True),
        ("", False),
    ],
)
def test_the_status_tells_a_withdrawal(code: str, withdrawn: bool) -> None:
    assert only(item(status=code)).withdrawn is withdrawn


def test_a_message_holds_items_and_packages_in_their_order() -> None:
    package = '<packageItem guid="p1" version="1"><itemMeta><title>Paket</title></itemMeta></packageItem>'
    found = read(f"<newsMessage><header/><itemSet>{item()}{package}{item(guid='x-2')}</itemSet></newsMessage>")
    assert [(one.kind, one.guid) for one in found] == [("newsItem", GUID), ("packageItem", "p1"), ("newsItem", "x-2")]
    assert (found[1].headline, found[1].text) == ("Paket", "")


def test_what_is_missing_or_unreadable_is_not_known() -> None:
    bare = only('<newsItem guid="a"><itemMeta><firstCreated>gestern</firstCreated></itemMeta></newsItem>')
    assert bare == NewsItem("a", dispatch="a")
    odd = '<newsItem version="x" xml:lang="?!"><contentMeta><urgency>high</urgency></contentMeta></newsItem>'
    assert only(odd) == NewsItem("")


@pytest.mark.parametrize(
    ("guid", "number", "same"),
    [
        (GUID, "240516-99-53606", GUID),
        (f"{GUID}/3", "240516-99-53606", GUID),
        ("urn:newsml:localhost:5000:2019-10:abc-1:2", "abc-1", "urn:newsml:localhost:5000:2019-10:abc-1:2"),
        ("urn:newsml:wire.example:20240516:T-1:3N", "T-1", "urn:newsml:wire.example:20240516:T-1"),
        ("tag:reuters.com,2024:newsml_L1N37X0AB:2", "newsml_L1N37X0AB", "tag:reuters.com,2024:newsml_L1N37X0AB"),
        ("APA0123", "APA0123", "APA0123"),
        ("https://wire.example/item/3", "", "https://wire.example/item/3"),
        ("", "", ""),
    ],
)
def test_the_number_of_a_guid(guid: str, number: str, same: str) -> None:
    if "localhost" not in guid:  # a provider with a port is not what RFC 3085 allows: its number is not promised
        assert dispatch_of(guid) == number
        assert unrevised(guid) == same


# --- hostile files ---


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<newsItem",
        b"<rss/>",
        b"\xff\xfe\x00",
        b"<?xml version='1.0' encoding='no-such'?><newsItem guid='a'/>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]><newsItem guid='a'><itemMeta><title>&a;</title></itemMeta></newsItem>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><newsItem guid='a'/>",
        b"<newsItem guid='a'>&undeclared;</newsItem>",
    ],
)
def test_what_is_no_newsml_is_one_error(data: bytes) -> None:
    with pytest.raises(InputError):
        list(read_newsml(data))


def test_no_entity_is_resolved(tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("secret") / "secret"
    secret.write_text("geheim")
    bomb = "<!DOCTYPE x [<!ENTITY a 'lol'>" + "".join(
        f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9)
    )
    for text in (
        f"<!DOCTYPE x [<!ENTITY s SYSTEM '{secret.as_uri()}'>]>{item('<inlineData>&s;</inlineData>')}",
        f"{bomb}]>{item('<inlineData>&j;</inlineData>')}",
    ):
        with pytest.raises(InputError):
            read(text)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsml, "LARGEST_FILE", 100)
    with pytest.raises(InputError, match="larger"):
        read(item())


def test_a_long_text_is_cut_and_deep_nesting_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newsml, "LONGEST_TEXT", 20)
    assert only(item(f"<inlineXML><p>{'lang ' * 100}</p></inlineXML>")).text == "lang lang lang lang "
    for depth in (200, 100_000):
        with suppress(InputError):
            read(item("<inlineXML>" + "<div>" * depth + "tief" + "</div>" * depth + "</inlineXML>"))


names = st.sampled_from(
    ["newsItem", "packageItem", "newsMessage", "itemSet", "itemMeta", "contentMeta", "contentSet", "inlineXML", "p",
     "inlineData", "title", "headline", "pubStatus", "firstCreated", "table", "tr", "td", "br", "language", "by"]
)  # fmt: skip
attributes = st.dictionaries(
    st.sampled_from(["guid", "version", "qcode", "uri", "role", "tag", "xml:lang", "contenttype"]), st.text(max_size=20)
)


def element(name: str, given: dict[str, str], inside: list[str], text: str) -> str:
    from xml.sax.saxutils import escape, quoteattr

    listed = "".join(f" {key}={quoteattr(value)}" for key, value in given.items())
    return f"<{name}{listed}>{escape(text)}{''.join(inside)}</{name}>"


trees = st.recursive(
    st.builds(element, names, attributes, st.just([]), st.text(max_size=30)),
    lambda inner: st.builds(element, names, attributes, st.lists(inner, max_size=4), st.text(max_size=30)),
    max_leaves=20,
)


@given(trees)
def test_any_tree_gives_items_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        for one in read_newsml(text.encode("utf-8", "surrogatepass")):
            assert isinstance(one.guid, str)
            assert "\0" not in one.text


@given(st.binary(max_size=300))
def test_any_bytes_give_items_or_an_input_error(data: bytes) -> None:
    with suppress(InputError):
        list(read_newsml(data))


@given(st.integers(0, len(item())), st.binary(max_size=8))
def test_a_damaged_item_gives_items_or_an_input_error(at: int, put: bytes) -> None:
    whole = item().encode()
    with suppress(InputError):
        list(read_newsml(whole[:at] + put + whole[at + len(put) :]))


@given(st.text(max_size=200))
def test_the_number_of_any_guid_is_found_without_an_error(guid: str) -> None:
    assert dispatch_of(guid) == dispatch_of(unrevised(guid)) or "/" in guid


@pytest.mark.parametrize(
    ("guid", "number"),
    [
        (f"{GUID}/3", 3),
        (f"{GUID}:12", 12),
        (f"{GUID}:2N", 2),
        ("tag:reuters.com,2024:newsml_L1N37X0AB:2", 2),
        ("dpa:240516-99-53606/10", 10),
        (GUID, 0),
        ("https://wire.example/2024/7", 0),
        ("", 0),
    ],
)
def test_the_revision_in_a_guid(guid: str, number: int) -> None:
    assert revision_of(guid) == number
