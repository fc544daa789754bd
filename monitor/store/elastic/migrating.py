"""Indices of an older schema into that of this version, or of the same one made anew, while crawls and filers go on.

Each is a move (`moving`). One process at a time does it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from monitor.store.elastic.alone import Alone
from monitor.store.elastic.connection import Connection
from monitor.store.elastic.documents import article, article_document
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.mapping import KINDS
from monitor.store.elastic.moving import Move, Progress, Transform
from monitor.store.elastic.setup import Layout, conflict, indices, init, put_templates, refuse_newer


def migrate(
    connection: Connection,
    layout: Layout,
    transforms: Mapping[str, Transform] | None = None,
    *,
    on_step: Callable[[Progress], None] | None = None,
) -> int:
    """Every index of an older schema into that of the layout; number of indices replaced.

    `transforms`: of a kind's sources, where they do not stay as they are; articles are made from their records in any
    case. Raises StoreError when the engine refuses one, StoreBusy while another process replaces an index, and
    SchemaTooNew before anything is written: an unfinished move of a later version stays as it is.
    """
    init(connection, layout)
    count = 0
    own: dict[str, Transform] = {"articles": partial(article_again, stemming=layout.stemming), **(transforms or {})}
    with Alone(connection, layout.names) as alone:
        there = indices(connection, layout.names)
        for kind in KINDS:
            move = Move(connection, layout, kind, own.get(kind, _as_it_is), alone, on_step)
            if there[kind].version < layout.schema.version:
                move.run(there[kind])
                count += 1
            else:
                move.forget()
    return count


def remake(connection: Connection, layout: Layout) -> int:
    """A fresh index of the same schema in the place of the articles', and of each that has not the program's fields.

    Number of articles. What another run left unfinished of other indices is given up. Raises as `migrate`.
    """
    refuse_newer(indices(connection, layout.names), layout.schema.version)
    put_templates(connection, layout)
    with Alone(connection, layout.names) as alone:
        there = indices(connection, layout.names)
        for kind in (kind for kind in KINDS if kind != "articles"):
            move = Move(connection, layout, kind, _as_it_is, alone, None)
            if conflict({kind: there[kind]}):
                move.run(there[kind])
            else:
                move.forget()
        again = partial(article_again, stemming=layout.stemming)
        return Move(connection, layout, "articles", again, alone, None).run(there["articles"])


def article_again(source: Source, *, stemming: bool) -> Source:
    """An article's source with the fields that are not kept in it, and the others as this program makes them."""
    return article_document(article(source), stemming=stemming)


def _as_it_is(source: Source) -> Source:
    return source
