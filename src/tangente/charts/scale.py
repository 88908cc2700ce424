"""From a value to a pixel, and the round numbers an axis names."""

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Scale:
    """`low` of the data lies at `start`, `high` at `end`; low > high where less is better (school grades).

    With `is_root` lengths grow with the square root: small shares stay apart beside a large one.
    """

    low: float
    high: float
    start: float
    end: float
    is_root: bool = False

    def __call__(self, value: float) -> float:
        low, high, at = self._bent(self.low), self._bent(self.high), self._bent(value)
        return self.start + (at - low) / (high - low) * (self.end - self.start)

    def _bent(self, value: float) -> float:
        return math.sqrt(max(0.0, value)) if self.is_root else value

    def clipped(self, value: float) -> float:
        least, most = sorted((self.low, self.high))
        return self(min(max(value, least), most))

    def ticks(self, count: int = 5) -> list[float]:
        """Round values within the scale, about `count` of them."""
        least, most = sorted((self.low, self.high))
        if self.is_root:
            return [share for share in ROOT_TICKS if most / 100 <= share <= most or share == 0]
        step = round_step((most - least) / count)
        first, last = math.ceil(least / step - 1e-9), math.floor(most / step + 1e-9)
        return [index * step for index in range(first, last + 1)]


ROOT_TICKS = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0)


def round_step(width: float) -> float:
    """The next 1, 2 or 5 times a power of ten, at least `width`."""
    power = 10.0 ** math.floor(math.log10(width))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= width * (1 - 1e-9))


def digits_between(values: list[float]) -> int:
    """Decimals that tell all these apart from their neighbours."""
    steps = [abs(b - a) for a, b in pairwise(values)]
    return max(0, -math.floor(math.log10(min(steps, default=1.0)) + 1e-9))
