"""The simulation as files, as a company would hand them over: two tables in order of arrival, inventory, mapping, truth."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tangente.contactlog.schema import MICRO, TABLES
from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.spool import Spool, slices_for
from tangente.contactlog.simulate.stream import Block, blocks
from tangente.contactlog.simulate.truth import truth
from tangente.errors import ContactLogError

FILES = (
    "contacts.csv",
    "contacts.parquet",
    "ratings.csv",
    "ratings.parquet",
    "inventory.csv",
    "mapping.toml",
    "truth.json",
)
"""The last one says that all are there."""

_AMOUNTS = ("cost", "value")
_UNUSED = ("employee", "weight")
_OF_THE_INVENTORY = ("name_de", "name_en", "department", "channel", "mediation", "spoken_by", "unit_cost", "aliases")


def write(folder: str | Path, *, contacts: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Write the simulated company's files into a folder: all of them or, when stopped, none.

    Args:
        folder: made if it is not there; files of an earlier simulation are replaced.
        contacts, seed: as of `simulate`.
        progress: told again and again how many contacts have been made so far.
    Raises: QuestionError as `simulate`; ContactLogError if the folder cannot be written.
    Cost: about 8 s and 400 MB for a million contacts; memory does not grow.
    Source: docs/explanation/simulated-company.md, docs/reference/truth.md

    >>> with TemporaryDirectory() as folder:
    ...     write(folder, contacts=500, seed=1)
    ...     (Path(folder) / "inventory.csv").read_text(encoding="utf-8").split("\\n")[1]
    'Suchmaschinenanzeige,INFLUENCED,1,Suchmaschinenanzeige,Search engine ad,Marketing,Drittseite,artefact,company,0.009,SEA|Google-Anzeige'
    """
    folder = Path(folder)
    rows = blocks(contacts=contacts, seed=seed)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = TemporaryDirectory(prefix=".simulation-", dir=folder)
    except OSError as error:
        raise ContactLogError(f"the folder {folder} cannot be written: {error.strerror}; name another one") from error
    with unfinished as name:
        size = _write_tables(Path(name), rows, contacts, progress or _ignore)
        _write_inventory(Path(name) / "inventory.csv")
        (Path(name) / "mapping.toml").write_text(_mapping(), encoding="utf-8")
        known = json.dumps(truth(contacts=contacts, seed=seed, **size), ensure_ascii=False, indent=2)
        (Path(name) / "truth.json").write_text(known + "\n", encoding="utf-8")
        _replace(Path(name), folder)


def _ignore(contacts: int) -> None:
    pass


def _replace(finished: Path, folder: Path) -> None:
    (folder / FILES[-1]).unlink(missing_ok=True)
    for name in FILES:
        (finished / name).replace(folder / name)


def _write_tables(
    folder: Path, rows: Iterator[Block], contacts: int, progress: Callable[[int], None]
) -> dict[str, int]:
    """Answer how many customers and ratings there are."""
    customers = 0
    with Spool(folder, slices_for(contacts)) as happened, Spool(folder, slices_for(contacts)) as said:
        for block in rows:
            happened.add(block.contacts, block.contacts_arrived)
            said.add(block.ratings, block.ratings_arrived)
            customers += block.customers
            progress(happened.rows)
        _write_table(folder, "contacts", happened)
        _write_table(folder, "ratings", said)
        return {"customers": customers, "ratings": said.rows}


def _write_table(folder: Path, name: str, spool: Spool) -> None:
    schema = _as_written(TABLES[name].empty_table()).schema
    with (
        pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as parquet,
        pa_csv.CSVWriter(folder / f"{name}.csv", _with_iso_times(schema.empty_table()).schema) as text,
    ):
        for rows in spool.tables():
            table = _as_written(rows)
            parquet.write_table(table)
            text.write_table(_with_iso_times(table))


def _as_written(rows: pa.Table) -> pa.Table:
    """In units of the currency, without what the company does not know."""
    for name in _AMOUNTS:
        if name in rows.column_names:
            amounts = pc.divide(rows[name].cast(pa.float64()), float(MICRO))
            rows = rows.set_column(rows.column_names.index(name), name, amounts)
    return rows.drop_columns([name for name in _UNUSED if name in rows.column_names]).replace_schema_metadata(None)


def _with_iso_times(rows: pa.Table) -> pa.Table:
    seconds = rows["occurred_at"].cast(pa.int64()).cast(pa.timestamp("us")).cast(pa.timestamp("s"))
    text = pc.strftime(seconds, format="%Y-%m-%dT%H:%M:%SZ")
    return rows.set_column(rows.column_names.index("occurred_at"), "occurred_at", text)


def _write_inventory(path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("touchpoint", "phase", "order", *_OF_THE_INVENTORY))
        for order, touchpoint in enumerate(company.touchpoints(), 1):
            facts = (getattr(touchpoint, name) for name in _OF_THE_INVENTORY)
            lines.writerow((touchpoint.name_de, touchpoint.phase, order, *facts))


def _mapping() -> str:
    """Every column of the files means the log's column of its name."""
    parts = [f'currency = "{company.CURRENCY}"\n']
    for name, schema in TABLES.items():
        columns = [column for column in schema.names if column not in _UNUSED]
        parts.append(
            "\n".join([f"[{name}]", 'decimal = "."', *(f'{column} = "{column}"' for column in columns)]) + "\n"
        )
    return "# Written by tangente simulate; cost and value are euros, times carry their offset.\n" + "\n".join(parts)
