"""The pages behind source links, as a site of their own that no file describes.

Its addresses are found by crawls of other sites. Two of them, so that a link on a public page never opens the
private network: one takes the links of sites with `allow_private`, the other those of all other sites.
"""

from __future__ import annotations

from monitor.sites.model import Site

ORIGINS = "+origins"  # "+" begins no id of a site file
PRIVATE_ORIGINS = "+origins-private"


def origins_of(site: Site) -> str:
    """Under which of the two the source links of the site are kept; empty when they are not followed."""
    if not site.follow_origin:
        return ""
    return PRIVATE_ORIGINS if site.allow_private else ORIGINS


def origin_site(site_id: str) -> Site | None:
    """The description of one of the two; None for any other id."""
    if site_id not in (ORIGINS, PRIVATE_ORIGINS):
        return None
    return Site(
        id=site_id,
        name="pages behind source links",
        url="https://origins.invalid/",
        follow_origin=False,
        allow_private=site_id == PRIVATE_ORIGINS,
    )
