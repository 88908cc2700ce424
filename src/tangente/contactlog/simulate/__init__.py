"""A whole company with known truth: demo data, tests that must recover the truth, benchmarks."""

from tangente.contactlog.simulate.stream import simulate
from tangente.contactlog.simulate.writing import write

__all__ = ["simulate", "write"]
