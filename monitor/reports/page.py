"""A report as one HTML page that stands alone: no script, no address that is loaded, every value escaped.

The page is built as a tree, so that text can't become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lxml import etree
from lxml.builder import E

from monitor.reports.tables import Cell, Section

STYLE = """\
:root { color-scheme: light dark; --line: #8884; --dim: #777; }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
p.note, footer { color: var(--dim); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tfoot td { font-weight: bold; border-bottom: 0; }
ins { background: #2a82; text-decoration: none; border-bottom: 2px solid #2a8; } del { background: #c332; }
.both { color: var(--dim); } .columns { display: grid; grid-template-columns: 1fr 1fr; gap: 2rem; }
.columns p { white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: #fd04; color: inherit; }
"""
# What no XML and no HTML may hold; the tree refuses it.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """The text without characters that a page can't hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def report_page(title: str, facts: Iterable[str], sections: Iterable[Section], foot: str) -> bytes:
    """The whole page, UTF-8."""
    parts: list[etree._Element] = [E.h1(plain(title)), *(E.p(plain(fact), {"class": "note"}) for fact in facts)]
    for one in sections:
        parts += section(one)
    return page(title, [*parts, E.footer(E.p(plain(foot)))])


def page(title: str, parts: Sequence[etree._Element]) -> bytes:
    """A page around the parts. Its policy forbids to load anything: a page that is sent on stays harmless."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    tree = E.html(
        E.head(
            E.meta(charset="utf-8"),
            E.meta({"http-equiv": "Content-Security-Policy", "content": policy}),
            E.meta(name="viewport", content="width=device-width, initial-scale=1"),
            E.meta(name="robots", content="noindex"),
            E.title(plain(title)),
            E.style(STYLE),
        ),
        E.body(*parts),
        lang="en",
    )
    body: bytes = etree.tostring(tree, method="html", doctype="<!DOCTYPE html>", encoding="utf-8")
    return body + b"\n"


def section(one: Section) -> list[etree._Element]:
    """Heading, explanation and table."""
    parts = [E.h2(plain(one.heading))]
    if one.note:
        parts.append(E.p(plain(one.note), {"class": "note"}))
    if one.rows:
        numbers = [cell.number for cell in one.rows[0]]
        head = E.tr(*(_cell("th", name, number) for name, number in zip(one.columns, numbers, strict=True)))
        table = E.table(E.thead(head), E.tbody(*(E.tr(*map(_shown, row)) for row in one.rows)))
        if one.total:
            table.append(E.tfoot(E.tr(*map(_shown, one.total))))
        parts.append(E.div(table, {"class": "wide"}))
    return parts


def _cell(name: str, inside: str | etree._Element, number: bool) -> etree._Element:
    made: etree._Element = E(name, inside)
    if number:
        made.set("class", "number")
    return made


def _shown(cell: Cell) -> etree._Element:
    if cell.url.startswith(("http://", "https://")):
        return _cell("td", E.a(plain(cell.text), href=plain(cell.url), rel="noreferrer nofollow"), cell.number)
    return _cell("td", plain(cell.text), cell.number)
