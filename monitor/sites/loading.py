"""From YAML to Site. An error names the file, the line, the field and what was expected."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from monitor.errors import SiteError
from monitor.sites.model import KINDS, FeedSource, Schedule, Selectors, Site, WordPressSource
from monitor.yamlfile import EXPECTED, compose, files, id_of, is_id, line_of, read_text, shortened, values

LARGEST_FILE = 200_000  # bytes; a site file is some dozen lines


def load_site(path: Path) -> Site:
    """The site of one file; its id is the file's name. Raises SiteError."""
    site_id = id_of(path, error=SiteError, what="site")
    text = read_text(path, largest=LARGEST_FILE, error=SiteError, what="site file")
    return read_site(text, site_id, path)


def read_site(text: str, site_id: str, path: Path) -> Site:
    """The site of a file's text; `path` is named in errors. Raises SiteError."""
    node = _compose(path, text)
    said = {str(key): value for key, value in values(path, node, error=SiteError).items()}
    if said.get("id", site_id) != site_id:
        line = line_of(node, ("id",))
        raise SiteError(f"{path}:{line}: id: expected {site_id}, the name of the file, or nothing")
    try:
        return Site.model_validate({**said, "id": site_id})
    except ValidationError as error:
        told = sorted(dict.fromkeys(_explained(node, problem) for problem in error.errors()))
        message = "\n".join(f"{path}:{line}: {what}" for line, what in told)
        raise SiteError(message, hint="`monitor sites add URL` writes a commented file") from error


def load_sites(folder: Path) -> tuple[dict[str, Site], list[SiteError]]:
    """All sites of the folder by id, in order of their names, and what is wrong with the others."""
    sites: dict[str, Site] = {}
    errors: list[SiteError] = []
    for path in files(folder, errors, error=SiteError, what="site files"):
        try:
            sites[path.name.removesuffix(".yaml")] = load_site(path)
        except SiteError as error:
            errors.append(error)
    return sites, errors


def find_sites(folder: Path, ids: Sequence[str]) -> list[Site]:
    """The named sites in this order. Raises SiteError for one that is not there, with the names that are near."""
    found = []
    for site_id in ids:
        path = folder / f"{site_id}.yaml"
        if not is_id(site_id) or not path.is_file():
            raise _unknown(folder, site_id)
        found.append(load_site(path))
    return found


def _unknown(folder: Path, site_id: str) -> SiteError:
    there = sorted(path.name.removesuffix(".yaml") for path in folder.glob("*.yaml")) if folder.is_dir() else []
    near = difflib.get_close_matches(site_id.lower(), there, 3)
    hint = "`monitor sites list` shows them; `monitor sites add URL` adds one"
    if near:
        hint = f"did you mean {' or '.join(near)}?"
    return SiteError(f"no site is called {site_id!r} in {folder}", hint=hint)


def _compose(path: Path, text: str) -> yaml.MappingNode:
    node = compose(path, text, error=SiteError)
    if node is None:
        raise SiteError(f"{path}: the file is empty", hint="it needs at least `url:` and `sources:`")
    if not isinstance(node, yaml.MappingNode):
        raise SiteError(f"{path}:{node.start_mark.line + 1}: expected `name: value` lines")
    return node


# --- what is wrong ---------------------------------------------------------------------------------------------------


def _explained(node: yaml.Node, problem: Any) -> tuple[int, str]:
    """The line, and what is wrong there."""
    kind, loc = problem["type"], _location(problem)
    message = EXPECTED.get(kind, "")
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        loc, message = (*loc, "kind"), f"expected {' or '.join(KINDS)}"
        problem = problem | {"input": problem["ctx"].get("tag")}
    elif kind in ("extra_forbidden", "invalid_key"):
        near = difflib.get_close_matches(str(loc[-1]), _fields(loc), 1)
        message = "no such field" + (f"; did you mean {near[0]}?" if near else "")
        problem = problem | {"input": None}
    elif not message:
        message = problem["msg"].removeprefix("Value error, ").replace("Input should be", "expected a value")
        problem = problem | ({"input": None} if kind == "value_error" else {})
    name = shortened(".".join(str(part) for part in loc))
    return line_of(node, loc), f"{name}: {shortened(message)}{_found(problem['input'], loc)}"


def _location(problem: Any) -> tuple[Any, ...]:
    """Where, without the names that pydantic puts between (a source's kind, a mapping's key)."""
    loc = tuple(part for part in problem["loc"] if part != "[key]")
    return (*loc[:2], *loc[3:]) if loc[:1] == ("sources",) and len(loc) > 2 and loc[2] in KINDS else loc


def _found(value: Any, loc: Sequence[Any]) -> str:
    """The wrong value; not of a header, which may be a secret."""
    if not isinstance(value, str | int | float) or loc[:1] == ("headers",):
        return ""
    return f" (found {shortened(repr(value))})"


def _fields(loc: tuple[Any, ...]) -> list[str]:
    models: dict[str, tuple[type[BaseModel], ...]] = {
        "select": (Selectors,),
        "schedule": (Schedule,),
        "sources": (FeedSource, WordPressSource),
    }
    chosen: tuple[type[BaseModel], ...] = models.get(str(loc[0]), (Site,)) if len(loc) > 1 else (Site,)
    return [field for model in chosen for field in model.model_fields]
