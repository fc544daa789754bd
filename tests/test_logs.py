from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from monitor import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_lines_of_text_carry_time_level_module_and_values() -> None:
    out = io.StringIO()
    logs.setup("INFO", "text", out)
    logging.getLogger("monitor.filing").info("filed articles=%d", 3, extra={"site": "example"})
    logging.getLogger("monitor.filing").debug("not shown")
    (line,) = out.getvalue().splitlines()
    assert line.endswith(" INFO monitor.filing: filed articles=3 site=example")


def test_json_lines_are_one_object_each_also_with_a_traceback() -> None:
    out = io.StringIO()
    logs.setup("INFO", "json", out)
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("monitor.crawl").exception("failed", extra={"path": object})
    (line,) = out.getvalue().splitlines()
    record = json.loads(line)
    assert (record["level"], record["logger"], record["message"]) == ("ERROR", "monitor.crawl", "failed")
    assert record["time"].endswith("Z")
    assert "two\nlines" in record["traceback"]
    assert "object" in record["path"]


def test_setting_up_again_replaces_and_talkative_libraries_are_kept_down() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.setup("INFO", "text", first)
    logs.setup("INFO", "text", second)
    logging.getLogger("scrapy.core.engine").info("Spider opened")
    logging.getLogger("scrapy.core.engine").warning("trouble")
    assert first.getvalue() == ""
    assert second.getvalue().count("\n") == 1
    assert "trouble" in second.getvalue()
