"""What people read in Kibana, in every language that the content is shipped in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Language = Literal["en", "de"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    de: str

    def within(self, language: Language) -> str:
        return self.de if language == "de" else self.en
