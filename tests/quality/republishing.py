"""Made streams of news with known truth: originals, what republishers make of them, bulletins, furniture."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.duplicates import plain_document
from monitor.records import Document
from tests.quality.bulletins import KINDS

BATCH = 50  # articles that are placed together
START = datetime(2024, 5, 13, tzinfo=UTC)

INTROS = {
    "de": "Unsere Redaktion hat diese Meldung für Sie gefunden und stellt sie hier in Auszügen vor, weil "
    "viele Leserinnen und "
    "Leser in den vergangenen Tagen danach gefragt haben und das Thema auch in unserer Region für Gespräche sorgt.",
    "en": "Here is what our newsroom picked for you this morning, because a number of readers wrote in to ask "
    "about it and "
    "we believe that the matter will keep many people in our part of the country busy for weeks to come.",
    "tr": "Okurlarımızın son günlerde sıkça sorduğu bu gelişmeyi sizin için derledik; konu bölgemizde de "
    "merak uyandırıyor ve "
    "önümüzdeki haftalarda daha çok konuşulacağa benziyor, ayrıntılar haberimizin devamında.",
    "fr": "Notre rédaction a choisi pour vous cette information dont plusieurs lecteurs nous ont parlé ces "
    "derniers jours, car le "
    "sujet occupe aussi notre région et devrait rester au centre des conversations pendant quelque temps.",
    "es": "Nuestra redacción ha elegido esta noticia porque muchos lectores nos han preguntado por ella en "
    "los últimos días y "
    "porque el asunto dará que hablar también en nuestra comarca durante las próximas semanas.",
}
RETITLES = {
    "de": ["Das steckt dahinter", "Was jetzt bekannt wurde", "Neue Einzelheiten vom Tag", "Darüber spricht das Land"],
    "en": ["What we know so far", "The story everyone is talking about", "Here is what happened", "More on this today"],
    "tr": ["İşte ayrıntılar", "Herkes bunu konuşuyor", "Son gelişme ortaya çıktı"],
    "fr": ["Ce que l'on sait", "Les détails du jour", "Tout le monde en parle"],
    "es": ["Esto es lo que se sabe", "La noticia del día", "Todos hablan de ello"],
}


@dataclass(frozen=True, slots=True)
class Source:
    """A natural text to make an original from."""

    title: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Item:
    """One article of the stream and what is true of it. `parts`: words kept of each original it is made of."""

    id: str
    site: str
    title: str
    text: str
    language: str
    at: datetime
    kind: str  # original | copy | merged | bulletin | lone
    parts: dict[str, int] = field(default_factory=dict)
    kept: float = 1.0  # of the main original
    arrives: datetime = START

    @property
    def main(self) -> str:
        """The original whose story it belongs to; itself where there is none."""
        return max(self.parts, key=lambda one: self.parts[one]) if self.parts else self.id

    def document(self) -> Document:
        return plain_document(self.id, self.text, title=self.title, at=self.at, site=self.site, language=self.language)


@dataclass(frozen=True, slots=True)
class Site:
    name: str
    head: str = ""
    foot: str = ""

    def page(self, rng: random.Random, text: str) -> str:
        """The text with the site's furniture around it, as extraction leaks it."""
        head = self.head.replace("#", str(rng.randrange(2, 900)))
        foot = self.foot.replace("#", str(rng.randrange(2, 900)))
        return "\n\n".join(part for part in (head, text, foot) if part)


HEADS = [
    "",
    "Startseite Nachrichten Politik Wirtschaft Sport Kultur Merkliste öffnen # Teilen",
    "Home World # shares 0 comments Follow us",
]
FEET = [
    "",
    "Bleiben Sie informiert und abonnieren Sie unseren kostenlosen Rundbrief mit den wichtigsten Meldungen "
    "des Tages. Wir senden "
    "ihn jeden Morgen um # Uhr. Die Abmeldung ist jederzeit möglich, Hinweise zum Datenschutz finden Sie im Impressum.",
    "Leave a reply. Your email address will not be published. Required fields are marked. Save my name, email "
    "and website in "
    "this browser for the next time I comment. # readers liked this page. Share it with your friends and tell "
    "us what you think.",
    "Bu haber toplam # kez okundu. Yorum yapmak için üye girişi yapmalısınız. Yapılan yorumlardan yazarları "
    "sorumludur. "
    "Bizi sosyal medya hesaplarımızdan takip etmeyi unutmayın, gelişmeler anında cebinize gelsin.",
]


class World:
    """Makes items with one source of chance. `words` replace others where a copy is edited."""

    def __init__(self, seed: int, sources: Sequence[Source], sites: int = 24, least: int = 1) -> None:
        """`least`: words of an original that every copy keeps."""
        self.least = least
        self.rng = random.Random(seed)
        self.sources = list(sources)
        self.sites = [Site(f"site{n}.example", HEADS[n % 3], FEET[n % 4]) for n in range(sites)]
        self._pool = {lang: self._vocabulary(lang) for lang in {one.language for one in sources}}
        self._made = 0

    def _vocabulary(self, language: str) -> list[str]:
        return [word for one in self.sources if one.language == language for word in one.text.split()]

    def _name(self) -> str:
        self._made += 1
        return f"i{self._made:05}"

    def original(self, source: Source, at: datetime, kind: str = "original") -> Item:
        return Item(self._name(), "agency.example", source.title, source.text, source.language, at, kind, arrives=at)

    def bulletin(self, at: datetime) -> Item:
        title, text, language = self.rng.choice(KINDS)(self.rng, at)
        site = self.rng.choice(self.sites)
        return Item(self._name(), site.name, title, site.page(self.rng, text), language, at, "bulletin", arrives=at)

    def copy(self, original: Item, at: datetime, keep: float | None = None) -> Item:
        """What a republisher makes of it: cut, reordered, edited, with an intro, under another title."""
        rng = self.rng
        keep = keep if keep is not None else rng.choice([0.15, 0.3, 0.3, 0.5, 0.5, 0.7, 0.85, 1.0, 1.0])
        keep = min(1.0, max(keep, self.least / len(original.text.split())))
        text, kept = self._cut(original.text, keep)
        text = self.edited(text, rng.choice([0, 0, 0.03, 0.06, 0.1]), original.language)
        if keep > 0.5 and rng.random() < 0.15:
            paragraphs = text.split("\n\n")
            rng.shuffle(paragraphs)
            text = "\n\n".join(paragraphs)
        if rng.random() < 0.4:
            text = f"{self._intro(original.language)}\n\n{text}"
        title = original.title
        if rng.random() < 0.5:
            title = rng.choice(RETITLES.get(original.language, RETITLES["en"]))
        elif rng.random() < 0.5:
            title = self.edited(title, 0.3, original.language)
        site = rng.choice(self.sites)
        return Item(
            self._name(),
            site.name,
            title,
            site.page(rng, text),
            original.language,
            at,
            "copy",
            {original.id: kept},
            keep,
            at,
        )

    def merged(self, main: Item, second: Item, at: datetime) -> Item:
        """An article made of two stories; the main one has at least 1.3 times the other's words."""
        text, kept = self._cut(main.text, 0.9)
        words = int(kept / self.rng.uniform(1.3, 2.5))
        other, others = self._cut(second.text, min(1.0, words / len(second.text.split())))
        if others * 1.2 > kept:
            other = " ".join(other.split()[: int(kept / 1.3)])
            others = len(other.split())
        site = self.rng.choice(self.sites)
        first = self.rng.random() < 0.5
        body = f"{text}\n\n{other}" if first else f"{other}\n\n{text}"
        parts = {main.id: kept, second.id: others}
        page = site.page(self.rng, body)
        return Item(self._name(), site.name, main.title, page, main.language, at, "merged", parts, 0.9, at)

    def _intro(self, language: str) -> str:
        words = INTROS.get(language, INTROS["en"]).split()
        start = self.rng.randrange(0, 8)
        return " ".join(words[start : start + self.rng.randrange(15, 32)])

    def _cut(self, text: str, keep: float) -> tuple[str, int]:
        """The first or a middle part, in whole words; paragraphs stay."""
        marked = text.replace("\n\n", " ¶ ").split()
        count = sum(word != "¶" for word in marked)
        want = max(1, round(count * keep))
        start = 0 if self.rng.random() < 0.6 else self.rng.randrange(0, max(1, count - want + 1))
        taken, seen = [], 0
        for word in marked:
            if word != "¶":
                seen += 1
            if start < seen <= start + want:
                taken.append(word)
        return " ".join(taken).replace(" ¶ ", "\n\n").strip(" ¶"), want

    def edited(self, text: str, share: float, language: str) -> str:
        pool = self._pool[language]
        paragraphs = [
            " ".join(self.rng.choice(pool) if self.rng.random() < share else word for word in paragraph.split())
            for paragraph in text.split("\n\n")
        ]
        return "\n\n".join(paragraphs)

    def stream(self, *, copies: int = 6, bulletins: int = 400, late: float = 0.1) -> list[Item]:
        """All of it in order of arrival, over about five days. `late`: share of originals that arrive after copies."""
        rng, items = self.rng, []
        originals: list[Item] = []
        for number, source in enumerate(self.sources):
            at = START + timedelta(hours=rng.uniform(0, 100))
            if number % 4 == 3:  # nobody republishes it
                items.append(self.original(source, at, "lone"))
                continue
            original = self.original(source, at)
            originals.append(original)
            made = [self.copy(original, _after(rng, at)) for _ in range(rng.randrange(2, 2 * copies - 1))]
            if rng.random() < late:
                original = replace(original, arrives=max(one.at for one in made) + timedelta(minutes=5))
            items += [original, *made]
        originals.sort(key=lambda one: one.at)
        for one, other in zip(originals[::5], originals[1::5], strict=False):
            if one.language == other.language or rng.random() < 0.3:
                main, second = rng.sample([one, other], 2)
                items.append(self.merged(main, second, max(one.at, other.at) + timedelta(hours=2)))
        items += [self.bulletin(START + timedelta(hours=rng.uniform(0, 120))) for _ in range(bulletins)]
        return sorted(items, key=lambda one: (one.arrives, one.id))


def _after(rng: random.Random, at: datetime) -> datetime:
    return at + timedelta(hours=min(60.0, rng.expovariate(1 / 5) + 0.05))


def jittered(items: Sequence[Item], hours: float, seed: int) -> list[Item]:
    """Arriving up to so many hours before or after its true time; the times themselves stay."""
    rng = random.Random(seed)
    moved = [replace(one, arrives=one.at + timedelta(hours=rng.uniform(-hours, hours))) for one in items]
    return sorted(moved, key=lambda one: (one.arrives, one.id))
