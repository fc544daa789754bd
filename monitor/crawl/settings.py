"""The module that scrapy.cfg names, so that `scrapy crawl site -a site=ID` works. Only Scrapy imports it.

Importing it reads monitor.toml of the current folder: Scrapy takes the upper-case names of the module as its settings.
"""

from __future__ import annotations

import sys

from monitor import config
from monitor.crawl.options import scrapy_settings
from monitor.errors import MonitorError

try:
    globals().update(scrapy_settings(config.load()))
except MonitorError as error:
    sys.exit(f"Error: {error.message}\n{error.hint}".rstrip())
