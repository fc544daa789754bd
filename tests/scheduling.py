"""Which process runs which test: all tests of one search engine run in one, so that it is started once."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

from tests.engines.running import KINDS, SECURED

_SECURED_FILES = ("/test_secured.py", "/test_roles.py")


_WHOLE_FILES = ("/test_real_pages.py",)  # their tests share a crawl of minutes


def engine_of(nodeid: str) -> str:
    """Kind of the engine that the test of this id needs; empty where it needs none."""
    file, _, _ = nodeid.partition("::")
    if file.endswith(_SECURED_FILES):
        return SECURED
    _, _, parameters = nodeid.partition("[")
    return next((kind for kind in KINDS if parameters == f"{kind}]" or parameters.startswith(f"{kind}-")), "")


def scope_of(nodeid: str) -> str:
    """Name of the piece of work that the test belongs to."""
    file, _, _ = nodeid.partition("::")
    return engine_of(nodeid) or (file if file.endswith(_WHOLE_FILES) else nodeid)


class EngineScheduling(LoadScopeScheduling):
    """The tests of each engine as one piece of work, the largest first; every other test for itself, but for files
    whose tests share what is made once.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
