"""Page -> Article, by the kind of page."""

from __future__ import annotations

from monitor.errors import ExtractionError
from monitor.extract.page import Reading, read
from monitor.extract.parse import decode, parse
from monitor.extract.plain import read_fragment, read_text
from monitor.records import Article, ExtractionRules, Page

MIN_WORDS = 20  # a shorter text is a notice, a video's description or an error page


def extract(page: Page, rules: ExtractionRules = ExtractionRules(), *, min_words: int = MIN_WORDS) -> Article:  # noqa: B008 - frozen
    """The article of the page. Pure: the same page gives the same article, nothing is fetched or kept.

    Raises ExtractionError with reason not-html, empty, too-short, no-text, bad-encoding, not-article or too-deep.
    """
    return understand(page, rules, min_words=min_words).article


def understand(page: Page, rules: ExtractionRules = ExtractionRules(), *, min_words: int = MIN_WORDS) -> Reading:  # noqa: B008
    """As `extract`, with the lines of the page for rules that judge by place."""
    if page.kind == "text":
        if not page.body.strip():
            raise ExtractionError("the text is empty", reason="empty")
        return read_text(page, decode(page.body, page.content_type), rules, min_words)
    tree = parse(page)
    if page.kind == "fragment":
        return read_fragment(page, tree, rules, min_words)
    return read(page, tree, rules, min_words)
