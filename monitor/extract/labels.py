"""Words by which pages label things, in many languages: data, compared folded (`monitor.text.fold`)."""

from __future__ import annotations

import re

from monitor.text import fold

# "Source" as a label of a link or line, by language.
SOURCE_WORDS: dict[str, tuple[str, ...]] = {
    "de": ("Quelle", "Quellen", "Originalquelle", "Originalartikel", "Zum Originalartikel", "Im Original",
           "Originalmeldung", "Verwendete Quellen"),
    "en": ("Source", "Sources", "Original source", "News source", "Original article", "Source link",
           "Read original article", "Read the original", "Originally published at", "Originally published on",
           "Originally appeared on"),
    "tr": ("Kaynak", "Kaynaklar", "Haber kaynağı", "Haberin kaynağı"),
    "es": ("Fuente", "Fuentes", "Fuente original"),
    "it": ("Fonte", "Fonti", "Fonte originale", "Articolo originale"),
    "pt": ("Fonte", "Fontes", "Fonte original"),
    "fr": ("Source", "Sources", "Source originale", "Article original"),
    "nl": ("Bron", "Bronnen", "Originele bron"),
    "pl": ("Źródło", "Źródła", "Żródło"),
    "cs": ("Zdroj", "Zdroje"),
    "sk": ("Zdroj", "Zdroje"),
    "ru": ("Источник", "Источники", "Первоисточник", "Ссылка на источник", "Оригинал"),
    "uk": ("Джерело", "Джерела", "Першоджерело"),
    "be": ("Крыніца",),
    "bg": ("Източник", "Източници"),
    "mk": ("Извор",),
    "sr": ("Izvor", "Izvori", "Извор", "Извори"),
    "hr": ("Izvor", "Izvori"),
    "bs": ("Izvor",),
    "sl": ("Vir", "Viri"),
    "ar": ("المصدر", "مصدر", "المصادر"),
    "fa": ("منبع", "منابع"),
    "ur": ("ماخذ", "ذریعہ"),
    "he": ("מקור", "המקור", "מקורות"),
    "el": ("Πηγή", "Πηγές", "Με πληροφορίες από"),
    "ro": ("Sursa", "Sursă", "Surse"),
    "hu": ("Forrás", "Források"),
    "sv": ("Källa", "Källor"),
    "da": ("Kilde", "Kilder"),
    "no": ("Kilde", "Kilder", "Kjelde"),
    "is": ("Heimild",),
    "fi": ("Lähde", "Lähteet"),
    "et": ("Allikas", "Allikad"),
    "lv": ("Avots", "Avoti"),
    "lt": ("Šaltinis", "Šaltiniai"),
    "sq": ("Burimi", "Burim"),
    "ja": ("出典", "ソース", "情報源", "引用元", "元記事"),
    "zh": ("来源", "來源", "信息来源", "稿源", "原文", "原文链接", "新闻来源"),
    "ko": ("출처", "원문", "원문보기"),
    "hi": ("स्रोत", "सोर्स", "साभार"),
    "bn": ("সূত্র", "উৎস"),
    "ta": ("ஆதாரம்",),
    "th": ("ที่มา", "แหล่งที่มา"),
    "id": ("Sumber", "Sumber berita"),
    "ms": ("Sumber",),
    "vi": ("Nguồn", "Theo nguồn"),
    "az": ("Mənbə", "Mənbələr"),
    "kk": ("Дереккөз", "Дереккөзі"),
    "uz": ("Manba",),
    "ka": ("წყარო",),
    "hy": ("Աղբյուր", "Աղբյուրը"),
    "ca": ("Font",),
    "gl": ("Fonte",),
    "eu": ("Iturria",),
    "af": ("Bron",),
    "sw": ("Chanzo",),
    "tl": ("Pinagmulan",),
}  # fmt: skip


def _alternatives(words: set[str]) -> str:
    return "|".join(sorted((re.escape(word).replace(r"\ ", r"\s+") for word in words), key=len, reverse=True))


_SOURCES = {fold(word) for words in SOURCE_WORDS.values() for word in words}
_COLON = r"[:：﹕]"
# The whole line is the label ("Kaynak", "Quelle:", "[Source]", "» Kaynak").
_ONLY = re.compile(rf"^[^\w]*(?:{_alternatives(_SOURCES)})[^\w]*$")
# The line begins with it and goes on after a colon, or after a dash: "Quelle: ORF", "Source - BBC".
_LEADS = re.compile(rf"^[^\w]*(?:{_alternatives(_SOURCES)})\s*(?:{_COLON}|\s[-–—|]\s)\s*\S")
# What comes before a link: "... (Quelle:", "Kaynak :".
_TRAILS = re.compile(rf"(?:^|[^\w])(?:{_alternatives(_SOURCES)})\s*(?:{_COLON}|[-–—|>»])?\s*[\"'„“«(\[]?$")
_LONGEST = 120  # characters of a label; a longer line is a sentence


def is_source_label(text: str) -> bool:
    """Is the whole text nothing but the word?"""
    return 2 <= len(text) <= 60 and bool(_ONLY.match(fold(text)))


def starts_with_source_label(text: str) -> bool:
    """ "Quelle: ORF", "Kaynak: https://..." """
    return 3 <= len(text) <= 300 and bool(_LEADS.match(fold(text[:_LONGEST])))


def ends_with_source_label(text: str) -> bool:
    """ "(Quelle:" as the text before a link. Without a colon only when the word is all there is."""
    tail = fold(text[-_LONGEST:])
    found = _TRAILS.search(tail)
    return bool(found) and (tail.rstrip("\"'„“«([ ")[-1:] in ":：﹕-–—|>»" or is_source_label(text))


# What stands before a name in a byline.
BY_WORDS = (
    "by", "written by", "story by", "reported by", "reporting by", "posted by", "published by", "words by", "author",
    "authors", "von", "ein artikel von", "autor", "autoren", "autorin", "text", "par", "di", "a cura di", "por", "de",
    "door", "av", "af", "tekst", "tekst av", "texto", "yazan", "haber", "muhabir", "yazar", "autor", "autorka", "od",
    "автор", "авторы", "текст", "автор текста", "συντάκτης", "γράφει", "του", "της", "szerző", "írta", "fra",
    "بقلم", "كتب", "oleh", "penulis", "記者", "文", "作者", "记者",
)  # fmt: skip
