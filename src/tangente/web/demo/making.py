"""Fills a data folder with the demo; what is there already is left as it is, so that a stopped making goes on."""
# ruff: noqa: PLC0415  (the one named door: simulation, Iceberg and the whole library, in a process that ends)

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from tangente.contactlog.disk import own_folder, write_synced
from tangente.progress import steps
from tangente.translation import LOCALES
from tangente.web.demo.company import make_company
from tangente.web.demo.queries import find_demo
from tangente.web.overview.chosen import Chosen
from tangente.web.overview.preparing import prepare_after_import
from tangente.web.overview.queries import find
from tangente.web.overview.state import inventory_of, state_now
from tangente.web.people import first
from tangente.web.people.models import Workspace
from tangente.web.workspace_log import made

SEED = 1
SIMULATING = "demo-"

Progress = Callable[[str, int], None]


def make_demo(contacts: int) -> None:
    """Make the workspace, its contact log and inventory, and the answers of its overview."""
    workspace = find_demo() or make_company(timezone.now())
    first.token(settings.DATA)  # there are people: nobody needs the address of the first start
    with steps() as progress:
        if not inventory_of(workspace).exists():
            _fill(workspace, contacts, progress)
        if not _is_answered(workspace):
            progress("analyse", 0)
            prepare_after_import(workspace)


def _fill(workspace: Workspace, contacts: int, progress: Progress) -> None:
    """The inventory comes last: it says that all is there."""
    from tangente.analysis.appending import append
    from tangente.analysis.reading import Reading
    from tangente.contactlog.simulate import write

    with own_folder(settings.CACHE, SIMULATING) as folder:
        write(folder, contacts=contacts, seed=SEED, progress=lambda done: progress("simulate", done))
        files = [folder / f"{table}.parquet" for table in ("contacts", "ratings")]
        reading = Reading()
        append(files, made(workspace), [folder / "mapping.toml"], reading, accept_rejects=False, progress=progress)
        _keep(folder / "inventory.csv", inventory_of(workspace))


def _keep(inventory: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    write_synced(target, inventory.read_bytes(), mode=0o600)


def _is_answered(workspace: Workspace) -> bool:
    state = state_now(workspace)
    return state is not None and all(find(workspace, state, Chosen(), language) for language in LOCALES)
