"""What a message says, in both languages, and templates of the user's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts import Copy, Entry, Notice, Piece, Section, Style, alert_message, notice_message
from monitor.alerts.asking import asks
from monitor.errors import RuleError
from monitor.records import Rule
from monitor.reports.entries import Shown, section_of
from monitor.sources import load_agencies

AT = datetime(2024, 5, 16, 12, tzinfo=UTC)
ENTRY = Entry(
    "Großbrand in Köln", "kurier", "https://kurier.example/a", AT, "s", "a",
    ((Piece("Das "), Piece("Feuer", marked=True), Piece(" brennt.")),), "agency", ("dpa",), False, None,
    "https://agentur.example/o", False, 3, (Copy("Es brennt", "post", "https://post.example/b", AT),),
    page="https://monitor.example/stories/s",
)  # fmt: skip
SECTION = Section("Fire", "feuer", (ENTRY,))


@pytest.mark.parametrize(("language", "said"), [("en", ["agency copy", "3 copies"]), ("de", ["Agenturtext", "3 Fund"])])
def test_every_form_has_title_site_time_passage_source_copies_and_links(language: str, said: list[str]) -> None:
    made = alert_message([SECTION], Style(language, "Europe/Berlin"))
    for form in (made.text, made.html.replace("<b>Feuer</b>", "Feuer"), made.chat):
        for told in (
            "Großbrand in Köln", "kurier", "14:00 CEST", "Das Feuer brennt.", "dpa", "agentur.example/o", *said,
            "Es brennt", "https://kurier.example/a", "https://post.example/b", "https://monitor.example/stories/s",
        ):  # fmt: skip
            assert told in form


@pytest.mark.parametrize(
    ("language", "changed", "said"),
    [
        ("en", {"kind": "unknown", "agencies": ()}, "Source: unknown"),
        ("de", {"kind": "unknown", "agencies": ()}, "Quelle: unbekannt"),
        ("de", {"kind": "own", "agencies": ()}, "Quelle: eigener Bericht"),
        ("en", {"agencies": ("dpa", "AFP")}, "Source: agency copy (dpa, AFP); not credited"),
        (
            "de",
            {"kind": "mixed", "credited": True, "licensed": False, "withdrawn": True},
            "Quelle: Agenturtext (dpa) mit eigenen Teilen; gekennzeichnet; ohne Lizenz; von der Quelle zurückgezogen",
        ),
    ],
)
def test_the_source_trace_tells_agencies_from_facts(language: str, changed: dict[str, Any], said: str) -> None:
    entry = replace(ENTRY, origin="", **changed)
    made = alert_message([replace(SECTION, entries=(entry,))], Style(language))
    assert f"{said}\n" in made.text
    assert f"<p>{said}</p>" in made.html


@pytest.mark.parametrize(
    ("language", "how", "said"),
    [
        ("en", "earliest", "Earliest copy known: "),
        ("de", "earliest", "Früheste bekannte Fundstelle: "),
        ("en", "link", "Names as its source: "),
        ("de", "link", "Nennt als Quelle: "),
        ("de", "reference", "Meldung der Agentur: "),
        ("en", "id", "Earliest known copy with this dispatch number: "),
        ("de", "agency-member", "Früheste bekannte Fundstelle, die eine Agentur nennt: "),
        ("en", "a later kind", "Earliest copy known: "),
    ],
)
def test_an_origin_is_a_link_and_says_how_it_is_known(language: str, how: str, said: str) -> None:
    url = "https://agentur.example/x_y/@1"
    entry = replace(ENTRY, origin=url, origin_how=how)
    made = alert_message([replace(SECTION, entries=(entry,))], Style(language))
    assert f"\n{said}{url}\n" in made.text
    assert f"\n{said}https://agentur.example/x_y/%401\n" in made.chat
    assert f'<p>{said}<a href="{url}">{url}</a></p>' in unescape(made.html)


def test_an_origin_that_is_known_by_its_site_alone_is_text() -> None:
    made = alert_message([replace(SECTION, entries=(replace(ENTRY, origin="agentur"),))], Style())
    assert "Earliest copy known: agentur\n" in made.text
    assert "<p>Earliest copy known: agentur</p>" in made.html


@pytest.mark.parametrize(("language", "said"), [("en", "Taken back"), ("de", "zurückgezogen")])
def test_what_was_taken_back_is_named_with_who_did_and_of_when_it_is(language: str, said: str) -> None:
    wire = Copy("Feuer gelöscht", "Deutsche Presse-Agentur", "https://agentur.example/z", AT)
    made = alert_message([Section("Fire", "", (replace(ENTRY, taken_back=(wire,)),))], Style(language))
    for form in (made.text, made.html, made.chat):
        for told in (said, "Feuer gelöscht", "Deutsche Presse-Agentur", "12:00 UTC", "https://agentur.example/z"):
            assert told in form
    assert made.data["sections"][0]["entries"][0]["taken_back"][0]["title"] == "Feuer gelöscht"
    assert said not in alert_message([SECTION], Style(language)).text


@pytest.mark.parametrize(
    ("language", "asked"),
    [("en", "Asks for: feuer OR brand; lang: de; credited"), ("de", "Gesucht: feuer OR brand; Sprache: de; gekennz")],
)
def test_a_message_says_which_rule_rang_and_what_it_asks_for(language: str, asked: str) -> None:
    rule = Rule(
        "brand_1", "feuer  OR\nbrand", label="Fire & smoke", languages=("de",), credited=True, language=language
    )
    section = replace(section_of(rule, (), 0, Shown(load_agencies())), entries=(ENTRY,))
    made = alert_message([section], Style(language))
    name = {"en": "Rule: ", "de": "Regel: "}[language] + "Fire & smoke (brand_1)"
    for form in (made.text, unescape(made.html), made.chat):
        assert name in form
        assert asked in form
    assert made.data["sections"][0]["rule_id"] == "brand_1"


@pytest.mark.parametrize(
    ("rule", "english", "german"),
    [
        (Rule("r", "feuer"), "feuer", "feuer"),
        (Rule("r", sites=("a", "b"), kinds=("own",)), "site: a, b; kind: own", "Website: a, b; Art: eigener Bericht"),
        (
            Rule("r", agencies=("dpa",), credited=False),
            "agency: dpa; not credited",
            "Agentur: dpa; nicht gekennzeichnet",
        ),
        (
            Rule("r", reused_from=("dpa", "afp")),
            "reuse of dpa, afp without credit or licence",
            "Übernahme von dpa, afp ohne Kennzeichnung oder Lizenz",
        ),
        (
            Rule("r", withdrawn=True, min_copies=3),
            "copies of what was taken back; 3 copies or more",
            "was zurückgezogen wurde und noch zu lesen ist; ab 3 Fundstellen",
        ),
        (
            Rule("r", "x", spike=2.5),
            "x; a day with 2.5 times the usual number",
            "x; ein Tag mit 2,5-mal so vielen Meldungen wie üblich",
        ),
    ],
)
def test_what_a_rule_asks_for_is_a_line(rule: Rule, english: str, german: str) -> None:
    assert (asks(rule), asks(rule, "de")) == (english, german)


def test_a_rule_without_a_label_is_named_once_and_a_long_question_is_cut() -> None:
    rule = Rule("fire", " OR ".join(f"name{n}" for n in range(500)))
    made = alert_message([section_of(rule, (ENTRY,), 0, Shown(load_agencies()))], Style())
    first, second, *_ = made.text.splitlines()
    assert first == "Rule: fire"
    assert second.startswith("Asks for: name0 OR name1 ")
    assert second.endswith("…")
    assert len(second) < 300


def test_stories_that_are_left_out_are_counted() -> None:
    made = alert_message([replace(SECTION, more=7, page="https://monitor.example")], Style(), "daily 07:30")
    assert made.subject == "8 stories: Fire"
    for form in (made.text, made.html, made.chat):
        assert "+ 7 more stories: " in form
        assert "https://monitor.example" in form


@pytest.mark.parametrize(
    ("language", "said"), [("en", "+ 1 more story, to be seen with"), ("de", "+ 1 weitere Meldung, zu sehen mit")]
)
def test_who_has_no_page_is_told_the_command_that_shows_what_is_left_out(language: str, said: str) -> None:
    section = replace(SECTION, more=1, rule_id="my_fire")
    made = alert_message([section], Style(language), "daily 07:30")
    for form in (made.text, made.html, made.chat):
        assert f"{said} monitor alerts history my_fire" in form
    assert "alerts history" not in alert_message([section], Style(language), "review").text
    assert "alerts history" not in alert_message([section], Style(language), told=Notice("A day")).text


def test_one_template_of_the_users_own_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text("{% for s in sections %}{{ s.rule|line }}: {{ s.entries|length }}{% endfor %}")
    made = alert_message([SECTION], Style(templates=tmp_path))
    assert (made.text, made.chat) == ("Fire: 1\n", "Fire: 1\n")
    assert "<h2>Rule: Fire</h2>" in made.html


@pytest.mark.parametrize(
    "wrong", ["{% for %}", "{{ nothing.at_all }}", "{{ subject|no_such_filter }}", "{{ ''.__class__.mro() }}"]
)
def test_a_template_that_is_wrong_is_told_with_its_name(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "alert.html").write_text(wrong)
    with pytest.raises(RuleError, match=r"the template alert\.html can't be used"):
        alert_message([SECTION], Style(templates=tmp_path))


@pytest.mark.parametrize(
    ("file", "wrong", "told"),
    [
        ("alert.html", "{% for one in section %}{{ one.rule }}{% endfor %}", "'section' is undefined"),
        ("alert.txt", "{% for one in sections %}{{ one.titel }}{% endfor %}", "has no attribute 'titel'"),
        ("alert.txt", "{{ 1/0 }}", "ZeroDivisionError"),
        ("alert.txt", "{{ moment(subject) }}", "AttributeError"),
        ("alert.html", "<p> </p>", "it makes an empty message"),
        ("alert.txt", "\n\n{{ 1/0 }}\n", "line 3: ZeroDivisionError"),
        ("alert.txt", "\n{{ moment(subject) }}\n", "line 2: AttributeError"),
        ("alert.txt", "{% macro m() %}\n{{ 1/0 }}\n{% endmacro %}\n{{ m() }}", "line 2: ZeroDivisionError"),
        ("alert.html", "<p>\n\n{% for %}", "line 3: TemplateSyntaxError"),
        ("alert.html", "<p>\n{{ subject|nothing }}", "line 2: TemplateAssertionError"),
    ],
)
def test_no_template_makes_an_empty_message_or_a_fault_without_a_name(
    tmp_path: Path, file: str, wrong: str, told: str
) -> None:
    (tmp_path / file).write_text(wrong, encoding="utf-8")
    with pytest.raises(RuleError, match=rf"the template {file} can't be used: .*{told}"):
        alert_message([SECTION], Style(templates=tmp_path))


def test_a_template_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "alert.html").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(RuleError, match=r"the template alert\.html can't be used: UnicodeDecodeError"):
        alert_message([SECTION], Style(templates=tmp_path))


def test_the_first_template_of_the_users_own_is_taken_when_it_comes(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    assert "Grüße" not in alert_message([SECTION], Style(templates=own)).text
    own.mkdir()
    (own / "alert.txt").write_text("Grüße", encoding="utf-8")
    assert alert_message([SECTION], Style(templates=own)).text == "Grüße\n"
    (own / "alert.txt").unlink()
    assert "Grüße" not in alert_message([SECTION], Style(templates=own)).text


def test_a_template_that_is_mended_is_read_anew(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text("{% if %}")
    with pytest.raises(RuleError):
        alert_message([SECTION], Style(templates=tmp_path))
    (tmp_path / "alert.txt").write_text("{{ subject }}, once more")
    assert "once more" in alert_message([SECTION], Style(templates=tmp_path)).text


def test_a_template_within_another_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "alert.txt").write_text("\n{% include 'foot.txt' %}")
    (tmp_path / "foot.txt").write_text("\n\n\n{% if %}")
    with pytest.raises(RuleError, match=r"alert\.txt can't be used: foot\.txt, line 4: TemplateSyntaxError"):
        alert_message([SECTION], Style(templates=tmp_path))


@pytest.mark.parametrize(("language", "said"), [("en", "1 story: Fire, Other"), ("de", "1 Meldung: Fire, Other")])
def test_a_story_of_two_rules_is_one_story(language: str, said: str) -> None:
    assert alert_message([SECTION, replace(SECTION, rule="Other")], Style(language), "daily").subject == said
    two = replace(SECTION, entries=(ENTRY, replace(ENTRY, story="t")))
    assert alert_message([SECTION, replace(two, rule="Other")], Style(), "daily").subject == "2 stories: Fire, Other"


@pytest.mark.parametrize(
    ("facts", "english", "german"),
    [
        ({}, "post,", "post,"),
        ({"agencies": ("dpa",), "credited": True}, "post,", "post,"),
        ({"agencies": ("dpa",)}, "post (not credited),", "post (nicht gekennzeichnet),"),
        ({"agencies": ("dpa",), "credited": True, "licensed": False}, "post (no licence),", "post (ohne Lizenz),"),
        (
            {"agencies": ("dpa",), "licensed": False},
            "post (not credited, no licence),",
            "post (nicht gekennzeichnet, ohne Lizenz),",
        ),
    ],
)
def test_a_copy_says_what_it_lacks(facts: dict[str, Any], english: str, german: str) -> None:
    section = replace(SECTION, entries=(replace(ENTRY, others=(replace(ENTRY.others[0], **facts),)),))
    for language, said in (("en", english), ("de", german)):
        made = alert_message([section], Style(language))
        assert f": {said}" in made.text
        assert f"<li>{said}" in made.html


@pytest.mark.parametrize("host", ["reference.invalid", "REFERENCE.invalid:80", "invalid.invalid"])
def test_an_address_that_nobody_can_have_is_no_link(host: str) -> None:
    gone = Copy("Meldung", "dpa", f"https://{host}/dpa/urn:newsml:1", AT)
    entry = replace(ENTRY, origin=f"https://{host}/dpa/urn:newsml:1", taken_back=(gone,))
    assert f'href="https://{host}' not in alert_message([replace(SECTION, entries=(entry,))], Style()).html


def test_templates_of_notices_get_what_those_of_alerts_get(tmp_path: Path) -> None:
    own = "{{ subject|line }}{% for line in lines %} {{ line|line }}{% endfor %} {{ sections|length }}{{ digest }}"
    (tmp_path / "notice.txt").write_text(own)
    told = notice_message(Notice("Voll", ("seit gestern", "frei: 1 %")), Style(templates=tmp_path))
    assert told.text == "Voll seit gestern frei: 1 % 0\n"
