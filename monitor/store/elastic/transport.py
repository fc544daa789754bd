"""The client's transport, so that the one client speaks to Elasticsearch 8 and 9 and to OpenSearch.

The `elasticsearch` client 9.x asks for answers "compatible-with=9", which Elasticsearch 8 refuses and OpenSearch does
not know, and it refuses every server that does not call itself Elasticsearch.
"""

from __future__ import annotations

import logging
import re
import time
from random import SystemRandom
from typing import Any

from elastic_transport import HttpHeaders, SerializationError, Transport, TransportApiResponse, TransportError

# Answers that say "later": too many requests, or a node that starts or leaves.
LATER = frozenset({429, 502, 503, 504})

ATTEMPTS = 4  # of one request that is told "later"
BACKOFF_BASE = 0.25  # seconds before the second attempt; each further one waits twice as long, at random from the half
BACKOFF_CAP = 4.0

_VENDOR = re.compile(r"application/vnd\.elasticsearch\+(json|x-ndjson);\s*compatible-with=\d+")
_chance = SystemRandom()

# Answers that count by their number alone, whoever gives them and in whatever form.
_BY_NUMBER = frozenset({401, 403, 413, 429})

log = logging.getLogger(__name__)


class Interposed(TransportError):
    """Something before the engine answered in its place: a page of a proxy, say."""


class EngineTransport(Transport):
    """Plain JSON until `compatible_with` is set.

    `recognised`: the engine may be spoken to, also where it is not Elasticsearch, or a proxy takes the header away by
    which the client knows it. `signed`: credentials go with each request.
    """

    compatible_with: int | None = None
    recognised = False
    signed = False

    def perform_request(self, method: str, target: str, *, headers: Any = None, **rest: Any) -> TransportApiResponse:
        """As the client's, and a request that is told "later" is repeated with back-off, which the client's is not."""
        rest.pop("retry_on_status", None)
        for attempt in range(ATTEMPTS):
            answer = self._performed(method, target, headers=self._spoken(headers), retry_on_status=(), **rest)
            if answer.meta.status not in LATER or _blocked(answer) or attempt == ATTEMPTS - 1:
                break
            time.sleep(pause(attempt))
        if warned := answer.meta.headers.pop("warning", None):
            log.debug("%s %s: %s", method, target, warned)  # of settings that go one day: nothing for a user
        if self.recognised:
            answer.meta.headers["x-elastic-product"] = "Elasticsearch"
        return answer

    def _performed(self, method: str, target: str, **rest: Any) -> TransportApiResponse:
        """Once. Raises Interposed for what no engine says, where it is known that there is one."""
        known = self.recognised
        try:
            answer = super().perform_request(method, target, **rest)
        except SerializationError as error:
            if known and "deserialize" in error.message:  # of the answer; else what was to be sent is meant
                raise Interposed(error.message, errors=error.errors) from error
            raise
        status, body = answer.meta.status, answer.body
        if known and body and isinstance(body, str) and status < 500 and status not in _BY_NUMBER:
            raise Interposed(f"{status} {body}")
        return answer

    def _spoken(self, headers: Any) -> HttpHeaders:
        spoken = HttpHeaders(headers or {})
        for name in ("accept", "content-type"):
            if name in spoken:
                spoken[name] = _VENDOR.sub(self._media_type, spoken[name])
        return spoken

    def _media_type(self, found: re.Match[str]) -> str:
        if self.compatible_with is None:
            return f"application/{found[1]}"
        return f"application/vnd.elasticsearch+{found[1]}; compatible-with={self.compatible_with}"


def _blocked(answer: TransportApiResponse) -> bool:
    """Whether an index is blocked by a full disk, which is a 429 too and does not go within seconds."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    return answer.meta.status == 429 and isinstance(error, dict) and error.get("type") == "cluster_block_exception"


def pause(attempt: int) -> float:
    """Seconds before the attempt after this one (from 0)."""
    longest = min(BACKOFF_CAP, BACKOFF_BASE * 2**attempt)
    return _chance.uniform(longest / 2, longest)
