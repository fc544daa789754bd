"""Only public addresses are connected to."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.protocol import ClientFactory
from twisted.internet.testing import MemoryReactor

from monitor.crawl import guard
from monitor.errors import AddressRefused


def connected(reactor: Any, host: str, port: int = 80) -> bool:
    before = len(reactor.tcpClients)
    reactor.connectTCP(host, port, ClientFactory())
    return len(reactor.tcpClients) == before + 1


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:127.0.0.1"]
)
def test_a_private_address_is_not_connected_to(host: str) -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=False)
    with pytest.raises(AddressRefused, match="is not a public address") as refused:
        reactor.connectTCP(host, 80, ClientFactory())
    assert "allow_private" in refused.value.hint
    assert reactor.tcpClients == []


def test_a_name_that_nobody_resolved_is_no_public_address() -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=False)
    with pytest.raises(AddressRefused):
        reactor.connectTCP("localhost", 80, ClientFactory())


@pytest.mark.parametrize("host", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_a_public_address_is(host: str) -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=False)
    assert connected(reactor, host)


def test_a_site_may_allow_private_addresses() -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=True)
    assert connected(reactor, "127.0.0.1")


def test_the_proxy_may_be_private_but_nothing_else_at_its_host() -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=False, proxies={("10.0.0.8", 3128)})
    assert connected(reactor, "10.0.0.8", 3128)
    with pytest.raises(AddressRefused):
        reactor.connectTCP("10.0.0.8", 80, ClientFactory())


def test_the_guard_can_be_taken_away() -> None:
    reactor = MemoryReactor()
    guard.install(reactor, allow_private=False)()
    assert connected(reactor, "127.0.0.1")
