"""The page's lines in order, each with the elements around it: what every rule that judges by place works on."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from monitor.extract import marks
from monitor.extract.marks import ROLE_MARKS, TAG_MARKS, marks_of

# Elements whose content no reader sees as text of the page.
UNSEEN = ("script", "style", "svg", "noscript", "template", "iframe", "object", "embed", "canvas", "audio", "video",
          "select", "textarea", "datalist", "math", "map", "link", "meta", "base")  # fmt: skip
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q rb ruby s samp small span strike "
    "strong sub sup time tt u var wbr amp-link".split()
)
_NAMED = ("class", "id", "itemprop", "data-testid", "data-component", "data-qa", "rel")
# An inline element that votes for one of these is a line of its own: a credit beside a caption, a name beside a date.
_CUTS = marks.FIGURE | marks.CREDIT | marks.BYLINE | marks.SOURCE | marks.COPYRIGHT | marks.DEBRIS | marks.DATE
_MOST_BLOCKS = 20_000  # lines of one page that are looked at; the longest of 206 real ones has 2,900


class Box:
    """An element around lines. `chars` and `link_chars` count the text of all its descendants."""

    __slots__ = ("chars", "depth", "element", "flags", "images", "link_chars", "names", "own", "parent", "tag")

    def __init__(self, element: HtmlElement, tag: str, names: str, own: int, parent: Box | None) -> None:
        self.element = element
        self.tag = tag
        self.names = names
        self.own = own  # marks of this element alone
        self.parent = parent
        self.flags = own | (parent.flags & marks.INHERITED if parent else 0)
        self.depth: int = parent.depth + 1 if parent else 0
        self.chars = 0
        self.link_chars = 0
        self.images = 0

    def within(self, other: Box) -> bool:
        box: Box | None = self
        while box is not None and box.depth > other.depth:
            box = box.parent
        return box is other


class Anchor(NamedTuple):
    """A link of a line. `before` is the text that precedes it in the same line."""

    element: HtmlElement
    href: str
    text: str
    before: str


class Block(NamedTuple):
    """One visible line. `pieces` are its texts element by element ("...sein.", "dpa"), unstripped."""

    number: int
    text: str
    box: Box
    flags: int
    link_chars: int
    pieces: tuple[str, ...]
    anchors: tuple[Anchor, ...]


class Image(NamedTuple):
    """A picture and the number of the line that follows it."""

    element: HtmlElement
    box: Box
    before: int


class Moment(NamedTuple):
    """A <time> element or one that holds a machine-readable date."""

    element: HtmlElement
    box: Box
    before: int


class Lines(NamedTuple):
    """All that one walk over the tree found."""

    blocks: list[Block]
    boxes: list[Box]
    images: list[Image]
    moments: list[Moment]


def read_lines(tree: HtmlElement) -> Lines:
    """Walk the tree once. Unseen elements (scripts, styles) must be gone or are skipped; menus are walked, and marked."""
    return _Walk(tree).run()


class _Walk:
    def __init__(self, tree: HtmlElement) -> None:
        self.tree = tree
        self.lines = Lines([], [], [], [])
        self.box = Box(tree, "html", "", 0, None)
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.link_chars = 0
        self.open_link: tuple[HtmlElement, int, int] | None = None  # element, index of its first part, line number

    def run(self) -> Lines:
        context = etree.iterwalk(self.tree, events=("start", "end"))
        unseen = frozenset((*UNSEEN, "head"))
        for event, element in context:
            tag = element.tag
            if event == "start":
                if tag in unseen:
                    context.skip_subtree()
                else:
                    self.start(element, tag)
            else:
                if tag not in unseen:
                    self.end(element, tag)
                if element.tail:
                    self.add(element.tail)
            if len(self.lines.blocks) > _MOST_BLOCKS:
                break
        self.flush()
        return self.lines

    def add(self, text: str) -> None:
        self.parts.append(text)
        if self.open_link is not None:
            self.link_chars += len(text.strip())

    def start(self, element: HtmlElement, tag: str) -> None:
        if tag == "br" or tag == "hr":
            self.flush()
        elif tag == "img" or tag == "amp-img":
            self.lines.images.append(Image(element, self.box, len(self.lines.blocks)))
            box: Box | None = self.box
            while box is not None and box.images < 3:
                box.images += 1
                box = box.parent
        else:
            self.open_box(element, tag)
        if element.text:
            self.add(element.text)

    def open_box(self, element: HtmlElement, tag: str) -> None:
        attributes = element.attrib
        own = TAG_MARKS.get(tag, 0)
        names = ""
        if attributes:
            names = " ".join([value for name in _NAMED if (value := attributes.get(name))])
            if names:
                own |= marks_of(names)
            role = attributes.get("role")
            if role:
                own |= ROLE_MARKS.get(role, 0)
            if attributes.get("hidden") is not None or attributes.get("aria-hidden") == "true" or _unshown(attributes):
                own |= marks.HIDDEN
        if tag == "time" or "datetime" in attributes:
            self.lines.moments.append(Moment(element, self.box, len(self.lines.blocks)))
        inline = tag in _INLINE
        if not inline or own & _CUTS:
            if tag in ("html", "body", "main", "article"):
                own &= ~(marks.DEBRIS | marks.PRUNE | marks.MENU | marks.ASIDE | marks.FORM | marks.FIGURE | marks.HIDDEN)
            self.flush()
            self.box = Box(element, tag, names, own, self.box)
            self.lines.boxes.append(self.box)
        if tag == "a" and self.open_link is None:
            self.open_link = (element, len(self.parts), len(self.lines.blocks))

    def end(self, element: HtmlElement, tag: str) -> None:
        if self.open_link is not None and self.open_link[0] is element:
            self.close_link()
        if self.box.element is element:
            self.flush()
            closed = self.box
            if closed.parent is not None:
                self.box = closed.parent
                self.box.chars += closed.chars
                self.box.link_chars += closed.link_chars

    def close_link(self) -> None:
        assert self.open_link is not None  # noqa: S101 - for the type checker; end() asks
        element, first, number = self.open_link
        self.open_link = None
        href = element.get("href")
        if not href:
            return
        if number == len(self.lines.blocks):
            text = " ".join("".join(self.parts[first:]).split())
            before = " ".join("".join(self.parts[:first]).split())
        else:  # a link around several lines
            text, before = " ".join(element.text_content().split())[:300], ""
        self.anchors.append(Anchor(element, href, text, before))

    def flush(self) -> None:
        if not self.parts and not self.anchors:
            return
        text = " ".join("".join(self.parts).split())
        if text or self.anchors:
            box = self.box
            block = Block(
                len(self.lines.blocks), text, box, box.flags, self.link_chars, tuple(self.parts), tuple(self.anchors)
            )
            box.chars += len(text)
            box.link_chars += min(self.link_chars, len(text))
            self.lines.blocks.append(block)
            self.anchors = []
        self.parts = []
        self.link_chars = 0
        if self.open_link is not None:
            self.open_link = (self.open_link[0], 0, self.open_link[2])


def _unshown(attributes: etree._Attrib) -> bool:
    style = attributes.get("style")
    return bool(style) and "display:none" in str(style).replace(" ", "").lower()
