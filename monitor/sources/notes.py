"""Notes on whose material was used: "Mit Material von ...", "With files from ...", "... contributed to this report"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from monitor.sources.naming import Named
from monitor.sources.wording import any_of

LONGEST = 320  # characters of a paragraph that is a note
_BEFORE = 130  # characters before the name in which the note's words stand
_AFTER = 160
_HEAD = 40  # characters that may precede the note in its sentence: "Eigener Bericht mit Material von ..."

# Ends right before the agency's name.
_OF = re.compile(
    r"(?<!\w)"
    + any_of(r"""
mit (?:\w+ )?(?:agentur)?(?:material(?:ien)?|informationen|inhalten|texte?n?|berichten|meldungen) (?:von|der|des|aus)
unter verwendung von
mit (?:agentur)?(?:material|informationen|inhalten)
with (?:additional |some )?(?:files?|reporting|material|inputs?|reports?|information|content) (?:from|by|of)
with (?:additional )?contributions? (?:from|by|of)
(?:additional|further|extra) (?:reporting|material|information|content) (?:by|from)
includes? (?:reporting|material|information|content) (?:from|by)
(?:reporting|material|information) (?:from|by)
compiled from|published from an?
con (?:informaci[oó]n(?:es)?|datos|material(?:es)?|contenidos?) (?:de(?: las?)?|del)
con (?:informazioni|contenuti|materiale) (?:di|da|dell['’]?)
con (?:informazioni|contenuti|materiale)
(?:avec|à partir) (?:(?:l|d)es informations |des contenus )?(?:de|des)
com (?:informações|informação|conteúdo|material) (?:da|do|de|das|dos)
met (?:informatie|materiaal|medewerking|bijdragen?) van
(?:med|i samarbete med) (?:material|innehåll|bidrag|information) (?:från|av|fra)
z wykorzystaniem(?: \w+){0,2}|na podstawie(?: \w+){0,2}|na podst\.
(?:s|za) (?:využitím|použitím|pomocí)(?: \w+){0,2}
по материалам|с использованием материалов|за матеріалами|з використанням матеріалів|по материали на
με πληροφορίες (?:από|του|της)|cu informații(?: de la)?|uz (?:korištenje|pomoć)
(?:dengan|berdasarkan) (?:laporan|informasi)|بالتعاون مع
this (?:story|article|report|content) (?:(?:was|is) (?:\w+ ){0,2})?(?:by|from)
(?:originally |first )?(?:published|distributed|provided|supplied) by
(?:dieser|diese) (?:text|artikel|beitrag|meldung|inhalt|bericht)\b[^.]{0,90}? (?:der|von|aus|dem)
cet article\b[^.]{0,60}? (?:de|par|de l['’]|par l['’])
est[ea] (?:texto|artículo|artigo|conteúdo|información)\b[^.]{0,60}? (?:de|por|da|pela)
bu haber
""")
    + r"(?:\s+|(?<=['’])|(?<=\.))"
    + r"(?:(?:the|der|dem|den|la|las|los|les|de|nachrichtenagentur(?:en)?|news agency|agência|agencia|agenzia|agence|"
    r"agencji|agentury|агентства|агенції)\s+|l['’])*[\"'„“«(]?$",
    re.IGNORECASE,
)
# The same at the very beginning of a bracket or a line: "(mit dpa)", "With Post wires", "Avec AFP".
_WITH = re.compile(
    r"^[\W_]*(?:with|mit|con|avec|com|met|med|z|s|cu|uz)\s+(?:the\s+|l['’]|la\s+|der\s+|las\s+|los\s+|les\s+)?"
    r"(?:[A-Z][\w.]+\s+(?:(?:and|und|y|et)\s+)?){0,3}$",
    re.IGNORECASE,
)
# Begins right after the name.
_CONTRIBUTED = re.compile(
    r"^[\s)\"'“”»,]*(?:and\s+[^.]{2,80}?\s|(?:also\s+|staff\s+|news\s+(?:agency|service)s?\s+)|"
    r"(?:writers?|journalists?|reporters?)\s+[^.]{2,120}?\s)?(?:has\s+|have\s+|also\s+)*"
    + any_of(r"""
contributed\b|(?:was|were) used in this\b|inputs?\b|(?:hat|haben|trug|trugen) zu diesem
(?:a|ont) contribué|contribuy(?:ó|eron)|ha (?:collaborato|contribuito)|contribuiu|bidrog?\b|medvirkede
(?:\(\w+\) )?tarafından (?:servis|hazırla|yayın|geç)\w*
"""),
    re.IGNORECASE,
)
_WRITERS = re.compile(
    r"^\s+(?!and\b|und\b|et\b)(?:\w+\s+)?(?:writers?|journalists?|reporters?|correspondents?|staff)\b", re.IGNORECASE
)
# What the services' own boiler plate says of a text that was taken over unseen.
_SYNDICATED = re.compile(
    any_of(r"""
(?:auto[-\s]?generated|published|taken|sourced) from (?:a )?(?:syndicated (?:news )?feed|(?:news )?agency feed)
automatisierten angebots|(?:wurde|wird) automatisch\b[^.]{0,60}\b(?:übernommen|erstellt|importiert)
(?:aus|von) dem newskanal|without any modifications? to the text
"""),
    re.IGNORECASE,
)
_TAKEN_OVER = re.compile(
    any_of(r"""
this (?:story|article|report|content) (?:by|from|(?:was|is) (?:originally |first )?(?:published|produced|distributed))
(?:distributed|provided|supplied) by|(?:dieser|diese) (?:text|artikel|beitrag|meldung) (?:stammt|wurde von|kommt)
"""),
    re.IGNORECASE,
)
# The signature of a wire's desk, in the languages in which it is used: "(Reporting by X; Editing by Y)". In two steps,
# because one pattern for all of it takes for ever on a hostile text.
_REPORTING = re.compile(
    r"[(\[]?\s*\b(?:(?:Additional\s+reporting|Reporting|Report|Reportaje|Reporte|Información|Reportagem|Reportage|"
    r"Bericht(?:et)?|Geschrieben|Rédigé|Scritto|Writing|Compiled)\s+(?:by|de|von|par|da|por|di)|"
    r"(?<=[(\[])(?:Reportage|Avec|Version))\s"
)
_EDITING = re.compile(
    r"[;.,]\s+(?:et\s+|y\s+|e\s+)?(?:[Ee]diting|[Ee]ditado|[Ee]di[cç][aã]o|[Ee]dité|[Ee]dited|[Rr]edigiert|[Éé]dité)"
    r"\s+(?:by|por|par|de|von|en\s+español\s+por|da)\s+[^;()]{3,120}[)\]]?"
)
_SIGNATURE = 500  # characters between the two
_GOES_ON = re.compile(r"\s+[A-ZÄÖÜ][a-zäöüß]+")  # "Reuters Foundation": another name
_EDITED = ("diting", "ditado", "dição", "dité", "dited", "edigiert", "diçao")


def is_note(text: str, one: Named, *, last: bool) -> bool:
    """Does the paragraph say around this name that the agency's material was used? `last`: it ends the article."""
    before, after = text[max(0, one.start - _BEFORE) : one.start], text[one.end : one.end + _AFTER]
    bracket = max(before.rfind("("), before.rfind("["))
    open_bracket = bracket > max(before.rfind(")"), before.rfind("]"))
    if not (len(text) <= LONGEST or last or open_bracket):
        return False
    inner = before[bracket + 1 :] if open_bracket else before if one.start <= _BEFORE else "#"
    if _GOES_ON.match(after) and not _WRITERS.match(after):
        return False
    return bool(
        _opens_sentence(text, one, before)
        or _CONTRIBUTED.match(after)
        or (_WITH.match(inner) and _closes(after, len(text), bracket=open_bracket))
        or _SYNDICATED.search(text)
    )


def is_by_agency_staff(text: str, group: Sequence[Named]) -> bool:
    """ "AGENCY writers X and Y contributed", or boiler plate: the whole text is the agency's."""
    return bool(_WRITERS.match(text[group[0].end :]) or _SYNDICATED.search(text) or _TAKEN_OVER.search(text))


def enumerated(text: str, named: Sequence[Named], first: Named) -> tuple[Named, ...]:
    """The agencies of the same list: "from Reuters and AFP"."""
    group = [first]
    for one in named:
        gap = text[group[-1].end : one.start]
        if one.start > group[-1].end and len(gap) <= 60 and not re.search(r"[.!?]\s", gap):
            group.append(one)
    return tuple(group)


def signature(text: str) -> str:
    """ "(Reporting by X; Editing by Y)" near the end of the text; empty without."""
    start = max(0, len(text) - 900)
    if not any(text.find(word, start) >= 0 for word in _EDITED):
        return ""
    for reporting in _REPORTING.finditer(text, start):
        editing = _EDITING.search(text, reporting.end(), reporting.end() + _SIGNATURE)
        if editing is not None and not re.search(r"[()\n]", text[reporting.end() : editing.start()]):
            return text[reporting.start() : editing.end()].strip()
    return ""


def _opens_sentence(text: str, one: Named, before: str) -> bool:
    """Does the note begin its sentence or bracket, and is no clause of a longer one ("he spoke with reporting by")?"""
    found = _OF.search(before)
    if found is None:
        return False
    at = one.start - len(before) + found.start()
    head = re.split(r"[.!?…。]\s+|[(\[\n]|[–—]\s", text[:at])[-1].strip(" \"'„“”*-")
    return len(head) <= _HEAD and (not head or head[0].isupper() or len(text) <= _AFTER)


def _closes(after: str, length: int, *, bracket: bool) -> bool:
    if bracket:
        return bool(re.match(r"[^()\[\]]{0,80}[)\]]?\.?\s*$|[^()\[\]]{0,40}[)\]]", after))
    return length <= 90
