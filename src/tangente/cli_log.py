"""The commands `tangente log`: keep a contact log."""
# ruff: noqa: PLC0415  (the one named door where imports wait for their command)

from pathlib import Path
from typing import Annotated

import typer

log_app = typer.Typer(
    help="Keep a contact log: append files, see what it holds.", no_args_is_help=True, rich_markup_mode=None
)


def _speak(code: str) -> str:
    from tangente.translation import speak

    return speak(code)


Language = Annotated[
    str, typer.Option(envvar="TANGENTE_LANGUAGE", callback=_speak, help="de or en; of all that is told.")
]


@log_app.command("append")
def log_append(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, Parquet or XLSX.")],
    log: Annotated[Path, typer.Option(metavar="DIR", help="The log; made if there is none.")],
    mapping: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the columns mean; left out: proposed.")
    ] = None,
    accept_rejects: Annotated[
        bool, typer.Option("--accept-rejects", help="Store the rest although over 1 % is refused.")
    ] = False,
    language: Language = "en",
) -> None:
    """Add a file to a log; rows it already holds are recognised."""
    from tangente.analysis.job import append
    from tangente.analysis.reading import Reading
    from tangente.progress import steps
    from tangente.report.results import write_rejects

    reading = Reading()
    try:
        with steps() as progress:
            sentences = append(file, log, mapping, reading, accept_rejects=accept_rejects, progress=progress)
    finally:
        if reading.refusals or reading.proposals:
            write_rejects(reading, Path(), f"{file.name}.rejects.csv")
        if reading.refusals:
            typer.echo(f"{file.name}.rejects.csv names the refused rows.", err=True)
    typer.echo("\n".join(sentences))


@log_app.command("info")
def log_info(
    log: Annotated[Path, typer.Option(metavar="DIR", help="The log.")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: Language = "en",
) -> None:
    """Say what a log holds."""
    from tangente.report.terminal import info

    typer.echo(info(log, as_json=as_json))
