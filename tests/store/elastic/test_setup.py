"""Making indices several at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from monitor.errors import AccessRefused
from monitor.store.elastic import setup

NAMES = [f"index-{number}" for number in range(13)]


def test_each_is_made_once_and_given_in_order() -> None:
    made: list[str] = []
    together = threading.Barrier(2)

    def make(name: str) -> str:
        if name in NAMES[:2]:
            together.wait(10)  # broken where one waits for the other
        made.append(name)
        return name.upper()

    assert setup._each(make, NAMES) == [name.upper() for name in NAMES]
    assert sorted(made) == sorted(NAMES)


def test_after_the_first_error_nothing_more_is_begun() -> None:
    begun: list[str] = []
    refused = threading.Event()

    def make(name: str) -> None:
        begun.append(name)
        if name == NAMES[1]:
            refused.set()
            raise AccessRefused("no privilege")
        assert refused.wait(10)
        raise AccessRefused("what came after it")

    with pytest.raises(AccessRefused, match="no privilege"):
        setup._each(make, NAMES)
    assert len(begun) <= setup._AT_ONCE


@pytest.fixture
def interrupted() -> Iterator[None]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupted")
def test_an_interrupt_does_not_wait_for_an_engine_that_hangs() -> None:
    answers = threading.Event()
    left: list[bool] = []

    def make(name: str) -> None:
        left.append(answers.wait(60))

    with pytest.raises(KeyboardInterrupt):
        setup._each(make, NAMES)
    assert not left
    answers.set()
