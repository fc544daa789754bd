"""Which articles are copies of each other, and what they share. Works on plain texts, without a store:

>>> from datetime import UTC, datetime
>>> from monitor.duplicates import Matcher, MemoryLookup, compare, plain_document
>>> report = (
...     "The harbour board of Larkmere approved a new breakwater on Thursday after eleven years of quarrels. The wall "
...     "of granite blocks will reach four hundred metres into the bay and shelter the fishing fleet from autumn gales."
... )
>>> copy = "Our readers asked for news from the coast. " + report.replace("approved", "rejected")
>>> comparison = compare(copy, report)
>>> round(comparison.kept, 2), comparison.changed
(0.97, 1)
>>> archive, matcher = MemoryLookup(), Matcher()
>>> first = plain_document("a", report, title="Breakwater approved", at=datetime(2024, 5, 16, 9, tzinfo=UTC))
>>> second = plain_document("b", copy, title="A wall for Larkmere", at=datetime(2024, 5, 16, 11, tzinfo=UTC))
>>> archive.file(matcher.place(archive, [first, second]))
>>> archive.documents(["b"])["b"].duplicate
Duplicate(kind='near', of='a', containment=0.8, reverse=0.973)

`place` takes documents in order of arrival, whatever their times, and gives back what changes: documents, edges and
stories. `passages` gives what a coloured comparison shows, `fingerprint` what an archive looks copies up by.
"""

from monitor.duplicates.align import compare
from monitor.duplicates.fingerprint import fingerprint
from monitor.duplicates.match import Lookup, Matcher, Placed, place
from monitor.duplicates.memory import MemoryLookup, plain_document
from monitor.duplicates.passages import Passage, passages
from monitor.duplicates.settings import MatchSettings

__all__ = [
    "Lookup",
    "MatchSettings",
    "Matcher",
    "MemoryLookup",
    "Passage",
    "Placed",
    "compare",
    "fingerprint",
    "passages",
    "place",
    "plain_document",
]
