"""Scrapy's and Twisted's errors -> a short reason that is counted, and a sentence for people."""

from __future__ import annotations

from datetime import UTC, datetime

from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet import error as twisted_errors
from twisted.web.client import ResponseFailed

from monitor.crawl.outcomes import Failure
from monitor.crawl.politeness import RobotsForbidden, RobotsUnreachable, retry_after
from monitor.errors import AddressRefused, FetchError, MonitorError

_TIMEOUT = "no answer within the time limit (crawl.timeout; behind a source link crawl.origin_timeout)"
_NAMED: tuple[tuple[type[BaseException], str, str], ...] = (
    (RobotsForbidden, "robots", ""),
    (RobotsUnreachable, "robots-unreachable", ""),
    (AddressRefused, "private-address", ""),
    (scrapy_errors.CannotResolveHostError, "host-not-found", "the host's name was not found"),
    (scrapy_errors.DownloadConnectionRefusedError, "refused", "the server refused the connection"),
    (scrapy_errors.DownloadTimeoutError, "timeout", _TIMEOUT),
    (scrapy_errors.ResponseDataLossError, "cut", "the server ended the connection before the answer was complete"),
    (scrapy_errors.DownloadCancelledError, "too-large", "larger than crawl.max_bytes"),
    (scrapy_errors.UnsupportedURLSchemeError, "scheme", "not an http or https address"),
    (twisted_errors.DNSLookupError, "host-not-found", "the host's name was not found"),
    (twisted_errors.TimeoutError, "timeout", _TIMEOUT),
    (twisted_errors.ConnectionRefusedError, "refused", "the server refused the connection"),
    (twisted_errors.ConnectionClosed, "cut", "the server ended the connection"),
)


def explain(error: BaseException) -> Failure:
    """What to keep of a failed request."""
    if isinstance(error, HttpError):
        status = error.response.status
        wait = retry_after(error.response.headers, datetime.now(UTC))
        return Failure(f"http-{status}", f"the server answered with HTTP status {status}", status, wait)
    if isinstance(error, RobotsUnreachable) and error.__cause__ is not None and type(error.__cause__) is not FetchError:
        return explain(error.__cause__)  # no answer at all: the page would have failed the same way
    for one in _causes(error):
        for kind, reason, detail in _NAMED:
            if isinstance(one, kind):
                return Failure(reason, detail or _told(one))
    if isinstance(error, IgnoreRequest) and "redirect" in str(error):
        return Failure("redirects", "redirected too often")
    for one in _causes(error):
        if "SSL" in f"{type(one).__module__} {type(one).__name__}" or "Certificate" in type(one).__name__:
            return Failure("tls", f"no secure connection: {_tls_reason(one)}")
    return Failure("connection", f"{type(error).__name__}: {error}"[:500])


def _tls_reason(error: BaseException) -> str:
    """OpenSSL gives a list of (library, function, reason)."""
    reasons = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(str(one[-1]) for one in reasons if one) or str(error)


def _told(error: BaseException) -> str:
    if not isinstance(error, MonitorError):
        return str(error)
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _causes(error: BaseException) -> list[BaseException]:
    """The error, what it came from, and what Twisted wraps in lists of reasons."""
    found: list[BaseException] = []
    queue: list[BaseException | None] = [error]
    while queue and len(found) < 20:
        one = queue.pop(0)
        if one is None or one in found:
            continue
        found.append(one)
        queue += [one.__cause__, one.__context__]
        if isinstance(one, ResponseFailed | scrapy_errors.DownloadFailedError):
            queue += [getattr(reason, "value", None) for reason in getattr(one, "reasons", None) or ()]
            queue += [arg for arg in one.args if isinstance(arg, BaseException)]
    return found
