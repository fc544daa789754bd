"""YAML files that people write by hand: read without surprises, errors with their line.

Each kind of file has an error of its own (`SiteError`, `ConfigError`), which the functions here raise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

from monitor.errors import MonitorError

E = TypeVar("E", bound=MonitorError)

_ID = re.compile(r"^[a-z0-9][a-z0-9._-]{0,99}$")
LONGEST_SHOWN = 80  # characters of a wrong value in a message


class _Loader(yaml.SafeLoader):
    """Safe YAML without references and tags, which these files have no use for.

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


def read_text(path: Path, *, largest: int, error: type[MonitorError], what: str) -> str:
    """The file as text, without a byte order mark; `largest` in bytes. `what`: what the file should be."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
        if len(data) > largest:
            raise error(f"{path}: larger than {largest} bytes; this is no {what}")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = wrong.object[: wrong.start].count(b"\n") + 1
        raise error(f"{path}:{line}: not UTF-8 text") from wrong
    except OSError as wrong:
        raise error(f"{path}: can't be read: {wrong.strerror or wrong}") from wrong


def is_id(text: str) -> bool:
    """Can a file's name be an id? Lower-case letters, digits, '-', '_' and '.'; the first is a letter or a digit."""
    return bool(_ID.match(text))


def id_of(path: Path, *, error: type[MonitorError], what: str) -> str:
    """The id that the file's name gives. `what`: what it is the id of."""
    found = path.name.removesuffix(".yaml")
    if not is_id(found):
        hint = "use lower-case letters, digits, '-', '_' and '.' in the file's name"
        raise error(f"{path}: {found!r} is no id of a {what}", hint=hint)
    return found


def files(folder: Path, errors: list[E], *, error: type[E], what: str) -> Iterator[Path]:
    """The folder's .yaml files in order of their names, none where there is no folder. What is wrong is added when it
    is come to.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and not path.is_dir())
    except FileNotFoundError:
        return
    except OSError as wrong:
        errors.append(error(f"{folder}: can't be read: {wrong.strerror or wrong}"))
        return
    for path in paths:
        if path.suffix == ".yml":
            errors.append(error(f"{path}: {what} end in .yaml", hint=f"mv {path} {path.with_suffix('.yaml')}"))
        else:
            yield path


def stamp(folder: Path) -> frozenset[tuple[str, int, int]]:
    """Names, times and sizes of its files: tells that something changed."""
    found: set[tuple[str, int, int]] = set()
    for path in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        try:
            status = path.stat()
        except OSError:
            continue
        found.add((path.name, status.st_mtime_ns, status.st_size))
    return frozenset(found)


def as_list(value: Any) -> Any:
    """A single text where a list may stand."""
    return [value] if isinstance(value, str) else value


def compose(path: Path, text: str, *, error: type[MonitorError]) -> yaml.Node | None:
    """The tree with its lines; None for a file without a value. A key that stands twice is an error."""
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as wrong:
        raise _not_yaml(path, wrong, error) from wrong
    except yaml.reader.ReaderError as wrong:
        line = text[: wrong.position].count("\n") + 1
        raise error(f"{path}:{line}: not YAML: a character that YAML does not allow") from wrong
    except RecursionError as wrong:
        raise error(f"{path}: not YAML: nested too deep") from wrong
    for key, where in _twice(node):
        shown = "an address" if "://" in key else key  # it may hold a password
        raise error(f"{path}:{where}: {shown} stands here for the second time")
    return node


def values(path: Path, node: yaml.Node, *, error: type[MonitorError]) -> Any:
    """What the tree says, in plain lists, dicts and scalars."""
    loader = _Loader("")
    try:
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as wrong:
        raise _not_yaml(path, wrong, error) from wrong
    except ValueError as wrong:  # a number of thousands of digits
        raise error(f"{path}: not YAML: {wrong}") from wrong
    finally:
        loader.dispose()


def _not_yaml(path: Path, wrong: yaml.MarkedYAMLError, error: type[MonitorError]) -> MonitorError:
    mark = wrong.problem_mark or wrong.context_mark
    line = f":{mark.line + 1}" if mark else ""
    hint = (
        "" if not wrong.problem or "tab" not in wrong.problem + str(wrong.context) else "indent with blanks, not tabs"
    )
    if "'\\t'" in str(wrong.problem):
        hint = "indent with blanks, not with tabs"
    if "<block end>" in str(wrong.problem) and "<scalar>" in str(wrong.problem):
        hint = 'a value that has quotes in it stands as a whole in single quotes: query: \'"Muster" OR "Werk"\''
    return error(f"{path}{line}: not YAML: {wrong.problem or wrong.context}", hint=hint)


def _twice(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
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
# pydantic's kinds of errors, in words of such a file.
EXPECTED = {
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
    "list_type": _LIST,
    "dict_type": _LINES,
    "model_type": _LINES,
    "model_attributes_type": _LINES,
    "missing": "expected, but missing",
}


def shortened(text: str) -> str:
    """One line; a value that fills a page is cut in the middle."""
    text = " ".join(text.split())
    return text if len(text) <= 4 * LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} ... {text[-LONGEST_SHOWN:]}"


def line_of(node: yaml.Node, loc: Sequence[Any]) -> int:
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
