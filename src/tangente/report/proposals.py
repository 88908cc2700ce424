"""The mappings that were proposed for files, beside what else a command leaves."""

from pathlib import Path

from tangente.analysis.reading import Reading


def write_proposals(reading: Reading, folder: Path) -> None:
    """Write the mappings that were proposed because none was given."""
    for name, text in reading.proposals.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.mapping.toml").write_text(text, encoding="utf-8")
