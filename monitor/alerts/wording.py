"""Words of messages, by language."""

from __future__ import annotations


def words(language: str) -> dict[str, str]:
    """English where the language is none of ours."""
    return _TEXTS.get(language, _TEXTS["en"])


_TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "moment": "%Y-%m-%d %H:%M %Z",
        "digest": "{count} stories: {rules}",
        "digest_of_one": "{count} story: {rules}",
        "nothing": "Nothing was found.",
        "rule": "Rule",
        "copies": "copies",
        "source": "Source",
        "agency": "agency copy",
        "mixed": "agency copy with own parts",
        "own": "own report",
        "unknown": "source unknown",
        "credited": "credited",
        "uncredited": "not credited",
        "unlicensed": "no licence",
        "origin": "from",
        "withdrawn": "withdrawn by its source",
        "taken_back": "Taken back by its source",
        "also": "Also",
        "more": "Story",
        "left": "more stories",
        "left_of_one": "more story",
        "see": "to be seen with",
        "trial": "Trial message of the media monitor",
        "trial_line": "Alerts for the channel {channel} come here.",
    },
    "de": {
        "moment": "%d.%m.%Y %H:%M %Z",
        "digest": "{count} Meldungen: {rules}",
        "digest_of_one": "{count} Meldung: {rules}",
        "nothing": "Es wurde nichts gefunden.",
        "rule": "Regel",
        "copies": "Fassungen",
        "source": "Quelle",
        "agency": "Agenturtext",
        "mixed": "Agenturtext mit eigenen Teilen",
        "own": "eigener Bericht",
        "unknown": "Quelle unbekannt",
        "credited": "gekennzeichnet",
        "uncredited": "nicht gekennzeichnet",
        "unlicensed": "ohne Lizenz",
        "origin": "von",
        "withdrawn": "von der Quelle zurückgezogen",
        "taken_back": "Von der Quelle zurückgezogen",
        "also": "Auch",
        "more": "Geschichte",
        "left": "weitere Meldungen",
        "left_of_one": "weitere Meldung",
        "see": "zu sehen mit",
        "trial": "Probenachricht der Medienbeobachtung",
        "trial_line": "Hier kommen die Meldungen für den Kanal {channel} an.",
    },
}
