"""Made documents and stories for the tests of matching."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.duplicates import Matcher, MemoryLookup, fingerprint, plain_document
from monitor.records import Decision, Document
from monitor.text import text_hash

NOW = datetime(2024, 5, 16, 12, 0, tzinfo=UTC)

HARBOUR = (
    "The harbour board of Larkmere approved a new breakwater on Thursday after eleven years of quarrels. The "
    "wall of granite "
    "blocks will reach four hundred metres into the bay and shelter the fishing fleet from the autumn gales "
    "that sank three "
    "boats last October. Board chair Imogen Tresco called the vote a relief for every family that lives from "
    "the sea.\n\n"
    "Opponents fear that the current will carry sand onto the bathing beach. The board promised to measure "
    "the depth each "
    "spring and to dredge the channel at its own cost. Work begins in March and should end before the winter of the "
    "following year. The state pays half of the 38 million, the rest comes from mooring fees and a loan.\n\n"
    "Fishermen had asked for the breakwater since the old pier collapsed. Their spokesman Wilf Haddow said "
    "younger crews "
    "would have moved south had the board refused again. The diving club wants the remains of the pier kept "
    "as a reef, and "
    "the museum hopes to show the iron lantern that divers found under the rubble."
)
ORCHARD = (
    "Growers in the Avelin valley expect their smallest apple harvest in three decades. Two nights of frost "
    "at the end of "
    "April destroyed the blossom on most of the slopes above the river, the growers' association reported. "
    "Only orchards "
    "with sprinklers, which coat the buds in ice, came through without heavy losses.\n\n"
    "Association head Bertrand Oakley put the damage at 52 million. Cider makers have begun to buy fruit "
    "abroad, and two "
    "presses will stay closed this autumn. The ministry offers cheap loans, yet many growers say that they "
    "are still paying "
    "back those of the last bad year.\n\n"
    "Researchers at the fruit institute advise planting varieties that bloom a fortnight later. Changing an "
    "orchard takes "
    "seven years until the first full crop. Several young families have therefore rented their land to "
    "vegetable farms, "
    "which need less patience and less water than the trees."
)
LIBRARY = (
    "The city library of Port Isham will open all night from September. Director Salome Quist said students and shift "
    "workers had asked for it in a survey with nine thousand answers. Readers enter with their card, guards "
    "walk the floors, "
    "and the lending machines never sleep.\n\nA trial last winter drew two hundred visitors a night, more "
    "than the museum "
    "counts on Sundays. The costs of 640,000 a year are met by the university and by a foundation of booksellers. The "
    "council wants to see after two years whether the smaller branches should follow."
)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def document(
    id: str, text: str, hours: float = 0, *, title: str = "A title", site: str = "", **more: object
) -> Document:
    """An article with a story time so many hours after NOW."""
    made = plain_document(id, text, title=title, at=at(hours), site=site or f"{id}.example", language="en")
    role = str(more.pop("role", "article"))
    return replace(made, article=replace(made.article, role=role), **more)  # type: ignore[arg-type]


def revised(lookup: MemoryLookup, id: str, text: str) -> Document:
    """The article as it arrives again with another text."""
    known = lookup.documents([id])[id]
    title = known.article.title
    return replace(
        known,
        article=replace(known.article, text=text),
        text_hash=text_hash(title, text),
        revision=known.revision + 1,
        fingerprint=fingerprint(title, text, "en"),
    )


def placed(*documents: Document, batch: int = 50, lookup: MemoryLookup | None = None) -> MemoryLookup:
    """A lookup in which they were placed in this order."""
    lookup = lookup or MemoryLookup()
    matcher = Matcher()
    for start in range(0, len(documents), batch):
        lookup.file(matcher.place(lookup, documents[start : start + batch]))
    return lookup


def story(lookup: MemoryLookup, id: str) -> str:
    return lookup.documents([id])[id].story


def stories(lookup: MemoryLookup) -> list[list[str]]:
    """Articles by story, each sorted."""
    found: dict[str, list[str]] = {}
    for one in lookup.all():
        found.setdefault(one.story, []).append(one.id)
    return sorted(sorted(ids) for ids in found.values())


def decision(verb: str, subject: str, argument: str, hours: float = 0) -> Decision:
    return Decision(f"{verb}-{subject}-{argument}", subject, verb, argument, "Nora", at(hours))


def paragraphs(text: str, *numbers: int) -> str:
    every: Sequence[str] = text.split("\n\n")
    return "\n\n".join(every[number] for number in numbers)


def consistent(lookup: MemoryLookup) -> None:
    """Story records agree with their members; every article is in one story that resolves."""
    by_story: dict[str, list[Document]] = {}
    for one in lookup.all():
        by_story.setdefault(one.story, []).append(one)
    assert set(by_story) == {one.id for one in lookup.all_stories()}
    for name, members in by_story.items():
        record = lookup.stories([name])[name]
        counted = [one for one in members if one.article.role == "article"]
        roots = [one.id for one in members if one.is_root]
        assert record.id == name
        assert roots == [record.root]
        assert record.copies == len(counted)
        assert record.first == min(one.story_time for one in members)
        assert record.last == max(one.story_time for one in members)
        assert record.sites == tuple(sorted({one.article.site for one in counted}))
        assert all(one.duplicate.of for one in members if not one.is_root)
        assert all(lookup.stories([also]) for one in members for also in one.also_in)
