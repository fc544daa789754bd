"""A process that migrates to a second schema, so that a test can kill it: SETTINGS as JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from monitor.settings import StoreSettings
from monitor.store.elastic.connection import open_connection
from monitor.store.elastic.encoding import Source
from monitor.store.elastic.mapping import CURRENT, Names, Schema
from monitor.store.elastic.migrating import article_again, migrate
from monitor.store.elastic.setup import Layout


def _with_shelf(stemming: bool) -> dict[str, Any]:
    properties = CURRENT.properties(stemming)
    return properties | {"articles": properties["articles"] | {"shelf": {"type": "keyword"}}}


SECOND = Schema(CURRENT.version + 1, _with_shelf)


def main(settings: StoreSettings) -> None:
    connection = open_connection(settings, Path("/"))
    stemming = connection.dialect.language_analyzers
    layout = Layout(Names(settings.index_prefix), stemming, settings.shards, settings.replicas, SECOND)

    def on_a_shelf(source: Source) -> Source:
        return {**article_again(source, stemming=stemming), "shelf": "old"}

    print(migrate(connection, layout, {"articles": on_a_shelf}))


if __name__ == "__main__":
    main(StoreSettings.model_validate_json(sys.argv[1]))
