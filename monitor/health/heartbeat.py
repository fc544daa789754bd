"""Calling an address after each good look, for a monitor outside that rings when it is not called."""

from __future__ import annotations

import logging
import threading
from urllib.parse import unquote

import urllib3

log = logging.getLogger(__name__)

_SECONDS = 10.0


class Heartbeat:
    """Calls never hold the look up. One that is not taken is logged once, until that changes, and made again with the
    next look. The address is a secret; user and password in it are for basic authorization.
    """

    def __init__(self, address: str, seconds: float = _SECONDS) -> None:
        self._address, self._seconds = address, seconds
        self._trouble = ""
        self._calling: threading.Thread | None = None

    def beat(self) -> None:
        """Begin a call, unless the last one still waits for its answer."""
        if not self._address or (self._calling is not None and self._calling.is_alive()):
            return
        self._calling = threading.Thread(target=self._call, name="heartbeat", daemon=True)
        self._calling.start()

    def join(self) -> None:
        """Wait for the call that was begun."""
        if self._calling is not None:
            self._calling.join()

    def _call(self) -> None:
        trouble = self._answer()
        if trouble and trouble != self._trouble:
            log.warning("heartbeat not taken reason=%s", trouble)
        elif self._trouble and not trouble:
            log.info("heartbeat taken again")
        self._trouble = trouble

    def _answer(self) -> str:
        """What went wrong; empty: nothing."""
        try:
            address = urllib3.util.parse_url(self._address)
            headers = urllib3.util.make_headers(basic_auth=unquote(address.auth)) if address.auth else {}
            with urllib3.PoolManager(retries=False, timeout=self._seconds, headers=headers) as pool:
                answer = pool.request("GET", address._replace(auth=None).url, preload_content=False)
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return type(error).__name__
        return "" if 200 <= answer.status < 400 else f"HTTP status {answer.status}"
