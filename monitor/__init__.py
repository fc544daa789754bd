"""Media monitor: crawl sites that republish news, keep what they published, find it again."""

__version__ = "0.1.0"
