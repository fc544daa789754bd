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
_BLOCK, _INLINE, _VOID, _SKIPPED = range(4)
_KINDS: dict[str, int] = {
    **dict.fromkeys(
        [
            "a",
            "abbr",
            "acronym",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "data",
            "del",
            "dfn",
            "em",
            "font",
            "i",
            "ins",
            "kbd",
            "label",
            "mark",
            "q",
            "rb",
            "ruby",
            "s",
            "samp",
            "small",
            "span",
            "strike",
            "strong",
            "sub",
            "sup",
            "time",
            "tt",
            "u",
            "var",
            "wbr",
            "amp-link",
        ],
        _INLINE,
    ),
    **dict.fromkeys(("br", "hr", "img", "amp-img"), _VOID),
    # Menus are never looked at: a third of the elements of a usual page.
    **dict.fromkeys((*UNSEEN, "head", "nav", "input", "button"), _SKIPPED),
}
_NAMED = frozenset({"class", "id", "itemprop", "data-testid", "data-component", "data-qa", "rel"})
_HIDING = frozenset({"hidden", "aria-hidden", "style"})
_WRAPPERS = frozenset({"html", "body", "main", "article"})  # hold the article, whatever their classes say
_NEVER_WRAPPERS = (
    marks.DEBRIS | marks.PRUNE | marks.MENU | marks.ASIDE | marks.FORM | marks.FIGURE | marks.HIDDEN | marks.CREDIT
    | marks.BYLINE | marks.SOURCE | marks.COPYRIGHT | marks.DATE | marks.AVATAR
)  # fmt: skip
_ENOUGH_IMAGES = 3
_MOST_PROSE = 0.5  # share of the page's text outside links
_DOUBTED = _NEVER_WRAPPERS | marks.FOOTER
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
        self.flags: int = own | (parent.flags & marks.INHERITED if parent else 0)
        self.depth: int = parent.depth + 1 if parent else 0
        self.chars = 0
        self.link_chars = 0
        self.images = 0

    def within(self, other: Box) -> bool:
        box: Box | None = self
        while box is not None and box.depth > other.depth:
            box = box.parent
        return box is other

    def in_figure(self) -> bool:
        box: Box | None = self
        while box is not None:
            if box.tag in ("figure", "figcaption", "amp-img"):
                return True
            box = box.parent
        return False

    def in_figcaption(self) -> bool:
        box: Box | None = self
        while box is not None:
            if box.tag == "figcaption":
                return True
            box = box.parent
        return False


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
    """Walk the tree once. Scripts, styles and <nav> are skipped; other menus are walked, and marked."""
    return _Walk(tree).run()


class _Walk:
    """The state between two elements: what is open, and the line that is being gathered."""

    def __init__(self, tree: HtmlElement) -> None:
        self.tree = tree
        self.lines = Lines([], [], [], [])
        self.box = Box(tree, "html", "", 0, None)
        self.parts: list[str] = []
        self.anchors: list[Anchor] = []
        self.link_chars = 0
        self.link: HtmlElement | None = None  # the open <a>
        self.link_part = 0  # index of its first part in the line
        self.link_line = 0  # number of the line in which it began

    def run(self) -> Lines:
        context = etree.iterwalk(self.tree, events=("start", "end"))
        blocks = self.lines.blocks
        for event, element in context:
            tag = str(element.tag)
            if event == "start":
                kind = _KINDS.get(tag, _BLOCK)
                if kind == _SKIPPED and not (tag == "button" and _holds_picture(element)):
                    context.skip_subtree()
                    continue
                if kind == _BLOCK:
                    self.flush()
                    self.open_box(element, tag, element.items(), True)
                elif kind == _INLINE:
                    items = element.items()
                    if items:
                        self.open_box(element, tag, items, False)
                else:
                    self.void(element, tag)
                text = element.text
            else:
                if element is self.link:
                    self.close_link(element)
                if element is self.box.element:
                    self.close_box()
                text = element.tail
            if text:
                self.parts.append(text)
                if self.link is not None:
                    self.link_chars += len(text.strip())
            if len(blocks) > _MOST_BLOCKS:
                break
        self.flush()
        return _believable(self.lines)

    def void(self, element: HtmlElement, tag: str) -> None:
        if tag == "br" or tag == "hr":
            self.flush()
            return
        self.lines.images.append(Image(element, self.box, len(self.lines.blocks)))
        box: Box | None = self.box
        while box is not None and box.images < _ENOUGH_IMAGES:
            box.images += 1
            box = box.parent

    def open_box(self, element: HtmlElement, tag: str, items: list[tuple[str, str]], block: bool) -> None:
        own = TAG_MARKS.get(tag, 0)
        names = ""
        for name, value in items:
            if name in _NAMED:
                names = f"{names} {value}" if names else value
            elif name == "role":
                own |= ROLE_MARKS.get(value, 0)
            elif name in _HIDING and _hides(name, value):
                own |= marks.HIDDEN
            elif name == "datetime":
                self.lines.moments.append(Moment(element, self.box, len(self.lines.blocks)))
        if names:
            own |= marks_of(names)
        if block or own & _CUTS:
            if tag in _WRAPPERS:
                own &= ~_NEVER_WRAPPERS
            self.flush()
            self.box = Box(element, tag, names, own, self.box)
            self.lines.boxes.append(self.box)
        if tag == "a" and self.link is None:
            self.link, self.link_part, self.link_line = element, len(self.parts), len(self.lines.blocks)

    def close_box(self) -> None:
        self.flush()
        closed = self.box
        if closed.parent is not None:
            self.box = closed.parent
            self.box.chars += closed.chars
            self.box.link_chars += closed.link_chars

    def close_link(self, element: HtmlElement) -> None:
        self.link = None
        href = element.get("href")
        if not href:
            return
        if self.link_line == len(self.lines.blocks):
            text = " ".join("".join(self.parts[self.link_part :]).split())
            before = " ".join("".join(self.parts[: self.link_part]).split())
        else:  # a link around several lines
            text, before = " ".join(element.text_content().split())[:300], ""
        self.anchors.append(Anchor(element, href, text, before))

    def flush(self) -> None:
        """End the line."""
        if self.parts:
            text = " ".join("".join(self.parts).split())
        elif self.anchors:
            text = ""
        else:
            return
        if text or self.anchors:
            box = self.box
            blocks = self.lines.blocks
            link_chars = min(self.link_chars, len(text))
            blocks.append(Block(len(blocks), text, box, box.flags, link_chars, tuple(self.parts), tuple(self.anchors)))
            box.chars += len(text)
            box.link_chars += link_chars
            self.anchors = []
        self.parts = []
        self.link_chars = 0
        self.link_part = 0


def _believable(lines: Lines) -> Lines:
    """Marks of an element that holds most of the page's prose come from misleading names: they are taken back."""
    prose = sum(len(block.text) - block.link_chars for block in lines.blocks)
    wrong = [b for b in lines.boxes if b.own & _DOUBTED and b.chars - b.link_chars > prose * _MOST_PROSE]
    if not wrong:
        return lines
    for box in wrong:
        box.own &= ~_DOUBTED
    for box in lines.boxes:
        box.flags = box.own | (box.parent.flags & marks.INHERITED if box.parent else 0)
    return lines._replace(blocks=[block._replace(flags=block.box.flags) for block in lines.blocks])


def _holds_picture(button: HtmlElement) -> bool:
    """A picture that opens in large when clicked: its caption stands inside."""
    return next(button.iter("img"), None) is not None


def _hides(name: str, value: str) -> bool:
    if name == "style":
        return "display:none" in value.replace(" ", "").lower()
    return name == "hidden" or value == "true"
