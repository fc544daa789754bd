"""The module that scrapy.cfg names, so that `scrapy crawl site -a site=ID` works. Only Scrapy imports it.

Importing it reads monitor.toml of the current folder: Scrapy takes the upper-case names of the module as its settings.
"""

from __future__ import annotations

import logging
import sys

from monitor import config
from monitor.crawl.options import scrapy_settings
from monitor.errors import MonitorError


def _plainly(record: logging.LogRecord) -> bool:
    """Scrapy leaves an error that ends the crawl at its beginning to asyncio, which shows it with a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, MonitorError):
        record.msg, record.args, record.exc_info = f"{error.message}\n{error.hint}".rstrip(), (), None
    return True


logging.getLogger("asyncio").addFilter(_plainly)
try:
    globals().update(scrapy_settings(config.load()))
except MonitorError as error:
    sys.exit(f"Error: {error.message}\n{error.hint}".rstrip())
