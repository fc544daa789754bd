"""Scrapy spiders: a site's description in, Pages and Links out, nothing else."""
