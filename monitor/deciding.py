"""What people decide on articles: checked, put into words, written. It outlives every re-analysis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.errors import InputError
from monitor.records import Decision, Document, Story
from monitor.store.port import Store
from monitor.text import clean, digest

CONFIRM, REJECT, SPLIT, MERGE, NOTE = "confirm-credit", "reject-credit", "split", "merge", "note"
VERBS = (CONFIRM, REJECT, SPLIT, MERGE, NOTE)
LONGEST_NOTE = 10_000  # characters
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be written, and what it does in words."""

    decisions: tuple[Decision, ...]
    effect: str


def plan(
    store: Store,
    subject: Document,
    verb: str,
    argument: str,
    *,
    author: str,
    at: datetime,
    other: Document | None = None,
) -> Plan:
    """What the decision comes to. `other`: the article that the argument of split and merge names.

    Split and merge concern two articles alike, so they are written for both. Raises InputError for what makes no sense.
    """
    author = clean(author)[:LONGEST_NAME] or "unknown"
    if verb in (SPLIT, MERGE):
        if other is None:
            raise InputError(f"{verb} needs the id of another article")
        if other.id == subject.id:
            raise InputError(f"an article can't be {'split from' if verb == SPLIT else 'merged with'} itself")
        pairs = ((subject.id, other.id), (other.id, subject.id))
        decisions = tuple(_decision(one, verb, two, author, at) for one, two in pairs)
        effect = _apart(store, subject, other) if verb == SPLIT else _together(store, subject, other)
        return Plan(decisions, effect)
    argument = clean(argument)[:LONGEST_NOTE]
    if not argument:
        raise InputError("a note needs a text" if verb == NOTE else f"{verb} needs the id of an agency")
    effect = {
        CONFIRM: f"{argument} counts as the agency of {_named(subject)}; whether the page names it stays as it is.",
        REJECT: f"{argument} no longer counts as an agency of {_named(subject)}, whatever the page says.",
        NOTE: f"The note stands beside {_named(subject)}; nothing else changes.",
    }[verb]
    return Plan((_decision(subject.id, verb, argument, author, at),), effect)


def _decision(subject: str, verb: str, argument: str, author: str, at: datetime) -> Decision:
    return Decision(
        digest("decision", subject, verb, argument, author, at.isoformat()), subject, verb, argument, author, at
    )


def _apart(store: Store, one: Document, other: Document) -> str:
    both = f"{_named(one)} and {_named(other)}"
    if one.story != other.story:
        return f"{both} stay in two stories, whatever they have in common."
    story = store.stories([one.story]).get(one.story)
    return f"{both} leave their common story {_sized(one.story, story)} for two, each with what is nearer to it."


def _together(store: Store, one: Document, other: Document) -> str:
    stories = store.stories([one.story, other.story])
    both = f"{_named(one)} and {_named(other)}"
    if one.story == other.story or stories.get(one.story) == stories.get(other.story):
        return f"{both} stay in one story, {_sized(one.story, stories.get(one.story))}."
    sizes = " and ".join(_sized(id, stories.get(id)) for id in (one.story, other.story))
    return f"{both} come into one story: {sizes} become one. The older id stays, the other one still leads there."


def _named(document: Document) -> str:
    title = document.article.title or "(no title)"
    return f"{title!r} ({document.id})"


def _sized(id: str, story: Story | None) -> str:
    copies = story.copies if story else 1
    return f"{id} ({copies} article{'' if copies == 1 else 's'})"


def carry_out(store: Store, made: Plan) -> None:
    """Write the decisions. The filer places and traces again what they touch: the one that runs, or the next."""
    for decision in made.decisions:
        store.decide(decision)
