"""The commands `tangente log`: keep a contact log."""
# ruff: noqa: PLC0415  (the one named door where imports wait for their command)

import os
import resource
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated

import typer

from tangente.messages import Message, visible

log_app = typer.Typer(
    help="Keep a contact log: append files, see what it holds, look after it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print for a person: names from files and of files must not command the terminal."""
    typer.echo(visible(text), err=err, nl=nl)


def _speak(code: str) -> str:
    from tangente.translation import speak

    return speak(code)


Language = Annotated[
    str, typer.Option(envvar="TANGENTE_LANGUAGE", callback=_speak, help="de or en; of all that is told.")
]


Log = Annotated[Path, typer.Option(metavar="DIR", help="The log.")]
LogOrServer = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The log; that of a server by --data and --workspace.")
]
Server = Annotated[
    Path | None, typer.Option(metavar="DIR", envvar="TANGENTE_DATA", help="With --workspace: the folder of a server.")
]

Workspace = Annotated[
    str | None, typer.Option(metavar="NAME", help="The log of this workspace, by its name in addresses.")
]

KEEP_DAYS = 7
"""For how long earlier states are kept, so that whoever began to read one can go on."""

Keep = Annotated[int, typer.Option(min=0, help="For how many days earlier states stay readable.")]


@log_app.command("append")
def log_append(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="What to add: all of it or, if one fails, none.")],
    log: Annotated[Path | None, typer.Option(metavar="DIR", help="The log; made if there is none.")] = None,
    data: Server = None,
    workspace: Annotated[
        str | None, typer.Option(metavar="NAME", help="Add to the log of this workspace, by its name in addresses.")
    ] = None,
    mapping: Annotated[
        list[Path], typer.Option(metavar="FILE", help="What the columns mean; left out: proposed. Repeatable.")
    ] = [],  # noqa: B006
    accept_rejects: Annotated[
        bool, typer.Option("--accept-rejects", help="Store the rest although over 1 % is refused.")
    ] = False,
    language: Language = "en",
) -> None:
    """Add files to a log; rows it already holds are recognised."""
    from tangente.sources.child import start

    start()  # what reads the files begins while the rest is imported
    from tangente.analysis.appending import append
    from tangente.analysis.reading import Reading
    from tangente.progress import steps
    from tangente.report.proposals import write_proposals
    from tangente.report.terminal import appended
    from tangente.sources.rejects_file import RejectsFile
    from tangente.translation import spoken

    folder = _folder(log, data, workspace)
    name = f"{files[0].name}.rejects.csv" if len(files) == 1 else "rejects.csv"
    rejects = RejectsFile(Path(name))
    reading = Reading(rejects.add)
    try:
        with rejects, steps(language) as progress:
            append(files, folder, mapping, reading, accept_rejects=accept_rejects, progress=progress)
    finally:
        write_proposals(reading, Path())
        warn(reading.warnings)
        if rejects.kept:
            say(spoken().gettext("%s names the refused rows.") % name, err=True)
    say(appended(reading))
    _prepare(workspace)


def _prepare(workspace: str | None) -> None:
    """Answer for a workspace's log as it is now, so that whoever opens the page next need not wait."""
    if workspace is not None:
        from tangente.web.overview.preparing import prepare_after_import
        from tangente.web.people.by_command import find_workspace

        prepare_after_import(find_workspace(workspace))


def _folder(log: Path | None, data: Path | None, workspace: str | None) -> Path:
    """Where the log lies that is meant."""
    if workspace is None and log is not None:
        return log
    if workspace is None or log is not None:
        from tangente.errors import TangenteError

        raise TangenteError(
            Message("E-LOG", "Which log is meant? Give either --log DIR, or --data DIR and --workspace NAME")
        )
    from tangente.web.beginning import begin

    begin(data or Path("tangente-data"))
    from tangente.web.people.by_command import find_workspace
    from tangente.web.workspace_log import made

    return made(find_workspace(workspace))


def warn(warnings: Iterable[Message]) -> None:
    """Tell what is no refusal, but should be known."""
    from tangente.translation import spoken

    for warning in warnings:
        say(f"{spoken().say(warning)} [{warning.code}]", err=True)


@log_app.command("info")
def log_info(
    log: Log,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    language: Language = "en",
) -> None:
    """Say what a log holds."""
    from tangente.report.keeping import info

    say(info(log, as_json=as_json))


@log_app.command("undo")
def log_undo(
    meant: Annotated[
        str, typer.Argument(metavar="IMPORT", help="Its id, as `log info` lists it, or the name of its file.")
    ],
    log: LogOrServer = None,
    data: Server = None,
    workspace: Workspace = None,
    language: Language = "en",
) -> None:
    """Take an import out again: its rows go, rows it had changed come back."""
    from tangente.contactlog.store import open_log
    from tangente.contactlog.undoing import undo
    from tangente.report.keeping import undone

    with open_log(_folder(log, data, workspace)) as store:
        say(undone(undo(store, meant)))
    _prepare(workspace)


@log_app.command("erase")
def log_erase(
    customers: Annotated[list[str], typer.Argument(metavar="CUSTOMER...", help="Their ids as the mapping makes them.")],
    log: LogOrServer = None,
    data: Server = None,
    workspace: Workspace = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    language: Language = "en",
) -> None:
    """Forget customers for good, and refuse their rows from now on."""
    from tangente.contactlog.erasure import erase, held
    from tangente.contactlog.store import open_log
    from tangente.report.keeping import erased, to_erase

    with open_log(_folder(log, data, workspace)) as store:
        before = {one: held(store, [one]) for one in map(str.strip, customers)}
        if not yes:
            typer.confirm(visible(to_erase(before)), abort=True)
        say(erased(erase(store, list(before)), before))
    if workspace is not None:
        from django.utils.timezone import now

        from tangente.web.forgetting import forget
        from tangente.web.people.by_command import find_workspace

        forget(find_workspace(workspace), list(before), now())
    _prepare(workspace)


@log_app.command("compact")
def log_compact(log: Log, keep: Keep = KEEP_DAYS, language: Language = "en") -> None:
    """Merge small files, and let go of earlier states."""
    from tangente.contactlog.store import open_log
    from tangente.contactlog.upkeep import compact
    from tangente.report.keeping import compacted

    with open_log(log) as store:
        say(compacted(compact(store, before=_days_ago(keep))))


@log_app.command("expire")
def log_expire(log: Log, keep: Keep = KEEP_DAYS, language: Language = "en") -> None:
    """Let go of earlier states, and of the files that only they need."""
    from tangente.contactlog.store import open_log
    from tangente.contactlog.upkeep import expire
    from tangente.report.keeping import expired

    with open_log(log) as store:
        say(expired(expire(store, before=_days_ago(keep))))


def _days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


@log_app.command("verify")
def log_verify(log: Log, language: Language = "en") -> None:
    """Compare every file with its checksum; exit code 1 if the record is damaged."""
    from tangente.contactlog.store import open_log
    from tangente.contactlog.verification import verify
    from tangente.report.keeping import verified

    with open_log(log) as store:
        done = verify(store)
    say(verified(done))
    if done.faults:
        raise typer.Exit(1)


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@log_app.command("sql")
def log_sql(
    question: Annotated[
        str, typer.Argument(metavar="SQL", help='One reading statement, as "select …"; - reads it from standard input.')
    ],
    log: Log,
    form: Annotated[
        Format | None, typer.Option("--format", help="Left out: a table for a person, CSV into a file or pipe.")
    ] = None,
    most: Annotated[int, typer.Option("--rows", min=1, help="How many a table shows.")] = 50,
    language: Language = "en",
) -> None:
    """Ask the tables contacts and ratings in SQL; nothing else is read, nothing is changed."""
    from tangente.contactlog.sql import query
    from tangente.contactlog.store import open_log
    from tangente.report.rows import write_csv, write_json, write_table
    from tangente.translation import spoken

    text = sys.stdin.read() if question == "-" else question
    with open_log(log) as store, _expendable():
        rows = query(store, text)
        match form or (Format.TABLE if sys.stdout.isatty() else Format.CSV):
            case Format.TABLE:
                write_table(rows, sys.stdout, spoken(), most=most, width=get_terminal_size().columns)
            case Format.CSV:
                write_csv(rows, sys.stdout)
            case Format.JSON:
                write_json(rows, sys.stdout)


@contextmanager
def _expendable() -> Iterator[None]:
    """Let this process die rather than its machine: at Ctrl-C at once, and before memory runs out."""
    listening = signal.signal(signal.SIGINT, signal.SIG_DFL)  # DuckDB does not listen in every loop
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = machine * 3 // 4  # DuckDB's own limit leaves out single huge values
    resource.setrlimit(resource.RLIMIT_DATA, (most if soft == resource.RLIM_INFINITY else soft, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
        signal.signal(signal.SIGINT, listening)
