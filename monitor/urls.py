"""Addresses: normal form, same host, twins. Nothing here opens a connection."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

from courlan import normalize_url

from monitor.errors import FetchError
from monitor.text import digest

_NO_PAGE = "reference.invalid"
MAX_LENGTH = 2000  # characters; longer ones are traps or carry data
# Parameters that name a visit, not a page; courlan removes the better known ones (utm_*, fbclid, gclid, ...).
_TRACKING = re.compile(
    r"^(?:utm_\w+|mtm_\w+|pk_\w+|matomo_\w+|at_(?:medium|campaign|custom\d|link\w*)|ns_\w+|wt_\w+|sc_(?:cmp|camp)\w*"
    r"|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_gl|cmpid|smid|ito|xtor|wkey|wtmc|ref_?src|"
    r"phpsessid|jsessionid|replytocom|amp_js_v|usqp|outputtype|__twitter_impression)$",
    re.IGNORECASE,
)
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/?;]*", re.IGNORECASE)
# "&" as it stands in HTML, in an address that was escaped once too often ("?a=1&amp;b=2", "&#038;").
_AMPERSAND = re.compile(r"&(?:(?:amp|#0*38|#x0*26);)+", re.IGNORECASE)
_DOTS = re.compile(r"/\.{1,2}(?:/|$)")
_TWIN_HOST = re.compile(r"^(?:www\d?|m|mobile?|amp)\.")


@lru_cache(maxsize=8192)  # a link is put into this form by its source, by the crawl and by the extraction
def normalise(url: str, base: str = "") -> str:
    """The address in the form that is its identity: absolute, without fragment, tracking parameters, default port.

    Parameters are sorted, the host is lower case and ASCII. Raises FetchError when it is no web address.
    """
    joined = _join(_AMPERSAND.sub("&", url.strip()), base)
    if len(joined) > MAX_LENGTH:
        raise FetchError(f"address longer than {MAX_LENGTH} characters: {joined[:80]}...")
    try:
        parts = urlsplit(joined)
        host, port = _ascii_host(parts.hostname or ""), parts.port
    except ValueError as error:
        raise FetchError(f"not a web address: {joined[:200]} ({error})") from error
    if parts.scheme.lower() not in ("http", "https") or not host:
        raise FetchError(f"not a web address: {joined[:200]}", hint="it starts with http:// or https://")
    scheme = parts.scheme.lower()
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        netloc = f"{netloc}:{port}"
    path = urlsplit(urljoin(f"http://h{parts.path}", parts.path)).path if _DOTS.search(parts.path) else parts.path
    pairs = [pair for pair in parts.query.split("&") if pair and not _TRACKING.match(pair.split("=", 1)[0])]
    # A parameter without a value can be the article's number ("index.php?4711"); courlan would drop it.
    bare = [pair for pair in pairs if not pair.partition("=")[2]]
    valued = "&".join(pair for pair in pairs if pair not in bare)
    cleaned = urlsplit(_courlan(urlunsplit((scheme, "normal.example", _SESSION.sub("", path) or "/", valued, ""))))
    query = "&".join([*sorted(bare), *filter(None, [cleaned.query])])
    return urlunsplit((scheme, netloc, cleaned.path or "/", query, ""))


def _courlan(url: str) -> str:
    """courlan's normal form. It is applied until nothing changes: one pass can uncover another parameter.

    It gets the parts: in a text it would take "&section=" for a reference to "§".
    """
    for _ in range(3):
        again = str(normalize_url(urlsplit(url), strict=False))
        if again == url:
            break
        url = again
    return url


def _join(url: str, base: str) -> str:
    try:
        joined = urljoin(base, url) if base else url
    except ValueError as error:
        raise FetchError(f"not a web address: {url[:200]} ({error})") from error
    return re.sub(r"[\x00-\x20\x7f]+", lambda m: "%20" if m[0] == " " else "", joined.strip())


def _ascii_host(host: str) -> str:
    host = host.lower().rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower().rstrip(".")
        except UnicodeError as error:
            raise ValueError("the host is no valid name") from error
    if re.search(r"[^a-z0-9.:_-]", host) or ".." in host or host.startswith("."):
        raise ValueError("the host has a character that no host has")
    return host


def host_of(url: str) -> str:
    """Host in lower case without the port; empty when there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def same_host(one: str, other: str) -> bool:
    """Same publisher's host: "www.", "m." and "amp." are twins of the bare name; ports must agree."""
    a, b = _authority(one), _authority(other)
    return a is not None and a == b


def _authority(url: str) -> tuple[str, int | None] | None:
    try:
        parts: SplitResult = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if port == {"http": 80, "https": 443}.get(parts.scheme):
        port = None
    return (_TWIN_HOST.sub("", host, count=1), port) if host else None


def article_id(url: str) -> str:
    """Id of the article behind a normalised address."""
    return digest("article", url)


def dispatch_address(agency: str, name: str) -> str:
    """Of an agency's dispatch that is on no page: an address that nobody can have (RFC 6761)."""
    return normalise(f"https://{_NO_PAGE}/{quote(agency, safe='')}/{quote(name, safe=':')}")


def dispatch_at(url: str) -> tuple[str, str] | None:
    """The agency's id and the dispatch's name, where `dispatch_address` made it."""
    beginning = f"https://{_NO_PAGE}/"
    agency, _, name = url.removeprefix(beginning).partition("/")
    return (unquote(agency), unquote(name)) if url.startswith(beginning) and name else None


def is_public(address: str) -> bool:
    """Is this IP address one that anybody may reach (not loopback, private, link-local, multicast, reserved)?

    IPv4 inside IPv6 (mapped, 6to4, NAT64, Teredo) is judged by what is inside. Anything unreadable is not public.
    """
    try:
        ip = ipaddress.ip_address(address.strip("[]").split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if inner is None and ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None and not is_public(str(inner)):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_loopback)
