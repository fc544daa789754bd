"""Whatever a store elsewhere does while a machine gathers for it: afterwards it holds each outcome once, in order."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import StoreError, StoreFull, StoreUnreachable
from monitor.records import Outcome, SourceState, Status
from monitor.store.memory import MemoryStore
from monitor.store.port import Store
from monitor.store.spooled import SpooledStore, open_spooled, remote, shipping
from tests.articles import NOW, analysis, later, run, url
from tests.store.troubled import Troubled
from tests.waiting import until

SITES = ("kurier", "blatt")
NAMES = st.sampled_from("abcdef")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("discover"), st.sampled_from(SITES), st.lists(NAMES, min_size=1, max_size=4)),
        st.tuples(st.just("store"), st.sampled_from(SITES), st.lists(NAMES, min_size=1, max_size=4)),
        st.tuples(st.just("reject"), st.sampled_from(SITES), NAMES),
        st.tuples(st.just("unchanged"), st.sampled_from(SITES), NAMES),
        st.tuples(st.just("source"), st.sampled_from(SITES), NAMES),
        st.tuples(st.just("run"), st.sampled_from(SITES), st.integers(0, 9)),
        st.tuples(st.just("read"), st.sampled_from(SITES), NAMES),
        st.tuples(st.just("away")),
        st.tuples(st.just("full")),
        st.tuples(st.just("back")),
        st.tuples(st.just("next process")),
    ),
    max_size=25,
)


@pytest.fixture(autouse=True, scope="module")
def _short_waits() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(remote, "FIRST_REST", 0.001)
        patch.setattr(remote, "LONGEST_REST", 0.002)
        patch.setattr(shipping, "IDLE", 0.001)
        yield


def gather(store: Store, step: tuple[Any, ...], number: int) -> None:
    """What a crawl does; `number` makes each fetch another one."""
    what, site, *rest = step
    at = later(seconds=number)
    match what:
        case "discover":
            store.discover([url(name, site=site, discovered_at=at) for name in rest[0]])
        case "store":
            states = [(url(name, Status.STORED, site=site, fetched_at=at, article_id=name), name) for name in rest[0]]
            store.settle(
                [
                    Outcome(state, analysis(f"{site}-{name}", str(number), run=site, at=at), site)
                    for state, name in states
                ]
            )
        case "reject":
            state = url(rest[0], Status.REJECTED, site=site, fetched_at=at, reason="too-short")
            store.settle([Outcome(state, run=site, detail=str(number))])
        case "unchanged":
            state = url(rest[0], Status.STORED, site=site, fetched_at=at, checks=1)
            store.settle([Outcome(state, run=site, unchanged=True)])
        case "source":
            store.put_source(SourceState(site, rest[0], etag=str(number)))
        case "run":
            store.put_run(run(site, site=site, fetched=number))


def ship_all(store: SpooledStore) -> None:
    store.keep_shipping()
    until(lambda: not store._copy.length() and not store._remote.silent, pause=0.002)


def said(store: Store, site: str) -> Any:
    addresses = [url(name, site=site).url for name in "abcdef"]
    return (
        store.known(site, addresses),
        store.counts(site),
        store.pending(site, NOW, 9),
        [store.source(site, name) for name in "abcdef"],
        store.run(site),
        sorted((one.url, one.detail) for one in store.rejections(site=site)),
        [item.analysis for item in store.take(1000) if item.analysis.run == site],
    )


@settings(max_examples=60, deadline=None)
@given(steps=STEPS, seed=st.integers(0, 2**16), share=st.sampled_from([0.0, 0.2, 0.6]))
def test_every_outcome_arrives_once_and_in_order(steps: list[tuple[Any, ...]], seed: int, share: float) -> None:
    model, there = MemoryStore(), Troubled(MemoryStore(), seed=seed, share=share)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = open_spooled(there.opened, folder, limit=1000)
        for number, step in enumerate(steps):
            match step[0]:
                case "away":
                    there.error, there.writes_only = StoreUnreachable("away"), False
                case "full":
                    there.error, there.writes_only = StoreFull("full"), True
                case "back":
                    there.error = None
                case "next process":  # as after a kill: nothing is shipped at the end
                    store._gathers = False
                    store.close()
                    store = open_spooled(there.opened, folder, limit=1000)
                case "read":
                    read(store, step[1], step[2], model)
                case _:
                    gather(store, step, number)
                    gather(model, step, number)
        there.error, there.share = None, 0.0
        with closing(store):
            ship_all(store)
            for site in SITES:
                assert said(there.store, site) == said(store, site) == said(model, site)
        for site in SITES:
            arrived = dict.fromkeys(
                (one.state.fetched_at, one.state.url) for one in there.settled if one.state.site == site
            )
            times = [at for at, _ in arrived if at is not None]
            assert times == sorted(times)


def read(store: SpooledStore, site: str, name: str, model: MemoryStore) -> None:
    """A question never fails, and what was settled here is what it says."""
    address = url(name, site=site).url
    told, truth = store.known(site, [address]).get(address), model.known(site, [address]).get(address)
    assert (told and told.status) == (truth and truth.status)
    assert store.counts(site) == model.counts(site)
    assert [one.url for one in store.pending(site, NOW, 9)] == [one.url for one in model.pending(site, NOW, 9)]
    store.due(site, NOW, 9)
    assert store.source(site, name) == model.source(site, name)
    assert store.waiting() >= 0


@pytest.mark.parametrize("kind", [StoreUnreachable, StoreFull])
@pytest.mark.parametrize(
    "call",
    ["discover", "known", "pending", "due", "settle", "counts", "source", "put_source", "waiting", "put_run", "run",
     "runs", "last_runs", "health"],
)  # fmt: skip
def test_no_call_of_a_crawl_fails_with_the_store(tmp_path: Path, call: str, kind: type[StoreError]) -> None:
    """Neither when it is the first call nor later."""
    there = Troubled(MemoryStore())
    there.error, there.writes_only = kind("by the test"), kind is StoreFull
    arguments: dict[str, tuple[Any, ...]] = {
        "discover": ([url("a")],),
        "known": ("kurier", [url("a").url]),
        "pending": ("kurier", NOW, 3),
        "due": ("kurier", NOW, 3),
        "settle": ([Outcome(url("a", Status.GONE), run="r")],),
        "counts": ("kurier",),
        "source": ("kurier", "feed"),
        "put_source": (SourceState("kurier", "feed"),),
        "put_run": (run("r"),),
        "run": ("r",),
        "health": (NOW,),
    }
    with closing(open_spooled(there.opened, tmp_path, limit=10)) as store:
        for _ in range(2):
            getattr(store, call)(*arguments.get(call, ()))
        there.error = None
        getattr(store, call)(*arguments.get(call, ()))
