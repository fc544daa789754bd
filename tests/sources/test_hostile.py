"""Texts made to hang a pattern cost no more than others."""

from __future__ import annotations

import time

import pytest

from monitor.records import Caption, Line
from monitor.sources import is_withdrawal, load_agencies, local_evidence
from tests.sources.making import an_article

SECONDS = 2.0  # the slowest takes 0.4 s on a busy machine; the limit of a page is 20 s
TEXTS = {
    "a signature without its end": "(Reporting by " + "abc, " * 170 + " diting x",
    "many signatures": "Reporting by a, b, c. " * 40 + "diting",
    "brackets": "(" * 20_000 + "dpa",
    "one agency over and over": "dpa " * 20_000,
    "slashes": "/dpa" * 5_000,
    "lines": "dpa\n" * 20_000,
    "notes": "mit " * 5_000 + "dpa",
    "white space": " " * 50_000 + "dpa",
    "sentences": "a. " * 20_000 + "dpa",
    "beginnings of notes": "this story was by " * 2_000 + "Reuters",
    "a script without spaces": "共同" * 20_000,
    "dates": "5. " * 60 + "(dpa) -",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_read_in_time(name: str) -> None:
    text = TEXTS[name]
    lines = tuple(Line(text[:300], where) for where in ("byline", "trailer", "copyright", "source"))
    article = an_article(text, lines=lines, captions=(Caption(text[:1000]),), authors=(text[:300],))
    begun = time.process_time()
    local_evidence(article, "de", load_agencies())
    is_withdrawal(text[:500], text)
    assert time.process_time() - begun < SECONDS
