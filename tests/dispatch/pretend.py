"""Stands for a crawl's process: does what its site's name says, and notes when it began and ended."""

from __future__ import annotations

import os
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from monitor.crawl.progress import emit
from monitor.records import Run


def main(site: str, run_id: str, notes: Path) -> int:
    run = Run(run_id, site, datetime.now(UTC), discovered=2)
    kind = site.split("-")[0]
    (notes / f"{site}.began").write_text(f"{time.monotonic()}")
    print("a library prints this")
    emit("progress", run)
    print(f"log of {site}", file=sys.stderr, flush=True)
    if kind == "slow":
        time.sleep(0.4)
    if kind == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "silent":
        return 3
    if kind == "fails":
        emit("failed", message="site fails: no such thing", hint="do this")
        return 1
    if kind == "hangs":
        signal.signal(signal.SIGTERM, lambda *_: emit("finished", run, message="") or sys.exit(0))
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if kind in ("hangs", "stubborn"):
        (notes / f"{site}.ready").touch()
        time.sleep(60)
    emit("finished", run)
    (notes / f"{site}.ended").write_text(f"{time.monotonic()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
