"""Normal form of addresses, twins of a host, public addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import FetchError
from monitor.urls import article_id, dispatch_address, dispatch_at, host_of, is_public, normalise, same_host


@pytest.mark.parametrize(
    ("given_url", "expected"),
    [
        ("HTTP://Www.Example.com:80/a/../b/?utm_source=x&b=2&a=1&fbclid=3#frag", "http://www.example.com/b/?a=1&b=2"),
        ("https://example.com:443", "https://example.com/"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example/%C3%A4"),
        ("http://127.0.0.1:8700/x?p=1", "http://127.0.0.1:8700/x?p=1"),
        ("http://[::1]:80/x", "http://[::1]/x"),
        ("https://example.com/a;jsessionid=1A2B?id=4", "https://example.com/a?id=4"),
        ("https://example.com/index.php?4711", "https://example.com/index.php?4711"),
        ("https://example.com/a b", "https://example.com/a%20b"),
        ("https://example.com/?a=1&copy=2&region=3&section=4", "https://example.com/?a=1&copy=2&region=3&section=4"),
        ("https://example.com/?a=1&amp;b=2&#038;c=3&amp;#38;d=4", "https://example.com/?a=1&b=2&c=3&d=4"),
    ],
)
def test_normal_form(given_url: str, expected: str) -> None:
    assert normalise(given_url) == expected


def test_relative_links_need_their_base() -> None:
    assert normalise("../x?gclid=1", "https://example.com/a/b/c") == "https://example.com/a/x"


@pytest.mark.parametrize(
    "bad",
    ["", "javascript:alert(1)", "ftp://example.com/", "http://", "http://exa mple.com/", "http://[::1", "x" * 3000],
)
def test_what_is_no_web_address_is_refused(bad: str) -> None:
    with pytest.raises(FetchError):
        normalise(bad)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.example.com/a", "http://example.com/b", True),
        ("https://amp.example.com/a", "https://m.example.com/b", True),
        ("https://example.com/a", "https://example.org/a", False),
        ("http://127.0.0.1:81/", "http://127.0.0.1:82/", False),
        ("https://example.com:443/", "http://example.com:80/", True),
        ("mailto:x", "mailto:x", False),
    ],
)
def test_same_host(one: str, other: str, same: bool) -> None:
    assert same_host(one, other) is same


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "example.com", "",
    ],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public(address)


@given(st.text(max_size=80), st.sampled_from(["", "http://", "https://example.com/", "https://example.com/?"]))
def test_normal_form_is_stable_or_refused(text: str, start: str) -> None:
    try:
        once = normalise(start + text)
    except FetchError:
        return
    assert normalise(once) == once
    assert host_of(once)
    assert article_id(once) == article_id(once)


@pytest.mark.parametrize("name", ["urn:newsml:dpa.com:20090101:1", "a/b?c#d", "Ä 1", "20%"])
def test_a_dispatch_is_known_by_the_address_that_stands_for_it(name: str) -> None:
    address = dispatch_address("dpa", name)
    assert address.startswith("https://reference.invalid/dpa/")
    assert dispatch_at(address) == ("dpa", name)


@pytest.mark.parametrize(
    "url", ["", "kurier", "https://kurier.example/dpa/1", "https://reference.invalid/dpa", "http://[a/b"]
)
def test_no_other_address_stands_for_a_dispatch(url: str) -> None:
    assert dispatch_at(url) is None
