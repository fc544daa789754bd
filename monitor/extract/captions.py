"""Picture captions and credits, kept apart from the text: they say who took the picture, not who wrote."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from monitor.extract import marks
from monitor.extract.banks import is_agency
from monitor.extract.blocks import Block, Box, Image, Lines
from monitor.extract.credits import ends_as_caption, ends_as_picture_line, is_credit, split_credit
from monitor.extract.interface import is_interface
from monitor.extract.paragraphs import Paragraph
from monitor.records import Caption
from monitor.text import clean

_MOST = 60
_LONGEST = 1000  # characters; a longer block is no caption
_SMALL_BLOCK = 400  # characters of all the text around a picture that stands without <figure>
_LONGEST_CREDIT = 300
_CREDIT = 120  # characters of a line that is a credit alone
_SMALLEST_PICTURE = 160  # pixels of width or height, where given; avatars and icons are smaller
_AFTER = 8  # lines after the text that may still be a gallery's
_ALT_WORDS = 4  # an alternative text with fewer words names a logo or repeats a name
_FILE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|svg)$|^(?:img|image|dsc|foto|bild|photo)[\W_]*\d", re.IGNORECASE)
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:$|\?)", re.IGNORECASE)
_DISPATCH = re.compile(r"\bdpa:\d{6}-|\burn:newsml:")  # the number of an agency's dispatch: never a picture's credit
_PROSE = 80  # characters of a line of the article: a caption is none where it is all the text there is
_OUTSIDE = marks.MENU | marks.DEBRIS | marks.ASIDE | marks.FOOTER | marks.FORM | marks.AVATAR


def find_captions(lines: Lines, start: int, end: int) -> tuple[list[Caption], set[int]]:
    """Captions of the lines from `start` to a few after `end`, and the numbers of the lines that they take up."""
    found: list[tuple[int, Caption]] = []
    used: set[int] = set()
    below = _below_pictures(lines)
    for group in _groups(lines.blocks[start : end + _AFTER], below):
        if caption := _caption(group):
            found.append((group[0].number, caption))
            used.update(block.number for block in group)
    for image in lines.images:
        outside = image.box.flags & _OUTSIDE or not start <= image.before <= end + _AFTER
        if not outside and _is_large(image):
            beside = _beside(image, lines.blocks, used) or _printed_below(image, lines.blocks, used, (start, end))
            if beside and (caption := _caption(beside, "class")):
                found.append((beside[0].number, caption))
                used.update(block.number for block in beside)
            elif not beside and image.before <= end and (told := _alternative(image)):
                _add_alternative(image, told, found, used)
    found.sort(key=lambda pair: pair[0])
    return _distinct([caption for _, caption in found]), used


def _add_alternative(image: Image, told: Caption, found: list[tuple[int, Caption]], used: set[int]) -> None:
    """As a caption of its own; where one is printed near the picture, that one takes the credit that it lacks."""
    near = range(image.before - 2, image.before + 4)
    if used.isdisjoint(near):
        found.append((image.before, told))
        return
    printed = [place for place, (number, _) in enumerate(found) if number in near]
    if told.credit and printed and not any(found[place][1].credit for place in printed):
        number, caption = found[printed[-1]]
        found[printed[-1]] = (number, replace(caption, credit=told.credit))


def made_caption(text: str, credit: str, where: str) -> Caption:
    """Cleaned and cut to what a record may hold."""
    return Caption(clean(text)[:_LONGEST].replace("\u00ad", ""), clean(credit)[:_LONGEST_CREDIT], where)


def captions_in_text(paragraphs: Sequence[Paragraph]) -> tuple[list[Paragraph], list[Caption]]:
    """Paragraphs without those that end in a picture's credit ("... -/Kreml/dpa"), and these as captions.

    For pages that print a caption like any other paragraph. The first one stays: of a short notice it is the text.
    """
    kept: list[Paragraph] = []
    found: list[Caption] = []
    for number, paragraph in enumerate(paragraphs):
        if number and len(paragraph.text) <= _SMALL_BLOCK and ends_as_caption(paragraph.text):
            caption, credit = split_credit(paragraph.text)
            found.append(made_caption(caption, credit, "text"))
        else:
            kept.append(paragraph)
    return kept, found


def _below_pictures(lines: Lines) -> set[int]:
    """Numbers of the lines that come right after a large picture."""
    large = (image for image in lines.images if not image.box.flags & _OUTSIDE and _is_large(image))
    return {block.number for image in large if (block := _line_below(image, lines.blocks))}


def _line_below(image: Image, blocks: Sequence[Block]) -> Block | None:
    """The first line with words after the picture; a picture that is a link makes an empty one."""
    return next((block for block in blocks[image.before : image.before + 3] if block.text), None)


def _groups(blocks: Sequence[Block], below: Collection[int]) -> list[list[Block]]:
    """Runs of caption and credit lines of one figure, or of one element that is called a caption."""
    groups: list[list[Block]] = []
    last: Box | None = None
    for block in blocks:
        root = _caption_root(block, below)
        if root is None:
            last = None
        elif root is last:
            groups[-1].append(block)
        else:
            groups.append([block])
            last = root
    return groups


def _caption_root(block: Block, below: Collection[int]) -> Box | None:
    """The outermost element that makes the line a caption, if one does."""
    flags = block.flags
    if not flags & (marks.FIGURE | marks.CREDIT) or flags & marks.FORM:
        return None
    if flags & (marks.MENU | marks.AVATAR) and not block.box.in_figcaption():
        return None  # names of elements far above mislead; a <figcaption> does not
    if not block.text or len(block.text) > _LONGEST or flags & (marks.HEADING | marks.TABLE | marks.QUOTE):
        return None
    root: Box | None = None
    box: Box | None = block.box
    while box is not None and box.tag not in ("body", "main", "article"):
        if box.own & (marks.FIGURE | marks.CREDIT) and box.chars <= _LONGEST * 2:
            root = box
        box = box.parent
    if root is None:
        return None
    if root.in_figure():
        return root
    if _DISPATCH.search(block.text):
        return None
    if root.own & marks.CREDIT and not root.own & marks.LOOSE_CREDIT:
        return root
    # "caption2" can be typography, "story-credit" the text's: without a picture nearby the name alone is not believed.
    if block.number in below or _has_picture(root) or ends_as_caption(block.text):
        return root
    return root if not root.own & marks.CREDIT and is_credit(block.text) and not is_agency(block.text) else None


def _has_picture(box: Box) -> bool:
    around: Box | None = box
    for _ in range(4):
        if around is None or around.chars > _SMALL_BLOCK + box.chars:
            return False
        if around.images:
            return True
        around = around.parent
    return False


def _caption(blocks: Sequence[Block], where: str = "") -> Caption | None:
    texts: list[str] = []
    credits: list[str] = []
    for block in blocks:
        (credits if _is_credit_line(block, len(blocks)) else texts).append(block.text)
    caption, credit = split_credit(" ".join(dict.fromkeys(texts)))
    credit = " ".join(dict.fromkeys(filter(None, [credit, *credits])))
    if (
        (not caption and not credit)
        or caption.startswith(("http:", "https:"))
        or (not credit and is_interface(caption))
    ):
        return None
    if not where:
        where = "figure" if any(block.box.in_figure() for block in blocks) else "class"
    return made_caption(caption, credit, where)


def _is_credit_line(block: Block, of: int) -> bool:
    """By its words, or by its element's name where it is not the whole caption and does not read like one."""
    text = block.text
    if is_credit(text):
        return of > 1 or len(text) <= _CREDIT
    return bool(block.box.flags & marks.CREDIT) and len(text) <= _CREDIT and len(text.split()) <= (12 if of > 1 else 8)


def _is_large(image: Image) -> bool:
    for name in ("width", "height"):
        size = re.match(r"\d+", image.element.get(name) or "")
        if size and int(size[0]) < _SMALLEST_PICTURE:
            return False
    names = image.element.get("class")
    return not (names and marks.marks_of(names) & marks.AVATAR)


def _beside(image: Image, blocks: Sequence[Block], used: set[int]) -> list[Block]:
    """The few short lines that share a small block with the picture. A headline or a time makes it a teaser."""
    box: Box | None = image.box
    for _ in range(3):
        if box is None or box.chars > _SMALL_BLOCK or box.tag in ("body", "main", "article"):
            return []
        if box.chars:
            break
        box = box.parent
    if box is None or not 0 < box.chars <= _SMALL_BLOCK:
        return []
    near = [b for b in blocks[max(0, image.before - 3) : image.before + 4] if b.text and b.box.within(box)]
    if not near or len(near) > 3 or any(b.number in used or _is_teaser(b) for b in near):
        return []
    text = " ".join(b.text for b in near)
    # Without <figure> only a credit, or an element of its own around picture and text, tells a caption.
    credited = split_credit(text)[1] or (len(near) > 1 and is_credit(near[-1].text))
    return near if credited or ((box.tag not in ("div", "section", "p") or box.images == 1) and _plain(near)) else []


def _printed_below(image: Image, blocks: Sequence[Block], used: Collection[int], span: tuple[int, int]) -> list[Block]:
    """The short paragraph below a picture that stands alone in its own, if it ends in a picture's credit."""
    block = _line_below(image, blocks)
    if block is None or image.box.chars or len(block.text) > _SMALL_BLOCK or block.number in used or _is_teaser(block):
        return []
    if not ends_as_picture_line(block.text):
        return []
    start, end = span
    others = any(len(b.text) >= _PROSE and b is not block for b in blocks[start : end + 1])
    return [block] if others else []


def _plain(blocks: Sequence[Block]) -> bool:
    return sum(len(b.text) for b in blocks) <= 250 and not any(b.link_chars for b in blocks) and len(blocks) == 1


def _is_teaser(block: Block) -> bool:
    return bool(block.flags & (marks.HEADING | marks.DATE | _OUTSIDE)) or block.link_chars > len(block.text) * 0.5


def _links_away(image: Image) -> bool:
    """Is the picture the link of a teaser? A link to the picture itself opens it in large."""
    for around in image.element.iterancestors("a"):
        return not _PICTURE_FILE.search(around.get("href") or "")
    return False


def _alternative(image: Image) -> Caption | None:
    """The alternative text or the title, as a last resort, if it carries a credit or is a sentence."""
    if _links_away(image):
        return None  # a teaser's picture
    told = [" ".join((image.element.get(name) or "").split())[:_LONGEST] for name in ("alt", "title")]
    told = [text for text in told if text and not _FILE_NAME.search(text)]
    for text in told:
        caption, credit = split_credit(text)
        if credit:
            return made_caption(caption, credit, "alt")
    return next((made_caption(text, "", "alt") for text in told if len(text.split()) >= _ALT_WORDS), None)


def _distinct(captions: list[Caption]) -> list[Caption]:
    kept: dict[str, Caption] = {}
    for caption in captions:
        key = f"{caption.text} {caption.credit}".casefold()
        if not any(key in other for other in kept):
            kept[key] = caption
    return list(kept.values())[:_MOST]
