"""Errors of the libraries -> a reason that is counted, and a sentence."""

from __future__ import annotations

import pytest
from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet import error as twisted_errors
from twisted.python.failure import Failure as TwistedFailure
from twisted.web.client import ResponseFailed

from monitor.crawl.failures import explain
from monitor.crawl.politeness import RobotsForbidden, RobotsUnreachable
from monitor.errors import AddressRefused, FetchError


def http(status: int, **headers: str) -> HttpError:
    return HttpError(HtmlResponse("https://blatt.example/", status=status, headers=headers))


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason", "detail"),
    [
        (http(404), "http-404", "HTTP status 404"),
        (RobotsForbidden("robots.txt of x forbids y"), "robots", "robots.txt of x forbids y"),
        (
            caused(RobotsUnreachable("can't be read: HTTP 500"), FetchError("HTTP 500")),
            "robots-unreachable",
            "HTTP 500",
        ),
        (caused(RobotsUnreachable("x"), twisted_errors.DNSLookupError()), "host-not-found", "was not found"),
        (
            caused(RobotsUnreachable("x"), AddressRefused("10.0.0.1 is not a public address", hint="set it")),
            "private-address",
            "10.0.0.1 is not a public address; set it",
        ),
        (scrapy_errors.CannotResolveHostError("x"), "host-not-found", "the host's name was not found"),
        (scrapy_errors.DownloadTimeoutError("x"), "timeout", "crawl.timeout"),
        (scrapy_errors.DownloadConnectionRefusedError("x"), "refused", "refused the connection"),
        (scrapy_errors.DownloadCancelledError("x"), "too-large", "crawl.max_bytes"),
        (scrapy_errors.ResponseDataLossError("x"), "cut", "before the answer was complete"),
        (twisted_errors.ConnectionLost(), "cut", "ended the connection"),
        (ResponseFailed([TwistedFailure(twisted_errors.ConnectionLost())]), "cut", "ended the connection"),
        (caused(scrapy_errors.DownloadFailedError("x"), twisted_errors.TimeoutError()), "timeout", "crawl.timeout"),
        (IgnoreRequest("max redirections reached"), "redirects", "redirected too often"),
        (ValueError("something else"), "connection", "ValueError: something else"),
    ],
)
def test_every_error_has_a_reason_and_a_sentence(error: BaseException, reason: str, detail: str) -> None:
    told = explain(error)
    assert told.reason == reason
    assert detail in told.detail


def test_the_status_and_retry_after_are_kept() -> None:
    told = explain(http(503, **{"Retry-After": "120"}))
    assert (told.status, told.retry_after) == (503, 120.0)


def test_a_circle_of_causes_ends() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert explain(one).reason == "connection"
