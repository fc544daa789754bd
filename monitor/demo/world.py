"""The news world at a moment: every article of every site, and the truth about each. Same moment, same world."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from monitor.demo.copies import Cut, cut
from monitor.demo.dates import fill, placeholders
from monitor.demo.drafts import Draft, read_drafts
from monitor.demo.records import Article, NewsSite, Truth, address_part
from monitor.errors import InputError
from monitor.spans import parse_span
from monitor.text import count_words


@dataclass(frozen=True, slots=True)
class Content:
    """Articles newest first; `truth` by the articles' keys ("site/slug")."""

    now: datetime
    sites: Mapping[str, NewsSite]
    articles: tuple[Article, ...]
    truth: Mapping[str, Truth]

    def of_site(self, site: str) -> tuple[Article, ...]:
        return tuple(article for article in self.articles if article.site == site)


@dataclass(frozen=True, slots=True)
class _Original:
    """A story as copies take it: without the dateline."""

    article: Article
    paragraphs: tuple[str, ...]
    agencies: tuple[str, ...]


def load_content(now: datetime) -> Content:
    """The world as it is at `now` (aware): articles are some hours to some days old. Raises InputError."""
    read = list(read_drafts())
    sites = {site.id: site for site, _ in read}
    drafts = [(site, draft) for site, found in read for draft in found]
    originals: dict[str, _Original] = {}
    made: list[tuple[Article, Truth]] = []
    for site, draft in sorted(drafts, key=lambda pair: not pair[0].writes_originals):
        try:
            if draft.of:
                made.append(_copy(site, draft, originals, now))
            elif draft.days:
                made.extend(_bulletins(site, draft, now))
            else:
                original = _written(site, draft, now)
                made.append((original.article, _truth_of_written(site, draft, original.article)))
                if site.writes_originals:
                    originals[draft.slug] = original
        except (InputError, ValueError) as error:
            raise InputError(f"{site.id}/{draft.slug}.md: {error}") from error
    made.sort(key=lambda pair: (pair[0].published_at, pair[0].key), reverse=True)
    return Content(now, sites, tuple(article for article, _ in made), {truth.key: truth for _, truth in made})


def new_article(
    site: NewsSite, slug: str, title: str, text: str, *, published_at: datetime, language: str = "", **more: Any
) -> Article:
    """An article to publish while the world runs. `text`: paragraphs separated by empty lines.

    `more` are fields of Article; a `path` may hold the site's placeholders ({slug}, {year}, ...).
    """
    values = placeholders(published_at, ZoneInfo(site.time_zone), "en")
    language = language or site.language
    number = _number(slug)
    section = address_part(more.setdefault("section", "News"))
    address = {**values, "slug": slug, "number": str(number), "language": language, "section": section}
    path = fill(more.pop("path", site.path), address)
    return Article(
        site=site.id,
        slug=slug,
        path=path,
        number=number,
        language=language,
        title=title,
        paragraphs=split_paragraphs(text),
        published_at=published_at,
        **{"dates": site.dates, **more},
    )


def split_paragraphs(text: str) -> tuple[str, ...]:
    """At empty lines, white space folded."""
    return tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


# --- what a site writes itself ---------------------------------------------------------------------------------------


def _written(site: NewsSite, draft: Draft, now: datetime) -> _Original:
    published = _published(draft.age, now)
    values = placeholders(published, ZoneInfo(site.time_zone), draft.language)
    paragraphs = tuple(fill(text, values) for text in draft.paragraphs)
    article = _article(site, draft, fill(draft.title, values), _with_dateline(draft, paragraphs), published, values)
    return _Original(article, paragraphs, draft.agencies)


def _truth_of_written(site: NewsSite, draft: Draft, article: Article) -> Truth:
    kind = "original" if site.writes_originals else "own"
    return Truth(
        key=article.key,
        kind=kind,
        agencies=draft.agencies,
        written_by=draft.agencies,
        series=draft.series,
        **_photo_truth(draft),
    )


def _bulletins(site: NewsSite, draft: Draft, now: datetime) -> list[tuple[Article, Truth]]:
    made = []
    for number, day in enumerate(draft.days, 1):
        published = _published(day.age, now)
        values = {**day.values, **placeholders(published, ZoneInfo(site.time_zone), draft.language)}
        one = draft.model_copy(update={"slug": f"{draft.slug}-{number}"})
        paragraphs = tuple(fill(text, values) for text in draft.paragraphs)
        article = _article(site, one, fill(draft.title, values), paragraphs, published, values)
        made.append((article, Truth(key=article.key, kind="bulletin", series=draft.series, **_photo_truth(draft))))
    return made


# --- copies ----------------------------------------------------------------------------------------------------------


def _copy(site: NewsSite, draft: Draft, originals: Mapping[str, _Original], now: datetime) -> tuple[Article, Truth]:
    published = _published(draft.age, now)
    stories: list[_Original] = []
    for part in draft.of:
        if part.story not in originals:
            raise InputError(f"of: there is no original {part.story!r}")
        if originals[part.story].article.published_at >= published:
            raise InputError(f"age: published before its original {part.story!r}")
        stories.append(originals[part.story])
    # Phrases are changed in the first story; a copy of two is not edited further.
    taken = [
        (story, cut(story.paragraphs, part.keep, {} if number else draft.replace))
        for number, (story, part) in enumerate(zip(stories, draft.of, strict=True))
    ]
    copied = tuple(paragraph for _, one in taken for paragraph in one.paragraphs)
    taken.sort(key=lambda pair: -sum(map(count_words, pair[1].paragraphs)))
    main = taken[0][0].article
    title = draft.title or main.title
    values = placeholders(published, ZoneInfo(site.time_zone), draft.language)
    paragraphs = (*draft.paragraphs, *_with_dateline(draft, copied))
    article = _article(site, draft, title, paragraphs, published, values, main)
    return article, _truth_of_copy(draft, article, taken)


def _truth_of_copy(draft: Draft, article: Article, taken: list[tuple[_Original, Cut]]) -> Truth:
    main = taken[0][0].article
    retitled = article.title != main.title
    if len(taken) > 1:
        kind = "merged"
    elif not taken[0][1].whole:
        kind = "cut"
    else:
        kind = "retitled" if retitled else "full"
    return Truth(
        key=article.key,
        kind=kind,
        originals=tuple(story.article.key for story, _ in taken),
        kept=tuple(round(one.kept, 3) for _, one in taken),
        changed_words=sum(one.changed_words for _, one in taken),
        intro_words=sum(map(count_words, draft.paragraphs)),
        retitled=retitled,
        agencies=draft.agencies,
        written_by=tuple(dict.fromkeys(agency for story, _ in taken for agency in story.agencies)),
        source_link=main.key if draft.source else "",
        **_photo_truth(draft),
    )


# --- both ------------------------------------------------------------------------------------------------------------


def _article(
    site: NewsSite, draft: Draft, title: str, paragraphs: tuple[str, ...], published: datetime,
    values: Mapping[str, str], original: Article | None = None,
) -> Article:  # fmt: skip
    fields: dict[str, Any] = {
        name: getattr(draft, name) for name in ("section", "byline", "authors", "author_in", "photos", "feed_date")
    }
    if draft.path:
        fields["path"] = draft.path
    if draft.dates is not None:
        fields["dates"] = draft.dates
    if original is not None:
        fields["original"] = (original.site, original.path)
        fields["canonical_is_original"] = (draft.canonical or site.canonical) == "original"
    return new_article(
        site,
        draft.slug,
        title,
        "\n\n".join(paragraphs),
        published_at=published,
        language=draft.language,
        trailer=fill(draft.trailer, dict(values)),
        source_label=draft.source,
        **fields,
    )


def _with_dateline(draft: Draft, paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    return (f"{draft.dateline} {paragraphs[0]}", *paragraphs[1:]) if draft.dateline else paragraphs


def _photo_truth(draft: Draft) -> dict[str, Any]:
    return {
        "photo_credits": tuple(photo.credit for photo in draft.photos),
        "photo_agencies": tuple(dict.fromkeys(photo.agency for photo in draft.photos if photo.agency)),
    }


def _published(age: str, now: datetime) -> datetime:
    # Whole minutes, as newsrooms' systems write them.
    return (now - parse_span(age)).replace(second=0, microsecond=0)


def _number(slug: str) -> int:
    return 1000 + zlib.crc32(slug.encode()) % 900_000
