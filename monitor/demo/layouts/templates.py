"""The HTML templates beside this module."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


@cache
def template(name: str) -> Template:
    """By its file name; read once."""
    return Template((files("monitor.demo.layouts") / name).read_text(encoding="utf-8"))
