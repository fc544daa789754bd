"""`monitor kibana`: dashboards into Kibana."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from monitor.cli.common import JsonOption, console, context, err_console, print_json, writing_to
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.config import Loaded
    from monitor.kibana import Access, Installed, Options, Wrong

EXAMPLES = """
monitor kibana install --url https://kibana.example.org --language de
MONITOR_KIBANA__API_KEY=... monitor kibana install --overwrite --check
monitor kibana export --output dashboards.ndjson     for Stack Management > Saved Objects > Import
"""

app = typer.Typer(no_args_is_help=True, help="Install the dashboards into Kibana, or write them to a file.")

UrlOption = Annotated[str, typer.Option("--url", metavar="URL", help="Base address of Kibana instead of kibana.url.")]
SpaceOption = Annotated[str, typer.Option("--space", metavar="ID", help="Space instead of kibana.space.")]
KeyOption = Annotated[
    str,
    typer.Option("--api-key", metavar="KEY", help="Instead of kibana.api_key; others may see it in the process list."),
]
LanguageOption = Annotated[
    Literal["en", "de"] | None, typer.Option("--language", help="Language of titles instead of kibana.language.")
]
WaitOption = Annotated[
    float, typer.Option("--wait", min=0, metavar="SECONDS", help="How long to wait for a Kibana that is starting.")
]


@app.command()
def install(
    url: UrlOption = "",
    space: SpaceOption = "",
    api_key: KeyOption = "",
    language: LanguageOption = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace what is there; what people changed in it is lost.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Then read every dashboard back, with all that it shows.")
    ] = False,
    wait: WaitOption = 120.0,
    json_output: JsonOption = False,
) -> None:
    """Put data views, saved searches and dashboards into Kibana; without --overwrite only what is not there yet.

    Exit code 1 when an object failed; each is named with its reason.
    """
    from monitor.kibana import Kibana, build, read_back
    from monitor.kibana import install as installed_in

    loaded = context()
    kibana = Kibana(_access(loaded, url, space, api_key))
    objects = build(_options(loaded, language))
    version = kibana.wait(wait)
    done = installed_in(kibana, objects, overwrite=overwrite)
    wrong = (*done.failed, *(read_back(kibana, objects, done.ids) if check and not done.failed else ()))
    if json_output:
        print_json({
            "url": kibana.url, "version": version, "space": kibana.space or "default",
            "created": len(done.created), "replaced": len(done.replaced), "kept": len(done.kept),
            "failed": [{"type": one.type, "id": one.id, "title": one.title, "reason": one.reason} for one in wrong],
        })  # fmt: skip
    else:
        _show(f"{kibana.url}{f' (Kibana {version})' if version else ''}", done, wrong, checked=check)
    if wrong:
        raise typer.Exit(1)


def _show(where: str, done: Installed, wrong: tuple[Wrong, ...], *, checked: bool) -> None:
    for one in wrong:
        err_console().print(f"{one.type} {one.id} ({one.title}): {one.reason}", soft_wrap=True, style="red")
    counts = f"{len(done.created)} created, {len(done.replaced)} replaced, {len(done.kept)} kept"
    console().print(f"{where}: {counts}, {len(done.failed)} failed", soft_wrap=True)
    if done.kept:
        console().print("What was there stays as it is; --overwrite replaces it.", style="dim", soft_wrap=True)
    if checked and not wrong:
        console().print("Every dashboard is there with all that it shows.", soft_wrap=True)


@app.command()
def export(
    url: UrlOption = "",
    space: SpaceOption = "",
    api_key: KeyOption = "",
    language: LanguageOption = None,
    from_kibana: Annotated[
        bool, typer.Option("--from-kibana", help="As they stand in Kibana now, with what people changed.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of standard output.")
    ] = None,
    wait: WaitOption = 30.0,
) -> None:
    """Write what `install` puts into Kibana as NDJSON, for an import by hand."""
    from monitor.kibana import Kibana, build, ndjson

    if not from_kibana and (url or space or api_key):
        raise InputError(
            "--url, --space and --api-key are for --from-kibana: otherwise no Kibana is asked",
            hint="add --from-kibana, or leave them out",
        )
    loaded = context()
    objects = build(_options(loaded, language))
    data = ndjson(objects)
    if from_kibana:
        kibana = Kibana(_access(loaded, url, space, api_key))
        kibana.wait(wait)
        kibana.check_space()
        data = kibana.export_objects([(one.type, one.id) for one in objects], deep=False)
    with writing_to(output) as out:
        out.write(data)


def _access(loaded: Loaded, url: str, space: str, api_key: str) -> Access:
    from monitor import credentials
    from monitor.kibana import Access

    told = loaded.settings.kibana
    key_file, password_file = (loaded.path(one) if one else None for one in (told.api_key_file, told.password_file))
    return Access(
        url or told.url,
        space or told.space,
        told.user,
        credentials.given(told.password, password_file, "kibana.password_file", credentials.password),
        _key(api_key) or credentials.given(told.api_key, key_file, "kibana.api_key_file", credentials.api_key),
        loaded.path(told.ca_certs) if told.ca_certs else None,
        told.verify,
    )


def _key(option: str) -> str:
    from monitor import credentials

    try:
        return credentials.api_key(option)
    except ValueError as error:
        raise InputError(f"--api-key: {error}") from error


def _options(loaded: Loaded, language: Literal["en", "de"] | None) -> Options:
    from monitor.kibana import Options

    told = loaded.settings.kibana
    return Options(language or told.language, loaded.settings.store.index_prefix, told.monitor_url)
