"""A case of the corpus: a file with a known fault or oddity, and the one answer that it gets."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Case:
    """`write` writes the file; the rest says what reading it with `mapping` gives.

    accepted: rows that are taken. refused: (line, code) of each row that is not. error: the code where the file is not
    read at all. warning: the code of the one thing that is told beside. answer: the line of the mapping that a refusal
    asks for; with it no row and no file is refused any more.
    """

    name: str
    file: str
    write: Callable[[Path], None]
    mapping: str
    accepted: int = 0
    refused: tuple[tuple[int, str], ...] = ()
    error: str = ""
    warning: str = ""
    answer: str = ""


def content(text: str | bytes, encoding: str = "utf-8") -> Callable[[Path], None]:
    """What writes a file with this content, its line ends as they are."""
    data = text.encode(encoding) if isinstance(text, str) else text

    def write(path: Path) -> None:
        path.write_bytes(data)

    return write


def answered(mapping: str, line: str) -> str:
    """The mapping with the line that a refusal asked for: a setting of its part, or an option of occurred_at."""
    if line.startswith("format ="):
        return mapping.replace('occurred_at = "time"', f'occurred_at = {{ column = "time", {line} }}')
    key = line.partition(" =")[0]
    kept = [each for each in mapping.splitlines() if not each.startswith(f"{key} =")]
    part = next(i for i, each in enumerate(kept) if each.startswith("["))
    return "\n".join([*kept[: part + 1], line, *kept[part + 1 :]]) + "\n"
