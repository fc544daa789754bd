"""A press review as a Word document (Office Open XML)."""

from __future__ import annotations

import io
from datetime import UTC
from typing import Any

from docx import Document as Word
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import RGBColor

from monitor.alerts import Copy, Entry, Style, clean
from monitor.alerts.cleaning import visible, web_address
from monitor.alerts.messages import moment, origin_label, source_line, wrongs
from monitor.alerts.wording import words
from monitor.reports.review import Review, review_lines, review_title

AUTHOR = "Media monitor"
_LANGUAGES = {"de": "de-DE", "en": "en-GB"}  # of the words around the articles: what a spelling checker goes by
_LONGEST_PROPERTY = 255  # characters
_LINK = "Hyperlink"  # the style's name in Word
_BLUE = RGBColor(0x05, 0x63, 0xC1)  # of Word's own


def as_docx(review: Review, style: Style) -> bytes:
    """With what the page has."""
    names = words(style.language)
    made = Word()
    _describe(made, review, style)
    made.add_heading(clean(review_title(review, style)), level=1)
    for line in review_lines(review, style):
        made.add_paragraph(line)
    for entry in review.entries:
        _add(made, entry, style, names)
    if review.more:
        made.add_paragraph(f"+ {review.more} {names['left' if review.more > 1 else 'left_of_one']}")
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _describe(made: Any, review: Review, style: Style) -> None:
    """In the place of what the library's own template says of itself."""
    language, at = _LANGUAGES.get(style.language, _LANGUAGES["en"]), review.at.astimezone(UTC)
    about = made.core_properties
    about.title = clean(review_title(review, style), _LONGEST_PROPERTY)
    about.author = about.last_modified_by = AUTHOR
    about.comments = about.keywords = ""
    about.created = about.modified = at
    about.language = language
    (spelling,) = made.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr/w:lang")
    spelling.set(qn("w:val"), language)
    link = made.styles.add_style(_LINK, WD_STYLE_TYPE.CHARACTER)
    link.font.underline = True
    link.font.color.rgb = _BLUE


def _add(made: Any, entry: Entry, style: Style, names: dict[str, str]) -> None:
    _link(made.add_heading(level=2), entry.url, clean(entry.title))
    copies = f", {entry.copies} {names['copies']}" if entry.copies > 1 else ""
    made.add_paragraph(f"{clean(entry.site)}, {moment(entry.at, style)}{copies}")
    for passage in entry.passages:
        paragraph = made.add_paragraph()
        for piece in passage:
            paragraph.add_run(visible(piece.text)).bold = piece.marked
    made.add_paragraph(f"{names['source']}: {source_line(entry, names)}")
    if entry.origin:
        _link(made.add_paragraph(f"{origin_label(entry, names)}: "), entry.origin, clean(entry.origin))
    for one in entry.taken_back:
        paragraph = made.add_paragraph()
        paragraph.add_run(f"{names['taken_back']}: ").bold = True
        paragraph.add_run(f"{clean(one.title)}, {clean(one.site)}, {moment(one.at, style)} ")
        _link(paragraph, one.url)
    if web_address(entry.url):
        _link(made.add_paragraph(), entry.url)
    for one in entry.others:
        _add_copy(made, one, style, names)
    if entry.unnamed and entry.others:
        made.add_paragraph(names["unnamed"].format(count=entry.unnamed), style="List Bullet")
    if web_address(entry.page):
        _link(made.add_paragraph(f"{names['more']}: "), entry.page)


def _add_copy(made: Any, copy: Copy, style: Style, names: dict[str, str]) -> None:
    line = f"{clean(copy.site)}{wrongs(copy, names)}, {moment(copy.at, style)}: {clean(copy.title)} "
    _link(made.add_paragraph(line, style="List Bullet"), copy.url)


def _link(paragraph: Any, address: str, text: str = "") -> None:
    """The text as a link (python-docx has no call for one); as text alone where it is no address of a page. Without a
    text it is the address.
    """
    url = web_address(address)
    if not url:
        paragraph.add_run(text)
        return
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(text or url, style=_LINK)
    link.append(run._r)
    paragraph._p.append(link)
