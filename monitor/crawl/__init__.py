"""The crawl of one site: Scrapy settings, middlewares and the pipeline from Page to inbox."""
