"""Set a constant of the program to another value, wherever it is looked up."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from monitor.duplicates import MatchSettings
from monitor.sources import TraceSettings
from tests.quality.threshold_values import Threshold

Settings = tuple[MatchSettings, TraceSettings]
_FIELDS = {"duplicates.settings": 0, "sources.surroundings": 1}  # modules with fields for thresholds: place in Settings


def present(threshold: Threshold) -> Any:
    """Its value now. LookupError where there is no threshold of that name any more."""
    if _is_field(threshold):
        return getattr((MatchSettings(), TraceSettings())[_FIELDS[threshold.module]], threshold.name)
    module = import_module(f"monitor.{threshold.module}")
    if not hasattr(module, threshold.name):
        raise LookupError(f"no threshold {threshold.key}: mend tests/quality/threshold_values.py")
    return getattr(module, threshold.name)


def _is_field(threshold: Threshold) -> bool:
    settings = {"duplicates.settings": MatchSettings, "sources.surroundings": TraceSettings}.get(threshold.module)
    return settings is not None and threshold.name in {field.name for field in fields(settings)}


def shown(value: Any) -> str:
    """As the documentation writes it."""
    return f"{value.total_seconds() / 3600:g} h" if isinstance(value, timedelta) else f"{value:g}"


@contextmanager
def changed(threshold: Threshold, value: Any) -> Iterator[Settings]:
    """While it lasts the threshold has the value; yields the settings to match and to trace with."""
    was = present(threshold)
    if _is_field(threshold):
        match, trace = MatchSettings(), TraceSettings()
        own = {threshold.name: value}
        yield (replace(match, **own), trace) if _FIELDS[threshold.module] == 0 else (match, replace(trace, **own))
        return
    if isinstance(was, np.generic):
        value = type(was)(value)
    home = import_module(f"monitor.{threshold.module}")
    with ExitStack() as stack:
        for module, name in _lookups(home, threshold.name):
            stack.enter_context(patch.object(module, name, value))
        for function, at in _defaults(home, threshold.name):
            values = (*function.__defaults__[:at], value, *function.__defaults__[at + 1 :])  # type: ignore[index]
            stack.enter_context(patch.object(function, "__defaults__", values))
        yield MatchSettings(), TraceSettings()


def _lookups(home: ModuleType, name: str) -> list[tuple[ModuleType, str]]:
    """The module itself, and those that have imported the name from it or from its package."""
    sources = (home.__name__, home.__name__.rpartition(".")[0])
    found = [(home, name)]
    for module_name, module in list(sys.modules.items()):
        if module is not home and module_name.startswith(("monitor.", "tests.quality.")):
            found += [(module, own) for source, one, own in _imported(module) if one == name and source in sources]
    package = sys.modules[sources[1]]
    return [(module, own) for module, own in found if getattr(module, own) is getattr(home, name)] + (
        [(package, name)] if getattr(package, name, None) is getattr(home, name) else []
    )


@cache
def _imported(module: ModuleType) -> Sequence[tuple[str, str, str]]:
    """(module, name there, name here)."""
    nodes = (node for node in ast.walk(_parsed(module)) if isinstance(node, ast.ImportFrom))
    return [(node.module or "", one.name, one.asname or one.name) for node in nodes for one in node.names]


@cache
def _parsed(module: ModuleType) -> ast.Module:
    try:
        return ast.parse(inspect.getsource(module))
    except OSError:  # an empty file
        return ast.Module([], [])


def _defaults(home: ModuleType, name: str) -> Iterator[tuple[FunctionType, int]]:
    """Functions of the module whose argument has the constant for its default, and its place among the defaults."""
    for node in _parsed(home).body:
        if isinstance(node, ast.FunctionDef):
            for at, default in enumerate(node.args.defaults):
                if isinstance(default, ast.Name) and default.id == name:
                    yield getattr(home, node.name), at
