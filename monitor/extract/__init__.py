"""A page that was fetched -> the article that it holds."""

from monitor.extract.article import extract, understand

__all__ = ["extract", "understand"]
