"""What a site puts on its pages is learnt, left out, and forgotten."""

from __future__ import annotations

import random
from copy import copy
from functools import partial

from monitor.duplicates.furniture import NOTHING, Learnt, learn, load, save, strip
from monitor.duplicates.words import Words, read_words
from tests.duplicates.making import HARBOUR, LIBRARY, ORCHARD, at, document, paragraphs, placed, stories

FOOT = (
    "Leave a reply. Your address will not be published. Required fields are marked. Save my name and website "
    "in this browser "
    "for the next time I comment. {} readers liked this page, tell your friends what you think."
)
NEW_FOOT = (
    "Become a member today and read without adverts. Members receive our letter every morning at {} o'clock "
    "and an invitation "
    "to the summer party in the printing hall. Cancel at any time from your account page."
)


def pages(foot: str, count: int, seed: int = 0) -> list[tuple[str, Words]]:
    """Pages of one site: different texts, the same foot with another number."""
    rng = random.Random(seed)
    vocabulary = (HARBOUR + ORCHARD + LIBRARY).split()
    made = []
    for number in range(count):
        body = " ".join(rng.choices(vocabulary, k=120))
        made.append((f"Report {seed} {number}", read_words(f"{body}\n\n{foot.format(rng.randrange(900))}")))
    return made


def learnt_from(learnt: Learnt, articles: list[tuple[str, Words]]) -> Learnt:
    """One every two hours."""
    for number, (title, words) in enumerate(articles):
        learnt = learn(learnt, title, at(2 * number), partial(copy, words))
    return learnt


def left(text: str, learnt: Learnt) -> str:
    return " ".join(strip(read_words(text), learnt.flagged()).tokens)


def test_a_foot_is_known_from_the_third_article_on() -> None:
    page = f"{HARBOUR}\n\n{FOOT.format(7)}"
    assert "browser" in left(page, learnt_from(NOTHING, pages(FOOT, 2)))
    known = learnt_from(NOTHING, pages(FOOT, 3))
    assert left(page, known) == " ".join(read_words(HARBOUR).tokens)


def test_what_stands_on_a_fifth_of_the_articles_stays() -> None:
    mixed = [page for n in range(6) for page in (pages(FOOT, 1, n) + pages("", 4, 100 + n))]
    assert not len(learnt_from(NOTHING, mixed).flagged())


def test_an_article_told_again_is_counted_once() -> None:
    (page,) = pages(FOOT, 1)
    assert not len(learnt_from(NOTHING, [page] * 10).flagged())


def test_of_a_busy_site_that_is_known_one_article_an_hour_is_read() -> None:
    learnt = learnt_from(NOTHING, pages(FOOT, 20))
    read: list[int] = []

    def words(number: int) -> Words:
        read.append(number)
        return read_words(FOOT)

    for number in range(10):
        learnt = learn(learnt, f"Title {number}", at(100 + number / 4), partial(words, number))
    assert read == [0, 4, 8]


def test_a_new_face_of_the_site_is_learnt_and_the_old_one_forgotten() -> None:
    learnt = learnt_from(NOTHING, pages(FOOT, 100))
    learnt = learnt_from(learnt, pages(NEW_FOOT, 40, 1))
    assert "browser" in left(f"{HARBOUR}\n\n{FOOT.format(7)}", learnt)
    assert "members" not in left(f"{HARBOUR}\n\n{NEW_FOOT.format(7)}", learnt)


def test_tables_of_numbers_stay() -> None:
    table = "Quarter 1: sales 12 against 14, profit 3 against 2, shares 7 against 9, margin 11 against 13 per cent."
    learnt = learnt_from(NOTHING, pages(table, 10))
    assert "against" in left(f"{HARBOUR}\n\n{table}", learnt)


def test_the_state_survives_and_stays_small() -> None:
    learnt = learnt_from(NOTHING, pages(FOOT, 200))
    record = save("paper.example", learnt)
    assert len(record.state) < 40_000
    again = load(record)
    assert (again.flagged() == learnt.flagged()).all()
    assert (again.articles, again.titles) == (learnt.articles, learnt.titles)
    assert load(None) is NOTHING


def test_strangers_with_the_same_foot_do_not_become_copies() -> None:
    texts = [HARBOUR, ORCHARD, LIBRARY, *(paragraphs(one, 0) for one in (HARBOUR, ORCHARD, LIBRARY))]
    documents = [
        document(
            f"d{number}", f"{text}\n\n{FOOT.format(number)}", number, title=f"Report {number}", site="paper.example"
        )
        for number, text in enumerate(texts)
    ]
    assert stories(placed(*documents)) == [["d0", "d3"], ["d1", "d4"], ["d2", "d5"]]


def test_a_wall_that_a_site_shows_instead_of_its_articles_is_no_copy_of_itself() -> None:
    wall = f"{FOOT.format(1)} {NEW_FOOT.format(2)}"
    documents = [
        document(f"w{number}", wall, number, title=f"Quite another report {number}", site="paper.example")
        for number in range(8)
    ]
    assert len(stories(placed(*documents))) == 8
