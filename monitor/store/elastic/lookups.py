"""What matching and tracing ask: each question once for a whole batch, by one field of the articles.

Searches lag; what this process filed since the last refresh is laid over them.
"""

from __future__ import annotations

from collections.abc import Collection

from monitor.store.elastic.archive import IN_ORDER
from monitor.store.elastic.candidates import Candidates
from monitor.store.elastic.filing import Filing
from monitor.store.elastic.reading import any_of, portions
from monitor.store.elastic.recent import Aged
from monitor.store.values import plain

_KEYS_AT_ONCE = 1000


class Lookups(Filing, Candidates):
    def same_text(self, exact: Collection[str]) -> dict[str, list[str]]:
        return self._having("exact", "exact", [one for one in exact if one])

    def members(self, stories: Collection[str]) -> dict[str, list[str]]:
        targets = {asked: asked for asked in stories} | self._targets(stories)
        aliases = self._aliases_of(targets.values())
        names = {asked: [target, *aliases.get(target, ())] for asked, target in targets.items()}
        every = dict.fromkeys(name for of_story in names.values() for name in of_story)
        found = self._aged("story", list(every))
        together = {
            asked: [aged for name in of_story for aged in found.get(name, ())] for asked, of_story in names.items()
        }
        return self._recent.of_stories(names, together)

    def linking(self, urls: Collection[str]) -> dict[str, list[str]]:
        return self._having("link", "links", urls)

    def located(self, urls: Collection[str]) -> dict[str, str]:
        return {url: ids[0] for url, ids in self._having("address", "addresses", urls).items()}

    def dispatched(self, keys: Collection[str]) -> dict[str, list[str]]:
        return self._having("dispatch", "dispatches", keys)

    def _having(self, name: str, field: str, keys: Collection[str]) -> dict[str, list[str]]:
        return self._recent.having(name, keys, self._aged(field, keys))

    def _aged(self, field: str, keys: Collection[str]) -> dict[str, list[Aged]]:
        """By key the articles that have it in the field, as a search sees them."""
        found: dict[str, list[Aged]] = {}
        for portion in portions(dict.fromkeys(keys), _KEYS_AT_ONCE):
            asked = {plain(one): one for one in portion}
            columns = [field, "id", "micros.published"]
            for hit in self._reader.hits("articles", any_of(field, asked), IN_ORDER, fields=columns):
                values = hit["fields"]
                for value in values[field]:
                    if value in asked:
                        found.setdefault(asked[value], []).append((values["micros.published"][0], values["id"][0]))
        return found
