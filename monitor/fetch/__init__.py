"""The one guarded fetcher outside the crawl: for `sites add`, `sites check` and `inspect`."""

from monitor.fetch.fetcher import Fetched, Fetcher

__all__ = ["Fetched", "Fetcher"]
