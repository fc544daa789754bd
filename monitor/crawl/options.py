"""monitor.toml -> what Scrapy is told."""

from __future__ import annotations

from typing import Any

from monitor import config
from monitor.analysis import FRAGMENT_BATCH


def scrapy_settings(loaded: config.Loaded) -> dict[str, Any]:
    """Everything Scrapy is told; a site's own values (delay, user agent) are set by its spider."""
    crawl = loaded.settings.crawl
    return {
        "BOT_NAME": "monitor",
        "SPIDER_MODULES": list(crawl.spider_modules),
        "MONITOR_LOADED": loaded,
        "MONITOR_SITES": str(loaded.sites),
        "MONITOR_CRAWL_DELAY_LIMIT": crawl.crawl_delay_limit,
        "MONITOR_RETRY_AFTER_LIMIT": crawl.retry_after_limit,
        "MONITOR_WORKERS": crawl.workers,
        "MONITOR_ORIGIN_TIMEOUT": min(crawl.origin_timeout, crawl.timeout),
        # politeness
        "USER_AGENT": crawl.user_agent,
        "ROBOTSTXT_OBEY": crawl.obey_robots,
        "DOWNLOAD_DELAY": crawl.delay,
        "CONCURRENT_REQUESTS": 32,
        # Scrapy starts that many tasks for every response, be there work or not.
        "CONCURRENT_ITEMS": 2 * FRAGMENT_BATCH,
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",  # in the order of the feed: the newest first
        "CONCURRENT_REQUESTS_PER_DOMAIN": crawl.concurrency,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": crawl.delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(crawl.concurrency),
        "COOKIES_ENABLED": False,
        "RETRY_TIMES": crawl.retries,
        "REDIRECT_MAX_TIMES": 10,
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.5",
        },
        # limits
        "DOWNLOAD_TIMEOUT": crawl.timeout,
        "DOWNLOAD_MAXSIZE": crawl.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 16_000_000,  # bytes on their way through analysis before fetching waits
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("http", "https"), "monitor.crawl.handler.TimedHandler"),
            **dict.fromkeys(("file", "ftp", "s3", "data")),
        },
        "HTTPPROXY_ENABLED": loaded.settings.proxy is not None,
        "TELNETCONSOLE_ENABLED": False,
        # parts
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
            "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
            "monitor.crawl.guard.BehindProxy": 90,
            "monitor.crawl.politeness.Robots": 100,
            "monitor.crawl.politeness.SiteHeaders": 450,
            "monitor.crawl.politeness.Retry": 550,
        },
        "SPIDER_MIDDLEWARES": {
            "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
            "monitor.crawl.links.Links": 950,
        },
        "ITEM_PIPELINES": {"monitor.crawl.pipeline.AnalysisPipeline": 500},
        "EXTENSIONS": {
            "monitor.crawl.extension.Crawl": 0,
            "scrapy.extensions.corestats.CoreStats": None,
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
        },
        "LOG_LEVEL": loaded.settings.log.level,
        "LOG_FORMAT": "%(asctime)s %(levelname)-7s %(name)s %(message)s",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }
