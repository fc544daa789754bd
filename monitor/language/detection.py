"""Article -> Language: script and langdetect on the body, html lang and the site's hint where it can't tell."""

from __future__ import annotations

import re
import unicodedata

from monitor.language.draws import profiles
from monitor.records import Article, Language

# Samples of 203 labelled news pages: of 20 letters 21 % come out wrong, of 40 5 %, of 60 1.5 %, of 100 0.3 %.
SHORT = 60  # letters below which the page's own word goes before the text's
TOO_SHORT = 20  # letters below which the text is not asked at all
SAMPLE = 400  # characters that are read first: as good as the whole text (0 of 203 wrong) at a third of its cost
SURE = 0.9  # below this the whole text is read
# Random draws of n-grams whose results are averaged: with 3 none of 384 samples came out otherwise than with
# langdetect's 7, in 1.3 ms instead of 2.8; where they disagree, 7 on the whole text decide.
_FIRST_TRIALS, _TRIALS = 3, 7
_HTML_CONFIDENCE, _SITE_CONFIDENCE = 0.5, 0.3  # editors leave the theme's language in: 3 of 194 pages say "en" wrongly
_SCRIPT_CONFIDENCE = 0.99  # of a script that one language alone has
_FIRST_MARK = "\u0300"  # no combining mark stands before it
_FEWEST = 4  # letters from which a script counts
_SCRIPT_SHARE = 0.3  # of the sample's letters, from which a script tells the language

# Scripts that one language of news pages uses. Order matters: kana before Han.
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("am", re.compile(r"[\u1200-\u137f]")),
    ("km", re.compile(r"[\u1780-\u17ff]")),
    ("lo", re.compile(r"[\u0e80-\u0eff]")),
    ("my", re.compile(r"[\u1000-\u109f]")),
    ("si", re.compile(r"[\u0d80-\u0dff]")),
)
_KANA_SHARE = 0.1  # Japanese is half Han
# Letters that only one language of those near it has, for languages that langdetect has no profile of.
_LETTERS = (
    ("az", re.compile(r"[əƏ]"), 0.02),
    ("kk", re.compile(r"[ұқғҰҚҒ]"), 0.02),
    ("be", re.compile(r"[ўЎ]"), 0.005),
    ("sr", re.compile(r"[ђћЂЋ]"), 0.004),
    ("is", re.compile(r"[ðþÐÞ]"), 0.01),
    ("mt", re.compile(r"[ħġĦĠ]"), 0.01),
)
# Words that tell Nguni languages from Swahili, which langdetect takes them for.
_WORDS = {
    "sw": {
        "zu": frozenset({
            "ukuthi", "futhi", "kanye", "ngoba", "ngesikhathi", "lapho", "uma", "ngokuthi", "ukuze", "wathi",
            "bathi", "kusho",
        }),
        "xh": frozenset({
            "ukuba", "kwaye", "kunye", "ngokuba", "xa", "okanye", "kwakhona", "ukuze", "uthe", "bathi", "nangona",
            "ngoku", "kuba",
        }),
    }
}  # fmt: skip
_CODES = {
    "iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "mo": "ro", "sh": "sr", "fil": "tl",
    "cmn": "zh", "yue": "zh",
    "ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "tur": "tr", "rus": "ru",
    "por": "pt", "nld": "nl", "dut": "nl", "pol": "pl", "xho": "xh", "zul": "zu", "afr": "af", "ukr": "uk", "ara": "ar",
    "jpn": "ja", "kor": "ko", "zho": "zh", "chi": "zh", "cz": "cs", "dk": "da", "gr": "el", "ua": "uk", "jp": "ja",
    "cn": "zh",
}  # fmt: skip
_UNPROFILED = frozenset({
    "am", "as", "az", "be", "bo", "bs", "ceb", "dv", "dz", "eo", "eu", "fo", "fy", "ga", "gd", "gl", "ha", "hy",
    "ig", "is", "jv", "ka", "kk", "km", "ku", "ky", "la", "lb", "lg", "ln", "lo", "mg", "mi", "mn", "ms", "mt", "my",
    "nv", "ny", "om", "or", "ps", "qu", "rm", "rn", "rw", "sd", "se", "si", "sm", "sn", "sr", "st", "su", "tg", "ti",
    "tk", "tn", "to", "ts", "tt", "ug", "uz", "ve", "wo", "xh", "yi", "yo", "zu",
})  # fmt: skip
_NOT_CODES = frozenset({"und", "mul", "zxx", "mis"})


def normalise(tag: str) -> str:
    """ISO 639-1 of a language tag ("de-AT", "zh_Hant", "nb"); ISO 639-3 where there is no shorter; empty for none."""
    code = re.split(r"[-_]", tag.strip().lower(), maxsplit=1)[0]
    code = _CODES.get(code, code)
    return code if len(code) in (2, 3) and code.isascii() and code.isalpha() and code not in _NOT_CODES else ""


def detect(article: Article, *, site_language: str = "") -> Language:
    """Never raises. "und" with method "none" when neither text nor page nor site tell."""
    html, site = normalise(article.html_lang), normalise(site_language)
    text = article.text
    if _letters(text) < SHORT:
        text = f"{article.title}\n{text}"
    letters = _letters(text)
    if script := _by_script(text[:SAMPLE], letters):
        return _corrected(script, html)
    found = _by_text(text) if letters >= TOO_SHORT else None
    if found is not None and letters >= SHORT:
        return _corrected(found, html)
    if html:
        return Language(html, _HTML_CONFIDENCE, "html")
    if site:
        return Language(site, _SITE_CONFIDENCE, "site")
    return Language(found.code, round(found.confidence / 2, 4), "text") if found else Language()


def _letters(text: str) -> int:
    """Letters of the sample with their marks, of which the scripts of India write every other sound."""
    sample = text[:SAMPLE]
    letters = sum(map(str.isalpha, sample))
    if sample.isascii():
        return letters
    return letters + sum(unicodedata.category(c) in ("Mn", "Mc") for c in sample if c >= _FIRST_MARK)


def _by_script(sample: str, letters: int) -> Language | None:
    """Sure even of short texts, but for Han alone: a Japanese title may have no kana."""
    if sample.isascii() or letters < _FEWEST:
        return None
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) >= letters * (_KANA_SHARE if code == "ja" else _SCRIPT_SHARE):
            if code != "zh" or letters >= TOO_SHORT:
                return Language(code, _SCRIPT_CONFIDENCE, "text")
            return None
    if letters >= SHORT:
        for code, signs, share in _LETTERS:
            if len(signs.findall(sample)) >= letters * share:
                return Language(code, SURE, "text")
    return None


def _corrected(found: Language, html: str) -> Language:
    """langdetect can't name a language that it has no profile of; where the page names such a one, it is believed."""
    return Language(html, _HTML_CONFIDENCE, "html") if html in _UNPROFILED else found


def _by_text(text: str) -> Language | None:
    best = _guess(text[:SAMPLE], _FIRST_TRIALS)
    if best is None or best.confidence < SURE:
        best = _guess(text, _TRIALS) or best
    if best is not None and best.code in _WORDS:
        return _neighbour(best, text)
    return best


def _guess(text: str, trials: int) -> Language | None:
    ranked = profiles().rank(text, trials)
    return Language(normalise(ranked[0][0]), round(min(1.0, ranked[0][1]), 4), "text") if ranked else None


def _neighbour(found: Language, text: str) -> Language:
    spoken = text.lower().split()
    counts = {
        code: sum(word.strip(".,;:!?\"'“”") in words for word in spoken) for code, words in _WORDS[found.code].items()
    }
    code = max(counts, key=lambda name: counts[name])
    # Two different function words a hundred are frequent in either, and Swahili has none of them.
    return Language(code, 0.7, "text") if counts[code] >= max(2, len(spoken) // 100) else found
