"""The command `tangente`: parse, call one function, print.

Every command imports what it needs when it runs, so that `tangente --help` answers at once.
"""
# ruff: noqa: PLC0415  (the one named door where imports wait for their command)

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tangente.cli_log import Language, log_app, say, warn
from tangente.cli_web import add_commands

if TYPE_CHECKING:
    from tangente.analysis.job import Files
    from tangente.analysis.options import Options
    from tangente.contactlog.log import ContactLog
    from tangente.contactlog.store import LogStore

app = typer.Typer(
    help="Customer touchpoints: which few to work on first, why, and how sure that is.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
mapping_app = typer.Typer(help="Say what the columns of a file mean.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(log_app, name="log")
app.add_typer(mapping_app, name="mapping")
add_commands(app)

Paths = list[Path]

MEMORY_POOL = "ARROW_DEFAULT_MEMORY_POOL", "system"  # the others keep what threads let go: memory would grow with rows
INTERRUPTED = 130  # how a command ends that Ctrl-C stopped
WOULD_REFUSE = 1  # how a check ends of files that an import would refuse


class Engine(StrEnum):
    """What runs the passes."""

    THREADS = "threads"
    SPARK = "spark"


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        say(f"tangente {version('tangente')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    """Options of the command as a whole."""


@app.command()
def analyse(
    contacts: Annotated[
        Paths, typer.Option(metavar="FILE", help="What customers did; CSV, Parquet, XLSX. Repeatable.")
    ] = [],  # noqa: B006
    ratings: Annotated[Paths, typer.Option(metavar="FILE", help="What customers said. Repeatable.")] = [],  # noqa: B006
    mapping: Annotated[
        Paths, typer.Option(metavar="FILE", help="What the columns mean; left out: proposed. Repeatable.")
    ] = [],  # noqa: B006
    inventory: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Touchpoints with phase, names, department, unit cost.")
    ] = None,
    outcome: Annotated[str | None, typer.Option(help="Tell who reached it, such as purchase.")] = None,
    funnel_days: Annotated[
        int,
        typer.Option(
            metavar="DAYS", min=1, max=36_525, help="How long a customer may take from one phase to the next."
        ),
    ] = 90,
    log: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep what is read in this log, and analyse all it holds.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the report goes.")] = Path("tangente-report"),
    language: Language = "en",
    seed: Annotated[int, typer.Option(min=0, help="Of everything drawn at random.")] = 0,
    compare: Annotated[
        Path | None, typer.Option(metavar="REPORT.json", help="An earlier report to compare with.")
    ] = None,
    weighted: Annotated[bool, typer.Option("--weighted", help="Let survey weights count.")] = False,
    accept_rejects: Annotated[
        bool, typer.Option("--accept-rejects", help="Store the rest although over 1 % is refused.")
    ] = False,
    engine: Annotated[
        Engine, typer.Option(help="What answers: the threads of this machine, or the executors of Spark.")
    ] = Engine.THREADS,
    spark_master: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Of Spark, as spark://host:7077; left out: this machine, local[*]."),
    ] = None,
) -> None:
    """Read contacts and ratings, rank the touchpoints with reasons, write report.html and report.json."""
    from tangente.sources.child import start

    start()  # what reads the files begins while the rest is imported
    from tangente.analysis.inventory import read_inventory
    from tangente.analysis.job import Files
    from tangente.analysis.options import Options
    from tangente.analysis.serial import read_report
    from tangente.report.results import check_folder

    check_folder(out)
    options = Options(
        language=language,
        seed=seed,
        weighted=weighted,
        outcome=outcome,
        funnel_days=funnel_days,
        inventory=read_inventory(inventory) if inventory else None,
        before=read_report(compare) if compare else None,
    )
    files = Files(contacts=contacts, ratings=ratings, mappings=mapping, log=log, accept_rejects=accept_rejects)
    with _started(engine, spark_master) as log_of:
        _report(files, options, out, log_of)


def _report(files: "Files", options: "Options", out: Path, log_of: "Callable[[LogStore], ContactLog]") -> None:
    """Do the main job and write what it found; what was refused or proposed is kept whatever stops it."""
    from tangente.analysis.job import run
    from tangente.analysis.reading import Reading
    from tangente.errors import TooManyRefused
    from tangente.progress import steps
    from tangente.report.proposals import write_proposals
    from tangente.report.results import write_results
    from tangente.report.terminal import summary
    from tangente.sources.rejects_file import RejectsFile

    with RejectsFile(out / "rejects.csv", wanted=True) as rejects, steps(options.language) as progress:
        reading = Reading(rejects.add)
        try:
            analysis = run(files, options, reading, progress, log_of)
        except TooManyRefused:
            write_proposals(reading, out)
            raise
        progress("report", 0)
        report = write_results(analysis, reading, out)
    warn(reading.warnings)
    say(summary(analysis, report))


@contextmanager
def _started(engine: Engine, master: str | None) -> Iterator["Callable[[LogStore], ContactLog]"]:
    """How a log is made of what is stored, so that its passes run on an engine."""
    if engine is Engine.SPARK:
        from tangente.contactlog.spark import LOCAL, spark_context, spark_log

        with spark_context(master or LOCAL) as context:
            yield partial(spark_log, context=context)
    elif master is None:
        from tangente.contactlog.store import LogStore

        yield LogStore.log
    else:
        from tangente.errors import TangenteError
        from tangente.messages import Message

        raise TangenteError(
            Message("E-ENGINE", "--spark-master {master} is used only with --engine spark; give both", master=master)
        )


@app.command()
def simulate(
    contacts: Annotated[int, typer.Option(min=1, help="How many.")] = 50_000,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another company of the same kind.")] = 1,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("tangente-simulation"),
) -> None:
    """Simulate a telecom company with known truth: contacts, ratings, inventory, mapping, truth.json."""
    from tangente.contactlog.simulate import write
    from tangente.progress import steps

    with steps() as progress:
        write(out, contacts=contacts, seed=seed, progress=lambda done: progress("simulate", done))
    say(f"{out}: contacts, ratings, inventory.csv, mapping.toml, truth.json")


@mapping_app.command("propose")
def mapping_propose(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    language: Language = "en",
) -> None:
    """Print a first mapping for a file; every assumption stands in it with a comment."""
    from tangente.sources.apart import propose_apart

    say(propose_apart(file), nl=False)


@mapping_app.command("check")
def mapping_check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="What an import would read.")],
    mapping: Annotated[
        Paths, typer.Option(metavar="FILE", help="What the columns mean; left out: proposed. Repeatable.")
    ] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: Language = "en",
) -> None:
    """Say what an import of files would do; exit code 1 if it would store nothing."""
    from tangente.sources.child import start

    start()
    from tangente.analysis.check import check
    from tangente.analysis.reading import Reading
    from tangente.progress import steps
    from tangente.report.checked import as_json as for_programs
    from tangente.report.checked import checked

    with steps(language) as progress:
        checks = check(files, mapping, Reading(), progress)
    say(for_programs(checks) if as_json else checked(checks))
    if not all(one.passes for one in checks):
        raise typer.Exit(WOULD_REFUSE)


def main() -> None:
    """Run a command; what a person can mend ends with one sentence and exit code 2."""
    os.environ.setdefault(*MEMORY_POOL)  # before Arrow is imported
    from tangente.errors import TangenteError
    from tangente.translation import spoken

    try:
        app()
    except TangenteError as error:
        sys.exit(_refuse(spoken().say(error) + (f" [{error.code}]" if error.code else "")))
    except OSError as error:
        sys.exit(_refuse(f"{error.filename or 'A file'}: {error.strerror or error}"))
    except SystemExit as stop:
        if stop.code == INTERRUPTED:
            say("Stopped; nothing was left half done.", err=True)
        raise


def _refuse(sentence: str) -> int:
    say(sentence, err=True)
    return 2
