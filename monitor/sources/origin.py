"""Where a text came from, as far as known."""

from __future__ import annotations

from monitor.records import Document, Origin
from monitor.sources.surroundings import Context, credited_by, foreign_links, host, is_before, shares, stored


def find_origin(document: Document, context: Context) -> Origin:
    """Where the text came from, the surest way first. Empty for an article that is the first of its story.

    reference: an agency's dispatch that it matches. link: the page behind a source link (`article_id` is empty while
    that page is not stored). id: the earliest article with the same dispatch number. agency-member: the earliest
    member of the story that came before and credits an agency. earliest: the earliest member.
    """
    dispatches = [pair for pair in context.references if is_before(pair[0], document)]
    if dispatches:
        best = max(dispatches, key=lambda pair: (max(shares(pair[1], document.id)), pair[0].id))
        return _origin(best[0], "reference")
    for link in foreign_links(document):
        page = stored(link, context.linked)
        if page is not None and page.id != document.id:
            return _origin(page, "link")
    if link_only := next(iter(foreign_links(document)), None):
        return Origin(url=link_only.url, site=host(link_only.url), how="link")
    before = [one for one in context.same_dispatch if is_before(one, document)]
    if before:
        return _origin(min(before, key=lambda one: one.age), "id")
    earlier = [one for one in context.members if is_before(one, document)]
    credited = [one for one in earlier if credited_by(one, context.agencies)]
    if credited:
        mine = credited_by(document, context.agencies)
        alike = [one for one in credited if mine & credited_by(one, context.agencies)]
        return _origin(min(alike or credited, key=lambda one: one.age), "agency-member")
    return _origin(min(earlier, key=lambda one: one.age), "earliest") if earlier else Origin()


def _origin(document: Document, how: str) -> Origin:
    article = document.article
    return Origin(article.url, article.id, article.site, article.published_at or document.story_time, how)
