"""`monitor config`: every setting, its value and where that came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.cli.common import JsonOption, console, print_json

if TYPE_CHECKING:
    from monitor.config import Loaded

EXAMPLES = """
monitor config
monitor config | grep crawl
MONITOR_CRAWL__DELAY=5 monitor config --json | jq '.settings[] | select(.origin != "default")'
"""


def config(json_output: JsonOption = False) -> None:
    """Show every setting with its value, where that came from, and what it means. Secrets are masked.

    A value comes from the environment (MONITOR_STORE__PATH is store.path), else from monitor.toml, else it is the
    default.
    """
    from monitor.config import describe, load

    loaded = load()
    if json_output:
        print_json({
            "file": str(loaded.file) if loaded.file else None,
            "folder": str(loaded.folder),
            "settings": [
                {"name": s.name, "value": s.value, "origin": loaded.origin(s.name), "description": s.description}
                for s in describe(loaded.settings)
            ],
        })  # fmt: skip
    else:
        _show(loaded)


def _show(loaded: Loaded) -> None:
    from rich.text import Text

    from monitor.config import describe

    out = console()
    head = (
        f"Settings of {loaded.file}"
        if loaded.file
        else f"No monitor.toml in {loaded.folder}: `monitor init` writes one"
    )
    out.print(Text(head, style="bold"), soft_wrap=True)
    section = ""
    for setting in describe(loaded.settings):
        if setting.name.partition(".")[0] != section and "." in setting.name:
            section = setting.name.partition(".")[0]
            out.print()
        origin = loaded.origin(setting.name)
        line = (
            Text(setting.name, style="bold").append(" = ", style="dim").append(written(setting.value), style="not bold")
        )
        out.print(line.append(f"  ({_where(loaded, origin)})", style="dim" if origin == "default" else "not bold cyan"))
        out.print(Text(f"    {setting.description}", style="dim"))


def _where(loaded: Loaded, origin: str) -> str:
    return loaded.file.name if loaded.file and origin == str(loaded.file) else origin


def written(value: Any) -> str:
    """The value as TOML; what is not set has no form there."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(written(one) for one in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{written(key)} = {written(one)}' for key, one in value.items())}}}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
