"""Search text -> typed tree. luqum parses; every store translates the same tree.

A term matches the folded word or the same stem in the article's language; a quoted phrase matches the folded
words as they stand (`"slow train"~3`: with at most three moves); `haus*` is a prefix of the folded word. Fields
plug in through FIELDS: an unknown one is an error, nothing silently matches everything.

How it is joined:

- A blank means AND. NOT binds before AND (or a blank), AND before OR: `a b OR NOT c` is `(a AND b) OR (NOT c)`.
  `&&`, `||` and `!` are AND, OR and NOT; the words count only in capitals.
- `-a` leaves out, as NOT does. Alone it means everything else.
- `+a` is required. Where a list of terms has a `+`, the unmarked ones of that list need not match any more and only
  rank (Lucene's meaning): `+kreml putin` finds every kreml, those with putin first.
- `title:(a OR b)` asks one field; without a field, a word may be in the title or in the text.
- Dates: a day, month or year means all of it, in the reader's zone: `published:2024-05-16`, `published:16/05/2024`,
  `published:[2024-01-01 TO 2024-02-01}` ("}" leaves the end out), `published:>=2024-05-16T12:30+02:00`,
  `published:[now-7d TO now]`, `published:now/d` (today); units s m h d w M y; `*` is an open end.
- A backslash takes a sign's meaning away: `url:https\\://example.org/x*`; in quotes only `"` and the backslash need it.
"""

from __future__ import annotations

from monitor.query.dates import Moment, read_moment
from monitor.query.keeping import kept, read_kept
from monitor.query.nodes import FIELDS, All, Bool, Field, FieldKind, Node, Phrase, Prefix, Range, Term
from monitor.query.parsing import parse
from monitor.query.writing import show, with_filters

__all__ = [
    "FIELDS",
    "All",
    "Bool",
    "Field",
    "FieldKind",
    "Moment",
    "Node",
    "Phrase",
    "Prefix",
    "Range",
    "Term",
    "kept",
    "parse",
    "read_kept",
    "read_moment",
    "show",
    "with_filters",
]
