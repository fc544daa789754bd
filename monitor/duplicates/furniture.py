"""A site's furniture: passages that it puts on many of its articles, learnt by their share and left out.

What is counted are runs of three words with numbers masked ("11 shares" and "4 shares" are one). Never by count alone:
a site's earnings tables come often too, but not on 40 % of its articles.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.duplicates.words import SEED_WORDS, Words, grams
from monitor.records import Furniture
from monitor.text import digest, folded_tokens

# What their neighbours do: docs/matching.md.
MIN_SHARE = 0.4  # of the site's articles; at .15 earnings tables went too
MIN_ARTICLES = 3  # with different titles; at 6 precision of made copies .984, at 2 .993
MIN_RUN = 6  # words; shorter ones are phrases of the site's trade; at 12 recall .988 instead of .992
BRIDGE = 4  # words between two runs of furniture: a name or a date put into it; flat from 2 to 8
TABLE = 0.3  # share of numbers from which a run is a table, and stays; at .6 wire precision .961 instead of .985
MIN_LEFT = 15  # words; where less would be left the whole text counts as furniture. At 30 copies of 20 words got lost
MEMORY = 32  # articles; then every count is halved, so that a site's new face is learnt within about 20 of them
KNOWN, EVERY = 16, timedelta(hours=1)  # articles of a site, from which on one an hour is counted: a third of the cost
PRUNE_EVERY = 8  # articles; what was seen once only is forgotten; flat from 4 to 16
MOST_GRAMS = 2000  # flat from 1000 to 4000
SAMPLE = np.uint32(1)  # grams with these bits clear are counted: half of them; of a quarter recall falls to .988
TITLES = 48  # of the last articles: an article told again is counted once; flat from 24 to 96

Grams = NDArray[np.uint32]
_MASK = np.uint64(0)  # stands for every number


@dataclass(frozen=True)
class Learnt:
    """What is known of one site. `counts` belong to `grams` (ascending), halved with `articles`."""

    articles: float
    grams: Grams
    counts: NDArray[np.float32]
    titles: tuple[str, ...] = ()
    since_pruned: int = 0
    counted_at: datetime | None = None  # story time of the last article that was counted

    def flagged(self) -> Grams:
        """Grams that are furniture, ascending."""
        enough = (self.counts >= MIN_ARTICLES) & (self.counts >= MIN_SHARE * self.articles)
        return self.grams[enough]


NOTHING = Learnt(0.0, np.empty(0, np.uint32), np.empty(0, np.float32))


def load(furniture: Furniture | None) -> Learnt:
    """What a state of `save` says."""
    if furniture is None:
        return NOTHING
    state = json.loads(furniture.state)
    return Learnt(
        articles=state["articles"],
        grams=np.frombuffer(base64.b64decode(state["grams"]), "<u4").astype(np.uint32),
        counts=np.frombuffer(base64.b64decode(state["counts"]), "<u2").astype(np.float32) / np.float32(16),
        titles=tuple(state["titles"]),
        since_pruned=state["since_pruned"],
        counted_at=datetime.fromisoformat(state["counted_at"]) if state["counted_at"] else None,
    )


def save(site: str, learnt: Learnt) -> Furniture:
    """Bounded: about 35 kB between two prunings, 18 kB after one."""
    state = {
        "articles": learnt.articles,
        "grams": base64.b64encode(learnt.grams.astype("<u4").tobytes()).decode(),
        "counts": base64.b64encode((learnt.counts * 16).astype("<u2").tobytes()).decode(),
        "titles": learnt.titles,
        "since_pruned": learnt.since_pruned,
        "counted_at": learnt.counted_at.isoformat() if learnt.counted_at else "",
    }
    return Furniture(site, json.dumps(state, separators=(",", ":")))


def learn(learnt: Learnt, title: str, at: datetime, read: Callable[[], Words]) -> Learnt:
    """After one more article of the site; `read` gives its words. The same object where it does not count.

    An article with a title that came lately does not, and of a site that is known one within EVERY is enough.
    """
    if learnt.articles >= KNOWN and learnt.counted_at and abs(at - learnt.counted_at) < EVERY:
        return learnt
    name = digest(" ".join(folded_tokens(title)), size=4)
    if name in learnt.titles:
        return learnt
    grams_, counts = _added(learnt, np.unique(_sampled(_masked(read()))[1]))
    articles, since = learnt.articles + 1, learnt.since_pruned + 1
    if articles >= MEMORY:
        articles, counts = articles / 2, counts / np.float32(2)
    if since >= PRUNE_EVERY:
        since, keep = 0, counts > 1.0
        if keep.sum() > MOST_GRAMS:
            keep &= counts > np.partition(counts, -MOST_GRAMS)[-MOST_GRAMS]
        grams_, counts = grams_[keep], counts[keep]
    return Learnt(articles, grams_, counts, (*learnt.titles, name)[-TITLES:], since, at)


def _added(learnt: Learnt, found: Grams) -> tuple[Grams, NDArray[np.float32]]:
    at = np.searchsorted(learnt.grams, found)
    known = np.zeros(len(found), np.bool_)
    inside = at < len(learnt.grams)
    known[inside] = learnt.grams[at[inside]] == found[inside]
    counts = learnt.counts.copy()
    counts[at[known]] += 1
    fresh = found[~known]
    return np.insert(learnt.grams, at[~known], fresh), np.insert(counts, at[~known], np.float32(1)).astype(np.float32)


def strip(words: Words, flagged: Grams) -> Words:
    """The words without the furniture in them; see MIN_LEFT for what is furniture throughout."""
    if not len(flagged) or len(words) < MIN_RUN:
        return words
    keep = ~_furniture(words, flagged)
    if keep.all():
        return words
    return words.keep(keep)


def _furniture(words: Words, flagged: Grams) -> NDArray[np.bool_]:
    places, sampled = _sampled(_masked(words))
    at = np.minimum(np.searchsorted(flagged, sampled), len(flagged) - 1)
    hits = places[flagged[at] == sampled]
    mask = np.zeros(len(words), np.bool_)
    if not len(hits):
        return mask
    # A run ends where a counted gram that is no furniture begins, but for what a name put into it takes.
    cuts = np.flatnonzero(np.diff(hits) > BRIDGE + SEED_WORDS) + 1
    for run in np.split(hits, cuts):
        start, end = int(run[0]), int(run[-1]) + SEED_WORDS
        if end - start >= MIN_RUN * words.unit and words.numeric[start:end].mean() < TABLE:
            # Every second gram is counted only: a word or two beside the run, at the text's end, belong to it.
            mask[0 if start <= BRIDGE else start : len(words) if len(words) - end <= BRIDGE else end] = True
    return mask


def _masked(words: Words) -> Grams:
    codes = np.where(words.numeric, _MASK, words.codes)
    return (grams(codes, SEED_WORDS) >> np.uint64(32)).astype(np.uint32)


def _sampled(all_grams: Grams) -> tuple[NDArray[np.int64], Grams]:
    places = np.flatnonzero((all_grams & SAMPLE) == 0)
    return places, all_grams[places]
