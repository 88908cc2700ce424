"""The tables behind the report as CSV files, complete, with the same columns whatever the data."""

import csv
import dataclasses
import types
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from tangente.analysis import model
from tangente.analysis.model import Analysis
from tangente.analysis.serial import key_of, plain
from tangente.method.priority import DEFAULT_WEIGHTS
from tangente.sources.rejects import inert


def write_tables(analysis: Analysis, folder: Path) -> None:
    """Write the tables of the report and, where there are some, pairs and changes into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "touchpoints.csv", model.Touchpoint, analysis.touchpoints)
    _write(folder / "cost.csv", model.CostRow, analysis.cost)
    _write(folder / "flow.csv", model.FlowRow, analysis.flow)
    _write(folder / "variants.csv", model.VariantRow, analysis.variants)
    _write(folder / "handovers.csv", model.HandoverRow, analysis.handovers)
    _write(folder / "attribution.csv", model.AttributionRow, list(chain.from_iterable(analysis.attribution.values())))
    _write(folder / "funnel.csv", model.FunnelRow, analysis.funnel)
    _write(folder / "hazard.csv", model.HazardRow, analysis.hazard)
    _write(folder / "signals.csv", model.SignalRow, analysis.signals)
    if analysis.drivers:
        _write(folder / "pairs.csv", model.Pair, analysis.drivers.pairs)
    if analysis.comparison:
        _write(folder / "changes.csv", model.Change, analysis.comparison.changes)


def _write(path: Path, kind: type, rows: Sequence[Any]) -> None:
    paths = list(_columns(kind))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("_".join(path) for path in paths)
        writer.writerows([_cell(row, path) for path in paths] for row in map(plain, rows))


def _columns(kind: Any) -> Iterator[tuple[str, ...]]:
    """The way to each value of a row: ("contacts",), ("satisfaction", "mean"), ("priority", "components", "gap")."""
    for field in dataclasses.fields(kind):
        hint = get_type_hints(kind)[field.name]
        if get_origin(hint) is types.UnionType:
            hint = next(one for one in get_args(hint) if one is not types.NoneType)
        if dataclasses.is_dataclass(hint):
            yield from ((key_of(field), *rest) for rest in _columns(hint))
        elif get_origin(hint) is dict:
            yield from ((key_of(field), component) for component in DEFAULT_WEIGHTS)
        else:
            yield (key_of(field),)


def _cell(row: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        row = None if row is None else row.get(key)
    if isinstance(row, list):
        row = " → ".join(map(str, row))
    return inert(row) if isinstance(row, str) else row
