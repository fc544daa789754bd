"""Which articles are copies of each other, on plain texts too, without a store:

    from monitor.duplicates import compare, fingerprint
    compare(mine, other).kept      # share of the other's words that are kept in mine

`Matcher` puts documents into stories as they arrive; `MemoryLookup` stands for the store.
"""

from monitor.duplicates.align import compare
from monitor.duplicates.fingerprint import fingerprint
from monitor.duplicates.match import Lookup, Matcher, Placed, place
from monitor.duplicates.memory import MemoryLookup
from monitor.duplicates.passages import Mark, passages
from monitor.duplicates.settings import MatchSettings

__all__ = [
    "Lookup",
    "Mark",
    "MatchSettings",
    "Matcher",
    "MemoryLookup",
    "Placed",
    "compare",
    "fingerprint",
    "passages",
    "place",
]
