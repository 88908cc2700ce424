"""Who the customers of a block are: what they use, how often they get in touch, what they are like as answerers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tangente.contactlog.simulate import company
from tangente.contactlog.simulate.rhythm import Codes
from tangente.contactlog.simulate.scores import answers_at_all

PROSPECT_SHARE = 0.52
"""Not yet customers when the two years begin."""

_OCCASIONS_SPREAD = 0.75
_ONLINE_SPREAD = 1.1


@dataclass(frozen=True, kw_only=True)
class People:
    """Each customer's tariff, and the traits that nothing else depends on."""

    tariff: Codes
    is_wired: NDArray[np.bool_]
    is_prospect: NDArray[np.bool_]
    occasions: NDArray[np.float64]  # how many they have, against the mean: what makes contacts long-tailed
    online: NDArray[np.float64]
    leniency: NDArray[np.float64]  # standard normal: how kindly they judge
    answers: NDArray[np.bool_]  # ever answers a question

    def __len__(self) -> int:
        return len(self.tariff)


def people(rng: np.random.Generator, count: int) -> People:
    tariff = rng.choice(len(company.TARIFFS), count, p=[tariff.share for tariff in company.TARIFFS])
    leniency = rng.standard_normal(count)
    return People(
        tariff=tariff,
        is_wired=np.array([tariff.is_wired for tariff in company.TARIFFS])[tariff],
        is_prospect=rng.random(count) < PROSPECT_SHARE,
        occasions=_around_one(rng, _OCCASIONS_SPREAD, count),
        online=_around_one(rng, _ONLINE_SPREAD, count),
        leniency=leniency,
        answers=answers_at_all(rng, leniency),
    )


def _around_one(rng: np.random.Generator, spread: float, count: int) -> NDArray[np.float64]:
    return np.exp(spread * rng.standard_normal(count) - spread**2 / 2)
