"""The content folder -> drafts: one folder per site with site.yaml and one Markdown file per article.

A file begins with YAML between two lines `---`; below stand the article's own paragraphs, of a copy only
the foreign introduction: what it copies is named under `of`, with the edits that were made.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from monitor.demo.records import NewsSite, Photo
from monitor.errors import InputError

_REINSTALL = "the demo's content is part of the program: install it again"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Strict):
    """One story that is copied, and which of its paragraphs: "all", "1-3", "1-2,5"."""

    story: str
    keep: Annotated[str, BeforeValidator(str)] = "all"


class Day(_Strict):
    """One bulletin of a series."""

    age: str
    values: dict[str, str]


class Draft(_Strict):
    """One content file. `age`: how long before the world's start it was published (`monitor.spans`)."""

    slug: str
    paragraphs: tuple[str, ...] = ()
    language: str
    title: str = ""  # of a copy: the original's
    age: str = ""
    section: str = ""
    dateline: str = ""
    trailer: str = ""
    byline: str = ""
    authors: tuple[str, ...] = ()
    author_in: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    photos: tuple[Photo, ...] = ()
    of: tuple[Part, ...] = ()
    replace: dict[str, str] = Field(default_factory=dict)
    source: str = ""
    canonical: str = ""
    path: str = ""
    dates: tuple[str, ...] | None = None
    feed_date: bool = True
    series: str = ""
    days: tuple[Day, ...] = ()


def read_drafts(folder: Traversable | None = None) -> Iterator[tuple[NewsSite, list[Draft]]]:
    """Every site with its drafts, by name; default: the package's own. Raises InputError for a file that is none."""
    for site_folder in _sorted(folder or files("monitor.demo") / "content"):
        if not site_folder.is_dir():
            continue
        site = _site(site_folder)
        drafts = [_draft(file) for file in _sorted(site_folder) if file.name.endswith(".md")]
        yield site, drafts


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name)


def _site(folder: Traversable) -> NewsSite:
    file = folder / "site.yaml"
    values = _yaml(file, file.read_text(encoding="utf-8"))
    try:
        return NewsSite(id=folder.name, **{**values, "dates": tuple(values.get("dates", ()))})
    except TypeError as error:
        raise InputError(f"{file}: {error}", hint=_REINSTALL) from error


def _draft(file: Traversable) -> Draft:
    parts = file.read_text(encoding="utf-8").split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise InputError(f"{file}: expected YAML between two lines ---", hint=_REINSTALL)
    paragraphs = tuple(" ".join(text.split()) for text in parts[2].split("\n\n") if text.strip())
    values = _yaml(file, parts[1])
    try:
        return Draft.model_validate({**values, "slug": file.name.removesuffix(".md"), "paragraphs": paragraphs})
    except ValidationError as error:
        raise InputError(f"{file}: {error}", hint=_REINSTALL) from error


def _yaml(file: Traversable, text: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InputError(f"{file}: not YAML: {error}", hint=_REINSTALL) from error
    if not isinstance(values, dict):
        raise InputError(f"{file}: expected `name: value` lines", hint=_REINSTALL)
    return values
