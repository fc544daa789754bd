"""All tests of one engine are one piece of work."""

from __future__ import annotations

import pytest

from tests.engines.running import KINDS, SECURED
from tests.scheduling import engine_of, scope_of


@pytest.mark.parametrize("kind", KINDS)
def test_what_runs_on_an_engine_goes_to_the_process_of_that_engine(kind: str) -> None:
    assert engine_of(f"tests/contract/test_store_runs.py::test_a_run[{kind}]") == kind
    assert engine_of(f"tests/contract/test_store_search.py::test_a_query[{kind}-Term(field=None, text='x')]") == kind


def test_what_needs_users_and_tls_has_an_engine_of_its_own() -> None:
    assert engine_of("tests/engines/test_secured.py::test_a_wrong_password") == SECURED
    assert engine_of("tests/engines/test_roles.py::test_readers[role]") == SECURED


@pytest.mark.parametrize(
    "nodeid", ["tests/e2e/test_kills.py::test_a_kill[3-crawl]", "tests/contract/test_store_runs.py::test_a_run[memory]"]
)
def test_other_tests_are_for_themselves(nodeid: str) -> None:
    assert engine_of(nodeid) == ""


def test_tests_that_share_a_crawl_run_in_one_process() -> None:
    file = "tests/e2e/test_real_pages.py"
    assert scope_of(f"{file}::test_a") == scope_of(f"{file}::test_b") == file
    assert scope_of("tests/e2e/test_kills.py::test_a") == "tests/e2e/test_kills.py::test_a"
