"""What a query says of stories is looked up before it is asked: an index knows articles, and a story that grows must
not have all its articles indexed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from monitor.store.asked import Amount, Asked, Clauses, OfStories, Value


class StoryNumbers(Protocol):
    def with_copies(self, amount: Amount) -> OfStories:
        """The stories that have so many."""
        ...

    def called(self, story: str) -> str:
        """The id that the story has now; the same where it is no alias."""
        ...


def looked_up(asked: Asked, stories: StoryNumbers) -> Asked:
    """The same question without amounts, and with the ids that stories have now."""
    match asked:
        case Amount():
            return stories.with_copies(asked)
        case Value("story", value, False):
            return replace(asked, value=stories.called(value))
        case Clauses(must, should, must_not):
            return Clauses(*(tuple(looked_up(one, stories) for one in part) for part in (must, should, must_not)))
    return asked
