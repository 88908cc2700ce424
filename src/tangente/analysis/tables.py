"""The tables behind the report as CSV files, complete."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tangente.analysis.model import Analysis
from tangente.analysis.serial import plain
from tangente.sources.rejects import inert


def write_tables(analysis: Analysis, folder: Path) -> None:
    """Write touchpoints, cost, flow, variants, handovers and, with a comparison, changes into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Sequence[Any]] = {
        "touchpoints": analysis.touchpoints,
        "cost": analysis.cost,
        "flow": analysis.flow,
        "variants": analysis.variants,
        "handovers": analysis.handovers,
    }
    if analysis.drivers:
        tables["pairs"] = analysis.drivers.pairs
    if analysis.comparison:
        tables["changes"] = analysis.comparison.changes
    for name, rows in tables.items():
        _write(folder / f"{name}.csv", [dict(_flat(plain(row))) for row in rows])


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested fields as columns: satisfaction_mean, priority_components_gap; a path joined by arrows."""
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{key}_")
        else:
            yield prefix + key, " → ".join(item) if isinstance(item, list) else item


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows({column: _cell(value) for column, value in row.items()} for row in rows)


def _cell(value: Any) -> Any:
    return inert(value) if isinstance(value, str) else value
