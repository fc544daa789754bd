"""From YAML to Site. An error names the file, the line, the field and what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from monitor.errors import SiteError
from monitor.sites.model import KINDS, FeedSource, Schedule, Selectors, Site, WordPressSource

LARGEST_FILE = 200_000  # bytes; a site file is some dozen lines
LONGEST_SHOWN = 80  # characters of a wrong value in a message
_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,99}$")


class _Loader(yaml.SafeLoader):
    """Safe YAML without references and tags, which site files have no use for.

    Plain words are read as YAML 1.2 does: `language: no` is Norwegian, not false.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        mark: Any = getattr(event, "start_mark", None)
        if isinstance(event, yaml.AliasEvent):
            raise yaml.composer.ComposerError(None, None, "references (*name) are not allowed here", mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, f"tags ({event.tag}) are not allowed here", mark)
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {}  # PyYAML's are those of YAML 1.1
for _tag, _form, _first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:0|[-+]?[1-9][0-9]*)$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_form), _first)


def is_site_id(text: str) -> bool:
    """Lower-case letters, digits, '-', '_' and '.'; the first is a letter or a digit."""
    return bool(_ID.match(text))


def load_site(path: Path) -> Site:
    """The site of one file; its id is the file's name. Raises SiteError."""
    site_id = path.name.removesuffix(".yaml")
    if not is_site_id(site_id):
        hint = "use lower-case letters, digits, '-', '_' and '.' in the file's name"
        raise SiteError(f"{path}: {site_id!r} is no id of a site", hint=hint)
    return read_site(_read(path), site_id, path)


def read_site(text: str, site_id: str, path: Path) -> Site:
    """The site of a file's text; `path` is named in errors. Raises SiteError."""
    node = _compose(path, text)
    values = _values(path, node)
    if values.get("id", site_id) != site_id:
        line = _line(node, ("id",))
        raise SiteError(f"{path}:{line}: id: expected {site_id}, the name of the file, or nothing")
    try:
        return Site.model_validate({**values, "id": site_id})
    except ValidationError as error:
        told = sorted(dict.fromkeys(_explained(node, problem) for problem in error.errors()))
        message = "\n".join(f"{path}:{line}: {what}" for line, what in told)
        raise SiteError(message, hint="`monitor sites add URL` writes a commented file") from error


def load_sites(folder: Path) -> tuple[dict[str, Site], list[SiteError]]:
    """All sites of the folder by id, in order of their names, and what is wrong with the others."""
    sites: dict[str, Site] = {}
    errors: list[SiteError] = []
    for path in _files(folder, errors):
        if path.suffix == ".yml":
            errors.append(SiteError(f"{path}: site files end in .yaml", hint=f"mv {path} {path.with_suffix('.yaml')}"))
            continue
        try:
            sites[path.name.removesuffix(".yaml")] = load_site(path)
        except SiteError as error:
            errors.append(error)
    return sites, errors


def _files(folder: Path, errors: list[SiteError]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and not path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        errors.append(SiteError(f"{folder}: can't be read: {error.strerror or error}"))
        return []


def find_sites(folder: Path, ids: Sequence[str]) -> list[Site]:
    """The named sites in this order. Raises SiteError for one that is not there, with the names that are near."""
    found = []
    for site_id in ids:
        path = folder / f"{site_id}.yaml"
        if not is_site_id(site_id) or not path.is_file():
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


# --- YAML ------------------------------------------------------------------------------------------------------------


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise SiteError(f"{path}: larger than {LARGEST_FILE} bytes; this is no site file")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SiteError(f"{path}:{line}: not UTF-8 text") from error
    except OSError as error:
        raise SiteError(f"{path}: can't be read: {error.strerror or error}") from error


def _compose(path: Path, text: str) -> yaml.MappingNode:
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(path, error) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise SiteError(f"{path}:{line}: not YAML: a character that YAML does not allow") from error
    except RecursionError as error:
        raise SiteError(f"{path}: not YAML: nested too deep") from error
    if node is None:
        raise SiteError(f"{path}: the file is empty", hint="it needs at least `url:` and `sources:`")
    if not isinstance(node, yaml.MappingNode):
        raise SiteError(f"{path}:{node.start_mark.line + 1}: expected `name: value` lines")
    for key, where in _twice(node):
        raise SiteError(f"{path}:{where}: {key} stands here for the second time")
    return node


def _not_yaml(path: Path, error: yaml.MarkedYAMLError) -> SiteError:
    mark = error.problem_mark or error.context_mark
    line = f":{mark.line + 1}" if mark else ""
    hint = (
        "" if not error.problem or "tab" not in error.problem + str(error.context) else "indent with blanks, not tabs"
    )
    if "'\\t'" in str(error.problem):
        hint = "indent with blanks, not with tabs"
    return SiteError(f"{path}{line}: not YAML: {error.problem or error.context}", hint=hint)


def _values(path: Path, node: yaml.Node) -> dict[str, Any]:
    loader = _Loader("")
    try:
        values = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(path, error) from error
    except ValueError as error:  # a number of thousands of digits
        raise SiteError(f"{path}: not YAML: {error}") from error
    finally:
        loader.dispose()
    return {str(key): value for key, value in values.items()}


def _twice(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    yield key.value, key.start_mark.line + 1
                seen.add(key.value)
            yield from _twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _twice(value)


# --- what is wrong ---------------------------------------------------------------------------------------------------

_LIST, _LINES, _NUMBER = "expected a list", "expected `name: value` lines", "expected a number"
# pydantic's kinds of errors, in words of a site file.
_EXPECTED = {
    "string_type": "expected text; put it in quotes",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "tuple_type": _LIST,
    "dict_type": _LINES,
    "model_type": _LINES,
    "model_attributes_type": _LINES,
    "missing": "expected, but missing",
}


def _explained(node: yaml.Node, problem: Any) -> tuple[int, str]:
    """The line, and what is wrong there."""
    kind, loc = problem["type"], _location(problem)
    message = _EXPECTED.get(kind, "")
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
    name = _shortened(".".join(str(part) for part in loc))
    return _line(node, loc), f"{name}: {_shortened(message)}{_found(problem['input'], loc)}"


def _location(problem: Any) -> tuple[Any, ...]:
    """Where, without the names that pydantic puts between (a source's kind, a mapping's key)."""
    loc = tuple(part for part in problem["loc"] if part != "[key]")
    return (*loc[:2], *loc[3:]) if loc[:1] == ("sources",) and len(loc) > 2 and loc[2] in KINDS else loc


def _found(value: Any, loc: Sequence[Any]) -> str:
    """The wrong value; not of a header, which may be a secret."""
    if not isinstance(value, str | int | float) or loc[:1] == ("headers",):
        return ""
    return f" (found {_shortened(repr(value))})"


def _shortened(text: str) -> str:
    """One line; a value that fills a page is cut in the middle."""
    text = " ".join(text.split())
    return text if len(text) <= 4 * LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} ... {text[-LONGEST_SHOWN:]}"


def _fields(loc: tuple[Any, ...]) -> list[str]:
    models: dict[str, tuple[type[BaseModel], ...]] = {
        "select": (Selectors,),
        "schedule": (Schedule,),
        "sources": (FeedSource, WordPressSource),
    }
    chosen: tuple[type[BaseModel], ...] = models.get(str(loc[0]), (Site,)) if len(loc) > 1 else (Site,)
    return [field for model in chosen for field in model.model_fields]


def _line(node: yaml.Node, loc: Sequence[Any]) -> int:
    """Line, from 1, of the deepest part of the location that the file has."""
    line = node.start_mark.line + 1
    for part in loc:
        following = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode) and key.value == str(part):
                    line, following = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            following = node.value[part]
            line = following.start_mark.line + 1
        if following is None:
            break
        node = following
    return line
