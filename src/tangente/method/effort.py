"""Customer effort (CES), in its two versions, which run in opposite directions and are never mixed."""

from collections.abc import Sequence
from dataclasses import dataclass

from tangente.errors import QuestionError
from tangente.method.difference import Difference, difference
from tangente.method.mean import Mean, mean_of_counts
from tangente.method.proportion import Proportion, wilson
from tangente.method.reporting import CONFIDENCE


@dataclass(frozen=True, kw_only=True)
class EffortVersion:
    """One wording of the effort question: scale from 1 to `points`, and which answers mean high effort."""

    name: str
    points: int
    high_effort: range


V1 = EffortVersion(name="v1", points=5, high_effort=range(4, 6))
"""“How much effort did you personally have to put forth?” 1 very low to 5 very high: low is good."""

V2 = EffortVersion(name="v2", points=7, high_effort=range(1, 4))
"""“The company made it easy for me to handle my issue.” 1 strongly disagree to 7 strongly agree: high is good."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """The two customary figures of one effort question, and which version was asked."""

    version: EffortVersion
    high_effort: Proportion
    mean: Mean


def effort(counts: Sequence[int], *, version: EffortVersion, confidence: float = CONFIDENCE) -> Effort:
    """Judge one effort question: who had high effort (v1: 4 and 5; v2: 1 to 3), and the mean.

    Args:
        counts: answers at each point of the scale, from 1.
        version: which wording was asked, V1 (5 points) or V2 (7 points).
        confidence: probability that such an interval covers the true value.
    Returns: share from 0 to 1 with Wilson's interval, mean in scale points with t interval; None without answers.
    Raises: QuestionError if the number of points is not that of the version, or a count is negative.
    Cost: the points of the scale.  Source: docs/explanation/satisfaction-and-effort.md

    >>> effort([10, 5, 3, 1, 1], version=V1).high_effort.share
    0.1
    >>> effort([1, 1, 2, 2, 4, 6, 4], version=V2).high_effort.share
    0.2
    """
    if len(counts) != version.points or min(counts) < 0:
        raise QuestionError(
            f"{list(counts)} are no counts of effort {version.name}, which has the points 1 to {version.points}"
        )
    high = sum(counts[point - 1] for point in version.high_effort)
    return Effort(
        version=version,
        high_effort=wilson(high, sum(counts), confidence=confidence),
        mean=mean_of_counts(counts, confidence=confidence),
    )


def effort_difference(before: Effort, after: Effort, *, confidence: float = CONFIDENCE) -> Difference | None:
    """Compare the mean effort of two independent waves that asked the same version.

    Args:
        before: the earlier wave.
        after: the later wave.
        confidence: of the interval.
    Returns: as `difference`; the sign follows the scale, so for V1 a fall is good, for V2 a rise.
    Raises: QuestionError if the versions differ.
    Cost: constant.  Source: docs/explanation/satisfaction-and-effort.md

    >>> wave = effort([40, 30, 20, 10, 0], version=V1)
    >>> effort_difference(wave, wave).beyond_noise
    False
    """
    if before.version != after.version:
        raise QuestionError(
            f"effort {before.version.name} and effort {after.version.name} cannot be compared; "
            "they ask different questions on different scales"
        )
    return difference(before.mean, after.mean, confidence=confidence)
