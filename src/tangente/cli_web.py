"""The commands that keep a server: serve, doctor, backup, restore, users and workspaces."""
# ruff: noqa: PLC0415  (the one named door where imports wait for their command)

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from tangente.cli_log import say
from tangente.web.beginning import begin, choose, set_up

user_app = typer.Typer(help="People of a server.", no_args_is_help=True, rich_markup_mode=None)
workspace_app = typer.Typer(help="Workspaces of a server.", no_args_is_help=True, rich_markup_mode=None)

Data = Annotated[
    Path, typer.Option(metavar="DIR", envvar="TANGENTE_DATA", help="The folder of everything a server keeps.")
]
DEFAULT = Path("tangente-data")
DEMO = Path("tangente-demo")
INTERRUPTED = 130  # how a command ends that Ctrl-C stopped


def add_commands(app: typer.Typer) -> None:
    """Put the commands beside the others."""
    for command in (serve, demo, doctor, backup, restore):
        app.command()(command)
    app.add_typer(user_app, name="user")
    app.add_typer(workspace_app, name="workspace")


def serve(
    data: Data = DEFAULT,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is every address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")] = 8000,
) -> None:
    """Serve the web application, with all it needs, until Ctrl-C or SIGTERM."""
    choose(data)
    from tangente.web.serving.serve import serve as serving

    serving(host, port, say)


def demo(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A folder of its own.")] = DEMO,
    contacts: Annotated[int, typer.Option(min=1, help="How many are simulated, if there are none.")] = 50_000,
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")] = 8000,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Make the folder only.")] = False,
) -> None:
    """Serve a simulated company to look around in, on this machine only, until Ctrl-C."""
    for name in ("TANGENTE_URL", "TANGENTE_TRUSTED_PROXY"):  # of a server that others reach
        os.environ.pop(name, None)
    os.environ.setdefault("TANGENTE_LOG_LEVEL", "ERROR")
    choose(data)
    from tangente.web.serving.serve import make
    from tangente.web.serving.serve import serve as serving

    if not no_serve:
        serving("127.0.0.1", port, say, demo=contacts)
    elif make(contacts):
        say(f"{data}: `tangente demo --data {data}` opens it")
    else:
        raise typer.Exit(INTERRUPTED)


@user_app.command("create")
def user_create(
    email: Annotated[str, typer.Option(help="Of the person, who signs in with it.")],
    name: Annotated[str, typer.Option(help="Of the person.")],
    workspace: Annotated[str | None, typer.Option(metavar="SLUG", help="To be a member of.")] = None,
    role: Annotated[
        str | None, typer.Option(help="In it: owner, manager, contributor, account_manager or viewer.")
    ] = None,
    data: Data = DEFAULT,
) -> None:
    """Make a person; the password is asked for, or read from standard input."""
    begin(data)
    from django.utils import timezone

    from tangente.web.people.by_command import create_user

    person = create_user(
        email=email, name=name, password=_password(), workspace=workspace, role=role, at=timezone.now()
    )
    say(f"{person.email} can sign in")


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


@user_app.command("set-password")
def user_set_password(
    email: Annotated[str, typer.Option(help="Of a person who has forgotten the own password.")],
    data: Data = DEFAULT,
) -> None:
    """Give a person another password, and end the person's sessions; it is asked for, or read from standard input."""
    begin(data)
    from django.utils import timezone

    from tangente.web.people.by_command import set_password

    set_password(email=email, password=_password(), at=timezone.now())
    say(f"{email} signs in with the new password")


@user_app.command("reset-second-factor")
def user_reset_second_factor(
    email: Annotated[str, typer.Option(help="Of a person who has lost the app and the recovery codes.")],
    data: Data = DEFAULT,
) -> None:
    """Remove a person's second factor, and end the person's sessions; the password stays."""
    begin(data)
    from django.utils import timezone

    from tangente.web.people.by_command import reset_second_factor

    ended = reset_second_factor(email=email, at=timezone.now())
    say(f"{email}: app and recovery codes are removed; sessions ended: {ended}")


@workspace_app.command("create")
def workspace_create(
    name: Annotated[str, typer.Option(help="Of the company or unit.")],
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="Of a person there is.")],
    slug: Annotated[str, typer.Option(help="Its name in addresses; left out: made from the name.")] = "",
    timezone: Annotated[str, typer.Option(help="Of its reports.")] = "Europe/Berlin",
    currency: Annotated[str, typer.Option(help="Of its amounts.")] = "EUR",
    data: Data = DEFAULT,
) -> None:
    """Make a workspace."""
    begin(data)
    from django.utils.timezone import now

    from tangente.web.people.by_command import create_workspace

    made = create_workspace(name=name, owner=owner, slug=slug, timezone=timezone, currency=currency, at=now())
    say(f"{made.name} is at /w/{made.slug}/")


def doctor(data: Data = DEFAULT) -> None:
    """Say what is wrong with a server; exit code 1 if anything is."""
    begin(data)
    from tangente.web.serving.doctor import diagnosis

    found = diagnosis()
    for name, faults in found.items():
        for sentence in faults or ["good"]:
            say(f"{name}: {sentence}")
    if any(found.values()):
        raise typer.Exit(1)


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="TARGET.tar", help="A new file; it holds the keys, so keep it safe.")
    ],
    data: Data = DEFAULT,
) -> None:
    """Save database, contact logs, uploads and keys in one file, while the server runs."""
    begin(data)
    from django.utils import timezone

    from tangente.web.serving.backup import backup as save

    rows = save(target, timezone.now())
    say(f"{target}: {_counts(rows)}")


def _counts(rows: Mapping[str, Mapping[str, int]]) -> str:
    of_logs = [f"{slug} {sum(tables.values()):,} rows" for slug, tables in rows.items() if slug]
    return "; ".join([f"database {sum(rows[''].values()):,} rows", *of_logs])


def restore(
    backup: Annotated[Path, typer.Argument(metavar="BACKUP.tar", help="What `tangente backup` wrote.")],
    data: Annotated[Path, typer.Option(metavar="NEWDIR", help="A new or empty folder.")],
    erasures_of: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The data folder so far: customers erased there are erased here, too."),
    ] = None,
) -> None:
    """Make a data folder of a backup, once all that it holds is proved."""
    choose(data)
    from tangente.web.serving.places import check_there, make_way

    if erasures_of is not None:
        check_there(erasures_of)
    make_way(data)
    set_up()
    from tangente.web.serving.restore import restore as put_back

    manifest, erased = put_back(backup, erasures_of)
    say(f"{data}: {_counts(manifest['logs'] | {'': manifest['database']})}, as of {manifest['at']}")
    for slug, rows in erased.items():
        say(f"{slug}: {rows:,} rows of customers erased since were erased again")
