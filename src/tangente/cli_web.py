"""The commands that keep a server: serve, doctor, backup, restore, users and workspaces."""
# ruff: noqa: PLC0415  (the one named door where imports wait for their command)

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from tangente.cli_log import say
from tangente.errors import TangenteError

user_app = typer.Typer(help="People of a server.", no_args_is_help=True, rich_markup_mode=None)
workspace_app = typer.Typer(help="Workspaces of a server.", no_args_is_help=True, rich_markup_mode=None)

Data = Annotated[
    Path, typer.Option(metavar="DIR", envvar="TANGENTE_DATA", help="The folder of everything a server keeps.")
]
DEFAULT = Path("tangente-data")


def add_commands(app: typer.Typer) -> None:
    """Put the commands beside the others."""
    app.command()(serve)
    app.add_typer(user_app, name="user")
    app.add_typer(workspace_app, name="workspace")


def choose(data: Path) -> None:
    """Let what runs in this process and those it starts work on a data folder."""
    if find_spec("django") is None or find_spec("granian") is None:
        raise TangenteError("The web application is not installed; install it with: pip install 'tangente[web]'")
    os.environ["TANGENTE_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tangente.web.settings")


def begin(data: Path) -> None:
    """Set up Django on a data folder that is there."""
    choose(data)
    from tangente.web.serving.places import check_there

    check_there(data)
    import django

    django.setup()


def serve(
    data: Data = DEFAULT,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is every address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Where to listen.")] = 8000,
) -> None:
    """Serve the web application, with all it needs, until Ctrl-C or SIGTERM."""
    choose(data)
    from tangente.web.serving.serve import serve as serving

    serving(host, port, say)


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
