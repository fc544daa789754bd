"""A rule and a search with the same words may not disagree, on any store: made-up articles, made-up questions."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.query import Node
from monitor.records import Document, Rule
from monitor.store.port import SearchRequest, Store
from tests.articles import again, changes
from tests.contract.adapters import examples
from tests.store.test_rule_index import batches, stories_of, trees

MOST = 40  # examples; fewer where each costs a second


def test_a_rule_finds_what_a_search_finds(kind: str, store: Store) -> None:
    @settings(max_examples=examples(kind, MOST), suppress_health_check=list(HealthCheck), deadline=None)
    @given(batches(), st.lists(trees(), min_size=1, max_size=8))
    def holds(documents: list[Document], nodes: list[Node]) -> None:
        nonlocal made
        made += 1
        mine = [_renamed(one, made) for one in documents]
        stories = stories_of(mine)
        rules = {f"r{number}": node for number, node in enumerate(nodes)}
        store.put_rules([(Rule(id), node) for id, node in rules.items()])
        found = {(hit.rule, hit.article_id) for hit in store.match_rules(mine, stories)}
        store.remove_rules(rules)
        again(store.file, replace(changes(*mine), stories=tuple(stories.values())))
        store.refresh()
        ids = {one.id for one in mine}
        searched = {
            (rule, hit.document.id)
            for rule, node in rules.items()
            for hit in store.search(SearchRequest(node, limit=1000, highlight=False)).hits
            if hit.document.id in ids  # of this example alone
        }
        assert found == searched

    made = 0
    holds()


def _renamed(one: Document, number: int) -> Document:
    id = f"{one.id}-{number}"
    return replace(one, article=replace(one.article, id=id, url=f"{one.article.url}-{number}"), story=f"story-{id}")
