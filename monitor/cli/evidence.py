"""`monitor evidence`: one article with everything that proves where its text came from, as a zip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.common import context, err_console, now, reading_store, writing_to
from monitor.cli.show import find

EXAMPLES = """
monitor evidence 5f0c1e                    writes evidence-ID.zip here
monitor evidence 5f0c1e --out case-17.zip
unzip -q evidence-ID.zip -d case && cd case && sha256sum -c SHA256SUMS
"""


def evidence(
    id_: Annotated[str, typer.Argument(metavar="ID", help="Id of the article; 6 characters do.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", help='Write there; default: evidence-ID.zip; "-": standard output.'
        ),
    ] = None,
) -> None:
    """Write a zip: the raw pages as stored (WARC), their headers and bodies, every state of the text, the origin, the
    comparison of both word by word, the decisions, and SHA-256 of each file with the times of fetching."""
    from monitor.reports.evidence import case_of, write_evidence

    loaded = context()
    with reading_store(loaded) as store:
        case = case_of(store, find(store, id_.strip()))
    path = out or Path(f"evidence-{case.document.id}.zip")
    with writing_to(None if str(path) == "-" else path) as target:
        missing = write_evidence(target, case, warc=loaded.warc, now=now())
    err = err_console()
    for one in missing:
        err.print(f"left out: {one}", style="yellow", soft_wrap=True)
    if str(path) != "-":
        err.print(f"written to {path}", soft_wrap=True)
