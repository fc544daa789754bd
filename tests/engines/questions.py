"""200 queries about the made articles, always the same ones, by what they ask of a store."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.query import FIELDS, Bool, Node, Phrase, Prefix, Range, Term, show
from monitor.text import tokens
from tests.quality.republishing import Item

SPOKEN = ("de", "en", "fr", "es", "it", "pt", "nl", "tr", "ru", "sv", "ar")
STEMMED_EACH = 5  # queries of one language
COUNTS = {"folded": 30, "phrase": 30, "slop": 20, "prefix": 25, "field": 20, "boolean": 20}
AGENCIES = ("dpa", "afp", "ap", "reuters", "aa")
LONG = 4  # letters that a word has at least which is asked for


@dataclass(frozen=True, slots=True)
class Question:
    """`kind`: of COUNTS, or "stemmed"; only of that the language is told."""

    kind: str
    node: Node
    language: str = ""

    @property
    def text(self) -> str:
        return show(self.node)


def questions(items: Sequence[Item]) -> list[Question]:
    """Words of the articles, chosen so that they differ from each other."""
    dice = random.Random(23)
    made: dict[str, Question] = {}
    for kind, count in COUNTS.items():
        wanted = len(made) + count
        while len(made) < wanted:
            question = Question(kind, _MAKERS[kind](dice, dice.choice(items)))
            made.setdefault(question.text, question)
    for language in SPOKEN:
        theirs = [item for item in items if item.language == language]
        wanted = len(made) + STEMMED_EACH
        while len(made) < wanted:
            node = Bool(must=(Term(None, _word(dice, dice.choice(theirs))), Term("lang", language)))
            made.setdefault(show(node), Question("stemmed", node, language))
    return list(made.values())


def _words(item: Item) -> list[str]:
    """As an article has them, cut as a store cuts them."""
    return tokens(item.text, item.language)


def _word(dice: random.Random, item: Item) -> str:
    return dice.choice([word for word in _words(item) if len(word) >= LONG])


def _run(dice: random.Random, item: Item, count: int) -> list[str]:
    words = _words(item)
    at = dice.randrange(max(1, len(words) - count))
    return words[at : at + count]


def _folded(dice: random.Random, item: Item) -> Node:
    """A word in quotes is not stemmed, and neither is a name or a word in a language without stemmer."""
    if dice.random() < 0.3:
        return Term("author", dice.choice(_words(item)[3:5]))
    field = dice.choice((None, None, "title", "text"))
    word = dice.choice(tokens(item.title, item.language)) if field == "title" else _word(dice, item)
    return Phrase(field, word)


def _phrase(dice: random.Random, item: Item) -> Node:
    return Phrase(dice.choice((None, "text")), " ".join(_run(dice, item, dice.choice((2, 2, 3, 4)))))


def _slop(dice: random.Random, item: Item) -> Node:
    """Words with others left out between them; some of the phrases leave out more than is allowed."""
    gap = dice.randint(1, 3)
    words = _run(dice, item, 2 + gap)
    return Phrase(None, f"{words[0]} {words[-1]}", dice.randint(1, 3))


def _prefix(dice: random.Random, item: Item) -> Node:
    if dice.random() < 0.3:
        first, second = _run(dice, item, 2)
        return Prefix(None, f"{first} {second[:3]}")
    return Prefix(dice.choice((None, "title", "text")), _word(dice, item)[: dice.randint(3, 5)])


def _field(dice: random.Random, item: Item) -> Node:
    after = item.at - timedelta(hours=dice.randint(1, 6))
    return dice.choice(
        (
            Term("site", item.site),
            Term("lang", item.language),
            Term("id", item.id),
            Prefix("id", item.id[:4]),
            Term("url", f"https://{item.site}/{item.id}"),
            Prefix("url", f"https://{item.site}/{item.id[:3]}"),
            Term("agency", dice.choice(AGENCIES)),
            Term("kind", dice.choice(FIELDS["kind"].values)),
            Term("credited", dice.choice(("true", "false"))),
            Prefix("origin", "agency.ex"),
            Range("published", after, item.at),
            Range("copies", float(dice.randint(1, 6)), None),
        )
    )


def _boolean(dice: random.Random, item: Item) -> Node:
    def leaf() -> Node:
        return dice.choice((_folded, _phrase, _prefix, _field))(dice, item)

    return Bool(
        must=tuple(leaf() for _ in range(dice.randint(0, 2))),
        should=tuple(leaf() for _ in range(dice.randint(1, 2))),
        must_not=tuple(_folded(dice, item) for _ in range(dice.randint(0, 1))),
    )


_MAKERS: dict[str, Callable[[random.Random, Item], Node]] = {
    "folded": _folded,
    "phrase": _phrase,
    "slop": _slop,
    "prefix": _prefix,
    "field": _field,
    "boolean": _boolean,
}


def of_kinds(asked: Sequence[Question], kinds: Sequence[str]) -> Iterator[Question]:
    return (question for question in asked if question.kind in kinds)
