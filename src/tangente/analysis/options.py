"""What the reader of an analysis asks for beside the files."""

from dataclasses import dataclass

from tangente.analysis.inventory import Inventory
from tangente.analysis.model import Analysis


@dataclass(frozen=True, kw_only=True)
class Options:
    """Language, seed of everything drawn at random, and what to judge by or compare with."""

    language: str = "en"
    seed: int = 0
    weighted: bool = False  # survey weights count
    outcome: str | None = None  # whose share among customers and paths is told
    inventory: Inventory | None = None
    funnel_days: int = 90  # longest time from one phase to the next; referrals come months after a purchase
    before: Analysis | None = None  # the earlier report to compare with
