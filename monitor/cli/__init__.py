"""The command line. Each command group has a file; `app` holds the table of them and the border for errors."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `monitor` command."""
    from monitor.cli.app import main as run

    run()
