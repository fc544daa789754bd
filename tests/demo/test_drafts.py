"""Content files that are wrong are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.demo.drafts import read_drafts
from monitor.errors import InputError

SITE = "name: A\nmotto: B\nlanguage: en\ntime_zone: UTC\nlayout: agency\nfeed: rss\npath: /{slug}\n"
ARTICLE = "---\nlanguage: en\ntitle: T\nage: 1h\n---\nFirst line\nof one.\n\nSecond.\n"


def folder(tmp_path: Path, *, site: str = SITE, article: str = ARTICLE) -> Path:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "site.yaml").write_text(site, encoding="utf-8")
    (tmp_path / "one" / "story.md").write_text(article, encoding="utf-8")
    return tmp_path


def test_paragraphs_are_divided_by_empty_lines(tmp_path: Path) -> None:
    [(site, [draft])] = list(read_drafts(folder(tmp_path)))
    assert (site.id, site.name, draft.slug, draft.title) == ("one", "A", "story", "T")
    assert draft.paragraphs == ("First line of one.", "Second.")


@pytest.mark.parametrize(
    ("article", "said"),
    [
        ("no front matter", "---"),
        ("---\n: [\n---\nText\n", "not YAML"),
        ("---\njust words\n---\nText\n", "name: value"),
        ("---\nlanguage: en\ntitel: T\n---\nText\n", "titel"),
        ("---\ntitle: T\n---\nText\n", "language"),
    ],
)
def test_a_wrong_file_is_named_with_what_was_expected(tmp_path: Path, article: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        list(read_drafts(folder(tmp_path, article=article)))
    assert "story.md" in caught.value.message


def test_a_site_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="colour"):
        list(read_drafts(folder(tmp_path, site=SITE + "colour: red\n")))
