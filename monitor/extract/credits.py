"""Picture credits in the text of a caption: "... teil. -/Kreml/dpa", "Foto: X/AP", "(Photo by ...)", "© Reuters"."""

from __future__ import annotations

import re

from monitor.extract.banks import AGENCY, is_agency, is_picture_bank

_LONGEST = 160  # characters of a credit
_PHOTO = (
    r"(?:(?:Archiv|Symbol|Agentur|Titel|Vorschau)?[Ff]otos?|"
    r"(?:Archiv|Symbol|Titel|Beispiel)?[Bb]ild(?:er|quelle|rechte|nachweis)?|"
    r"[Pp]hotos?|[Pp]hotos?\s+by|[Ii]mages?|[Ii]mage\s+(?:credit|source)|[Pp]ictures?|[Pp]hoto\s+credit|[Cc]redits?|"
    r"[Pp]hotograph(?:er|s\s+by|\s+by)?|[Cc]rédits?(?:\s+photo)?|[Pp]hotographie|[Ff]otografía|[Ii]magen|[Ii]mmagine|"
    r"[Ii]magem|[Cc]rédito|[Ff]otoğraf|[Gg]örsel|[Zz]djęcie|[Ff]ot\.|[Bb]eeld|[Kk]uva|[Vv]alokuva|[Ff]otó|[Kk]ép|"
    r"[Фф]ото|[Зз]нимка|[Σσ]ωτογραφία|[Φφ]ωτογραφία|صورة|写真|画像|图片|圖|사진(?:\s*출처)?|[Ff]otka|[Ff]otografie|[Gg]etty|"
    r"FOTO|PHOTO|BILD|IMAGE|Quelle|Source|[Gg]rafik|[Ss]creenshot)"
)
# A label, a colon, and what follows to the end: "Foto: Max Muster/dpa".
_LABELLED = re.compile(rf"(?:^|(?<=[\s.(\[|–—-]))[(\[]?\s*{_PHOTO}\s*[:：|=]\s*\S.{{0,{_LONGEST}}}$")
_BY = re.compile(
    rf"[(\[]\s*(?:AP\s+)?(?:[Pp]hoto|[Ii]mage|[Pp]icture|[Ff]oto|[Bb]ild)s?\s+"
    rf"(?:by|courtesy|von|di|de|par|:)\s.{{1,{_LONGEST}}}$|"
    rf"(?:^|(?<=\s))(?:[Pp]hoto|[Ii]mage|[Pp]icture)s?\s+(?:by|courtesy\s+of)\s.{{1,{_LONGEST}}}$"
)
_SIGN = re.compile(rf"(?:^|(?<=\s))[(\[]?(?:©|&copy;|\(c\)|℗)\s*\S.{{0,{_LONGEST}}}$", re.IGNORECASE)
# "J.", "J.J.", "ntv.de", but no "night." at the end of a sentence.
_WORD = r"(?:(?:[^\W\d_]\.){1,3}|[^\W\d_][\w'’&-]*(?:\.[\w&-]+)*)"
_NAME = rf"{_WORD}(?:\s+{_WORD}){{0,3}}"
# Names between slashes after the sentence: "-/Kreml/dpa", "Uncredited/AP/dpa", "Max Muster/dpa-Zentralbild/dpa".
_DASHED = re.compile(rf"(?:^|(?<=\s)|(?<=[.!?)\"”“»]))[-–—]\s?/\s?{_NAME}(?:\s?/\s?{_NAME})*\.?$")
_SLASHED = re.compile(rf"(?:^|(?<=[.!?)\"”“»|])\s*|(?<=\s[-–—|])\s*)(?P<credit>{_NAME}(?:\s?/\s?{_NAME}){{1,4}})\.?$")
# Known names alone after the sentence, or after a photographer's: "Anadolu Ajansı", "Ann Lee, Associated Press".
_NAMED = re.compile(
    rf"(?:^|(?<=[.!?…)\"”“»。])\s*|(?<=\s[-–—|])\s*)(?P<credit>(?:{_NAME}\s?(?:,|\||\bvia\b)\s?)?"
    rf"{AGENCY}(?:\s?(?:,|/|\||\bvia\b)\s?{AGENCY}){{0,3}})\.?$"
)
# "... del Grupo de Madrid EFE/ J.J. Guillén": the agency's name in capitals tells where the credit begins.
_AGENCY_FIRST = re.compile(rf"(?<=\s)(?P<credit>(?:EFE|AFP|AP|EPA|DPA|ANSA|APA|LUSA)\s?/\s?{_NAME})\.?$")
# "(Ann Lee/CBC)", but no "(CDU/CSU)".
_PERSON_IN_BRACKETS = re.compile(rf"{_WORD}(?:\s+{_WORD}){{1,3}}\s?/\s?(?:{AGENCY}|[A-Z]{{2,6}})")
_IN_BRACKETS = re.compile(rf"[(\[](?P<credit>[^()\[\]]{{2,{_LONGEST}}})[)\]]\.?$")
_BANKS = re.compile(
    r"\b(?:getty|reuters|afp|ap|apa|dpa|epa|efe|ansa|belga|anp|keystone|imago|picture[- ]alliance|shutterstock|"
    r"istock|alamy|unsplash|pixabay|pexels|adobe\s?stock|bloomberg|tass|sipa|xinhua|anadolu|ntb|tt|ritzau|lehtikuva|pap|čtk|ctk|mti|"
    r"afp-jiji|yonhap|kyodo|aap|pa|press association|cover images|depositphotos|wikimedia|handout|zuma|rex|newscom|"
    r"imago images)\b",
    re.IGNORECASE,
)
_TAIL = 240  # characters at the end of a line in which its credit stands
_HINTS = re.compile(r"[/:：(\[]|Getty|Bildfunk")  # none of them, no credit: spares the dear search
_INITIALS = re.compile(r"\w{1,3}|[^\W\d_A-ZÄÖÜ]\w*")  # of an editor: "ino", "JW"
# Strong enough to call a line of plain text a picture's caption.
_CERTAIN = re.compile(
    rf"(?:{_DASHED.pattern})|"
    r"(?:^|(?<=[\s.(\[]))(?:(?:Archiv|Symbol)?[Ff]oto|[Pp]hoto|[Pp]hoto\s+credit|[Ff]otoğraf|[Фф]ото|[Bb]ildquelle|"
    rf"[Bb]ildnachweis|FOTO|PHOTO)\s*[:：]\s*\S.{{0,80}}$|[(\[](?:AP\s+)?[Pp]hoto\s+by\s.{{1,{_LONGEST}}}$|"
    r"\bUncredited/[\w/. -]{2,60}$|\bdpa-Bildfunk\b.{0,40}$|\bvia\s+Getty\s+Images\)?$|/Getty\s+Images\)?$|"
    r"\((?:AP|AFP|Reuters)\s+[Pp]hoto[^()]{0,80}\)$"
)


def split_credit(text: str) -> tuple[str, str]:
    """(caption, credit). The credit is empty when none can be told from the caption."""
    for pattern in (_DASHED, _BY, _LABELLED, _SIGN, _SLASHED, _NAMED, _AGENCY_FIRST):
        found = pattern.search(text)
        if found and (pattern is not _SLASHED or _are_names(found["credit"])):
            start = found.start("credit") if "credit" in pattern.groupindex else found.start()
            if len(text) - start <= _LONGEST + 20:
                return text[:start].rstrip(" |–—-(["), text[start:].strip(
                    " |–—"
                ) if start or pattern is _DASHED else text
    bracket = _IN_BRACKETS.search(text)
    if bracket and (_BANKS.search(bracket["credit"]) or _PERSON_IN_BRACKETS.fullmatch(bracket["credit"])):
        return text[: bracket.start()].rstrip(), bracket[0]
    return text, ""


def _are_names(credit: str) -> bool:
    """ "Ann Lee/AP" and "picture alliance/dpa", but neither "was and/or is" nor "ino/dpa", which is a text's."""
    parts = [part.strip() for part in credit.split("/")]
    return any(not part.islower() or is_picture_bank(part) for part in parts) and all(
        len(part.split()) == 1 or not part[0].islower() or is_agency(part) for part in parts
    )


def is_credit(text: str) -> bool:
    """Is the whole text a credit?"""
    return bool(text) and len(text) <= _LONGEST and split_credit(text)[0] == ""


def ends_as_caption(text: str) -> bool:
    """A line of plain text that can only be a caption: its credit is a picture's ("-/Kreml/dpa", "Foto: AP")."""
    start = max(0, len(text) - _TAIL)
    if len(text) > 600 or not _HINTS.search(text, start):
        return False
    return bool(_CERTAIN.search(text, start))


def ends_as_picture_line(text: str) -> bool:
    """The same for a line right below a picture: "Kreml/dpa" will do there, "dpa/AFP" and "JW/AFP" are a text's."""
    if ends_as_caption(text):
        return True
    found = _SLASHED.search(text)
    if not found or not _are_names(found["credit"]):
        return False
    parts = [part.strip() for part in found["credit"].split("/")]
    return any(is_picture_bank(part) or not (is_agency(part) or _INITIALS.fullmatch(part)) for part in parts)
