"""Words around a credit, in many languages: labels, roles, dates, joiners. Data for the rules beside it."""

from __future__ import annotations

import re


def any_of(lines: str) -> str:
    """A pattern of alternatives, one on each line; a space stands for any white space, other syntax is re's own."""
    parts = [part.strip() for part in lines.strip().splitlines()]
    return "(?:" + "|".join(part.replace(" ", r"\s+") for part in parts if part) + ")"


MARK = "\ue000"  # stands for an agency's name in a line that is read

# Stands before a source or a name, and a colon or a dash may follow.
_LABEL = any_of(r"""
quellen?|sources?|bron(?:nen)?|fuentes?|font[ei]s?|kaynak(?:lar)?|haber kaynağı|zdroje?|źródł[oa](?: informacji)?
источники?|джерел[оа]|крыніца|източник|извори?|izvori?|viri?|πηγή|surs[aă]|forrás|käll(?:a|or)|kilder?|lähde|lähteet
allikas|avots|šaltinis|burimi|المصدر|مصدر|منبع|מקור|出典|ソース|来源|來源|稿源|信息来源|출처|स्रोत|สำนักข่าว|ที่มา|sumber
nguồn|theo|mənbə|manba|წყარო|copyright|©|\(c\)|texte?|testo|texto|tekst|authors?|autor(?:en|in|es|a)?|auteurs?|autor[ei]
yazar|muhabir|haber(?:ler)?|автор[иы]?|συντάκτης|بقلم|كتب|penulis|agentur|agency|agencia|agence|agenzia|ajans
news|nachrichten|noticias|world|politik|bericht|report|editors?|published by|posted by|provided by|syndicated from
submitted by|bereitgestellt von|(?:ein beitrag|eine meldung) von|přebráno z|převzato z|via
""")
_BY = any_of(r"""
by|written by|story by|reported by|reporting by|(?:ein artikel )?von(?: der)?|par|por|di|a cura di|door|av|af|od|from
words by|de|fra|från|oleh|from (?:our|the)
""")
LABEL = re.compile(
    rf"[^\w{MARK}]*(?:{_LABEL}\s*[:：﹕|/–-]\s*|(?:{_BY}|{_LABEL})(?:\s+|\s*[:：]\s*|$))(?:(?:the|der|die|l['’])\s*)?",
    re.IGNORECASE,
)
SOURCE_LABEL = re.compile(rf"^[\W_]*{_LABEL}\s*[:：﹕]", re.IGNORECASE)

# What a person's job, or the agency's kind, may be called beside the name.
_FIELDS = any_of(r"""
staff|auto|sports?|business|medical|science|national|political|entertainment|food|religion|technology|health|fashion
music|film|movie|economics?|education|military|diplomatic|racing|golf|tennis|football|basketball|baseball|hockey|chief
senior|foreign|news|white house|special|top|desk
""")
ROLE = re.compile(
    rf"\b(?:{_FIELDS}\s+){{0,3}}"
    + any_of(r"""
writers?|correspondents?|reporters?|editors?|journalists?|staff|newsroom|bureau|team|desk|contributors?|writes|reports
korrespondent(?:in|en)?|redakteur(?:in|e)?|redaktion|journaliste?s?|periodistas?|inviat[oa]|muhabiri?|correspondante?
корреспондент|журналист|news agency|nachrichtenagentur|agentur|agence|agencia|agenzia|agency|ajansı|news service|wire
nyhetsbyrån?|tisková agentura
""")
    + r"\b|(?:기자|특파원|記者|记者|通信员|記者団)",
    re.IGNORECASE,
)
_MONTH = (
    any_of(r"""
jan|feb|fév|fev|mär|mar|apr|abr|avr|may|mai|mag|maj|jun|giu|juin|jui|jul|lug|aug|ago|aoû|sep|set|okt|oct|ott|out|nov
dec|dez|dic|déc|ene|gen|haz|tem|ağu|eyl|eki|kas|ara|oca|şub|nis|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек
січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|stycz|lut|kwie|czerw|lip|sierp|wrze|paźdz|list|grud|led|úno|bře|dub
kvě|čer|srp|zář|říj|pro|siječ|velj|ožuj|trav|svib|srpan|kolov|ruj|stude|prosin|tammi|helmi|maalis|huhti|touko|kesä
heinä|elo|syys|loka|marras|joulu
""")
    + r"[^\W\d_]{0,9}\.?"
)
_MONTH_FIRST = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"  # before the day
# Dates, times and what a clock says; never an agency.
DATE = re.compile(
    r"\b"
    + any_of(rf"""
\d{{1,2}}\.?(?:st|nd|rd|th|er|º)?\s*(?:de )?{_MONTH}(?!\w)(?:(?: de)?\s*,?\s*\d{{4}})?
{_MONTH_FIRST} \d{{1,2}}(?:st|nd|rd|th)?(?!\d)(?:,? \d{{4}})?
\d{{1,4}}[./-]\d{{1,2}}(?:[./-]\d{{1,4}})?\.?
\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?\s*(?:uhr|a\.?m\.?|p\.?m\.?|h|cet|gmt|utc|est|edt|ist|wib)?
(?:19|20)\d\d|\d{{1,2}}月\d{{1,2}}日|\d{{1,2}}일
""")
    + r"(?!\w)|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|"
    r"\b(?:mon|diens|donners|frei|sams|sonn)tag\b|\bmittwoch\b|"
    r"\b(?:published|updated|aktualisiert|stand|posted|last\s+updated|uhr|am|pm|ist|gmt)\b:?",
    re.IGNORECASE,
)
# Says that a line speaks of a picture.
PICTURE = re.compile(
    r"\b"
    + any_of(r"""
\w*foto(?:s|graf\w*|ğraf)?|photo(?:s|graph\w*)?|(?:archiv|symbol)?bild(?:er|quelle|nachweis|rechte|funk)?|image[ns]?
pictures?|getty|imago|picture[\s-]alliance|shutterstock|alamy|istock|zuma|credit|crédit|kuva|kép|görsel|grafik
infographic|fot(?=\.)|video|screenshot|beeld|zdjęcie|snímek|handout|pool|фото|صورة|φωτογραφία
""")
    + r"\b|写真|画像|图片|圖|사진|撮影",
    re.IGNORECASE,
)
# Begins a list of topics or of other articles, in which names credit nothing.
LISTED = re.compile(
    r"^[\W_]*"
    + any_of(r"""
tags?|topics?|keywords?|themen|thema|schlagwörter|schlagworte|stichwörter|etiketler|etiquetas|mots[-\s]clés|temas|related
more|mehr|read (?:more|also)|see also|follow|contact|kontakt|filed under|categor(?:y|ies)|lesen sie|tagi|теги
""")
    + r"(?:\s*:|\s+(?:from|on|von|zu|auch|us|the)\b)",
    re.IGNORECASE,
)
# Words that join names.
JOINER = re.compile(
    r"\b(?:and|und|et|y|e|en|og|och|ja|ve|i|a|и|та|і|with|mit|avec|con|com|met|med|via|s|z|sowie|plus|dir)\b",
    re.IGNORECASE,
)
# Stand for the paper's own part in the text.
OWN_WORDS = re.compile(
    r"\b"
    + any_of(r"""
(?:online)?redaktion|eigene[rn]?|eigenbericht|own|staff|post|online|newsroom|redacción|rédaction|redazione|redação
redakcja|redakce|our|unser(?:e[rnm]?)?|eb|red|local|web\s?desk|desk
""")
    + r"\b",
    re.IGNORECASE,
)
# Small words within names.
PARTICLES = frozenset(
    {"von", "van", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "der", "den", "ten", "ter", "la", "le"}
    | {"el", "al", "bin", "ibn", "bint", "abu", "y", "e", "af", "zu", "zur", "und", "in", "of"}
)
PLACE_WORDS = re.compile(
    r"^(?:in|aus|from|à|en|a|de|w|v|ve|i|из|в|у|at|im|off|near|über)\s+(?=[^\W\d_])", re.IGNORECASE
)
RIGHTS = re.compile(
    any_of(r"""
all rights reserved|alle rechte(?: vorbehalten)?|tous droits(?: réservés)?|todos los derechos(?: reservados)?
(?:this material )?may not be (?:published|reproduced)[^.]*|todos os direitos(?: reservados)?
tutti i diritti(?: riservati)?
"""),
    re.IGNORECASE,
)
