"""What would go to services whose host is fixed."""

from __future__ import annotations

from typing import Any

import pytest
import requests


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What would go to services whose host is fixed: the outermost call alone is replaced."""
    sent: list[bytes] = []

    def taken(self: requests.Session, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        body = request.body or b""
        sent.append(body.encode() if isinstance(body, str) else bytes(body))
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 200, request, str(request.url)
        answer._content = b'{"ok": true}' if "telegram" in answer.url else b"ok"
        return answer

    monkeypatch.setattr(requests.Session, "send", taken)
    return sent
