"""Everything an analysis leaves in its folder beside rejects.csv: report.html, report.json, tables, charts, mappings."""

import os
import tempfile
from pathlib import Path

from tangente.analysis.model import Analysis
from tangente.analysis.reading import Reading
from tangente.analysis.serial import to_json
from tangente.analysis.tables import write_tables
from tangente.errors import SourceError
from tangente.messages import Message
from tangente.report.files import write_report
from tangente.report.proposals import write_proposals

STALE = {
    "tables": ("changes.csv", "pairs.csv"),
    "charts": ("importance_performance.svg", "cost.svg", "cost_relevance.svg", "flow.svg", "funnel.svg"),
}
"""What an earlier run may have left that this one does not write."""


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be written, before long work is done for it.

    Raises: SourceError naming what stands in the way.
    """
    nearest = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    if not nearest.is_dir():
        raise SourceError(Message("E-FOLDER", "{folder} is a file; give --out a folder", folder=nearest))
    if not os.access(nearest, os.W_OK):
        raise SourceError(Message("E-FOLDER", "{folder} cannot be written; give --out another folder", folder=nearest))


def write_results(analysis: Analysis, reading: Reading, folder: Path) -> Path:
    """Write all results; the folder holds the earlier ones until the new ones are complete. Returns the report's path."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".writing-") as writing:
        new = Path(writing)
        (new / "report.json").write_text(to_json(analysis), encoding="utf-8")
        write_tables(analysis, new / "tables")
        write_proposals(reading, new)
        report = write_report(analysis, new)
        for item in sorted(new.iterdir()):
            _replace(item, folder / item.name)
    return folder / report.name


def _replace(item: Path, target: Path) -> None:
    """Put a file, or the files of a folder, in their place; whatever else lies in the folder is not ours to touch."""
    if item.is_dir():
        target.mkdir(exist_ok=True)
        for name in STALE.get(item.name, ()):
            (target / name).unlink(missing_ok=True)
        for file in item.iterdir():
            file.replace(target / file.name)
    else:
        item.replace(target)
