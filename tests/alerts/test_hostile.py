"""What strangers' pages say changes nothing but the text that is shown: looked at on the wire, service by service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl

import pytest
from lxml import etree, html

from monitor.alerts import Copy, Entry, Message, Notice, Piece, Section, Style, alert_message, notice_message, services
from monitor.alerts.cleaning import unmarked, web_address
from monitor.alerts.deliver import send
from monitor.alerts.feed import rss
from tests.alerts.receivers import Mailbox, Recorder, mail_server, recorder

AT = datetime(2024, 5, 16, 12, tzinfo=UTC)
SIGNS = (
    "@everyone @here @all @channel <!channel> <@U123|x> <at user_id='all'> #general &commat;all &#64;all :smile: "
    "*b* **b** _i_ __u__ ~s~ ~~s~~ ||spoiler|| `code` ```block``` [x](https://evil.example) [x](javascript:1) "
    "![i](https://evil.example/i.png) <https://evil.example|x> https://evil.example \\*b\\* <b>b</b> "
    "<script>1</script> {{ 7*7 }} {% raw %} %s \\n"
)
HOSTILE = [
    f"Evil\r\nBcc: victim@example.org\r\n\r\n{SIGNS}",
    *(
        f"{begin} {SIGNS}"
        for begin in ("#", "##", "-", "+", "*", ">", "1.", "2)", "---", "===", "```", "    x", "|a|b|")
    ),
    f"\u202eabc\u2028\u2029\u200b\u0085\x00\x1b[31m{SIGNS}\ud800",
    "@" * 5000 + "*" * 5000,
    f"{'x ' * 5000}{SIGNS}",
    SIGNS * 20,
]
TOKEN = "TIiajkdnlazkcOXrIdevi7FQ"


def message(text: str, address: str = "https://kurier.example/a?b=1&c=2") -> Message:
    """The text in every place that a stranger writes."""
    entry = Entry(
        text, text, address, AT, "s", "a", ((Piece(text[:300]), Piece(text[:100], True)),), "agency", (text,), True,
        True, text, True, 2, (Copy(text, text, address, AT),), taken_back=(Copy(text, text, address, AT),),
    )  # fmt: skip
    return alert_message([Section(text, text, (entry,), asks=text)], Style())


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_PAUSE", 0.0)


@pytest.fixture
def server() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as box:
        yield box


def _html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


ON_LOOPBACK = {
    "mattermost": f"mmost://127.0.0.1:{{port}}/{TOKEN}",
    "rocket.chat": f"rocket://{TOKEN}/{TOKEN}@127.0.0.1:{{port}}/#desk?mode=webhook",
    "matrix": f"matrix://{TOKEN}@127.0.0.1:{{port}}/?mode=matrix",
    "matrix, as slack": f"matrix://{TOKEN}@127.0.0.1:{{port}}/?mode=slack",
    "matrix, as html": f"matrix://{TOKEN}@127.0.0.1:{{port}}/?mode=hookshot&format=html",
    "ntfy": "ntfy://127.0.0.1:{port}/desk",
    "ntfy, as markdown": "ntfy://127.0.0.1:{port}/desk?format=markdown",
    "gotify": "gotify://127.0.0.1:{port}/AbCdEfGhIjKlMn1",
}
ELSEWHERE = {
    "slack": f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#general",
    "slack, with blocks": f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#general?blocks=yes",
    "slack, as markdown": f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#general?format=markdown",
    "discord": f"discord://4174216298/{TOKEN}JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "discord, as markdown": f"discord://4174216298/{TOKEN}JHMHI8qBe7bk2ZwO5U711o3dV_js?format=markdown",
    "telegram, as html": f"tgram://123456789:{TOKEN}abcdefghij/123",
    "teams": f"workflows://prod.example.org:443/643a03ba/{TOKEN}",
    "google chat": f"gchat://workspace/key{TOKEN}/{TOKEN}",
}


def texts(sent: bytes) -> list[str]:
    """Every text in what was posted, whatever it is made of."""
    found: list[str] = []

    def look(value: Any) -> None:
        if isinstance(value, str):
            found.append(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(inner)

    try:
        look(json.loads(sent))
    except ValueError:  # ntfy makes a file of a long one
        found.append(sent.decode())
    return found


def shape(value: Any) -> Any:
    """Fields and their kinds, without the texts."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else type(value).__name__


MARKUP = re.compile(
    r"@\w|#\w|&commat;|&#\w|:[a-z]+:|[*`~|<>\[\]\\]|://(?!kurier\.example)|[\u202a-\u202e\u2028\u2029\x00\x1b\x85]"
)


def assert_shown_alone(address: str, sent: list[bytes], *, tags: bool = False) -> None:
    send("x", address, message("Plain"))
    plain = sent[:]
    for hostile in HOSTILE:
        sent.clear()
        send("x", address, message(hostile))
        fixed = set(texts(plain[0])) & set(texts(sent[0]))  # of the service
        made, expected = ("\n".join(one for one in texts(whole) if one not in fixed) for whole in (sent[0], plain[0]))
        if tags:
            made = re.sub(r"</?(b|h1|br)\s*/?>", "", made)
        assert not (found := MARKUP.search(made)), found and made[max(0, found.start() - 40) : found.end() + 20]
        if len(sent) == len(plain) and sent[0].startswith(b"{"):  # not cut in two, or sent as a file
            assert re.sub("[^\n]", "", made) == re.sub("[^\n]", "", expected)
            assert not [line for line in made.splitlines() if re.match(r"\s*([-+=#>]|\d+[.)])", line)]
            assert shape(json.loads(sent[0])) == shape(json.loads(plain[0]))


@pytest.mark.parametrize("service", ON_LOOPBACK)
def test_a_chat_on_a_host_of_its_own_shows_text_alone(server: Recorder, service: str) -> None:
    assert_shown_alone(ON_LOOPBACK[service].format(port=server.port), server.sent, tags="html" in service)


@pytest.mark.parametrize("service", ELSEWHERE)
def test_a_chat_elsewhere_shows_text_alone(wire: list[bytes], service: str) -> None:
    assert_shown_alone(ELSEWHERE[service], wire, tags="html" in service)


@pytest.mark.parametrize("options", ["?format=markdown", "?format=markdown&mdv=v2"])
def test_telegram_is_sent_no_markup_but_that_of_the_heading(wire: list[bytes], options: str) -> None:
    for hostile in HOSTILE:
        wire.clear()
        send("x", f"{ELSEWHERE['telegram, as html']}{options}", message(hostile))
        heading, *lines = json.loads(wire[0])["text"].splitlines()
        assert re.fullmatch(r"\*[^*]+\*", heading)
        shown = "\n".join(lines)
        assert not re.search(r"(?<!\\)[*`\[]|@\w", shown)


@pytest.mark.parametrize("schema", ["json", "xml", "form"])
def test_a_program_gets_the_text_as_it_is(server: Recorder, schema: str) -> None:
    for hostile in HOSTILE:
        server.sent.clear()
        made = message(hostile)
        send("x", f"{schema}://127.0.0.1:{server.port}/in", made)
        (body,) = server.sent
        if schema == "xml":
            shown = {etree.QName(one).localname: one.text for one in etree.fromstring(body).iter()}
            title, text = shown["Subject"], shown["Message"]
        else:
            fields = json.loads(body) if schema == "json" else dict(parse_qsl(body.decode()))
            title, text = fields["title"], fields["message"]
        assert title is not None
        assert text is not None
        assert title.strip() == made.subject
        assert text.split() == made.text.split()


def test_a_mail_shows_text_alone(mailbox: Mailbox) -> None:
    send("x", mailbox.address, message("Plain"))
    for hostile in HOSTILE:
        send("x", mailbox.address, message(hostile))
    plain = mailbox.mails[0]
    for mail in mailbox.mails[1:]:
        assert set(mail.keys()) == set(plain.keys())
        assert (mail["To"], mail["From"]) == (plain["To"], plain["From"])
        page, expected = (html.fromstring(_html_of(one)) for one in (mail, plain))
        assert [one.tag for one in page.iter()] == [one.tag for one in expected.iter()]
        assert set(page.xpath("//@href")) == set(expected.xpath("//@href"))
        assert sorted({name for one in page.iter() for name in one.keys()}) == ["charset", "href", "lang"]  # noqa: SIM118
        assert len(mail["Subject"]) <= 150


def test_a_mail_that_is_asked_for_as_text_has_no_html(mailbox: Mailbox) -> None:
    made = message(HOSTILE[0])
    send("x", f"{mailbox.address}&format=text", made)
    (mail,) = mailbox.mails
    assert [part.get_content_type() for part in mail.walk()] == ["text/plain"]
    assert mail.get_content().split() == made.text.split()


def test_a_feed_shows_text_alone_also_to_a_reader_that_takes_it_for_html() -> None:
    for hostile in HOSTILE:
        entry = Entry(hostile, hostile, "https://kurier.example/a", AT, "s", "a", ((Piece(hostile[:300]),),))
        (item,) = etree.fromstring(rss(hostile, hostile, [entry])).iter("item")
        assert [one.tag for one in item] == ["title", "link", "description", "pubDate", "guid"]
        for name in ("title", "description"):
            assert list(html.fragment_fromstring(item.findtext(name) or "", create_parent=True)) == []


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "https://kurier.example@evil.example/", "https://x y/", 'https://x/"onload=', "//x", ""],
)
def test_an_address_that_is_none_of_a_page_is_left_out(address: str) -> None:
    assert web_address(address) == ""
    assert "evil" not in message("Plain", address).html


def test_signs_in_an_address_are_written_with_percent_signs_for_chats() -> None:
    chat = message("Plain", "https://kurier.example/@all/*b*/~x~?q=[1]#f").chat
    assert "https://kurier.example/%40all/%2Ab%2A/%7Ex%7E?q=%5B1%5D#f" in chat


def test_a_notice_is_as_harmless() -> None:
    made = notice_message(Notice(HOSTILE[0], (HOSTILE[1],)), Style())
    assert not MARKUP.search(made.chat)
    assert "<script" not in made.html
    assert "\n" not in made.subject


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Preis: 5 % | um 12:30 Uhr", "Preis: 5 % ∣ um 12:30 Uhr"),
        ("1. FC Köln - BVB 2:1", "\u200b1. FC Köln - BVB 2:1"),
        ("R & D", "R & D"),
    ],
)
def test_a_plain_title_looks_as_it_was(text: str, shown: str) -> None:
    assert unmarked(text) == shown
