"""`monitor demo` on a real engine, which is started for it and ended after it.

    python -m tests.engines.demo [opensearch | opensearch-2 | elasticsearch]

Without a name: on the engine at MONITOR_TEST_ENGINE_URL. Exit code as that of the demo; 1 where there is no engine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

import pytest

from tests.engines import running
from tests.engines.engine import Engine
from tests.program import environment

NAMES = {"opensearch": "opensearch-3", "opensearch-2": "opensearch-2.19", "elasticsearch": "elasticsearch-8.19"}


def settings(engine: Engine) -> dict[str, str]:
    """The environment in which the demo uses this engine."""
    wanted = {"KIND": "elasticsearch", "URL": engine.url}
    if engine.user:
        wanted |= {"USER": engine.user, "PASSWORD": engine.password}
    if engine.ca:
        wanted["CA_CERTS"] = str(engine.ca)
    return {f"MONITOR_STORE__{name}": value for name, value in wanted.items()}


def main(name: str) -> int:
    kind = "given" if running.GIVEN_URL else NAMES.get(name, "")
    if not kind:
        print(f"there is no engine {name!r}; name one of {', '.join(NAMES)}", file=sys.stderr)
        return 2
    try:
        engine = running.running(kind)
    except (pytest.skip.Exception, pytest.fail.Exception, running.NotUp) as reason:
        print(f"no engine to run on: {reason}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="demo-") as folder:
        command = [sys.executable, "-P", "-m", "monitor", "demo"]
        return subprocess.run(command, cwd=folder, env=environment(**settings(engine)), check=False).returncode


if __name__ == "__main__":
    code = main(sys.argv[1] if len(sys.argv) > 1 else "")
    running.stop_all()
    sys.exit(code)
