"""Picture captions and credits, kept apart from the text: they say who took the picture, not who wrote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.extract import marks
from monitor.extract.blocks import Block, Box, Image, Lines
from monitor.extract.credits import is_credit, split_credit
from monitor.records import Caption

_MOST = 60
_LONGEST = 1000  # characters; a longer block is no caption
_SMALL_BLOCK = 400  # characters of all the text around a picture that stands without <figure>
_SMALLEST_PICTURE = 160  # pixels of width or height, where given; avatars and icons are smaller
_ALT_WORDS = 4  # an alternative text with fewer words names a logo or repeats a name
_FILE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|svg)$|^(?:img|image|dsc|foto|bild|photo)[\W_]*\d", re.IGNORECASE)
_OUTSIDE = marks.MENU | marks.DEBRIS | marks.ASIDE | marks.FOOTER | marks.FORM | marks.AVATAR


def find_captions(lines: Lines, start: int, end: int) -> tuple[list[Caption], set[int]]:
    """Captions of the lines from `start` to `end`, and the numbers of the lines that they take up."""
    found: list[tuple[int, Caption]] = []
    used: set[int] = set()
    for group in _groups(lines.blocks[start:end]):
        if caption := _caption(group):
            found.append((group[0].number, caption))
            used.update(block.number for block in group)
    for image in lines.images:
        if start <= image.before <= end and not image.box.flags & _OUTSIDE and _is_large(image):
            beside = _beside(image, lines.blocks, used)
            if beside and (caption := _caption(beside, "class")):
                found.append((beside[0].number, caption))
                used.update(block.number for block in beside)
            elif not beside and (alternative := _alternative(image)):
                found.append((image.before, alternative))
    found.sort(key=lambda pair: pair[0])
    return _distinct([caption for _, caption in found]), used


def _groups(blocks: Sequence[Block]) -> list[list[Block]]:
    """Runs of caption and credit lines of one figure, or of one element that is called a caption."""
    groups: list[list[Block]] = []
    last: Box | None = None
    for block in blocks:
        root = _caption_root(block)
        if root is None:
            last = None
        elif root is last:
            groups[-1].append(block)
        else:
            groups.append([block])
            last = root
    return groups


def _caption_root(block: Block) -> Box | None:
    """The outermost element that makes the line a caption, if one does."""
    flags = block.flags
    if not flags & (marks.FIGURE | marks.CREDIT) or flags & (marks.MENU | marks.FORM | marks.AVATAR | marks.FOOTER):
        return None
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
    # "caption2" can be typography: without a figure or a picture nearby the name alone is not believed.
    return root if _in_figure(root) or root.own & marks.CREDIT or _has_picture(root) or is_credit(block.text) else None


def _in_figure(box: Box | None) -> bool:
    while box is not None:
        if box.tag in ("figure", "figcaption"):
            return True
        box = box.parent
    return False


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
    texts, credits = [], []
    for block in blocks:
        text = block.text
        if block.box.flags & marks.CREDIT and (len(text) <= 160 or is_credit(text)) and not _whole_caption(block, blocks):
            credits.append(text)
        else:
            texts.append(text)
    caption, credit = split_credit(" ".join(dict.fromkeys(texts)))
    credit = " ".join(dict.fromkeys(filter(None, [credit, *credits])))
    if not caption and not credit:
        return None
    if not where:
        where = "figure" if any(_in_figure(block.box) for block in blocks) else "class"
    return Caption(caption[:_LONGEST], credit[:300], where)


def _whole_caption(block: Block, blocks: Sequence[Block]) -> bool:
    """A line that only says CREDIT because its element does, yet reads like a sentence, is the caption."""
    return len(blocks) == 1 and len(block.text.split()) > 8 and not is_credit(block.text)


def _is_large(image: Image) -> bool:
    for name in ("width", "height"):
        size = re.match(r"\d+", image.element.get(name) or "")
        if size and int(size[0]) < _SMALLEST_PICTURE:
            return False
    names = " ".join(filter(None, (image.element.get("class"), image.element.get("src", "")[:0])))
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
    return near if split_credit(text)[1] or (box.tag not in ("div", "section", "p") or box.images == 1) and _plain(near) else []


def _plain(blocks: Sequence[Block]) -> bool:
    return sum(len(b.text) for b in blocks) <= 250 and not any(b.link_chars for b in blocks) and len(blocks) == 1


def _is_teaser(block: Block) -> bool:
    return bool(block.flags & (marks.HEADING | marks.DATE | _OUTSIDE)) or block.link_chars > len(block.text) * 0.5


def _alternative(image: Image) -> Caption | None:
    """The alternative text, as a last resort, if it is a sentence or carries a credit."""
    text = " ".join((image.element.get("alt") or "").split())[:_LONGEST]
    if _FILE_NAME.search(text) or not text:
        return None
    caption, credit = split_credit(text)
    return Caption(caption, credit, "alt") if credit or len(text.split()) >= _ALT_WORDS else None


def _distinct(captions: list[Caption]) -> list[Caption]:
    kept: dict[str, Caption] = {}
    for caption in captions:
        key = f"{caption.text} {caption.credit}".casefold()
        if not any(key in other for other in kept):
            kept[key] = caption
    return list(kept.values())[:_MOST]
