"""rejects.csv, written row by row while files are read, and in its place only when it is complete."""

import csv
import os
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tangente.errors import TangenteError
from tangente.sources.rejects import COLUMNS, Refusal


class RejectsFile:
    """Takes refusals in a `with` statement; what the reading ends in, save an interruption, they are kept.

    Without refusals there is no file or, if it is `wanted`, one with the names of the columns, unless the reading failed.
    """

    def __init__(self, path: Path, *, wanted: bool = False) -> None:
        self.path, self.wanted = path, wanted
        self.kept = False
        self._unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        self._open = ExitStack()
        self._out: Any = None

    def __enter__(self) -> Self:
        return self

    def add(self, refusals: Iterable[Refusal]) -> None:
        for refusal in refusals:
            self._writer().writerow(refusal.cells)

    def _writer(self) -> Any:
        if self._out is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = self._open.enter_context(self._unfinished.open("w", encoding="utf-8", newline=""))
            self._out = csv.writer(file, lineterminator="\n")
            self._out.writerow(COLUMNS)
        return self._out

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wanted and error is None:
            self._writer()
        self._open.close()
        if self._out is None:
            return
        if error is None or isinstance(error, TangenteError):
            self._unfinished.replace(self.path)
            self.kept = True
        else:
            self._unfinished.unlink()
