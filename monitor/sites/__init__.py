"""Site files: one YAML file per site -> Site. Inert: loading reads the one file and nothing else."""

from monitor.sites.loading import find_sites, load_site, load_sites, read_site
from monitor.sites.model import FeedSource, Schedule, Selectors, Site, Source, WordPressSource
from monitor.sites.origins import ORIGINS, PRIVATE_ORIGINS, origin_site, origins_of
from monitor.sites.writing import site_file_text, site_id

__all__ = [
    "ORIGINS",
    "PRIVATE_ORIGINS",
    "FeedSource",
    "Schedule",
    "Selectors",
    "Site",
    "Source",
    "WordPressSource",
    "find_sites",
    "load_site",
    "load_sites",
    "origin_site",
    "origins_of",
    "read_site",
    "site_file_text",
    "site_id",
]
