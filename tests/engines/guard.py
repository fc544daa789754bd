"""Runs an engine and ends it when the tests that asked for it are gone, however they ended.

    python guard.py SPECIFICATION      JSON, see `main`

Prints the engine's process id, which is also that of its process group. A script of its own, without the project.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

LOOK_SECONDS = 0.3


def main(specification: dict[str, Any]) -> None:
    """command, environment, user and group (ids or null), folder, log, parent (process id), at_end (a command)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    become: dict[str, Any] = {}
    if specification["user"] is not None:
        become = {"user": specification["user"], "group": specification["group"], "extra_groups": []}
    with open(specification["log"], "ab") as log:  # noqa: PTH123  # opened for a child
        engine = subprocess.Popen(
            specification["command"],
            env=specification["environment"],
            cwd=specification["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **become,
        )
    print(engine.pid, flush=True)
    orphaned = False
    try:
        while engine.poll() is None and not orphaned:
            time.sleep(LOOK_SECONDS)
            orphaned = os.getppid() != specification["parent"]
    finally:
        if engine.poll() is None:
            os.killpg(engine.pid, signal.SIGKILL)
            engine.wait()
        if orphaned:
            if specification["at_end"]:
                subprocess.run(specification["at_end"], check=False, capture_output=True)
            shutil.rmtree(specification["folder"], ignore_errors=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
