"""Scrapy's download handler with an eye on the crawl's end: no request is waited for beyond it."""

from __future__ import annotations

import time

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Request, Response

from monitor.crawl.attached import Ending

SHORTEST = 1.0  # seconds that a request is given even at the very end


class TimedHandler(HTTP11DownloadHandler):
    """A crawl with a time limit (`MONITOR_ENDS_AT`, by the monotonic clock) can't be held up by a host that hangs.

    Here and not in a middleware, because a request may have waited long for its turn at the host. What is cut short so
    has timed out as any other: it is tried again later, after others. What would begin after the end is not begun.
    """

    async def download_request(self, request: Request) -> Response:
        ends_at = self._crawler.settings.getfloat("MONITOR_ENDS_AT")
        if ends_at:
            left = ends_at - time.monotonic()
            if left <= 0:
                raise Ending("the crawl ends")
            left = max(SHORTEST, left)
            request.meta["download_timeout"] = min(request.meta.get("download_timeout", left), left)
        return await super().download_request(request)
