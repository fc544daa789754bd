"""The article's title without the site's name, by agreement of what the page says in several places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from monitor.extract import marks
from monitor.extract.blocks import Block
from monitor.extract.interface import is_interface
from monitor.text import clean, fold, folded_tokens

_LONGEST = 400  # characters
_AGREES = 0.6  # share of the shorter title's words that the longer one has; other articles' titles share under 0.3
_SEPARATOR = re.compile(r"\s+[|·•»«›‹–—―-]+\s+|\s*[|｜»«ㅣ]\s*|\s+::?\s+|\s+/\s+(?=\S+$)|\s+@\s+|_(?=[^\s_]+$)")
_TOP = 6  # lines among which a title without markup is looked for
_LINE = 250  # characters of such a line
_SENTENCE_END = re.compile(r"[.!?…。？！]['\"”“»)\]]*$")
_SECTION = 20  # characters of a section's name
_LONGEST_SITE = 40  # characters of a site's name with its slogan


def choose_title(
    blocks: Sequence[Block], *, headline: str, og: str, element: str, site_names: Sequence[str] = (), host: str = ""
) -> str:
    """The visible heading if the metadata confirm it, else what they say themselves.

    `headline` is JSON-LD's, `og` the one for shares, `element` the text of <title>.
    """
    names = {key for name in (*site_names, *_host_names(host)) if (key := _key(name))}
    headings = _headings(blocks)
    others = [fold(t) for t in (headline, og, *headings) if t]
    told = [without_site(text, names, others) for text in (headline, og, element) if text]
    told = [text for text in told if text and _key(text) not in names]
    best, most = "", 0.0
    for number, heading in enumerate(headings):
        agreement = max((_agreement(heading, text) for text in told), default=0.0)
        score = agreement - number * 0.01
        if agreement >= _AGREES and score > most:
            best, most = heading, score
    if best:
        return _cut(_told_better(without_site(best, names, [fold(t) for t in told]), told))
    if told:
        shown = [fold(block.text) for block in blocks if 8 <= len(block.text) <= _LINE]
        return _cut(without_site(told[0], names, shown))
    return _cut(next((h for h in headings if _key(h) not in names), ""))


def title_of_lines(lines: Sequence[str]) -> str:
    """The title among the first lines of a text that has no markup for it: one that another ends with (breadcrumbs:
    "Home News TITLE"), else the first without a full stop. Empty when there is none."""
    top = [line for line in lines[:_TOP] if not is_interface(line)]
    for line in top:
        folded = fold(line)
        if 10 <= len(line) <= _LINE and any(fold(other) != folded and fold(other).endswith(folded) for other in top):
            return line
    first = top[0] if top else ""
    return first if len(lines) > 1 and 3 <= len(first) <= _LINE and not _SENTENCE_END.search(first) else ""


def _told_better(heading: str, told: Sequence[str]) -> str:
    """A heading often glues a kicker to the title: where another statement has the same words with a colon, or only
    the words after the kicker, that is the title."""
    whole = _key(heading)
    for text in told:
        key = _key(text)
        if key == whole:
            return text if len(text) <= len(heading) + 2 and not _same_marks(text, heading) else heading
        if len(folded_tokens(text)) >= 3 and whole.endswith(key):
            return text
    return heading


def _same_marks(one: str, other: str) -> bool:
    """Do they differ in nothing but the form of quotation marks and dashes?"""
    return not (":" in one and (":" not in other or " :" in other))


def _headings(blocks: Sequence[Block]) -> list[str]:
    """Texts of h1 elements (several lines of one joined), then of what is called a headline."""
    found: dict[int, list[str]] = {}
    second: list[str] = []
    for block in blocks:
        if not block.flags & marks.HEADING or block.flags & (marks.MENU | marks.FOOTER):
            continue
        box = block.box
        while box.parent is not None and box.tag != "h1" and box.parent.flags & marks.HEADING:
            box = box.parent
        if box.tag == "h1":
            found.setdefault(id(box), []).append(block.text)
        elif block.box.own & marks.TITLE and box.tag == "h2":
            second.append(block.text)
    return [clean(" ".join(lines)) for lines in found.values()][:10] + second[:3]


def without_site(title: str, names: Iterable[str], others: Iterable[str] = ()) -> str:
    """The title without a leading or trailing part that names the site, or that no other statement has."""
    title = clean(title)
    known, elsewhere = set(names), list(others)
    for number in range(3):
        cut = _without_end(title, known, elsewhere)
        if cut == title:
            return _without_section(title, elsewhere) if number else title
        title = cut
    return title


def _without_section(title: str, elsewhere: list[str]) -> str:
    """Before the site's name often stands the section's: "TITLE - News - SRF"."""
    breaks = list(_SEPARATOR.finditer(title))
    if not breaks or fold(title) in elsewhere:
        return title
    head, tail = title[: breaks[-1].start()].strip(), title[breaks[-1].end() :].strip()
    return head if len(tail) <= _SECTION and len(tail.split()) <= 2 and len(head.split()) >= 3 else title


def _without_end(title: str, names: set[str], elsewhere: list[str]) -> str:
    breaks = list(_SEPARATOR.finditer(title))
    if not breaks:
        return title
    first, last = breaks[0], breaks[-1]
    head, tail = title[: last.start()].strip(), title[last.end() :].strip()
    before, after = title[: first.start()].strip(), title[first.end() :].strip()
    if head and (_is_site(tail, names) or _confirmed(head, title, elsewhere)):
        return head
    if after and len(after) > len(before) and (_is_site(before, names) or _confirmed(after, title, elsewhere)):
        return after
    return title


def _is_site(part: str, names: set[str]) -> bool:
    key = _key(part)
    if not key or len(part) > _LONGEST_SITE:
        return False
    return any(
        key == name or (len(key) > 3 and len(name) > 3 and (key in name or key.startswith(name))) for name in names
    )


def _confirmed(rest: str, whole: str, elsewhere: list[str]) -> bool:
    """Does another statement of the title end where the site's name would begin?"""
    rest, whole = fold(rest), fold(whole)
    return any(text == rest for text in elsewhere) and not any(text == whole for text in elsewhere)


def _key(name: str) -> str:
    return "".join(folded_tokens(name))


def _host_names(host: str) -> list[str]:
    parts = [part for part in host.split(".") if part not in ("www", "m", "amp")]
    if len(parts) < 2:
        return []
    core = parts[-3] if len(parts) > 2 and len(parts[-2]) <= 3 else parts[-2]
    return [core, ".".join(parts), ".".join(parts[-2:])]


def _agreement(one: str, other: str) -> float:
    a, b = folded_tokens(one), folded_tokens(other)
    if not a or not b:
        return 0.0
    shorter, longer = (a, set(b)) if len(a) <= len(b) else (b, set(a))
    if len(shorter) < 3 and shorter != (b if shorter is a else a):
        return 0.0 if len(longer) > 3 * len(shorter) else sum(word in longer for word in shorter) / len(shorter) * 0.9
    return sum(word in longer for word in shorter) / len(shorter)


def _cut(title: str) -> str:
    return title if len(title) <= _LONGEST else title[:_LONGEST].rsplit(" ", 1)[0] + " ..."
