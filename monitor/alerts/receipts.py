"""Who of a service's recipients took a message, so that at the next try it goes to the others alone.

Apprise asks `is_delivered` of a service before each recipient, and calls `mark_delivered` after each that took the
message: its plugins do, each with a key of its own for a recipient. By itself it only remembers that within one try.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from monitor.text import digest


class Receipts:
    """Of one try. `before`: receipts of earlier ones; those that nothing is called by any more do no harm.

    A receipt names nobody: it is a digest of the recipient's key and the number of the piece. A message that is sent
    in pieces may be cut otherwise when its text is another by then, so the text counts, too, and it is begun anew.
    """

    def __init__(self, before: Collection[str] = ()) -> None:
        self._before = frozenset(before)
        self._new: dict[str, None] = {}
        self._asked: dict[str, Any] = {}
        self._failed: set[tuple[int, str]] = set()
        self._piece, self._text = 0, ""
        self._closed = False

    def watch(self, service: Any, text: str, pause: float, room: float) -> None:
        """`text`: the whole message's. Between two requests the service rests for `pause` seconds at most, and all of
        these fit into `room` seconds.
        """
        send = service._timed_send  # the only place that is told which piece it is, before anybody is asked

        def sent(**given: Any) -> bool:
            pieces = given.get("total", 1)
            self._piece, self._text = given.get("index", 0), digest("text", text) if pieces > 1 else ""
            requests = pieces * max(1, len(service))
            service.request_rate_per_sec = min(service.request_rate_per_sec, pause, room / requests)
            return bool(send(**given))

        service._timed_send = sent
        service.is_delivered, service.mark_delivered = self._is_delivered, self._mark

    def close(self) -> tuple[str, ...]:
        """The new ones. Nobody is sent anything any more: after its time limit Apprise goes on in a thread."""
        self._closed = True
        return tuple(self._new)

    def failed(self, service: Any) -> str:
        """Like "1 of 3 recipients: ", where it is known: a service may have keys for more, or fewer, than these."""
        within = {repr(part) for key in self._asked.values() if isinstance(key, tuple) for part in key}
        people = {name for name, key in self._asked.items() if name not in within and not isinstance(key, int)}
        if len(people) < 2 or len(people) != len(service):
            return ""
        return f"{len(people & {name for _, name in self._failed})} of {len(people)} recipients: "

    def _is_delivered(self, key: Any, per_message: bool = False) -> bool:
        one = self._receipt(key, per_message)
        taken = one in self._before or one in self._new
        if not per_message and type(key) is not object:
            self._asked[repr(key)] = key
            if not taken:
                self._failed.add((self._piece, repr(key)))
        return taken or self._closed

    def _mark(self, key: Any, per_message: bool = False) -> None:
        self._new[self._receipt(key, per_message)] = None
        self._failed.discard((self._piece, repr(key)))

    def _receipt(self, key: Any, per_message: bool) -> str:
        # Apprise's own key for a whole piece is a bare object, which is called otherwise in each process.
        name = "" if type(key) is object else repr(key)
        return digest("taken", "" if per_message else str(self._piece), self._text, type(key).__name__, name)[:12]
