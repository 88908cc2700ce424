"""An environment of its own for each peer, of the versions in requirements/bench-PEER.txt; `python environments.py` locks them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ENVIRONMENTS = ROOT / "bench" / "out" / "env"
UV = Path(sys.executable).parent / "uv"

NEEDED = {
    "polars": ("polars", "numpy"),
    "pm4py": ("pm4py", "polars", "pyarrow"),
    "retentioneering": ("retentioneering", "pyarrow"),
    "ChannelAttribution": ("ChannelAttribution", "matplotlib", "polars"),
}
"""DuckDB is a part of Tangente and runs in its environment, with the version locked there."""

LOCK = [
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--quiet",
]


def python_of(tool: str) -> Path:
    """The interpreter that runs a tool; its environment is made if there is none. Raises: OSError if it cannot be."""
    if tool not in NEEDED:
        return Path(sys.executable)
    folder, file = ENVIRONMENTS / tool.lower(), _file(tool)
    state, mark = hashlib.sha256(file.read_bytes()).hexdigest(), ENVIRONMENTS / f"{tool.lower()}.sha256"
    if not mark.exists() or mark.read_text() != state:
        print(f"installing {tool}", flush=True)
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, folder)
        _uv("pip", "install", "--quiet", "--python", folder / "bin" / "python", "--requirement", file)
        mark.write_text(state)
    return folder / "bin" / "python"


def _file(tool: str) -> Path:
    return ROOT / "requirements" / f"bench-{tool.lower()}.txt"


def _uv(*words: str | Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "UV_PYTHON"}
    done = subprocess.run([UV, *words], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise OSError((done.stderr.strip().splitlines() or ["no reason given"])[-1])


def _lock() -> None:
    for tool, names in NEEDED.items():
        wanted = ENVIRONMENTS / f"{tool.lower()}.in"
        wanted.parent.mkdir(parents=True, exist_ok=True)
        wanted.write_text("\n".join(names))
        _uv("pip", "compile", *LOCK, "--output-file", _file(tool), wanted)


if __name__ == "__main__":
    _lock()
